# itertools: as generators and small iterator classes.


class chain:
    def __init__(self, *its):
        self._it = self._run(its)

    @staticmethod
    def _run(its):
        for it in its:
            yield from it

    @classmethod
    def from_iterable(cls, its):
        self = cls()
        self._it = cls._run(its)
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._it)


class count:
    def __init__(self, start=0, step=1):
        self.n, self.step = start, step

    def __iter__(self):
        return self

    def __next__(self):
        n = self.n
        self.n = n + self.step
        return n

    def __repr__(self):
        return f"count({self.n})" if self.step == 1 else f"count({self.n}, {self.step})"


class repeat:
    def __init__(self, object, times=None):
        self.object, self.times = object, times

    def __iter__(self):
        return self

    def __next__(self):
        if self.times is not None:
            if self.times <= 0:
                raise StopIteration
            self.times -= 1
        return self.object

    def __len__(self):
        if self.times is None:
            raise TypeError("len() of unsized object")
        return max(self.times, 0)


def cycle(iterable):
    seen = list(iterable)
    while seen:
        yield from seen


def accumulate(iterable, func=None, *, initial=None):
    it = iter(iterable)
    if initial is None:
        try:
            initial = next(it)
        except StopIteration:
            return
    yield initial
    for x in it:
        initial = initial + x if func is None else func(initial, x)
        yield initial


def islice(iterable, *args):
    if not 1 <= len(args) <= 3:
        raise TypeError(f"islice expected at least 2 arguments, got {len(args) + 1}")
    s = slice(*args)
    start, stop, step = s.start or 0, s.stop, 1 if s.step is None else s.step
    for v in (start, stop):
        if v is not None and v < 0:
            if len(args) == 1:
                raise ValueError(
                    "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
                )
            raise ValueError(
                "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
            )
    if step < 1:
        raise ValueError("Step for islice() must be a positive integer or None.")
    return _islice(iter(iterable), start, stop, step)


def _islice(it, start, stop, step):
    i, want = 0, start
    while stop is None or i < stop:
        try:
            x = next(it)
        except StopIteration:
            return
        if i == want:
            want += step
            yield x
            if stop is not None and want >= stop:
                for _ in range(stop - i - 1):
                    if next(it, _end) is _end:
                        return
                return
        i += 1


def product(*iterables, repeat=1):
    pools = [tuple(p) for p in iterables] * repeat
    n = len(pools)
    if any(not p for p in pools):
        return
    idx = [0] * n
    while True:
        yield tuple([p[i] for p, i in zip(pools, idx)])
        k = n - 1
        while k >= 0:
            idx[k] += 1
            if idx[k] < len(pools[k]):
                break
            idx[k] = 0
            k -= 1
        if k < 0:
            return


def permutations(iterable, r=None):
    pool = tuple(iterable)
    n = len(pool)
    r = n if r is None else r
    if r > n:
        return
    idx = list(range(n))
    cyc = list(range(n, n - r, -1))
    yield tuple([pool[i] for i in idx[:r]])
    while n:
        for i in reversed(range(r)):
            cyc[i] -= 1
            if cyc[i] == 0:
                idx[i:] = idx[i + 1 :] + idx[i : i + 1]
                cyc[i] = n - i
            else:
                j = cyc[i]
                idx[i], idx[-j] = idx[-j], idx[i]
                yield tuple([pool[k] for k in idx[:r]])
                break
        else:
            return


def combinations(iterable, r):
    pool = tuple(iterable)
    n = len(pool)
    if r > n:
        return
    idx = list(range(r))
    yield tuple([pool[i] for i in idx])
    while True:
        for i in reversed(range(r)):
            if idx[i] != i + n - r:
                break
        else:
            return
        idx[i] += 1
        for j in range(i + 1, r):
            idx[j] = idx[j - 1] + 1
        yield tuple([pool[k] for k in idx])


def combinations_with_replacement(iterable, r):
    pool = tuple(iterable)
    n = len(pool)
    if not n and r:
        return
    idx = [0] * r
    yield tuple([pool[i] for i in idx])
    while True:
        for i in reversed(range(r)):
            if idx[i] != n - 1:
                break
        else:
            return
        idx[i:] = [idx[i] + 1] * (r - i)
        yield tuple([pool[k] for k in idx])


_end = object()


def zip_longest(*iterables, fillvalue=None):
    its = [iter(x) for x in iterables]
    while its:
        row = [next(it, _end) for it in its]
        if all(v is _end for v in row):
            return
        yield tuple([fillvalue if v is _end else v for v in row])


def starmap(f, iterable):
    for a in iterable:
        yield f(*a)


def takewhile(pred, iterable):
    for x in iterable:
        if not pred(x):
            return
        yield x


def dropwhile(pred, iterable):
    it = iter(iterable)
    for x in it:
        if not pred(x):
            yield x
            break
    yield from it


def filterfalse(pred, iterable):
    for x in iterable:
        if not (x if pred is None else pred(x)):
            yield x


def compress(data, selectors):
    for x, s in zip(data, selectors):
        if s:
            yield x


def pairwise(iterable):
    it = iter(iterable)
    a = next(it, _end)
    if a is _end:
        return
    for b in it:
        yield a, b
        a = b


class groupby:
    def __init__(self, iterable, key=None):
        self._it = iter(iterable)
        self._key = key
        self._value = self._curkey = self._want = _end
        self._id = None

    def __iter__(self):
        return self

    def _advance(self):
        self._value = next(self._it)
        self._curkey = self._value if self._key is None else self._key(self._value)

    def __next__(self):
        self._id = object()
        while self._curkey is _end or self._want is not _end and self._curkey == self._want:
            self._advance()
        self._want = self._curkey
        return self._curkey, self._group(self._want, self._id)

    def _group(self, want, ident):
        while self._id is ident and self._curkey == want:
            yield self._value
            try:
                self._advance()
            except StopIteration:
                self._curkey = _end
                self._it = iter(())
                return


class _Tee:
    def __init__(self, it, buf, pos=0):
        self._it, self._buf, self._pos = it, buf, pos

    def __iter__(self):
        return self

    def __next__(self):
        if self._pos == len(self._buf):
            self._buf.append(next(self._it))
        v = self._buf[self._pos]
        self._pos += 1
        return v

    def __copy__(self):
        return _Tee(self._it, self._buf, self._pos)


def tee(iterable, n=2):
    it, buf = iter(iterable), []
    return tuple(_Tee(it, buf) for _ in range(n))


def batched(iterable, n):
    it = iter(iterable)
    while row := tuple(_islice(it, 0, n, 1)):
        yield row
