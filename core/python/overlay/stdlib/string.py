# string: constants, Template, Formatter.
import re as _re

whitespace = " \t\n\r\v\f"
ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdef" + "ABCDEF"
octdigits = "01234567"
punctuation = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
printable = digits + ascii_letters + punctuation + whitespace


def capwords(s, sep=None):
    return (sep or " ").join(map(str.capitalize, s.split(sep)))


class Template:
    delimiter = "$"
    idpattern = "(?:[_a-zA-Z][_a-zA-Z0-9]*)"

    def __init__(self, template):
        self.template = template

    def _run(self, mapping, safe):
        d = _re.escape(self.delimiter)

        def one(m):
            if m.group(1):
                return self.delimiter
            name = m.group(2) or m.group(3)
            if name is None:
                if safe:
                    return m.group()
                raise ValueError(
                    "Invalid placeholder in string: line %d, col %d"
                    % (
                        self.template.count("\n", 0, m.start()) + 1,
                        m.start() - self.template.rfind("\n", 0, m.start()),
                    )
                )
            if safe and name not in mapping:
                return m.group()
            return str(mapping[name])

        return _re.sub(
            f"{d}(?:({d})|({self.idpattern})|\\{{({self.idpattern})\\}}|)", one, self.template
        )

    def substitute(self, mapping={}, /, **kw):
        return self._run({**mapping, **kw}, False)

    def safe_substitute(self, mapping={}, /, **kw):
        return self._run({**mapping, **kw}, True)


class Formatter:
    def format(self, format_string, /, *args, **kw):
        return format_string.format(*args, **kw)

    def vformat(self, format_string, args, kwargs):
        return format_string.format(*args, **kwargs)

    def parse(self, format_string):
        out, lit, i, n = [], "", 0, len(format_string)
        while i < n:
            c = format_string[i]
            if c in "{}" and format_string[i : i + 2] in ("{{", "}}"):
                lit += c
                i += 2
            elif c == "{":
                depth, j = 1, i + 1
                while j < n and depth:
                    depth += {"{": 1, "}": -1}.get(format_string[j], 0)
                    j += 1
                if depth:
                    raise ValueError("expected '}' before end of string")
                body = format_string[i + 1 : j - 1]
                name, _, spec = body.partition(":")
                name, bang, conv = name.partition("!")
                out.append((lit, name, spec, conv if bang else None))
                lit, i = "", j
            elif c == "}":
                raise ValueError("Single '}' encountered in format string")
            else:
                lit += c
                i += 1
        if lit:
            out.append((lit, None, None, None))
        return iter(out)
