# json.decoder: a scanner in Python, used where hooks are given and for the exact text of errors.


class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        line = doc.count("\n", 0, pos) + 1
        col = pos - doc.rfind("\n", 0, pos)
        super().__init__("%s: line %d column %d (char %d)" % (msg, line, col, pos))
        self.msg, self.doc, self.pos, self.lineno, self.colno = msg, doc, pos, line, col

    def __reduce__(self):
        return self.__class__, (self.msg, self.doc, self.pos)


_ESC = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONST = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class _Stop(Exception):
    pass


def _ws(s, i):
    n = len(s)
    while i < n and s[i] in " \t\n\r":
        i += 1
    return i


def _hex4(s, i):
    h = s[i : i + 4]
    if len(h) == 4 and all(c in "0123456789abcdefABCDEF" for c in h):
        return int(h, 16)
    raise JSONDecodeError("Invalid \\uXXXX escape", s, i - 1)


def scanstring(s, i, strict=True):
    """s[i-1] is the opening quote: (text, index after the closing one)."""
    begin, out = i - 1, []
    while True:
        q, b = s.find('"', i), s.find("\\", i)
        end = q if b < 0 or 0 <= q < b else b
        if end < 0:
            end = len(s)
        chunk = s[i:end]
        if strict:
            for k, c in enumerate(chunk):
                if c < " ":
                    raise JSONDecodeError("Invalid control character at", s, i + k)
        out.append(chunk)
        if end >= len(s):
            raise JSONDecodeError("Unterminated string starting at", s, begin)
        if s[end] == '"':
            return "".join(out), end + 1
        i = end + 1
        if i >= len(s):
            raise JSONDecodeError("Unterminated string starting at", s, begin)
        c = s[i]
        if c != "u":
            if c not in _ESC:
                raise JSONDecodeError("Invalid \\escape", s, end)
            out.append(_ESC[c])
            i += 1
            continue
        u = _hex4(s, i + 1)
        i += 5
        if 0xD800 <= u <= 0xDBFF and s[i : i + 2] == "\\u":
            v = _hex4(s, i + 2)
            if 0xDC00 <= v <= 0xDFFF:
                u = 0x10000 + ((u - 0xD800) << 10 | v - 0xDC00)
                i += 6
        out.append(chr(u))


class JSONDecoder:
    def __init__(
        self,
        *,
        object_hook=None,
        parse_float=None,
        parse_int=None,
        parse_constant=None,
        strict=True,
        object_pairs_hook=None,
    ):
        self.object_hook, self.object_pairs_hook = object_hook, object_pairs_hook
        self.parse_float, self.parse_int = parse_float or float, parse_int or int
        self.parse_constant = parse_constant or _CONST.__getitem__
        self.strict = strict

    def decode(self, s):
        obj, end = self.raw_decode(s, _ws(s, 0))
        end = _ws(s, end)
        if end != len(s):
            raise JSONDecodeError("Extra data", s, end)
        return obj

    def raw_decode(self, s, idx=0):
        try:
            return self._value(s, idx)
        except _Stop as e:
            raise JSONDecodeError("Expecting value", s, e.args[0]) from None

    def _value(self, s, i):
        c = s[i : i + 1]
        if c == '"':
            return scanstring(s, i + 1, self.strict)
        if c == "{":
            return self._object(s, i + 1)
        if c == "[":
            return self._array(s, i + 1)
        if c == "n" and s[i : i + 4] == "null":
            return None, i + 4
        if c == "t" and s[i : i + 4] == "true":
            return True, i + 4
        if c == "f" and s[i : i + 5] == "false":
            return False, i + 5
        n, j = len(s), i
        if c == "-":
            j += 1
        if j < n and "0" <= s[j] <= "9":
            if s[j] == "0":
                j += 1
            else:
                while j < n and "0" <= s[j] <= "9":
                    j += 1
            real, k = False, j
            if k + 1 < n and s[k] == "." and "0" <= s[k + 1] <= "9":
                k += 1
                while k < n and "0" <= s[k] <= "9":
                    k += 1
                real, j = True, k
            if k < n and s[k] in "eE":
                k += 1
                if k < n and s[k] in "+-":
                    k += 1
                if k < n and "0" <= s[k] <= "9":
                    while k < n and "0" <= s[k] <= "9":
                        k += 1
                    real, j = True, k
            return (self.parse_float if real else self.parse_int)(s[i:j]), j
        for name in ("NaN", "Infinity", "-Infinity"):
            if s[i : i + len(name)] == name:
                return self.parse_constant(name), i + len(name)
        raise _Stop(i)

    def _object(self, s, i):
        pairs = []
        i = _ws(s, i)
        if s[i : i + 1] != "}":
            if s[i : i + 1] != '"':
                raise JSONDecodeError("Expecting property name enclosed in double quotes", s, i)
            while True:
                key, i = scanstring(s, i + 1, self.strict)
                i = _ws(s, i)
                if s[i : i + 1] != ":":
                    raise JSONDecodeError("Expecting ':' delimiter", s, i)
                value, i = self._value(s, _ws(s, i + 1))
                pairs.append((key, value))
                i = _ws(s, i)
                c = s[i : i + 1]
                if c == "}":
                    break
                if c != ",":
                    raise JSONDecodeError("Expecting ',' delimiter", s, i)
                i = _ws(s, i + 1)
                if s[i : i + 1] != '"':
                    raise JSONDecodeError("Expecting property name enclosed in double quotes", s, i)
        i += 1
        if self.object_pairs_hook is not None:
            return self.object_pairs_hook(pairs), i
        d = dict(pairs)
        return (d if self.object_hook is None else self.object_hook(d)), i

    def _array(self, s, i):
        out = []
        i = _ws(s, i)
        if s[i : i + 1] == "]":
            return out, i + 1
        while True:
            v, i = self._value(s, i)
            out.append(v)
            i = _ws(s, i)
            c = s[i : i + 1]
            if c == "]":
                return out, i + 1
            if c != ",":
                raise JSONDecodeError("Expecting ',' delimiter", s, i)
            i = _ws(s, i + 1)
