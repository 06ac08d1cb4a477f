# collections: defaultdict, OrderedDict, Counter, deque, namedtuple, ChainMap and the User* wrappers.
import _kdex
from types import GenericAlias
from collections.abc import MutableMapping, MutableSequence, Sequence, Iterable as _Iterable
from collections import abc


class defaultdict(dict):
    __slots__ = ("default_factory",)

    def __init__(self, default_factory=None, /, *args, **kw):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        self.default_factory = default_factory
        super().__init__(*args, **kw)

    def __missing__(self, key):
        f = self.default_factory
        if f is None:
            raise KeyError(key)
        v = self[key] = f()
        return v

    def __repr__(self):
        return f"defaultdict({self.default_factory!r}, {dict.__repr__(self)})"

    def copy(self):
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __deepcopy__(self, memo):
        from copy import deepcopy

        r = type(self)(self.default_factory)
        memo[id(self)] = r
        for k, v in self.items():
            r[deepcopy(k, memo)] = deepcopy(v, memo)
        return r

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        r = self.copy()
        r.update(other)
        return r

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        r = type(self)(self.default_factory, other)
        r.update(self)
        return r

    __class_getitem__ = classmethod(GenericAlias)


class OrderedDict(dict):
    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        if last:
            return dict.popitem(self)
        k = next(iter(self))
        return k, dict.pop(self, k)

    def move_to_end(self, key, last=True):
        v = dict.pop(self, key)
        if last:
            dict.__setitem__(self, key, v)
        else:
            rest = list(dict.items(self))
            dict.clear(self)
            dict.__setitem__(self, key, v)
            for k, x in rest:
                dict.__setitem__(self, k, x)

    def copy(self):
        return self.__class__(self)

    __copy__ = copy

    def __repr__(self):
        name = type(self).__name__
        return f"{name}({list(self.items())!r})" if self else name + "()"

    def __eq__(self, other):
        if isinstance(other, OrderedDict):
            return dict.__eq__(self, other) and list(self) == list(other)
        return dict.__eq__(self, other)

    def __ne__(self, other):
        r = self.__eq__(other)
        return r if r is NotImplemented else not r

    __hash__ = None

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        r = self.__class__(self)
        r.update(other)
        return r

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        r = self.__class__(other)
        r.update(self)
        return r

    __class_getitem__ = classmethod(GenericAlias)


class Counter(dict):
    __class_getitem__ = classmethod(GenericAlias)

    def __init__(self, iterable=None, /, **kw):
        super().__init__()
        self.update(iterable, **kw)

    def __missing__(self, key):
        return 0

    def total(self):
        return sum(self.values())

    def most_common(self, n=None):
        r = sorted(self.items(), key=lambda kv: kv[1], reverse=True)
        return r if n is None else r[:n]

    def elements(self):
        for k, n in self.items():
            for _ in range(n):
                yield k

    @classmethod
    def fromkeys(cls, iterable, v=None):
        raise NotImplementedError(
            "Counter.fromkeys() is undefined.  Use Counter(iterable) instead."
        )

    def update(self, iterable=None, /, **kw):
        if iterable is not None:
            if isinstance(iterable, abc.Mapping):
                for k, n in iterable.items():
                    self[k] = n + self.get(k, 0)
            else:
                for k in iterable:
                    self[k] = self.get(k, 0) + 1
        if kw:
            self.update(kw)

    def subtract(self, iterable=None, /, **kw):
        if iterable is not None:
            if isinstance(iterable, abc.Mapping):
                for k, n in iterable.items():
                    self[k] = self.get(k, 0) - n
            else:
                for k in iterable:
                    self[k] = self.get(k, 0) - 1
        if kw:
            self.subtract(kw)

    def copy(self):
        return self.__class__(self)

    __copy__ = copy

    def __delitem__(self, key):
        if key in self:
            super().__delitem__(key)

    def __repr__(self):
        if not self:
            return type(self).__name__ + "()"
        try:
            d = dict(self.most_common())
        except TypeError:
            d = dict(self)
        return f"{type(self).__name__}({d!r})"

    def __eq__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return all(self[e] == other[e] for c in (self, other) for e in c)

    __hash__ = None

    def __add__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        r = Counter()
        for k in [*self, *(k for k in other if k not in self)]:
            n = self[k] + other[k]
            if n > 0:
                r[k] = n
        return r

    def __sub__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        r = Counter()
        for k in [*self, *(k for k in other if k not in self)]:
            n = self[k] - other[k]
            if n > 0:
                r[k] = n
        return r

    def __or__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        r = Counter()
        for k in [*self, *(k for k in other if k not in self)]:
            n = max(self[k], other[k])
            if n > 0:
                r[k] = n
        return r

    def __and__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        r = Counter()
        for k in self:
            n = min(self[k], other[k])
            if n > 0:
                r[k] = n
        return r

    def __pos__(self):
        return Counter({k: n for k, n in self.items() if n > 0})

    def __neg__(self):
        return Counter({k: -n for k, n in self.items() if n < 0})

    def __iadd__(self, other):
        self.update(other)
        return +self


class deque(MutableSequence):
    def __init__(self, iterable=(), maxlen=None):
        self.maxlen = maxlen
        self._d = []
        self.extend(iterable)

    def append(self, x):
        d = self._d
        d.append(x)
        if self.maxlen is not None and len(d) > self.maxlen:
            del d[0]

    def appendleft(self, x):
        d = self._d
        d.insert(0, x)
        if self.maxlen is not None and len(d) > self.maxlen:
            del d[-1]

    def extend(self, it):
        for x in list(it):
            self.append(x)

    def extendleft(self, it):
        for x in list(it):
            self.appendleft(x)

    def pop(self):
        if not self._d:
            raise IndexError("pop from an empty deque")
        return self._d.pop()

    def popleft(self):
        if not self._d:
            raise IndexError("pop from an empty deque")
        return self._d.pop(0)

    def clear(self):
        self._d.clear()

    def copy(self):
        return type(self)(self._d, self.maxlen)

    __copy__ = copy

    def rotate(self, n=1):
        d = self._d
        if d:
            n %= len(d)
            d[:] = d[-n:] + d[:-n]

    def insert(self, i, x):
        if self.maxlen is not None and len(self._d) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self._d.insert(i, x)

    def remove(self, x):
        if x not in self._d:
            raise ValueError("deque.remove(x): x not in deque")
        self._d.remove(x)

    def reverse(self):
        self._d.reverse()

    def index(self, x, *a):
        try:
            return self._d.index(x, *a)
        except ValueError:
            raise ValueError(f"{x!r} is not in deque") from None

    def count(self, x):
        return self._d.count(x)

    def _at(self, i):
        n = len(self._d)
        if not -n <= i < n:
            raise IndexError("deque index out of range")
        return i

    def __getitem__(self, i):
        return self._d[self._at(i)]

    def __setitem__(self, i, x):
        self._d[self._at(i)] = x

    def __delitem__(self, i):
        del self._d[self._at(i)]

    def __len__(self):
        return len(self._d)

    def __bool__(self):
        return bool(self._d)

    def __iter__(self):
        return iter(self._d)

    def __reversed__(self):
        return reversed(self._d)

    def __contains__(self, x):
        return x in self._d

    def __eq__(self, o):
        return self._d == o._d if isinstance(o, deque) else NotImplemented

    def __lt__(self, o):
        return self._d < o._d if isinstance(o, deque) else NotImplemented

    def __le__(self, o):
        return self._d <= o._d if isinstance(o, deque) else NotImplemented

    def __gt__(self, o):
        return self._d > o._d if isinstance(o, deque) else NotImplemented

    def __ge__(self, o):
        return self._d >= o._d if isinstance(o, deque) else NotImplemented

    __hash__ = None

    def __add__(self, o):
        if not isinstance(o, deque):
            return NotImplemented
        return type(self)(self._d + o._d, self.maxlen)

    def __mul__(self, n):
        return type(self)(self._d * n, self.maxlen)

    def __repr__(self):
        end = ")" if self.maxlen is None else f", maxlen={self.maxlen})"
        return f"{type(self).__name__}({self._d!r}{end}"

    __class_getitem__ = classmethod(GenericAlias)


_KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split()
)


def _nt_new(typename, fields, defaults):
    n = len(fields)
    required = fields[: n - len(defaults)]
    new = tuple.__new__

    def __new__(_cls, *args, **kw):
        k = len(args)
        if k == n and not kw:
            return new(_cls, args)
        label = typename + ".__new__()"
        if k > n:
            lo = len(required) + 1
            want = f"{n + 1}" if lo == n + 1 else f"from {lo} to {n + 1}"
            raise TypeError(
                f"{label} takes {want} positional argument{'' if n == 0 else 's'} but {k + 1} were given"
            )
        values = list(args)
        lost = []
        for i in range(k, n):
            f = fields[i]
            if f in kw:
                values.append(kw.pop(f))
            elif f in defaults:
                values.append(defaults[f])
            else:
                lost.append(f)
        for key in kw:
            if key in fields:
                raise TypeError(f"{label} got multiple values for argument {key!r}")
            raise TypeError(f"{label} got an unexpected keyword argument {key!r}")
        if lost:
            names = [repr(f) for f in lost]
            text = (
                names[0]
                if len(names) == 1
                else " and ".join(names)
                if len(names) == 2
                else ", ".join(names[:-1]) + ", and " + names[-1]
            )
            raise TypeError(
                f"{label} missing {len(names)} required positional argument{'s' if len(names) > 1 else ''}: {text}"
            )
        return new(_cls, values)

    return __new__


class _tuplegetter:
    __slots__ = ("i", "__doc__")

    def __init__(self, i):
        self.i = i
        self.__doc__ = f"Alias for field number {i}"

    def __get__(self, obj, cls=None):
        return self if obj is None else tuple.__getitem__(obj, self.i)

    def __set__(self, obj, value):
        raise AttributeError("can't set attribute")


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    field_names = list(map(str, field_names))
    typename = str(typename)
    if rename:
        seen = set()
        for i, n in enumerate(field_names):
            if not n.isidentifier() or n in _KEYWORDS or n.startswith("_") or n in seen:
                field_names[i] = f"_{i}"
            seen.add(n)
    for n in [typename, *field_names]:
        if not n.isidentifier():
            raise ValueError(f"Type names and field names must be valid identifiers: {n!r}")
        if n in _KEYWORDS:
            raise ValueError(f"Type names and field names cannot be a keyword: {n!r}")
    seen = set()
    for n in field_names:
        if n.startswith("_") and not rename:
            raise ValueError(f"Field names cannot start with an underscore: {n!r}")
        if n in seen:
            raise ValueError(f"Encountered duplicate field name: {n!r}")
        seen.add(n)
    fields = tuple(field_names)
    dflt = {}
    if defaults is not None:
        defaults = tuple(defaults)
        if len(defaults) > len(fields):
            raise TypeError("Got more default values than field names")
        dflt = dict(zip(fields[len(fields) - len(defaults) :], defaults))
    count = len(fields)

    @classmethod
    def _make(cls, iterable):
        r = tuple.__new__(cls, iterable)
        if len(r) != count:
            raise TypeError(f"Expected {count} arguments, got {len(r)}")
        return r

    def _replace(self, /, **kw):
        r = self._make([kw.pop(f, v) for f, v in zip(fields, self)])
        if kw:
            raise ValueError(f"Got unexpected field names: {list(kw)!r}")
        return r

    def __repr__(self):
        return (
            type(self).__name__ + "(" + ", ".join(f"{f}={v!r}" for f, v in zip(fields, self)) + ")"
        )

    def _asdict(self):
        return dict(zip(fields, self))

    def __getnewargs__(self):
        return tuple(self)

    ns = {
        "__doc__": f"{typename}({', '.join(fields)})",
        "__slots__": (),
        "_fields": fields,
        "_field_defaults": dflt,
        "__new__": _nt_new(typename, fields, dflt),
        "_make": _make,
        "_replace": _replace,
        "__repr__": __repr__,
        "_asdict": _asdict,
        "__getnewargs__": __getnewargs__,
        "__match_args__": fields,
    }
    for i, n in enumerate(fields):
        ns[n] = _tuplegetter(i)
    ns["__module__"] = module or _kdex.caller_module(1)
    return type(typename, (tuple,), ns)


class ChainMap(MutableMapping):
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __missing__(self, key):
        raise KeyError(key)

    def __getitem__(self, key):
        for m in self.maps:
            try:
                return m[key]
            except KeyError:
                pass
        return self.__missing__(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __len__(self):
        return len(set().union(*self.maps))

    def __iter__(self):
        d = {}
        for m in reversed(self.maps):
            d.update(dict.fromkeys(m))
        return iter(d)

    def __contains__(self, key):
        return any(key in m for m in self.maps)

    def __bool__(self):
        return any(self.maps)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self.maps))})"

    def copy(self):
        return self.__class__(self.maps[0].copy(), *self.maps[1:])

    __copy__ = copy

    def new_child(self, m=None, **kw):
        return self.__class__({**(m or {}), **kw} if kw or m is None else m, *self.maps)

    @property
    def parents(self):
        return self.__class__(*self.maps[1:])

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        try:
            del self.maps[0][key]
        except KeyError:
            raise KeyError(f"Key not found in the first mapping: {key!r}")


class UserDict(MutableMapping):
    def __init__(self, dict=None, /, **kw):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if kw:
            self.update(kw)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        if hasattr(self.__class__, "__missing__"):
            return self.__class__.__missing__(self, key)
        raise KeyError(key)

    def __setitem__(self, key, item):
        self.data[key] = item

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __contains__(self, key):
        return key in self.data

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __repr__(self):
        return repr(self.data)

    def __or__(self, other):
        if isinstance(other, UserDict):
            return self.__class__(self.data | other.data)
        if isinstance(other, dict):
            return self.__class__(self.data | other)
        return NotImplemented

    def __ior__(self, other):
        self.data |= other.data if isinstance(other, UserDict) else other
        return self

    def __copy__(self):
        inst = self.__class__.__new__(self.__class__)
        inst.__dict__.update(self.__dict__)
        inst.__dict__["data"] = self.__dict__["data"].copy()
        return inst

    def copy(self):
        return self.__copy__()

    @classmethod
    def fromkeys(cls, iterable, value=None):
        d = cls()
        for k in iterable:
            d[k] = value
        return d


class UserList(MutableSequence):
    def __init__(self, initlist=None):
        self.data = []
        if initlist is not None:
            self.data[:] = initlist.data if isinstance(initlist, UserList) else list(initlist)

    def __repr__(self):
        return repr(self.data)

    def _of(self, o):
        return o.data if isinstance(o, UserList) else o

    def __eq__(self, o):
        return self.data == self._of(o)

    def __lt__(self, o):
        return self.data < self._of(o)

    __hash__ = None

    def __contains__(self, x):
        return x in self.data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.__class__(self.data[i]) if isinstance(i, slice) else self.data[i]

    def __setitem__(self, i, v):
        self.data[i] = v

    def __delitem__(self, i):
        del self.data[i]

    def __add__(self, o):
        return self.__class__(self.data + list(self._of(o)))

    def __radd__(self, o):
        return self.__class__(list(self._of(o)) + self.data)

    def __mul__(self, n):
        return self.__class__(self.data * n)

    def insert(self, i, x):
        self.data.insert(i, x)

    def copy(self):
        return self.__class__(self)

    def sort(self, /, *a, **k):
        self.data.sort(*a, **k)


class UserString(Sequence):
    def __init__(self, seq):
        self.data = seq if isinstance(seq, str) else str(seq)

    def __str__(self):
        return self.data

    def __repr__(self):
        return repr(self.data)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.__class__(self.data[i])

    def __eq__(self, o):
        return self.data == (o.data if isinstance(o, UserString) else o)

    def __hash__(self):
        return hash(self.data)

    def __getattr__(self, name):
        return getattr(self.data, name)
