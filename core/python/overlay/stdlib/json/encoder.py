# json.encoder.

import _kdex

_quote = _kdex.json_quote


def encode_basestring(s):
    return _quote(s, False)


def encode_basestring_ascii(s):
    return _quote(s, True)


class JSONEncoder:
    item_separator = ", "
    key_separator = ": "

    def __init__(
        self,
        *,
        skipkeys=False,
        ensure_ascii=True,
        check_circular=True,
        allow_nan=True,
        sort_keys=False,
        indent=None,
        separators=None,
        default=None,
    ):
        self.skipkeys, self.ensure_ascii, self.check_circular = (
            skipkeys,
            ensure_ascii,
            check_circular,
        )
        self.allow_nan, self.sort_keys, self.indent = allow_nan, sort_keys, indent
        if separators is not None:
            self.item_separator, self.key_separator = separators
        elif indent is not None:
            self.item_separator = ","
        if default is not None:
            self.default = default

    def default(self, o):
        raise TypeError(f"Object of type {o.__class__.__name__} is not JSON serializable")

    def encode(self, o):
        out = []
        indent = self.indent
        if indent is not None and not isinstance(indent, str):
            indent = " " * indent
        self._write(o, out, indent, "\n", set())
        return "".join(out)

    def iterencode(self, o, _one_shot=False):
        yield self.encode(o)

    def _float(self, o):
        if o != o:
            text = "NaN"
        elif o == float("inf"):
            text = "Infinity"
        elif o == float("-inf"):
            text = "-Infinity"
        else:
            return float.__repr__(o)
        if not self.allow_nan:
            raise ValueError("Out of range float values are not JSON compliant")
        return text

    def _scalar(self, o):
        """The text of None, a bool or a number, or None."""
        if o is None:
            return "null"
        if o is True:
            return "true"
        if o is False:
            return "false"
        if isinstance(o, int):
            return int.__repr__(o)
        if isinstance(o, float):
            return self._float(o)
        return None

    def _write(self, o, out, indent, nl, busy):
        if isinstance(o, str):
            out.append(_quote(o, self.ensure_ascii))
            return
        t = self._scalar(o)
        if t is not None:
            out.append(t)
            return
        if self.check_circular:
            if id(o) in busy:
                raise ValueError("Circular reference detected")
            busy.add(id(o))
        if isinstance(o, (list, tuple)):
            if not o:
                out.append("[]")
            else:
                inner = nl if indent is None else nl + indent
                sep = self.item_separator if indent is None else self.item_separator + inner
                out.append("[" if indent is None else "[" + inner)
                first = True
                for v in o:
                    if not first:
                        out.append(sep)
                    first = False
                    self._write(v, out, indent, inner, busy)
                out.append("]" if indent is None else nl + "]")
        elif isinstance(o, dict):
            self._dict(o, out, indent, nl, busy)
        else:
            self._write(self.default(o), out, indent, nl, busy)
        busy.discard(id(o))

    def _dict(self, o, out, indent, nl, busy):
        if not o:
            out.append("{}")
            return
        inner = nl if indent is None else nl + indent
        sep = self.item_separator if indent is None else self.item_separator + inner
        out.append("{" if indent is None else "{" + inner)
        items = o.items()
        if self.sort_keys:
            items = sorted(items)
        first = True
        for k, v in items:
            if not isinstance(k, str):
                t = self._scalar(k)
                if t is None:
                    if self.skipkeys:
                        continue
                    raise TypeError(
                        f"keys must be str, int, float, bool or None, not {k.__class__.__name__}"
                    )
                k = t
            if not first:
                out.append(sep)
            first = False
            out.append(_quote(k, self.ensure_ascii))
            out.append(self.key_separator)
            self._write(v, out, indent, inner, busy)
        out.append("}" if indent is None else nl + "}")
