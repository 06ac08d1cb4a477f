# ast: the classes of syntax trees and what works on trees of them; literal_eval. Source text is not
# parsed into trees.

# Base: its nodes with their fields; ? is a field that may be left out.
_NODES = """
boolop: And, Or
cmpop: Eq, Gt, GtE, In, Is, IsNot, Lt, LtE, NotEq, NotIn
excepthandler*: ExceptHandler(type? name? body)
expr*: Attribute(value attr ctx), Await(value), BinOp(left op right), BoolOp(op values), Call(func args keywords), Compare(left ops comparators), Constant(value kind?), Dict(keys values), DictComp(key value generators), FormattedValue(value conversion format_spec?), GeneratorExp(elt generators), IfExp(test body orelse), JoinedStr(values), Lambda(args body), List(elts ctx), ListComp(elt generators), Name(id ctx), NamedExpr(target value), Set(elts), SetComp(elt generators), Slice(lower? upper? step?), Starred(value ctx), Subscript(value slice ctx), Tuple(elts ctx), UnaryOp(op operand), Yield(value?), YieldFrom(value)
expr_context: Del, Load, Store
mod: Expression(body), FunctionType(argtypes returns), Interactive(body), Module(body type_ignores)
operator: Add, BitAnd, BitOr, BitXor, Div, FloorDiv, LShift, MatMult, Mod, Mult, Pow, RShift, Sub
pattern*: MatchAs(pattern? name?), MatchClass(cls patterns kwd_attrs kwd_patterns), MatchMapping(keys patterns rest?), MatchOr(patterns), MatchSequence(patterns), MatchSingleton(value), MatchStar(name?), MatchValue(value)
stmt*: AnnAssign(target annotation value? simple), Assert(test msg?), Assign(targets value type_comment?), AsyncFor(target iter body orelse type_comment?), AsyncFunctionDef(name args body decorator_list returns? type_comment?), AsyncWith(items body type_comment?), AugAssign(target op value), Break, ClassDef(name bases keywords body decorator_list), Continue, Delete(targets), Expr(value), For(target iter body orelse type_comment?), FunctionDef(name args body decorator_list returns? type_comment?), Global(names), If(test body orelse), Import(names), ImportFrom(module? names level?), Match(subject cases), Nonlocal(names), Pass, Raise(exc? cause?), Return(value?), Try(body handlers orelse finalbody), TryStar(body handlers orelse finalbody), While(test body orelse), With(items body type_comment?)
type_ignore: TypeIgnore(lineno tag)
unaryop: Invert, Not, UAdd, USub
AST*: alias(name asname?), arg(arg annotation? type_comment?), keyword(arg? value)
AST: arguments(posonlyargs args vararg? kwonlyargs kw_defaults kwarg? defaults), comprehension(target iter ifs is_async), match_case(pattern guard? body), withitem(context_expr optional_vars?)
"""
_PLACES = ("lineno", "col_offset", "end_lineno", "end_col_offset")


class AST:
    _fields = ()
    _attributes = ()
    __match_args__ = ()

    def __init__(self, *args, **kwargs):
        name, fields = type(self).__name__, self._fields
        if len(args) > len(fields):
            most = f"at most {len(fields)} positional argument{'s' if len(fields) != 1 else ''}"
            raise TypeError(f"{name} constructor takes {most}")
        for field, value in zip(fields, args):
            setattr(self, field, value)
        for field, value in kwargs.items():
            if field in fields[: len(args)]:
                raise TypeError(f"{name} got multiple values for argument {field!r}")
            setattr(self, field, value)

    def __repr__(self):
        return f"<ast.{type(self).__name__} object at {hex(id(self))}>"


def _node(name, base, fields, places):
    plain = tuple([f.rstrip("?") for f in fields])
    space = {"_fields": plain, "__match_args__": plain, "__module__": "ast"}
    space.update({f[:-1]: None for f in fields if f.endswith("?")})
    if places:
        space["_attributes"] = _PLACES
        space["end_lineno"] = space["end_col_offset"] = None
    return type(name, (base,), space)


def _make_nodes():
    made = {}
    for line in _NODES.strip().splitlines():
        base, _, nodes = line.partition(": ")
        places, base = base.endswith("*"), base.rstrip("*")
        if base != "AST":
            made[base] = _node(base, AST, (), places)
        for node in nodes.replace("), ", ")\n").replace(", ", "\n").split("\n"):
            name, _, fields = node.rstrip(")").partition("(")
            own = base == "AST" and places
            made[name] = _node(name, made.get(base, AST), fields.split(), own)
    return made


_made = _make_nodes()


def __getattr__(name):
    if name in _made:
        return _made[name]
    raise AttributeError(f"module 'ast' has no attribute {name!r}")


def __dir__():
    return [*globals(), *_made]


def parse(source, filename="<unknown>", mode="exec", **kw):
    raise NotImplementedError("ast.parse is not run by kdex")


def unparse(ast_obj):
    raise NotImplementedError("ast.unparse is not run by kdex")


def iter_fields(node):
    for field in node._fields:
        try:
            yield field, getattr(node, field)
        except AttributeError:
            pass


def iter_child_nodes(node):
    for _, field in iter_fields(node):
        if isinstance(field, AST):
            yield field
        elif isinstance(field, list):
            for item in field:
                if isinstance(item, AST):
                    yield item


def walk(node):
    todo = [node]
    while todo:
        node = todo.pop(0)
        todo.extend(iter_child_nodes(node))
        yield node


class NodeVisitor:
    def visit(self, node):
        return getattr(self, "visit_" + type(node).__name__, self.generic_visit)(node)

    def generic_visit(self, node):
        for _, value in iter_fields(node):
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, AST):
                        self.visit(item)
            elif isinstance(value, AST):
                self.visit(value)


class NodeTransformer(NodeVisitor):
    def generic_visit(self, node):
        for field, old in iter_fields(node):
            if isinstance(old, list):
                values = []
                for value in old:
                    if isinstance(value, AST):
                        value = self.visit(value)
                        if value is None:
                            continue
                        if not isinstance(value, AST):
                            values.extend(value)
                            continue
                    values.append(value)
                old[:] = values
            elif isinstance(old, AST):
                new = self.visit(old)
                if new is None:
                    delattr(node, field)
                else:
                    setattr(node, field, new)
        return node


def copy_location(new_node, old_node):
    for name in _PLACES:
        if name in old_node._attributes and name in new_node._attributes:
            value = getattr(old_node, name, None)
            if value is not None or hasattr(old_node, name) and name.startswith("end_"):
                setattr(new_node, name, value)
    return new_node


def fix_missing_locations(node):
    def fix(node, line, column, end_line, end_column):
        if "lineno" in node._attributes:
            line = node.lineno = getattr(node, "lineno", line)
        if "end_lineno" in node._attributes:
            known = getattr(node, "end_lineno", None)
            end_line = node.end_lineno = end_line if known is None else known
        if "col_offset" in node._attributes:
            column = node.col_offset = getattr(node, "col_offset", column)
        if "end_col_offset" in node._attributes:
            known = getattr(node, "end_col_offset", None)
            end_column = node.end_col_offset = end_column if known is None else known
        for child in iter_child_nodes(node):
            fix(child, line, column, end_line, end_column)

    fix(node, 1, 0, 1, 0)
    return node


def increment_lineno(node, n=1):
    for child in walk(node):
        if isinstance(child, _made["TypeIgnore"]):
            child.lineno = getattr(child, "lineno", 0) + n
            continue
        if "lineno" in child._attributes:
            child.lineno = getattr(child, "lineno", 0) + n
        if "end_lineno" in child._attributes and getattr(child, "end_lineno", 0) is not None:
            child.end_lineno = getattr(child, "end_lineno", 0) + n
    return node


def dump(node, annotate_fields=True, include_attributes=False):
    """In one line."""
    if isinstance(node, list):
        return "[" + ", ".join([dump(x, annotate_fields, include_attributes) for x in node]) + "]"
    if not isinstance(node, AST):
        return repr(node)
    parts, named = [], annotate_fields
    for name in node._fields:
        try:
            value = getattr(node, name)
        except AttributeError:
            named = True
            continue
        if value is None and getattr(type(node), name, ...) is None:
            named = True
            continue
        text = dump(value, annotate_fields, include_attributes)
        parts.append(f"{name}={text}" if named else text)
    if include_attributes and node._attributes:
        for name in node._attributes:
            try:
                value = getattr(node, name)
            except AttributeError:
                continue
            if value is not None or getattr(type(node), name, ...) is not None:
                parts.append(f"{name}={dump(value, annotate_fields, include_attributes)}")
    return f"{type(node).__name__}({', '.join(parts)})"


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
