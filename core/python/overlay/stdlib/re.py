# re: patterns and matches on top of the native engine.
#
# Intrinsics used (patterns are Python's syntax; positions count code points):
#   _kdex.regex_info(pattern, flags) -> (flags with inline ones, number of groups, {name: index})
#       raises ValueError(text, msg, pos) where the pattern is wrong: msg and pos as re.error has them
#   _kdex.regex_match(pattern, flags, text, pos, endpos, mode) -> None, or [(start, end) for group 0..n],
#       (-1, -1) for a group that took no part; mode 0 search, 1 match, 2 fullmatch, 3 match that is not empty
import _kdex
from enum import IntFlag as _IntFlag
from types import GenericAlias


class RegexFlag(_IntFlag):
    NOFLAG = 0
    ASCII = A = 256
    IGNORECASE = I = 2
    LOCALE = L = 4
    UNICODE = U = 32
    MULTILINE = M = 8
    DOTALL = S = 16
    VERBOSE = X = 64
    TEMPLATE = T = 1
    DEBUG = 128

    def __repr__(self):
        n = self._value_
        names = [m._name_ for m in RegexFlag if m._value_ & n]
        return "|".join("re." + x for x in names) or "re.NOFLAG"

    def __str__(self):
        return repr(self)


NOFLAG = RegexFlag.NOFLAG
A = ASCII = RegexFlag.ASCII
I = IGNORECASE = RegexFlag.IGNORECASE
L = LOCALE = RegexFlag.LOCALE
U = UNICODE = RegexFlag.UNICODE
M = MULTILINE = RegexFlag.MULTILINE
S = DOTALL = RegexFlag.DOTALL
X = VERBOSE = RegexFlag.VERBOSE
DEBUG = RegexFlag.DEBUG


class error(Exception):
    def __init__(self, msg, pattern=None, pos=None):
        self.msg, self.pattern, self.pos = msg, pattern, pos
        self.lineno = self.colno = None
        if pattern is not None and pos is not None:
            msg = f"{msg} at position {pos}"
            nl = "\n" if isinstance(pattern, str) else b"\n"
            self.lineno = pattern.count(nl, 0, pos) + 1
            self.colno = pos - pattern.rfind(nl, 0, pos)
            if nl in pattern:
                msg = f"{msg} (line {self.lineno}, column {self.colno})"
        super().__init__(msg)

    __module__ = "re"


PatternError = error


def _need_text(s):
    if not isinstance(s, (str, bytes, bytearray)):
        raise TypeError(f"expected string or bytes-like object, got {type(s).__name__!r}")


class Match:
    __slots__ = ("re", "string", "pos", "endpos", "_s")

    def __init__(self, re, string, pos, endpos, spans):
        self.re, self.string, self.pos, self.endpos, self._s = re, string, pos, endpos, spans

    def _index(self, g):
        if type(g) is not int:
            if isinstance(g, str):
                g = self.re.groupindex.get(g, -1)
            elif hasattr(g, "__index__"):
                g = g.__index__()
            else:
                g = -1
        if g < 0 or g >= len(self._s):
            raise IndexError("no such group")
        return g

    def _text(self, g, default=None):
        a, b = self._s[g]
        return default if a < 0 else self.string[a:b]

    def group(self, *gs):
        if not gs:
            return self._text(0)
        if len(gs) == 1:
            return self._text(self._index(gs[0]))
        return tuple([self._text(self._index(g)) for g in gs])

    def __getitem__(self, g):
        return self._text(self._index(g))

    def groups(self, default=None):
        return tuple([self._text(g, default) for g in range(1, len(self._s))])

    def groupdict(self, default=None):
        return {n: self._text(i, default) for n, i in self.re.groupindex.items()}

    def start(self, g=0):
        return self._s[self._index(g)][0]

    def end(self, g=0):
        return self._s[self._index(g)][1]

    def span(self, g=0):
        return tuple(self._s[self._index(g)])

    @property
    def regs(self):
        return tuple(map(tuple, self._s))

    @property
    def lastindex(self):
        best, at = None, None
        for g in range(1, len(self._s)):
            a, b = self._s[g]
            if a >= 0 and (at is None or b > at[1] or b == at[1] and a < at[0]):
                best, at = g, (a, b)
        return best

    @property
    def lastgroup(self):
        i = self.lastindex
        for n, k in self.re.groupindex.items():
            if k == i:
                return n
        return None

    def expand(self, template):
        return _expander(self.re, template)(self)

    def __repr__(self):
        return f"<re.Match object; span={self.span()!r}, match={self._text(0)!r}>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    __module__ = "re"
    __class_getitem__ = classmethod(GenericAlias)


_ESC = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "b": "\b", "\\": "\\"}


def _expander(pattern, template):
    """A function from a match to the replacement text that a template such as r"\\1_\\g<x>" describes."""
    if callable(template):
        return template
    is_bytes = not isinstance(template, str)
    t = template.decode("latin-1") if is_bytes else template
    if "\\" not in t:
        return lambda m: template
    parts, buf, i, n = [], "", 0, len(t)
    while i < n:
        c = t[i]
        if c != "\\":
            buf += c
            i += 1
            continue
        i += 1
        if i >= n:
            raise error("bad escape (end of pattern)", t, n - 1)
        c = t[i]
        group = None
        if c == "g":
            if i + 1 >= n or t[i + 1] != "<":
                raise error("missing <", t, i + 1)
            j = t.find(">", i)
            if j < 0:
                raise error("missing >, unterminated name", t, i + 2)
            name = t[i + 2 : j]
            if not name:
                raise error("missing group name", t, i + 2)
            if name.isdigit():
                group = int(name)
            elif not name.isidentifier():
                raise error(f"bad character in group name {name!r}", t, i + 2)
            elif name in pattern.groupindex:
                group = pattern.groupindex[name]
            else:
                raise IndexError(f"unknown group name {name!r}")
            i = j + 1
        elif c == "0":
            j = i + 1
            while j < n and j < i + 3 and t[j] in "01234567":
                j += 1
            buf += chr(int(t[i:j], 8) & 255)
            i = j
            continue
        elif c.isdigit():
            j = i + 1
            if j < n and t[j].isdigit():
                if c in "0123" and t[j] in "01234567" and j + 1 < n and t[j + 1] in "01234567":
                    buf += chr(int(t[i : j + 2], 8))
                    i = j + 2
                    continue
                j += 1
            group = int(t[i:j])
            i = j
        elif c in _ESC:
            buf += _ESC[c]
            i += 1
            continue
        elif c.isalpha() and c.isascii():
            raise error(f"bad escape \\{c}", t, i - 1)
        else:
            buf += "\\" + c
            i += 1
            continue
        if group > pattern.groups:
            raise error(f"invalid group reference {group}", t, i - len(str(group)))
        if buf:
            parts.append(buf)
            buf = ""
        parts.append(group)
    if buf:
        parts.append(buf)
    if is_bytes:
        parts = [p if isinstance(p, int) else p.encode("latin-1") for p in parts]
    empty = template[:0]
    return lambda m: empty.join([m._text(p, empty) if isinstance(p, int) else p for p in parts])


class Pattern:
    __slots__ = ("pattern", "flags", "groups", "groupindex", "_f")

    def __init__(self, pattern, flags):
        self.pattern = pattern
        self._f = int(flags)
        try:
            f, self.groups, self.groupindex = _kdex.regex_info(pattern, self._f)
        except ValueError as e:
            if len(e.args) > 2:
                raise error(e.args[1], pattern, e.args[2]) from None
            raise error(str(e)) from None
        self.flags = f

    def _run(self, s, pos, endpos, mode):
        n = len(s)
        endpos = n if endpos > n else 0 if endpos < 0 else endpos
        pos = 0 if pos < 0 else n if pos > n else pos
        r = _kdex.regex_match(self.pattern, self._f, s, pos, endpos, mode)
        return None if r is None else Match(self, s, pos, endpos, r)

    def search(self, string, pos=0, endpos=1 << 62):
        if type(string) is not str:
            _need_text(string)
        return self._run(string, pos, endpos, 0)

    def match(self, string, pos=0, endpos=1 << 62):
        if type(string) is not str:
            _need_text(string)
        return self._run(string, pos, endpos, 1)

    def fullmatch(self, string, pos=0, endpos=1 << 62):
        if type(string) is not str:
            _need_text(string)
        return self._run(string, pos, endpos, 2)

    def finditer(self, string, pos=0, endpos=1 << 62):
        _need_text(string)
        n = min(len(string), endpos)
        advance = False  # after an empty match, the next one at its place must take something
        while pos <= n:
            m = self._nonempty(string, pos, n) if advance else None
            if m is None:
                if advance:
                    pos += 1
                    if pos > n:
                        return
                m = self._run(string, pos, n, 0)
                if m is None:
                    return
            yield m
            a, pos = m._s[0]
            advance = a == pos

    def _nonempty(self, string, at, n):
        """A match at `at` that takes at least one character, or None."""
        r = _kdex.regex_match(self.pattern, self._f, string, at, n, 3)
        return None if r is None else Match(self, string, at, n, r)

    def findall(self, string, pos=0, endpos=1 << 62):
        out = []
        g = self.groups
        empty = string[:0] if isinstance(string, (str, bytes)) else ""
        for m in self.finditer(string, pos, endpos):
            out.append(m._text(0) if g == 0 else m._text(1, empty) if g == 1 else m.groups(empty))
        return out

    def subn(self, repl, string, count=0):
        f = _expander(self, repl)
        out, at, k = [], 0, 0
        for m in self.finditer(string):
            a, b = m._s[0]
            out.append(string[at:a])
            out.append(f(m))
            at = b
            k += 1
            if count and k >= count:
                break
        if not k:
            return string, 0
        out.append(string[at:])
        return string[:0].join(out), k

    def sub(self, repl, string, count=0):
        return self.subn(repl, string, count)[0]

    def split(self, string, maxsplit=0):
        out, at, k = [], 0, 0
        for m in self.finditer(string):
            a, b = m._s[0]
            out.append(string[at:a])
            out.extend(m.groups())
            at = b
            k += 1
            if maxsplit and k >= maxsplit:
                break
        out.append(string[at:])
        return out

    def scanner(self, string):
        return self.finditer(string)

    def __repr__(self):
        p = repr(self.pattern)
        f = int(self.flags) & ~32 if isinstance(self.pattern, str) else int(self.flags)
        return f"re.compile({p[:200]})" if not f else f"re.compile({p[:200]}, {RegexFlag(f)!r})"

    def __eq__(self, o):
        return (
            self.pattern == o.pattern and self.flags == o.flags
            if isinstance(o, Pattern)
            else NotImplemented
        )

    def __hash__(self):
        return hash((self.pattern, self.flags))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    __module__ = "re"
    __class_getitem__ = classmethod(GenericAlias)


_cache = {}


def compile(pattern, flags=0):
    if type(pattern) is Pattern:
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    key = (pattern, flags)
    p = _cache.get(key)
    if p is None:
        if not isinstance(pattern, (str, bytes)):
            raise TypeError("first argument must be string or compiled pattern")
        p = _cache[key] = Pattern(pattern, flags)
    return p


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)


def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)[0]


def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)


_special = {c: "\\" + c for c in "()[]{}?*+-|^$\\.&~# \t\n\r\v\f"}


def escape(pattern):
    if isinstance(pattern, bytes):
        return escape(pattern.decode("latin-1")).encode("latin-1")
    return "".join([_special.get(c, c) for c in pattern])


def purge():
    _cache.clear()


def template(pattern, flags=0):
    return compile(pattern, flags)
