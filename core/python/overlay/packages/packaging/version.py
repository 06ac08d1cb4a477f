# packaging.version: PEP 440 versions, read without the regex engine, since releases are compared often.


class InvalidVersion(ValueError):
    pass


class _Inf:
    """Above everything, or (negative) below everything."""

    def __init__(self, sign):
        self._sign = sign

    def __lt__(self, o):
        return self._sign < 0 and o is not self

    def __gt__(self, o):
        return self._sign > 0 and o is not self

    def __le__(self, o):
        return self._sign < 0 or o is self

    def __ge__(self, o):
        return self._sign > 0 or o is self

    def __eq__(self, o):
        return o is self

    def __hash__(self):
        return self._sign


_TOP, _LOW = _Inf(1), _Inf(-1)
_LETTERS = (
    ("alpha", "a"),
    ("beta", "b"),
    ("preview", "rc"),
    ("pre", "rc"),
    ("rc", "rc"),
    ("a", "a"),
    ("b", "b"),
    ("c", "rc"),
)


class _Scan:
    def __init__(self, s):
        self.s, self.i = s, 0

    def digits(self):
        j = self.i
        while j < len(self.s) and "0" <= self.s[j] <= "9":
            j += 1
        t, self.i = self.s[self.i : j], j
        return t

    def take(self, *words):
        for w in words:
            if self.s.startswith(w, self.i):
                self.i += len(w)
                return w
        return None

    def number(self):
        """A number after an optional separator; None and no move where there is none."""
        at = self.i
        self.take("-", "_", ".")
        d = self.digits()
        if not d:
            self.i = at
            return None
        return int(d)


def _parse(text):
    p = _Scan(text.strip().lower())
    p.take("v")
    d = p.digits()
    if not d:
        return None
    epoch, release = 0, []
    if p.take("!"):
        epoch = int(d)
        d = p.digits()
        if not d:
            return None
    release.append(int(d))
    while True:
        at = p.i
        if p.take(".") and (d := p.digits()):
            release.append(int(d))
        else:
            p.i = at
            break
    pre = post = dev = local = None
    at = p.i
    p.take("-", "_", ".")
    for word, letter in _LETTERS:
        if p.take(word):
            pre = (letter, p.number() or 0)
            break
    else:
        p.i = at
    at = p.i
    if p.take("-") and (d := p.digits()):
        post = int(d)
    else:
        p.i = at
        p.take("-", "_", ".")
        if p.take("post", "rev", "r"):
            post = p.number() or 0
        else:
            p.i = at
    at = p.i
    p.take("-", "_", ".")
    if p.take("dev"):
        dev = p.number() or 0
    else:
        p.i = at
    if p.take("+"):
        parts, word = [], ""
        for c in p.s[p.i :]:
            if c in "-_.":
                if not word:
                    return None
                parts.append(word)
                word = ""
            elif c.isascii() and c.isalnum():
                word += c
            else:
                return None
        if not word:
            return None
        parts.append(word)
        local = tuple([int(w) if w.isdigit() else w for w in parts])
        p.i = len(p.s)
    if p.i != len(p.s):
        return None
    return epoch, tuple(release), pre, post, dev, local


class Version:
    __slots__ = ("epoch", "release", "pre", "_post", "_dev", "_local", "_key")

    def __init__(self, version):
        if not isinstance(version, str):
            raise TypeError(f"expected string or bytes-like object, got {type(version).__name__!r}")
        r = _parse(version)
        if r is None:
            raise InvalidVersion(f"Invalid version: {version!r}")
        self.epoch, self.release, self.pre, self._post, self._dev, self._local = r
        n = len(self.release)
        while n and self.release[n - 1] == 0:
            n -= 1
        pre = self.pre
        if pre is None:
            pre = _LOW if self._post is None and self._dev is not None else _TOP
        local = (
            _LOW
            if self._local is None
            else tuple([(p, "") if isinstance(p, int) else (_LOW, p) for p in self._local])
        )
        self._key = (
            self.epoch,
            self.release[:n],
            pre,
            _LOW if self._post is None else self._post,
            _TOP if self._dev is None else self._dev,
            local,
        )

    post = property(lambda s: s._post)
    dev = property(lambda s: s._dev)
    major = property(lambda s: s.release[0])
    minor = property(lambda s: s.release[1] if len(s.release) > 1 else 0)
    micro = property(lambda s: s.release[2] if len(s.release) > 2 else 0)
    is_prerelease = property(lambda s: s._dev is not None or s.pre is not None)
    is_postrelease = property(lambda s: s._post is not None)
    is_devrelease = property(lambda s: s._dev is not None)

    @property
    def local(self):
        return None if self._local is None else ".".join(map(str, self._local))

    @property
    def base_version(self):
        return (f"{self.epoch}!" if self.epoch else "") + ".".join(map(str, self.release))

    @property
    def public(self):
        return str(self).split("+", 1)[0]

    def __str__(self):
        s = self.base_version
        if self.pre is not None:
            s += self.pre[0] + str(self.pre[1])
        if self._post is not None:
            s += f".post{self._post}"
        if self._dev is not None:
            s += f".dev{self._dev}"
        return s if self._local is None else f"{s}+{self.local}"

    def __repr__(self):
        return f"<Version('{self}')>"

    def __hash__(self):
        return hash(self._key)

    def __lt__(self, o):
        return self._key < o._key if isinstance(o, Version) else NotImplemented

    def __le__(self, o):
        return self._key <= o._key if isinstance(o, Version) else NotImplemented

    def __eq__(self, o):
        return self._key == o._key if isinstance(o, Version) else NotImplemented

    def __ne__(self, o):
        return self._key != o._key if isinstance(o, Version) else NotImplemented

    def __ge__(self, o):
        return self._key >= o._key if isinstance(o, Version) else NotImplemented

    def __gt__(self, o):
        return self._key > o._key if isinstance(o, Version) else NotImplemented


def parse(version):
    return Version(version)
