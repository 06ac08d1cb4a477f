# Calls: parameter kinds, defaults, star-args, exact TypeError texts, order of evaluation, introspection.
from checks import assert_eq, assert_noted, assert_raises, finish, note


def full(a, b=2, *args, c, d=4, **kw):
    return (a, b, args, c, d, kw)


assert_eq(full(1, c=3), (1, 2, (), 3, 4, {}))
assert_eq(full(1, 20, 30, 40, c=3, e=5), (1, 20, (30, 40), 3, 4, {"e": 5}))
assert_eq(full(*[1, 2, 3], **{"c": 9, "z": 1}), (1, 2, (3,), 9, 4, {"z": 1}))
assert_eq(full(c=1, a=2), (2, 2, (), 1, 4, {}))
assert_raises(TypeError, "full() missing 1 required positional argument: 'a'", full)
assert_raises(TypeError, "full() missing 1 required keyword-only argument: 'c'", full, 1)
assert_raises(TypeError, "full() missing 1 required positional argument: 'a'", full, c=1)
assert_raises(TypeError, "full() got multiple values for argument 'a'", full, 1, a=2, c=3)


def pos(a, b, /, c, *, d):
    return (a, b, c, d)


assert_eq(pos(1, 2, 3, d=4), (1, 2, 3, 4))
assert_eq(pos(1, 2, c=3, d=4), (1, 2, 3, 4))
assert_raises(
    TypeError,
    "pos() got some positional-only arguments passed as keyword arguments: 'b'",
    pos,
    1,
    b=2,
    c=3,
    d=4,
)
assert_raises(TypeError, "pos() takes 3 positional arguments but 4 were given", pos, 1, 2, 3, 4)
assert_raises(TypeError, "pos() missing 1 required keyword-only argument: 'd'", pos, 1, 2, 3)
assert_raises(TypeError, "pos() missing 1 required positional argument: 'c'", pos, 1, 2)


def two(a, b):
    pass


assert_raises(TypeError, "two() missing 2 required positional arguments: 'a' and 'b'", two)
assert_raises(TypeError, "two() missing 1 required positional argument: 'b'", two, 1)
assert_raises(TypeError, "two() takes 2 positional arguments but 3 were given", two, 1, 2, 3)
assert_raises(TypeError, "two() got an unexpected keyword argument 'x'", two, 1, 2, x=3)
assert_raises(TypeError, "two() got multiple values for argument 'a'", two, 1, a=1)
assert_raises(TypeError, "two() missing 1 required positional argument: 'a'", two, b=1)
assert_raises(TypeError, "two() got an unexpected keyword argument 'x'", two, x=1)


def three(a, b, c):
    pass


assert_raises(
    TypeError, "three() missing 3 required positional arguments: 'a', 'b', and 'c'", three
)
assert_raises(TypeError, "three() missing 2 required positional arguments: 'a' and 'b'", three, c=1)


def none():
    pass


assert_raises(TypeError, "none() takes 0 positional arguments but 1 was given", none, 1)
assert_raises(TypeError, "none() takes 0 positional arguments but 2 were given", none, 1, 2)
assert_raises(TypeError, "none() got an unexpected keyword argument 'x'", none, x=1)


def dflt(a, b=1):
    pass


assert_raises(
    TypeError, "dflt() takes from 1 to 2 positional arguments but 3 were given", dflt, 1, 2, 3
)
assert_raises(TypeError, "dflt() missing 1 required positional argument: 'a'", dflt)


def dflt2(a=1, b=2):
    pass


assert_raises(
    TypeError, "dflt2() takes from 0 to 2 positional arguments but 3 were given", dflt2, 1, 2, 3
)


def kwonly(*, a, b):
    pass


assert_raises(TypeError, "kwonly() missing 2 required keyword-only arguments: 'a' and 'b'", kwonly)
assert_raises(TypeError, "kwonly() missing 1 required keyword-only argument: 'b'", kwonly, a=1)
assert_raises(TypeError, "kwonly() takes 0 positional arguments but 1 was given", kwonly, 1)
assert_raises(
    TypeError,
    "kwonly() takes 0 positional arguments but 1 positional argument (and 2 keyword-only arguments) were given",
    kwonly,
    1,
    a=1,
    b=2,
)


def kwonly3(*, a, b, c):
    pass


assert_raises(
    TypeError, "kwonly3() missing 3 required keyword-only arguments: 'a', 'b', and 'c'", kwonly3
)


def posonly(a, /, **k):
    return (a, k)


assert_eq(posonly(1, a=2), (1, {"a": 2}))


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


assert_raises(TypeError, "M.m() missing 1 required positional argument: 'x'", M().m)
assert_raises(TypeError, "M.m() takes 2 positional arguments but 3 were given", M().m, 1, 2)
assert_raises(TypeError, "M.m() missing 2 required positional arguments: 'self' and 'x'", M.m)
assert_raises(TypeError, "M.c() missing 1 required positional argument: 'x'", M.c)
assert_raises(TypeError, "M.s() missing 1 required positional argument: 'x'", M.s)
assert_raises(TypeError, "M.__call__() missing 1 required positional argument: 'y'", M())
assert_raises(TypeError, "M.__call__() takes 2 positional arguments but 3 were given", M(), 1, 2)
assert_raises(TypeError, "M.m() got an unexpected keyword argument 'z'", M().m, z=1)
assert_raises(TypeError, "<lambda>() missing 1 required positional argument: 'x'", lambda x: x)
assert_raises(TypeError, "<lambda>() takes 0 positional arguments but 1 was given", lambda: 0, 1)
assert_raises(TypeError, "len() takes exactly one argument (0 given)", len)
assert_raises(TypeError, "len() takes exactly one argument (2 given)", len, 1, 2)
assert_raises(TypeError, "abs() takes exactly one argument (0 given)", abs)
assert_raises(TypeError, "isinstance expected 2 arguments, got 1", isinstance, 1)
assert_raises(TypeError, "ord() takes exactly one argument (0 given)", ord)
assert_raises(TypeError, "'foo' is an invalid keyword argument for print()", print, foo=1)
assert_raises(TypeError, "sorted expected 1 argument, got 0", sorted)
assert_raises(TypeError, "int() takes at most 2 arguments (3 given)", int, "1", 2, 3)
assert_raises(TypeError, "get expected at least 1 argument, got 0", dict.get, {})
assert_raises(TypeError, "list.append() takes exactly one argument (0 given)", [].append)
assert_raises(TypeError, "list.append() takes exactly one argument (2 given)", [].append, 1, 2)
assert_raises(TypeError, "split() takes at most 2 arguments (3 given)", "a".split, 1, 2, 3)
assert_raises(TypeError, "str.upper() takes no arguments (1 given)", "a".upper, 1)
assert_raises(TypeError, "unbound method str.upper() needs an argument", str.upper)
assert_raises(
    TypeError, "descriptor 'upper' for 'str' objects doesn't apply to a 'int' object", str.upper, 3
)
assert_raises(
    TypeError,
    "descriptor 'append' for 'list' objects doesn't apply to a 'int' object",
    list.append,
    3,
    4,
)
assert_raises(TypeError, "update expected at most 1 argument, got 2", {}.update, 1, 2)
assert_raises(TypeError, "hash() takes exactly one argument (0 given)", hash)
assert_raises(TypeError, "iter expected at least 1 argument, got 0", iter)
assert_raises(TypeError, "getattr expected at least 2 arguments, got 1", getattr, 1)
assert_raises(TypeError, "range expected at least 1 argument, got 0", range)
assert_raises(TypeError, "'int' object is not iterable", zip, 1)
assert_raises(TypeError, "pow() missing required argument 'exp' (pos 2)", pow, 2)
assert_raises(TypeError, "divmod expected 2 arguments, got 1", divmod, 1)
assert_raises(TypeError, "len() takes no keyword arguments", len, x=1)
assert_raises(TypeError, "sort() takes no positional arguments", [].sort, 1)
assert_raises(TypeError, "'int' object is not iterable", min, 1)
assert_raises(TypeError, "str.join() takes exactly one argument (0 given)", "".join)
assert_raises(TypeError, "setattr expected 3 arguments, got 2", setattr, 1, "a")


def starerr():
    return full(*3)


assert_raises(TypeError, "__main__.full() argument after * must be an iterable, not int", starerr)


def kwerr():
    return full(**3)


assert_raises(TypeError, "__main__.full() argument after ** must be a mapping, not int", kwerr)


def kwdup():
    return full(1, c=1, **{"c": 2})


assert_raises(TypeError, "__main__.full() got multiple values for keyword argument 'c'", kwdup)


def kwnonstr():
    return full(1, **{1: 2})


assert_raises(TypeError, "keywords must be strings", kwnonstr)


def dup2():
    return dict(**{"a": 1}, **{"a": 2})


assert_raises(TypeError, "dict() got multiple values for keyword argument 'a'", dup2)


# defaults are evaluated once, at definition
def acc(x, l=[]):
    l.append(x)
    return l


assert_eq(acc(1), [1])
assert_eq(acc(2), [1, 2])
assert_eq(acc(3, []), [3])
assert_eq(acc.__defaults__, ([1, 2],))
i = 5


def late(a=i):
    return a


i = 6
assert_eq(late(), 5)
fs = [lambda: j for j in range(3)]
assert_eq([f() for f in fs], [2, 2, 2])
fs = [lambda j=j: j for j in range(3)]
assert_eq([f() for f in fs], [0, 1, 2])


# order of evaluation
def t(n):
    note("e", n)
    return n


def take(*a, **k):
    return (a, k)


assert_eq(
    take(t(1), *[t(2)], t(3), x=t(4), **{"y": t(5)}, z=t(6)), ((1, 2, 3), {"x": 4, "y": 5, "z": 6})
)
assert_noted(
    ("e", "1"),
    ("e", "2"),
    ("e", "3"),
    ("e", "4"),
    ("e", "5"),
    ("e", "6"),
)
d = {t("k1"): t("v1"), t("k2"): t("v2")}
assert_noted(
    ("e", "k1"),
    ("e", "v1"),
    ("e", "k2"),
    ("e", "v2"),
)
x = t("rhs") if t(0) else t("else")
assert_noted(
    ("e", "0"),
    ("e", "else"),
)


def idx():
    note("idx")
    return 0


lst = [0]
lst[idx()] = t("val")
assert_noted(
    ("e", "val"),
    ("idx",),
)
t(1) + t(2) * t(3)
assert_noted(
    ("e", "1"),
    ("e", "2"),
    ("e", "3"),
)
a = b = t("multi")
assert_noted(("e", "multi"))
assert_eq(a, "multi")
assert_eq(b, "multi")
assert_eq(t(1) < t(2) < t(3), True)
assert_eq(t(3) < t(1) < t(2), False)
assert_noted(
    ("e", "1"),
    ("e", "2"),
    ("e", "3"),
    ("e", "3"),
    ("e", "1"),
)


@(lambda f: (note("deco1"), f)[1])
@(lambda f: (note("deco2"), f)[1])
def decorated(a=t("dflt")):
    pass


assert_noted(
    ("e", "dflt"),
    ("deco2",),
    ("deco1",),
)


# star expressions
assert_eq([*range(3), *"ab"], [0, 1, 2, "a", "b"])
assert_eq((*[1], 2), (1, 2))
assert_eq({**{"a": 1}, "b": 2, **{"a": 3}}, {"a": 3, "b": 2})
assert_eq({*[1, 2], *[2, 3]}, {1, 2, 3})
first, *mid, last = range(6)
assert_eq(first, 0)
assert_eq(mid, [1, 2, 3, 4])
assert_eq(last, 5)
*init, tail = "xyz"
assert_eq(init, ["x", "y"])
assert_eq(tail, "z")
(p, q), [r, *s] = (1, 2), [3, 4, 5]
assert_eq(p, 1)
assert_eq(q, 2)
assert_eq(r, 3)
assert_eq(s, [4, 5])
for u, *v in [(1, 2, 3), (4,)]:
    note(u, v)
assert_noted(
    ("1", "[2, 3]"),
    ("4", "[]"),
)
m = (n,) = [7]
assert_eq(m, [7])
assert_eq(n, 7)
a, b = 1, 2
a, b = b, a
assert_eq(a, 2)
assert_eq(b, 1)
lst = [0, 1, 2]
k = 0
k, lst[k] = 2, "set"
assert_eq(k, 2)
assert_eq(lst, [0, 1, "set"])


def ret():
    more = [2, 3]
    return 1, *more


assert_eq(ret(), (1, 2, 3))
assert_eq(max(1, 2, 3), 3)
assert_eq(max([1, 5, 2]), 5)
assert_eq(max("a", "bb", key=len), "bb")
assert_eq(min([3, 1], default=0), 1)
assert_eq(max([], default="d"), "d")
assert_eq(sum([[1], [2]], []), [1, 2])
assert_eq(sum([0.5, 1]), 1.5)
assert_eq(print.__name__, "print")


# introspection
def ins(a, b: int = 1, /, c: "str" = "x", *args: float, d, e=5, **kw) -> bool:
    "docstring"
    loc = 1
    return loc


c = ins.__code__
assert_eq(ins.__name__, "ins")
assert_eq(ins.__qualname__, "ins")
assert_eq(ins.__doc__, "docstring")
assert_eq(ins.__defaults__, (1, "x"))
assert_eq(ins.__kwdefaults__, {"e": 5})
assert_eq(ins.__annotations__, {"c": "str", "b": int, "args": float, "return": bool})
assert_eq(ins.__module__ == __name__, True)
assert_eq(c.co_argcount, 3)
assert_eq(c.co_posonlyargcount, 2)
assert_eq(c.co_kwonlyargcount, 2)
assert_eq(c.co_varnames, ("a", "b", "c", "d", "e", "args", "kw", "loc"))
assert_eq(bool(c.co_flags & 4), True)
assert_eq(bool(c.co_flags & 8), True)
assert_eq(c.co_name, "ins")
ins.attr = 1
ins.__name__ = "renamed"
assert_eq(ins.attr, 1)
assert_eq(ins.__name__, "renamed")
assert_eq(ins.__dict__, {"attr": 1})
assert_eq(ins.__qualname__, "ins")
ins.__defaults__ = (7, 8)
assert_eq(ins.__defaults__, (7, 8))


def clo():
    v = 1

    def inner():
        return v

    return inner


assert_eq(clo().__closure__[0].cell_contents, 1)
assert_eq(clo().__qualname__, "clo.<locals>.inner")
assert_eq(clo.__closure__, None)
assert_eq((lambda: 0).__name__, "<lambda>")
assert_eq(clo().__code__.co_freevars, ("v",))


def noann():
    pass


assert_eq(noann.__annotations__, {})
assert_eq(noann.__doc__, None)
assert_eq(noann.__defaults__, None)
assert_eq(noann.__kwdefaults__, None)
assert_eq(callable(noann), True)
assert_eq(callable(3), False)
assert_eq(callable(int), True)
assert_eq(callable(M()), True)
assert_eq(callable(M().m), True)
assert_eq(repr(len), "<built-in function len>")
assert_eq(repr(print), "<built-in function print>")
assert_eq(repr([].append)[:30], "<built-in method append of lis")
assert_eq(repr(str.upper), "<method 'upper' of 'str' objects>")
assert_eq(type(len).__name__, "builtin_function_or_method")
assert_eq(type([].append).__name__, "builtin_function_or_method")
assert_eq(type(noann).__name__, "function")
assert_eq(type(M().m).__name__, "method")
assert_eq(type(str.upper).__name__, "method_descriptor")

finish(214)
