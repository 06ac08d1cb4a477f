# Statements and expressions in forms that are rarely written.
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
print(a.x, a.y, h, d, a.b.c, a.b.d, a.b.e, a.f, q)
for i, *a.r in [(1, 2, 3)]:
    print(i, a.r)
[p, *r], (s, *_) = [1, 2, 3], (4, 5)
(*x,) = range(3)
print(p, r, s, x, [*a.x, *r], {**{"k": 1}, **{"k": 2}}, print(*a.x, sep="-"))


def f(*args, **kw):
    return args, kw


print(
    f(*a.x, 5, *[6], k=1, **{"z": 2}),
    f(*"ab", **dict(m=1)),
    (lambda *a, b=2, **c: (a, b, c))(1, d=3),
    (lambda: (yield))().__class__.__name__,
)
x = y = z = []
x += [1]
print(y is z, y, (a := 5) + a if False else 1)
print(
    1 if 0 else 2 if 0 else 3,
    not 1 == 2,
    1 < 2 < 3 > 2,
    1 < 3 > 5,
    -(2**2),
    (-2) ** 2,
    2**-1,
    2**3**2,
    ~5 & 3 | 4 ^ 1,
    1 << 2 + 1,
    5 // 2 * 2 % 3,
    "a" "b" f"{1}" r"\n",
    b"\x00a",
    ...,
    None is None,
    1 in [1] in [[1]],
    not not 0,
)
while True:
    try:
        break
    finally:
        print("finally")
else:
    print("never")
for k in range(2):
    continue
else:
    print("else")


def g():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                return i
        finally:
            print("f", i)


print(g())


def outer():
    n = 0

    def inner():
        nonlocal n
        n += 1
        return n

    inner()
    return inner() + n


print(outer())
global_value = 1


def change():
    global global_value, made_here
    global_value += 1
    made_here = "made"


change()
print(global_value, made_here)


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


print(C.y, C.w, C.v, C().m(), C.D.x, C.D().m(), C.dyn, hasattr(C, "z"), C.D.__qualname__)


def deco(*a):
    return lambda f: lambda *b: (a, f(*b))


@deco(1)
@deco(2)
def dd(x):
    return x


print(dd(3), [deco][0](9)(len)("abc"))


@(lambda f: f.__name__)
def named():
    pass


print(named)
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("v") from e
except ValueError as e:
    print(type(e.__cause__).__name__, e.__suppress_context__, e.__context__ is e.__cause__)
try:
    try:
        {}["k"]
    except KeyError:
        raise TypeError("t")
except TypeError as e:
    print(repr(e.__context__), e.__cause__)
try:
    raise ValueError("x").with_traceback(None) from None
except ValueError as e:
    e.add_note("n")
    print(e.__notes__, e.__suppress_context__)
try:
    assert 0, ("a", 1)
except AssertionError as e:
    print(e.args)


def ann(a: "int" = 1, *b: (lambda: 3)(), c: int | None = None) -> "x":
    v: int = 3
    w: str
    return v


print(ann.__annotations__, ann())
if (n := len("abc")) > 2 and (m := n * 2):
    print(n, m)
print(
    [i for i in range(9) if i % 2 if i > 3],
    [(i, j) for i in range(2) for j in range(i)],
    {i: j for i, j in enumerate("ab")},
    {c for c in "aa"},
    list(i for i in (1, 2)),
    [[j for j in range(i)] for i in range(3)],
    [lambda: i for i in range(2)][0](),
    dict((k, v) for k, v in [(1, 2)]),
)
s = slice(1, None, 2)
L = list(range(6))
L[s] = [9, 9, 9]
del L[0], L[-1]
L[1:1] = "ab"
L[len(L) :] = [7]
print(L, L[::-1], L[-3:-1], "abc"[::2], (1, 2, 3)[s], s.indices(5))


class Idx:
    def __getitem__(self, k):
        return k


print(Idx()[1:2, ..., None, ::3], Idx()[1,], Idx()[()])
print(
    "%s %(a)s" % {"a": 1} if 0 else "%(a)s %(b)05.1f" % {"a": 1, "b": 2},
    f"{'nested ' + f'{1 + 1}'}",
    f"{{}}",
    f"{1!r:^5}|{'a':>{3}}",
    f"""{1}""",
    f"{(lambda x: x * 2)(3)}",
    f"{ {'a': 1}['a'] }",
    f"{1:{'0>3'}}",
)
import io

with io.StringIO("# x") as fh, io.StringIO("y") as other:
    print(fh.readline().startswith("#"), other.read())
print(
    type("Dyn", (A,), {"v": 1})().v,
    getattr(A, "nope", 3),
    callable(A),
    isinstance(A(), (int, A)),
    vars(A()).__class__,
    dir(A)[:1],
    id(A) == id(A),
    hash("a") == hash("a"),
    ascii("é"),
    chr(233),
    ord("é"),
    bin(-5),
    oct(8),
    hex(255),
    abs(-3),
    pow(3, -1, 7),
    round(5.5),
    sum([[1], [2]], []),
    max("ab", key=ord),
    min([], default=0),
    sorted("bA", key=str.lower),
    list(reversed([1, 2])),
    list(zip([1, 2], "ab", strict=True)),
    all([]),
    any([]),
    list(map(lambda *a: a, [1], [2])),
    list(filter(None, [0, 1])),
    divmod(7, 2),
    enumerate([1]).__class__.__name__,
    next(iter([]), "end"),
    complex(1),
    frozenset([1]),
    bytearray(2),
    memoryview(b"a")[0],
    int.__add__(1, 2),
    str.join(",", "ab"),
    object().__class__,
    property,
    super,
)
