# Scopes: closures, nonlocal, global, comprehensions, walrus, class bodies, del.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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


print(outer(), x)


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
print(g())
i2, g2 = counter()
i2()
print(g(), g2())

# comprehensions have their own scope
y = 1
print([y for y in range(3)], y, {y: y for y in "ab"}, y, {y for y in (1,)}, y)
print([[a * b for b in range(a)] for a in range(4)])
print([(a, b) for a in range(3) if a % 2 == 0 for b in "xy" if b != "x" or a])
print({k: v for k, v in zip("abc", range(3)) if v}, {len(s) for s in ["a", "bb", "cc"]} == {1, 2})
print([a for a, *_ in [(1, 2), (3,)]], [v for d in [{"p": 1}, {"q": 2}] for v in d.values()])
fs = [(lambda: z) for z in range(3)]
print([f() for f in fs])
print((lambda n: [n + k for k in range(n)])(3))
print([x for x in [1, 2, 3] if (h := x) > 1], h)


def walrus():
    total = 0
    parts = [total := total + v for v in range(4)]
    if (n := len(parts)) > 3 and (m := n * 2):
        pass
    while (n := n - 1) > 1:
        pass
    return total, parts, n, m


print(walrus())
print((w := 5), w, [w := w + 1, w := w * 2], w)


def f(a, b=(q := 3)):
    return a + b


print(f(1), q)


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


print(C.l, C.d, C().m(), C.w, hasattr(C, "w2"), C.loopvar, C.caught, C.used)


def class_in_func():
    v = "local"

    class K:
        a = v
        v = "class"
        b = v

        def m(self):
            return v

    return K.a, K.b, K().m()


err(class_in_func)


def class_nonlocal():
    v = "before"

    class K:
        nonlocal v
        v = "after"

    return v, hasattr(K, "v")


print(class_nonlocal())
v = "modv"


class G:
    b = v
    v = "gv"


print(G.b, G.v)


def args_are_locals(a):
    a += 1

    def inner():
        return a

    a += 1
    return inner()


print(args_are_locals(1))


def del_free():
    a = 1

    def inner():
        return a

    del a
    return inner()


err(del_free)


def loop_closure():
    out = []
    for i in range(3):

        def h(i=i, j=[i]):
            return i, j

        out.append(h)
    return [h() for h in out]


print(loop_closure())


def exec_order():
    def a():
        return b()

    def b():
        return "b"

    return a()


print(exec_order())


def shadow(list, dict=3):
    return list, dict


print(shadow(1), list((1,)))


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


print(deep())
print("x" in globals(), globals()["x"], sorted(k for k in (lambda p, q=2: locals())(1)))


def loc():
    a = 1
    b = "2"
    return locals()


print(loc())


def gen_scope():
    k = 1
    g = (k + i for i in range(2))
    k = 100
    return list(g)


print(gen_scope())
if True:
    cond = "defined"
for last in []:
    pass
err(lambda: last)
for last in "ab":
    pass
else:
    print("loop else", last)
while False:
    pass
else:
    print("while else")
for n in range(5):
    if n == 3:
        break
else:
    print("no")
print(n)
del n
err(lambda: n)
from math import sqrt as root, pi
import math as m2

print(root(16), m2.pi == pi, m2.__name__)


def imports():
    import math
    from math import floor

    return floor(math.e)


print(imports())
import os.path
import collections.abc as cabc

print(os.path.basename("a/b"), cabc.Mapping.__name__, __name__)


def kw_soft(match, case=1, type=2, _=3):
    return match, case, type, _


print(kw_soft(0))
match = 5
print(match)
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4), (lambda: (yield))().__class__.__name__)
nested = lambda a: lambda b: lambda c: (a, b, c)
print(nested(1)(2)(3))
