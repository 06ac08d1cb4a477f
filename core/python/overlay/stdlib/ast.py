# ast: literal_eval. Syntax trees are not given to evaluated code.


class AST:
    _fields = ()


class NodeVisitor:
    def visit(self, node):
        raise NotImplementedError("syntax trees are not available here")

    generic_visit = visit


class NodeTransformer(NodeVisitor):
    pass


def parse(source, filename="<unknown>", mode="exec", **kw):
    raise NotImplementedError("syntax trees are not available here")


def __getattr__(name):
    if name[:1].isupper():
        return AST
    raise AttributeError(f"module 'ast' has no attribute {name!r}")


class _Reader:
    def __init__(self, s):
        self.s, self.i = s, 0

    def fail(self):
        raise ValueError(f"malformed node or string: {self.s!r}")

    def space(self):
        while self.i < len(self.s) and self.s[self.i].isspace():
            self.i += 1

    def peek(self):
        self.space()
        return self.s[self.i : self.i + 1]

    def many(self, close):
        out = []
        while True:
            if self.peek() == close:
                self.i += 1
                return out, bool(out) and self.comma
            out.append(self.value())
            self.comma = self.peek() == ","
            if self.comma:
                self.i += 1
            elif self.peek() != close:
                self.fail()

    def value(self):
        c = self.peek()
        if c == "[":
            self.i += 1
            return self.many("]")[0]
        if c == "(":
            self.i += 1
            items, comma = self.many(")")
            return items[0] if len(items) == 1 and not comma else tuple(items)
        if c == "{":
            return self.braces()
        if c in ("'", '"') or c in "rbRBuU" and self.s[self.i + 1 : self.i + 2] in ("'", '"') and c:
            return self.string()
        for word, v in (("None", None), ("True", True), ("False", False)):
            if self.s.startswith(word, self.i):
                self.i += len(word)
                return v
        if self.s.startswith("set()", self.i):
            self.i += 5
            return set()
        j = self.i
        while j < len(self.s) and (
            self.s[j].isalnum()
            or self.s[j] in "+-._"
            and (self.s[j] not in "+-" or j == self.i or self.s[j - 1] in "eE")
        ):
            j += 1
        t, self.i = self.s[self.i : j], j
        try:
            return int(t, 0)
        except ValueError:
            pass
        try:
            if not t or t.lstrip("+-")[:1].isalpha():
                self.fail()
            return float(t)
        except ValueError:
            self.fail()

    def braces(self):
        self.i += 1
        if self.peek() == "}":
            self.i += 1
            return {}
        d, s = {}, set()
        while True:
            k = self.value()
            if self.peek() == ":":
                self.i += 1
                d[k] = self.value()
            else:
                s.add(k)
            c = self.peek()
            self.i += 1
            if c == "," and self.peek() == "}":
                self.i += 1
                c = "}"
            if c == "}":
                return s if s else d
            if c != ",":
                self.fail()

    def string(self):
        prefix = ""
        while self.s[self.i] not in "'\"":
            prefix += self.s[self.i].lower()
            self.i += 1
        q = self.s[self.i]
        if self.s.startswith(q * 3, self.i):
            q *= 3
        self.i += len(q)
        out = []
        while not self.s.startswith(q, self.i):
            if self.i >= len(self.s):
                self.fail()
            c = self.s[self.i]
            if c == "\\" and "r" not in prefix:
                n = self.s[self.i + 1]
                width = {"x": 2, "u": 4, "U": 8}.get(n)
                if width:
                    out.append(chr(int(self.s[self.i + 2 : self.i + 2 + width], 16)))
                    self.i += 2 + width
                    continue
                out.append(
                    {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": ""}.get(
                        n, n if n in "\\'\"" else "\\" + n
                    )
                )
                self.i += 2
                continue
            out.append(c)
            self.i += 1
        self.i += len(q)
        t = "".join(out)
        if "b" in prefix:
            return t.encode("latin-1")
        if self.peek() in ("'", '"') and self.peek():
            return t + self.string()
        return t


def literal_eval(node_or_string):
    r = _Reader(node_or_string.strip())
    try:
        items = [r.value()]
        comma = False
        while r.peek() == ",":
            r.i += 1
            comma = True
            if not r.peek():
                break
            items.append(r.value())
    except IndexError:
        r.fail()
    if r.peek():
        raise SyntaxError("invalid syntax")
    return tuple(items) if comma else items[0]
