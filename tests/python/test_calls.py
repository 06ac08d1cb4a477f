# Calls: parameter kinds, defaults, star-args, exact TypeError texts, order of evaluation, introspection.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except TypeError as e:
        print("TypeError:", e)


def full(a, b=2, *args, c, d=4, **kw):
    return (a, b, args, c, d, kw)


print(
    full(1, c=3),
    full(1, 20, 30, 40, c=3, e=5),
    full(*[1, 2, 3], **{"c": 9, "z": 1}),
    full(c=1, a=2),
)
err(full)
err(full, 1)
err(full, c=1)
err(full, 1, a=2, c=3)


def pos(a, b, /, c, *, d):
    return (a, b, c, d)


print(pos(1, 2, 3, d=4), pos(1, 2, c=3, d=4))
err(pos, 1, b=2, c=3, d=4)
err(pos, 1, 2, 3, 4)
err(pos, 1, 2, 3)
err(pos, 1, 2)


def two(a, b):
    pass


err(two)
err(two, 1)
err(two, 1, 2, 3)
err(two, 1, 2, x=3)
err(two, 1, a=1)
err(two, b=1)
err(two, x=1)


def three(a, b, c):
    pass


err(three)
err(three, c=1)


def none():
    pass


err(none, 1)
err(none, 1, 2)
err(none, x=1)


def dflt(a, b=1):
    pass


err(dflt, 1, 2, 3)
err(dflt)


def dflt2(a=1, b=2):
    pass


err(dflt2, 1, 2, 3)


def kwonly(*, a, b):
    pass


err(kwonly)
err(kwonly, a=1)
err(kwonly, 1)
err(kwonly, 1, a=1, b=2)


def kwonly3(*, a, b, c):
    pass


err(kwonly3)


def posonly(a, /, **k):
    return (a, k)


print(posonly(1, a=2))


class M:
    def m(self, x):
        pass

    @classmethod
    def c(cls, x):
        pass

    @staticmethod
    def s(x):
        pass

    def __call__(self, y):
        pass


err(M().m)
err(M().m, 1, 2)
err(M.m)
err(M.c)
err(M.s)
err(M())
err(M(), 1, 2)
err(M().m, z=1)
err(lambda x: x)
err(lambda: 0, 1)
err(len)
err(len, 1, 2)
err(abs)
err(isinstance, 1)
err(ord)
err(print, foo=1)
err(sorted)
err(int, "1", 2, 3)
err(dict.get, {})
err([].append)
err([].append, 1, 2)
err("a".split, 1, 2, 3)
err("a".upper, 1)
err(str.upper)
err(str.upper, 3)
err(list.append, 3, 4)
err({}.update, 1, 2)
err(hash)
err(iter)
err(getattr, 1)
err(range)
err(zip, 1)
err(pow, 2)
err(divmod, 1)
err(len, x=1)
err([].sort, 1)
err(min, 1)
err("".join)
err(setattr, 1, "a")


def starerr():
    return full(*3)


err(starerr)


def kwerr():
    return full(**3)


err(kwerr)


def kwdup():
    return full(1, c=1, **{"c": 2})


err(kwdup)


def kwnonstr():
    return full(1, **{1: 2})


err(kwnonstr)


def dup2():
    return dict(**{"a": 1}, **{"a": 2})


err(dup2)


# defaults are evaluated once, at definition
def acc(x, l=[]):
    l.append(x)
    return l


print(acc(1), acc(2), acc(3, []), acc.__defaults__)
i = 5


def late(a=i):
    return a


i = 6
print(late())
fs = [lambda: j for j in range(3)]
print([f() for f in fs])
fs = [lambda j=j: j for j in range(3)]
print([f() for f in fs])


# order of evaluation
def t(n):
    print("e", n)
    return n


def take(*a, **k):
    return (a, k)


print(take(t(1), *[t(2)], t(3), x=t(4), **{"y": t(5)}, z=t(6)))
d = {t("k1"): t("v1"), t("k2"): t("v2")}
x = t("rhs") if t(0) else t("else")


def idx():
    print("idx")
    return 0


lst = [0]
lst[idx()] = t("val")
t(1) + t(2) * t(3)
a = b = t("multi")
print(a, b)
print(t(1) < t(2) < t(3), t(3) < t(1) < t(2))


@(lambda f: (print("deco1"), f)[1])
@(lambda f: (print("deco2"), f)[1])
def decorated(a=t("dflt")):
    pass


# star expressions
print([*range(3), *"ab"], (*[1], 2), {**{"a": 1}, "b": 2, **{"a": 3}}, {*[1, 2], *[2, 3]})
first, *mid, last = range(6)
print(first, mid, last)
*init, tail = "xyz"
print(init, tail)
(p, q), [r, *s] = (1, 2), [3, 4, 5]
print(p, q, r, s)
for u, *v in [(1, 2, 3), (4,)]:
    print(u, v)
m = (n,) = [7]
print(m, n)
a, b = 1, 2
a, b = b, a
print(a, b)
lst = [0, 1, 2]
k = 0
k, lst[k] = 2, "set"
print(k, lst)


def ret():
    more = [2, 3]
    return 1, *more


print(ret())
print(
    max(1, 2, 3),
    max([1, 5, 2]),
    max("a", "bb", key=len),
    min([3, 1], default=0),
    max([], default="d"),
    sum([[1], [2]], []),
    sum([0.5, 1]),
    print.__name__,
)


# introspection
def ins(a, b: int = 1, /, c: "str" = "x", *args: float, d, e=5, **kw) -> bool:
    "docstring"
    loc = 1
    return loc


c = ins.__code__
print(
    ins.__name__,
    ins.__qualname__,
    ins.__doc__,
    ins.__defaults__,
    ins.__kwdefaults__,
    ins.__annotations__,
    ins.__module__ == __name__,
)
print(
    c.co_argcount,
    c.co_posonlyargcount,
    c.co_kwonlyargcount,
    c.co_varnames,
    bool(c.co_flags & 4),
    bool(c.co_flags & 8),
    c.co_name,
)
ins.attr = 1
ins.__name__ = "renamed"
print(ins.attr, ins.__name__, ins.__dict__, ins.__qualname__)
ins.__defaults__ = (7, 8)
print(ins.__defaults__)


def clo():
    v = 1

    def inner():
        return v

    return inner


print(
    clo().__closure__[0].cell_contents,
    clo().__qualname__,
    clo.__closure__,
    (lambda: 0).__name__,
    clo().__code__.co_freevars,
)


def noann():
    pass


print(
    noann.__annotations__,
    noann.__doc__,
    noann.__defaults__,
    noann.__kwdefaults__,
    callable(noann),
    callable(3),
    callable(int),
    callable(M()),
    callable(M().m),
)
print(
    repr(len),
    repr(print),
    repr([].append)[:30],
    repr(str.upper),
    type(len).__name__,
    type([].append).__name__,
    type(noann).__name__,
    type(M().m).__name__,
    type(str.upper).__name__,
)
