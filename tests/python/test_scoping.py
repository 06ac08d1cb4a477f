# Scopes: closures, nonlocal, global, comprehensions, walrus, class bodies, del.
from checks import assert_eq, assert_noted, assert_raises, finish, note


x = "module"


def outer():
    x = "outer"

    def show():
        return x

    def change():
        nonlocal x
        x = "changed"

    def glob():
        global x
        x = "new module"

    r = [show()]
    change()
    r.append(show())
    glob()
    r.append(show())
    return r


assert_eq(outer(), ["outer", "changed", "changed"])
assert_eq(x, "new module")


def counter():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n

    def get():
        return n

    return inc, get


i, g = counter()
i()
i(5)
assert_eq(g(), 6)
i2, g2 = counter()
i2()
assert_eq(g(), 6)
assert_eq(g2(), 1)

# comprehensions have their own scope
y = 1
assert_eq([y for y in range(3)], [0, 1, 2])
assert_eq(y, 1)
assert_eq({y: y for y in "ab"}, {"a": "a", "b": "b"})
assert_eq(y, 1)
assert_eq({y for y in (1,)}, {1})
assert_eq(y, 1)
assert_eq([[a * b for b in range(a)] for a in range(4)], [[], [0], [0, 2], [0, 3, 6]])
assert_eq(
    [(a, b) for a in range(3) if a % 2 == 0 for b in "xy" if b != "x" or a],
    [(0, "y"), (2, "x"), (2, "y")],
)
assert_eq({k: v for k, v in zip("abc", range(3)) if v}, {"b": 1, "c": 2})
assert_eq({len(s) for s in ["a", "bb", "cc"]} == {1, 2}, True)
assert_eq([a for a, *_ in [(1, 2), (3,)]], [1, 3])
assert_eq([v for d in [{"p": 1}, {"q": 2}] for v in d.values()], [1, 2])
fs = [(lambda: z) for z in range(3)]
assert_eq([f() for f in fs], [2, 2, 2])
assert_eq((lambda n: [n + k for k in range(n)])(3), [3, 4, 5])
assert_eq([x for x in [1, 2, 3] if (h := x) > 1], [2, 3])
assert_eq(h, 3)


def walrus():
    total = 0
    parts = [total := total + v for v in range(4)]
    if (n := len(parts)) > 3 and (m := n * 2):
        pass
    while (n := n - 1) > 1:
        pass
    return total, parts, n, m


assert_eq(walrus(), (6, [0, 1, 3, 6], 1, 8))
assert_eq(w := 5, 5)
assert_eq(w, 5)
assert_eq([w := w + 1, w := w * 2], [6, 12])
assert_eq(w, 12)


def f(a, b=(q := 3)):
    return a + b


assert_eq(f(1), 4)
assert_eq(q, 3)


class C:
    v = 1
    l = [i for i in range(v + 2)]
    d = {k: None for k in ("a", "b")}

    def m(self):
        return [self.v for _ in range(2)]

    if v:
        w = "conditional"
    else:
        w2 = "no"
    for loopvar in range(3):
        pass
    try:
        bad = undefined
    except NameError as e:
        caught = str(e)

    @staticmethod
    def helper():
        return 9

    used = helper()


assert_eq(C.l, [0, 1, 2])
assert_eq(C.d, {"a": None, "b": None})
assert_eq(C().m(), [1, 1])
assert_eq(C.w, "conditional")
assert_eq(hasattr(C, "w2"), False)
assert_eq(C.loopvar, 2)
assert_eq(C.caught, "name 'undefined' is not defined")
assert_eq(C.used, 9)


def class_in_func():
    v = "local"

    class K:
        a = v
        v = "class"
        b = v

        def m(self):
            return v

    return K.a, K.b, K().m()


assert_raises(NameError, "name 'v' is not defined", class_in_func)


def class_nonlocal():
    v = "before"

    class K:
        nonlocal v
        v = "after"

    return v, hasattr(K, "v")


assert_eq(class_nonlocal(), ("after", False))
v = "modv"


class G:
    b = v
    v = "gv"


assert_eq(G.b, "modv")
assert_eq(G.v, "gv")


def args_are_locals(a):
    a += 1

    def inner():
        return a

    a += 1
    return inner()


assert_eq(args_are_locals(1), 3)


def del_free():
    a = 1

    def inner():
        return a

    del a
    return inner()


assert_raises(
    NameError,
    "cannot access free variable 'a' where it is not associated with a value in enclosing scope",
    del_free,
)


def loop_closure():
    out = []
    for i in range(3):

        def h(i=i, j=[i]):
            return i, j

        out.append(h)
    return [h() for h in out]


assert_eq(loop_closure(), [(0, [0]), (1, [1]), (2, [2])])


def exec_order():
    def a():
        return b()

    def b():
        return "b"

    return a()


assert_eq(exec_order(), "b")


def shadow(list, dict=3):
    return list, dict


assert_eq(shadow(1), (1, 3))
assert_eq(list((1,)), [1])


def deep():
    a = 1

    def l1():
        b = 2

        def l2():
            nonlocal a, b
            a += b
            b += 1
            return a, b

        return l2

    f = l1()
    f()
    return f(), a


assert_eq(deep(), ((6, 4), 6))
assert_eq("x" in globals(), True)
assert_eq(globals()["x"], "new module")
assert_eq(sorted(k for k in (lambda p, q=2: locals())(1)), ["p", "q"])


def loc():
    a = 1
    b = "2"
    return locals()


assert_eq(loc(), {"a": 1, "b": "2"})


def gen_scope():
    k = 1
    g = (k + i for i in range(2))
    k = 100
    return list(g)


assert_eq(gen_scope(), [100, 101])
if True:
    cond = "defined"
for last in []:
    pass
assert_raises(NameError, "name 'last' is not defined", lambda: last)
for last in "ab":
    pass
else:
    note("loop else", last)
assert_noted(("loop else", "b"))
while False:
    pass
else:
    note("while else")
assert_noted(("while else",))
for n in range(5):
    if n == 3:
        break
else:
    note("no")
assert_eq(n, 3)
del n
assert_raises(NameError, "name 'n' is not defined", lambda: n)
from math import sqrt as root, pi
import math as m2

assert_eq(root(16), 4.0)
assert_eq(m2.pi == pi, True)
assert_eq(m2.__name__, "math")


def imports():
    import math
    from math import floor

    return floor(math.e)


assert_eq(imports(), 2)
import os.path
import collections.abc as cabc

assert_eq(os.path.basename("a/b"), "b")
assert_eq(cabc.Mapping.__name__, "Mapping")
assert_eq(__name__, "__main__")


def kw_soft(match, case=1, type=2, _=3):
    return match, case, type, _


assert_eq(kw_soft(0), (0, 1, 2, 3))
match = 5
assert_eq(match, 5)
assert_eq((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4), ((1, 2), 3, {"z": 4}))
assert_eq((lambda: (yield))().__class__.__name__, "generator")
nested = lambda a: lambda b: lambda c: (a, b, c)
assert_eq(nested(1)(2)(3), (1, 2, 3))

finish(70)
