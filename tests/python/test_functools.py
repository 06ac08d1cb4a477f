# functools, operator, itertools.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import functools, itertools, operator
from functools import (
    cache,
    cached_property,
    lru_cache,
    partial,
    partialmethod,
    reduce,
    singledispatch,
    singledispatchmethod,
    total_ordering,
    wraps,
)


def deco(f):
    @wraps(f)
    def inner(*a, **k):
        return ("wrapped", f(*a, **k))

    return inner


@deco
def fn(a, b=2):
    "fn doc"
    return a + b


fn.attr = 1
assert_eq(fn(1), ("wrapped", 3))
assert_eq(fn.__name__, "fn")
assert_eq(fn.__doc__, "fn doc")
assert_eq(fn.__wrapped__(5), 7)
assert_eq(fn.__module__ == __name__, True)
assert_eq(fn.__qualname__, "fn")


@lru_cache(maxsize=2)
def sq(x):
    note("calc", x)
    return x * x


assert_eq(sq(2), 4)
assert_eq(sq(2), 4)
assert_eq(sq(3), 9)
assert_eq(sq(4), 16)
assert_eq(sq(2), 4)
assert_eq(str(sq.cache_info()), "CacheInfo(hits=1, misses=4, maxsize=2, currsize=2)")
assert_eq(sq.cache_parameters(), {"maxsize": 2, "typed": False})
assert_noted(
    ("calc", "2"),
    ("calc", "3"),
    ("calc", "4"),
    ("calc", "2"),
)
sq.cache_clear()
assert_eq(str(sq.cache_info()), "CacheInfo(hits=0, misses=0, maxsize=2, currsize=0)")
assert_raises(TypeError, "unhashable type: 'list'", sq, [])


@lru_cache
def plain(a, b=1):
    note("plain", a, b)
    return a


plain(1)
assert_noted(("plain", "1", "1"))
plain(1)
plain(1, 1)
assert_noted(("plain", "1", "1"))
plain(a=1)
assert_noted(("plain", "1", "1"))
assert_eq(plain.__name__, "plain")
assert_eq(plain.cache_info().misses, 3)
assert_eq(plain.__wrapped__(9), 9)
assert_noted(("plain", "9", "1"))


@lru_cache(maxsize=None, typed=True)
def typed(x):
    note("typed", x)
    return x


typed(1)
assert_noted(("typed", "1"))
typed(1.0)
assert_noted(("typed", "1.0"))
typed(1)


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


assert_eq(fib(80), 23416728348467685)
assert_eq(str(fib.cache_info()), "CacheInfo(hits=78, misses=81, maxsize=None, currsize=81)")


class CC:
    @lru_cache()
    def m(self, x):
        note("m", x)
        return x

    @cached_property
    def prop(self):
        note("prop")
        return [1]

    @classmethod
    @lru_cache(None)
    def cm(cls):
        note("cm")
        return cls.__name__

    @staticmethod
    @cache
    def sm(x):
        note("sm")
        return x


c = CC()
c.m(1)
assert_noted(("m", "1"))
c.m(1)
assert_eq(c.prop, [1])
assert_eq(c.prop is c.prop, True)
assert_eq(c.__dict__, {"prop": [1]})
assert_eq(CC.cm(), "CC")
assert_eq(CC.cm(), "CC")
assert_eq(c.sm(2), 2)
assert_eq(CC.sm(2), 2)
assert_noted(
    ("prop",),
    ("cm",),
    ("sm",),
)
del c.prop
assert_eq(c.prop, [1])
assert_noted(("prop",))
c.prop = 5
assert_eq(c.prop, 5)
assert_eq(type(CC.__dict__["prop"]).__name__, "cached_property")
p = partial(fn, 1, b=5)
assert_eq(p(), ("wrapped", 6))
assert_eq(p(b=6), ("wrapped", 7))
assert_eq(p.func is fn, True)
assert_eq(p.args, (1,))
assert_eq(p.keywords, {"b": 5})
assert_eq(partial(p, 3) is not p, True)
assert_eq(partial(partial(max, 5), 9)(7), 9)
assert_eq(partial(int, base=2)("101"), 5)
assert_raises(
    TypeError, "fn() takes from 1 to 2 positional arguments but 3 were given", partial(fn, 1, 2), 3
)
assert_eq(repr(partial(len))[:17], "functools.partial")
assert_eq(partial(print, "a", sep="-").keywords, {"sep": "-"})


class PM:
    def base(self, a, b=0):
        return (a, b)

    one = partialmethod(base, 1)
    two = partialmethod(base, b=2)
    part = partial(max, 3)


assert_eq(PM().one(), (1, 0))
assert_eq(PM().one(b=4), (1, 4))
assert_eq(PM().two(9), (9, 2))
assert_eq(PM().part(1), 3)
assert_eq(reduce(lambda a, b: a + b, [1, 2, 3]), 6)
assert_eq(reduce(operator.mul, [1, 2, 3], 10), 60)
assert_eq(reduce(max, [4, 9, 2]), 9)
assert_eq(reduce(lambda a, b: a, [], "init"), "init")
assert_raises(TypeError, "reduce() of empty iterable with no initial value", reduce, max, [])


@singledispatch
def sd(x):
    return "default"


@sd.register
def _(x: int):
    return "int"


@sd.register(str)
def _(x):
    return "str"


sd.register(list, lambda x: "list")
assert_eq(sd(1), "int")
assert_eq(sd("a"), "str")
assert_eq(sd([]), "list")
assert_eq(sd(1.5), "default")
assert_eq(sd(True), "int")
assert_eq(sd.dispatch(bool)(1), "int")
assert_eq(sorted(t.__name__ for t in sd.registry), ["int", "list", "object", "str"])


class SDM:
    @singledispatchmethod
    def go(self, x):
        return "d"

    @go.register
    def _(self, x: int):
        return "i"


assert_eq(SDM().go(1), "i")
assert_eq(SDM().go("a"), "d")


@total_ordering
class TO:
    def __init__(self, v):
        self.v = v

    def __eq__(self, o):
        return self.v == o.v

    def __lt__(self, o):
        return self.v < o.v


assert_eq(TO(1) <= TO(1), True)
assert_eq(TO(2) > TO(1), True)
assert_eq(TO(2) >= TO(3), False)
assert_eq(sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)), [3, 2, 1])

I = itertools
assert_eq(list(I.chain([1], "ab", ())), [1, "a", "b"])
assert_eq(list(I.chain.from_iterable([[1], [2, 3]])), [1, 2, 3])
assert_eq(list(I.accumulate([1, 2, 3])), [1, 3, 6])
assert_eq(list(I.accumulate([1, 2, 3], operator.mul)), [1, 2, 6])
assert_eq(list(I.accumulate([1, 2], initial=10)), [10, 11, 13])
assert_eq(list(I.accumulate([])), [])
assert_eq(list(I.islice(range(10), 3)), [0, 1, 2])
assert_eq(list(I.islice(range(10), 2, 8, 3)), [2, 5])
assert_eq(list(I.islice(I.count(5, 2), 3)), [5, 7, 9])
assert_eq(list(I.islice(I.cycle("ab"), 5)), ["a", "b", "a", "b", "a"])
assert_eq(list(I.repeat(1, 3)), [1, 1, 1])
assert_eq(list(I.product("ab", [1, 2])), [("a", 1), ("a", 2), ("b", 1), ("b", 2)])
assert_eq(list(I.product([0, 1], repeat=2)), [(0, 0), (0, 1), (1, 0), (1, 1)])
assert_eq(list(I.product()), [()])
assert_eq(list(I.permutations([1, 2, 3], 2)), [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)])
assert_eq(list(I.combinations("abc", 2)), [("a", "b"), ("a", "c"), ("b", "c")])
assert_eq(list(I.combinations_with_replacement("ab", 2)), [("a", "a"), ("a", "b"), ("b", "b")])
assert_eq(list(I.zip_longest([1], "ab", fillvalue="-")), [(1, "a"), ("-", "b")])
assert_eq(list(I.starmap(pow, [(2, 3), (3, 2)])), [8, 9])
assert_eq(list(I.takewhile(lambda x: x < 3, [1, 2, 3, 1])), [1, 2])
assert_eq(list(I.dropwhile(lambda x: x < 3, [1, 2, 3, 1])), [3, 1])
assert_eq(list(I.filterfalse(lambda x: x % 2, range(5))), [0, 2, 4])
assert_eq(list(I.compress("abc", [1, 0, 1])), ["a", "c"])
assert_eq(list(I.pairwise([1, 2, 3])), [(1, 2), (2, 3)])
assert_eq(
    [(k, list(g)) for k, g in I.groupby("aabbca")],
    [("a", ["a", "a"]), ("b", ["b", "b"]), ("c", ["c"]), ("a", ["a"])],
)
assert_eq(
    [
        (k, [x[1] for x in g])
        for k, g in I.groupby([(1, "a"), (1, "b"), (2, "c")], key=lambda t: t[0])
    ],
    [(1, ["a", "b"]), (2, ["c"])],
)
assert_eq(len(list(I.permutations(range(4)))), 24)
a, b = I.tee([1, 2, 3])
assert_eq(next(a), 1)
assert_eq(list(b), [1, 2, 3])
assert_eq(list(a), [2, 3])
cnt = I.count()
assert_eq(next(cnt), 0)
assert_eq(next(cnt), 1)
assert_eq(next(I.count(1.5)), 1.5)
assert_eq(next(I.repeat("x")), "x")
it = I.chain([1], [2])
assert_eq(iter(it) is it, True)
assert_eq(next(it), 1)
assert_eq(list(it), [2])
assert_raises(
    ValueError,
    "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
    I.islice,
    [1],
    -1,
)
o = operator
assert_eq(o.add(1, 2), 3)
assert_eq(o.sub(5, 3), 2)
assert_eq(o.truediv(1, 2), 0.5)
assert_eq(o.floordiv(7, 2), 3)
assert_eq(o.mod(7, 3), 1)
assert_eq(o.pow(2, 3), 8)
assert_eq(o.neg(1), -1)
assert_eq(o.not_(0), True)
assert_eq(o.eq(1, 1), True)
assert_eq(o.lt(1, 2), True)
assert_eq(o.and_(6, 3), 2)
assert_eq(o.or_(6, 1), 7)
assert_eq(o.xor(5, 1), 4)
assert_eq(o.itemgetter(1)("abc"), "b")
assert_eq(o.itemgetter(0, 2)("abc"), ("a", "c"))
assert_eq(o.attrgetter("real")(5), 5)
assert_eq(o.attrgetter("a.b")(type("X", (), {"a": type("Y", (), {"b": 3})})), 3)
assert_eq(o.methodcaller("upper")("a"), "A")
assert_eq(o.methodcaller("split", ",", maxsplit=1)("a,b,c"), ["a", "b,c"])
assert_eq(o.contains([1], 1), True)
assert_eq(o.getitem([1, 2], 1), 2)
assert_eq(o.index(5), 5)
assert_eq(o.truth([]), False)
assert_eq(o.is_(None, None), True)
assert_eq(o.concat([1], [2]), [1, 2])
assert_eq(o.iadd([1], [2]), [1, 2])
assert_eq(o.lshift(1, 3), 8)
assert_eq(o.inv(5), -6)
assert_eq(o.countOf([1, 1], 1), 2)
assert_eq(o.indexOf([3, 4], 4), 1)
assert_eq(o.length_hint([1, 2]), 2)
d = {}
o.setitem(d, "k", 1)
assert_eq(d, {"k": 1})
o.delitem(d, "k")
assert_eq(d, {})
assert_eq(sorted([(2, "a"), (1, "b")], key=o.itemgetter(0)), [(1, "b"), (2, "a")])


def retry(n):
    def outer(f):
        f.calls = 0

        @functools.wraps(f)
        def run(*a, **k):
            for i in range(n):
                f.calls += 1
                try:
                    return f(*a, **k)
                except ValueError:
                    pass
            return "gave up"

        return run

    return outer


@retry(3)
def flaky():
    raise ValueError


assert_eq(flaky(), "gave up")
assert_eq(flaky.__wrapped__.calls, 3)


class Deco:
    def __init__(self, f):
        functools.update_wrapper(self, f)
        self.f = f
        self.n = 0

    def __call__(self, *a):
        self.n += 1
        return self.f(*a)

    def __get__(self, i, t):
        return self if i is None else functools.partial(self, i)


@Deco
def counted(x):
    "c doc"
    return x


counted(1)
counted(2)
assert_eq(counted.n, 2)
assert_eq(counted.__name__, "counted")
assert_eq(counted.__doc__, "c doc")
assert_eq(counted.__wrapped__(7), 7)


class UD:
    @Deco
    def m(self, x):
        return x + 1


assert_eq(UD().m(4), 5)
assert_eq(UD.m.n, 1)

finish(173)
