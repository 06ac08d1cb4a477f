# Syntax trees that a program makes: nodes, walks, visitors, places, dump.
import ast
from checks import assert_eq, assert_raises, finish

one = ast.Constant(1)
call = ast.Call(ast.Name("f", ast.Load()), [one, ast.Name("x", ast.Load())], keywords=[])
tree = ast.Module(body=[ast.Expr(call), ast.Return()], type_ignores=[])
assert_eq(
    ast.dump(call),
    "Call(func=Name(id='f', ctx=Load()), args=[Constant(value=1), Name(id='x', ctx=Load())], keywords=[])",
)
assert_eq(
    ast.dump(call, annotate_fields=False),
    "Call(Name('f', Load()), [Constant(1), Name('x', Load())], [])",
)
assert_eq(
    [type(n).__name__ for n in ast.walk(tree)],
    ["Module", "Expr", "Return", "Call", "Name", "Constant", "Name", "Load", "Load"],
)
assert_eq(
    [
        isinstance(call, ast.expr),
        isinstance(tree.body[0], ast.stmt),
        isinstance(one, ast.AST),
        issubclass(ast.Add, ast.operator),
    ],
    [True, True, True, True],
)
assert_eq(
    [ast.Call._fields, ast.Call._attributes],
    [("func", "args", "keywords"), ("lineno", "col_offset", "end_lineno", "end_col_offset")],
)
assert_eq(
    [
        ast.Return().value,
        ast.Module._attributes,
        ast.arg("a").annotation,
        ast.keyword(value=one).arg,
    ],
    [None, (), None, None],
)
assert_eq(
    [hasattr(ast.Name("x"), "ctx"), hasattr(one, "lineno"), one.end_lineno], [False, False, None]
)
assert_raises(TypeError, "Name constructor takes at most 2 positional arguments", ast.Name, 1, 2, 3)
assert_raises(TypeError, "Name got multiple values for argument 'id'", ast.Name, "x", id="y")
ast.fix_missing_locations(tree)
ast.increment_lineno(tree, 4)
assert_eq([call.lineno, one.col_offset, one.end_lineno], [5, 0, 5])
other = ast.copy_location(ast.Constant(2), one)
assert_eq(
    ast.dump(other, include_attributes=True),
    "Constant(value=2, lineno=5, col_offset=0, end_lineno=5, end_col_offset=0)",
)


class Names(ast.NodeVisitor):
    def __init__(self):
        self.seen = []

    def visit_Name(self, node):
        self.seen.append(node.id)
        self.generic_visit(node)


names = Names()
names.visit(tree)
assert_eq(names.seen, ["f", "x"])


class Change(ast.NodeTransformer):
    def visit_Constant(self, node):
        return [ast.Constant(node.value), ast.Constant(node.value + 1)]

    def visit_Name(self, node):
        return ast.Name("g", node.ctx) if node.id == "f" else node

    def visit_Return(self, node):
        return None


Change().visit(tree)
assert_eq(
    ast.dump(tree),
    "Module(body=[Expr(value=Call(func=Name(id='g', ctx=Load()), args=[Constant(value=1), Constant(value=2), Name(id='x', ctx=Load())], keywords=[]))], type_ignores=[])",
)
assert_eq([n for n, _ in ast.iter_fields(call)], ["func", "args", "keywords"])
assert_eq(len(list(ast.iter_child_nodes(call))), 4)
match one:
    case ast.Constant(value):
        assert_eq(value, 1)
assert_eq([ast.Constant.__module__ in ("ast", "_ast"), ast.If.__mro__[1].__name__], [True, "stmt"])
finish(17)
