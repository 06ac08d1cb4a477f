# Statements and expressions in forms that are rarely written.
from checks import assert_eq, assert_noted, finish, note
import sys


class A:
    pass


a, d = A(), {}
*a.x, a.y = 1, 2, 3
h, *d["k"] = 1, 2, 3
a.b = A()
(*a.b.c,) = "xy"
(*a.b.d,), [*a.b.e] = [1], (2, 3)
a.f = [0, 0]
*a.f[0:1], q = 1, 2, 3
assert_eq(a.x, [1, 2])
assert_eq(a.y, 3)
assert_eq(h, 1)
assert_eq(d, {"k": [2, 3]})
assert_eq(a.b.c, ["x", "y"])
assert_eq(a.b.d, [1])
assert_eq(a.b.e, [2, 3])
assert_eq(a.f, [1, 2, 0])
assert_eq(q, 3)
for i, *a.r in [(1, 2, 3)]:
    note(i, a.r)
assert_noted(("1", "[2, 3]"))
[p, *r], (s, *_) = [1, 2, 3], (4, 5)
(*x,) = range(3)
assert_eq(p, 1)
assert_eq(r, [2, 3])
assert_eq(s, 4)
assert_eq(x, [0, 1, 2])
assert_eq([*a.x, *r], [1, 2, 2, 3])
assert_eq({**{"k": 1}, **{"k": 2}}, {"k": 2})
assert_eq(print(*a.x, sep="-"), None)


def f(*args, **kw):
    return args, kw


assert_eq(f(*a.x, 5, *[6], k=1, **{"z": 2}), ((1, 2, 5, 6), {"k": 1, "z": 2}))
assert_eq(f(*"ab", **dict(m=1)), (("a", "b"), {"m": 1}))
assert_eq((lambda *a, b=2, **c: (a, b, c))(1, d=3), ((1,), 2, {"d": 3}))
assert_eq((lambda: (yield))().__class__.__name__, "generator")
x = y = z = []
x += [1]
assert_eq(y is z, True)
assert_eq(y, [1])
assert_eq((a := 5) + a if False else 1, 1)
assert_eq(1 if 0 else 2 if 0 else 3, 3)
assert_eq(not 1 == 2, True)
assert_eq(1 < 2 < 3 > 2, True)
assert_eq(1 < 3 > 5, False)
assert_eq(-(2**2), -4)
assert_eq((-2) ** 2, 4)
assert_eq(2**-1, 0.5)
assert_eq(2**3**2, 512)
assert_eq(~5 & 3 | 4 ^ 1, 7)
assert_eq(1 << 2 + 1, 8)
assert_eq(5 // 2 * 2 % 3, 1)
assert_eq("a" "b" f"{1}" r"\n", "ab1\\n")
assert_eq(None is None, True)
assert_eq(1 in [1] in [[1]], True)
assert_eq(not not 0, False)
while True:
    try:
        break
    finally:
        note("finally")
else:
    note("never")
assert_noted(("finally",))
for k in range(2):
    continue
else:
    note("else")
assert_noted(("else",))


def g():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                return i
        finally:
            note("f", i)


assert_eq(g(), 2)
assert_noted(
    ("f", "0"),
    ("f", "1"),
    ("f", "2"),
)


def outer():
    n = 0

    def inner():
        nonlocal n
        n += 1
        return n

    inner()
    return inner() + n


assert_eq(outer(), 4)
global_value = 1


def change():
    global global_value, made_here
    global_value += 1
    made_here = "made"


change()
assert_eq(global_value, 2)
assert_eq(made_here, "made")


class C:
    x = 1
    y = [x for _ in range(2)] if False else x + 1
    for z in range(3):
        pass
    del z
    if x:
        w = "cond"
    try:
        v = undefined_name
    except NameError:
        v = "none"

    def m(self, v=x):
        return v

    class D:
        x = 2
        m = lambda self: __class__ if False else "d"

    locals()["dyn"] = 5


assert_eq(C.y, 2)
assert_eq(C.w, "cond")
assert_eq(C.v, "none")
assert_eq(C().m(), 1)
assert_eq(C.D.x, 2)
assert_eq(C.D().m(), "d")
assert_eq(C.dyn, 5)
assert_eq(hasattr(C, "z"), False)
assert_eq(C.D.__qualname__, "C.D")


def deco(*a):
    return lambda f: lambda *b: (a, f(*b))


@deco(1)
@deco(2)
def dd(x):
    return x


assert_eq(dd(3), ((1,), ((2,), 3)))
assert_eq([deco][0](9)(len)("abc"), ((9,), 3))


@(lambda f: f.__name__)
def named():
    pass


assert_eq(named, "named")
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("v") from e
except ValueError as e:
    assert_eq(type(e.__cause__).__name__, "ZeroDivisionError")
    assert_eq(e.__suppress_context__, True)
    assert_eq(e.__context__ is e.__cause__, True)
try:
    try:
        {}["k"]
    except KeyError:
        raise TypeError("t")
except TypeError as e:
    assert_eq(repr(e.__context__), "KeyError('k')")
    assert_eq(e.__cause__, None)
try:
    raise ValueError("x").with_traceback(None) from None
except ValueError as e:
    e.add_note("n")
    assert_eq(e.__notes__, ["n"])
    assert_eq(e.__suppress_context__, True)
try:
    assert 0, ("a", 1)
except AssertionError as e:
    assert_eq(e.args, (("a", 1),))


def ann(a: "int" = 1, *b: (lambda: 3)(), c: int | None = None) -> "x":
    v: int = 3
    w: str
    return v


assert_eq(str(ann.__annotations__), "{'a': 'int', 'b': 3, 'c': int | None, 'return': 'x'}")
assert_eq(ann(), 3)
if (n := len("abc")) > 2 and (m := n * 2):
    assert_eq(n, 3)
    assert_eq(m, 6)
assert_eq([i for i in range(9) if i % 2 if i > 3], [5, 7])
assert_eq([(i, j) for i in range(2) for j in range(i)], [(1, 0)])
assert_eq({i: j for i, j in enumerate("ab")}, {0: "a", 1: "b"})
assert_eq({c for c in "aa"}, {"a"})
assert_eq(list(i for i in (1, 2)), [1, 2])
assert_eq([[j for j in range(i)] for i in range(3)], [[], [0], [0, 1]])
assert_eq([lambda: i for i in range(2)][0](), 1)
assert_eq(dict((k, v) for k, v in [(1, 2)]), {1: 2})
s = slice(1, None, 2)
L = list(range(6))
L[s] = [9, 9, 9]
del L[0], L[-1]
L[1:1] = "ab"
L[len(L) :] = [7]
assert_eq(L, [9, "a", "b", 2, 9, 4, 7])
assert_eq(L[::-1], [7, 4, 9, 2, "b", "a", 9])
assert_eq(L[-3:-1], [9, 4])
assert_eq("abc"[::2], "ac")
assert_eq((1, 2, 3)[s], (2,))
assert_eq(s.indices(5), (1, 5, 2))


class Idx:
    def __getitem__(self, k):
        return k


assert_eq(
    str(Idx()[1:2, ..., None, ::3]), "(slice(1, 2, None), Ellipsis, None, slice(None, None, 3))"
)
assert_eq(Idx()[1,], (1,))
assert_eq(Idx()[()], ())
assert_eq("%s %(a)s" % {"a": 1} if 0 else "%(a)s %(b)05.1f" % {"a": 1, "b": 2}, "1 002.0")
assert_eq(f"{'nested ' + f'{1 + 1}'}", "nested 2")
assert_eq(f"{{}}", "{}")
assert_eq(f"{1!r:^5}|{'a':>{3}}", "  1  |  a")
assert_eq(f"""{1}""", "1")
assert_eq(f"{(lambda x: x * 2)(3)}", "6")
assert_eq(f"{ {'a': 1}['a'] }", "1")
assert_eq(f"{1:{'0>3'}}", "001")
import io

with io.StringIO("# x") as fh, io.StringIO("y") as other:
    assert_eq(fh.readline().startswith("#"), True)
    assert_eq(other.read(), "y")
assert_eq(type("Dyn", (A,), {"v": 1})().v, 1)
assert_eq(getattr(A, "nope", 3), 3)
assert_eq(callable(A), True)
assert_eq(isinstance(A(), (int, A)), True)
assert_eq(vars(A()).__class__, dict)
assert_eq(dir(A)[:1], ["__class__"])
assert_eq(id(A) == id(A), True)
assert_eq(hash("a") == hash("a"), True)
assert_eq(ascii("é"), "'\\xe9'")
assert_eq(chr(233), "é")
assert_eq(ord("é"), 233)
assert_eq(bin(-5), "-0b101")
assert_eq(oct(8), "0o10")
assert_eq(hex(255), "0xff")
assert_eq(abs(-3), 3)
assert_eq(pow(3, -1, 7), 5)
assert_eq(round(5.5), 6)
assert_eq(sum([[1], [2]], []), [1, 2])
assert_eq(max("ab", key=ord), "b")
assert_eq(min([], default=0), 0)
assert_eq(sorted("bA", key=str.lower), ["A", "b"])
assert_eq(list(reversed([1, 2])), [2, 1])
assert_eq(list(zip([1, 2], "ab", strict=True)), [(1, "a"), (2, "b")])
assert_eq(all([]), True)
assert_eq(any([]), False)
assert_eq(list(map(lambda *a: a, [1], [2])), [(1, 2)])
assert_eq(list(filter(None, [0, 1])), [1])
assert_eq(divmod(7, 2), (3, 1))
assert_eq(enumerate([1]).__class__.__name__, "enumerate")
assert_eq(next(iter([]), "end"), "end")
assert_eq(complex(1), (1 + 0j))
assert_eq(frozenset([1]), frozenset({1}))
assert_eq(str(bytearray(2)), "bytearray(b'\\x00\\x00')")
assert_eq(memoryview(b"a")[0], 97)
assert_eq(int.__add__(1, 2), 3)
assert_eq(str.join(",", "ab"), "a,b")
assert_eq(object().__class__, object)
assert_eq(property, property)
assert_eq(super, super)

finish(142)
