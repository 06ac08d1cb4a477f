# functools, operator, itertools.
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


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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
print(fn(1), fn.__name__, fn.__doc__, fn.__wrapped__(5), fn.__module__ == __name__, fn.__qualname__)


@lru_cache(maxsize=2)
def sq(x):
    print("calc", x)
    return x * x


print(sq(2), sq(2), sq(3), sq(4), sq(2), sq.cache_info(), sq.cache_parameters())
sq.cache_clear()
print(sq.cache_info())
err(sq, [])


@lru_cache
def plain(a, b=1):
    print("plain", a, b)
    return a


plain(1)
plain(1)
plain(1, 1)
plain(a=1)
print(plain.__name__, plain.cache_info().misses, plain.__wrapped__(9))


@lru_cache(maxsize=None, typed=True)
def typed(x):
    print("typed", x)
    return x


typed(1)
typed(1.0)
typed(1)


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


class CC:
    @lru_cache()
    def m(self, x):
        print("m", x)
        return x

    @cached_property
    def prop(self):
        print("prop")
        return [1]

    @classmethod
    @lru_cache(None)
    def cm(cls):
        print("cm")
        return cls.__name__

    @staticmethod
    @cache
    def sm(x):
        print("sm")
        return x


c = CC()
c.m(1)
c.m(1)
print(c.prop, c.prop is c.prop, c.__dict__, CC.cm(), CC.cm(), c.sm(2), CC.sm(2))
del c.prop
print(c.prop)
c.prop = 5
print(c.prop, type(CC.__dict__["prop"]).__name__)
p = partial(fn, 1, b=5)
print(
    p(),
    p(b=6),
    p.func is fn,
    p.args,
    p.keywords,
    partial(p, 3) is not p,
    partial(partial(max, 5), 9)(7),
    partial(int, base=2)("101"),
)
err(partial(fn, 1, 2), 3)
print(repr(partial(len))[:17], partial(print, "a", sep="-").keywords)


class PM:
    def base(self, a, b=0):
        return (a, b)

    one = partialmethod(base, 1)
    two = partialmethod(base, b=2)
    part = partial(max, 3)


print(PM().one(), PM().one(b=4), PM().two(9), PM().part(1))
print(
    reduce(lambda a, b: a + b, [1, 2, 3]),
    reduce(operator.mul, [1, 2, 3], 10),
    reduce(max, [4, 9, 2]),
    reduce(lambda a, b: a, [], "init"),
)
err(reduce, max, [])


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
print(
    sd(1),
    sd("a"),
    sd([]),
    sd(1.5),
    sd(True),
    sd.dispatch(bool)(1),
    sorted(t.__name__ for t in sd.registry),
)


class SDM:
    @singledispatchmethod
    def go(self, x):
        return "d"

    @go.register
    def _(self, x: int):
        return "i"


print(SDM().go(1), SDM().go("a"))


@total_ordering
class TO:
    def __init__(self, v):
        self.v = v

    def __eq__(self, o):
        return self.v == o.v

    def __lt__(self, o):
        return self.v < o.v


print(TO(1) <= TO(1), TO(2) > TO(1), TO(2) >= TO(3))
print(sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)))

I = itertools
print(
    list(I.chain([1], "ab", ())),
    list(I.chain.from_iterable([[1], [2, 3]])),
    list(I.accumulate([1, 2, 3])),
    list(I.accumulate([1, 2, 3], operator.mul)),
    list(I.accumulate([1, 2], initial=10)),
    list(I.accumulate([])),
    list(I.islice(range(10), 3)),
    list(I.islice(range(10), 2, 8, 3)),
    list(I.islice(I.count(5, 2), 3)),
    list(I.islice(I.cycle("ab"), 5)),
    list(I.repeat(1, 3)),
    list(I.product("ab", [1, 2])),
    list(I.product([0, 1], repeat=2)),
    list(I.product()),
    list(I.permutations([1, 2, 3], 2)),
    list(I.combinations("abc", 2)),
    list(I.combinations_with_replacement("ab", 2)),
    list(I.zip_longest([1], "ab", fillvalue="-")),
    list(I.starmap(pow, [(2, 3), (3, 2)])),
    list(I.takewhile(lambda x: x < 3, [1, 2, 3, 1])),
    list(I.dropwhile(lambda x: x < 3, [1, 2, 3, 1])),
    list(I.filterfalse(lambda x: x % 2, range(5))),
    list(I.compress("abc", [1, 0, 1])),
    list(I.pairwise([1, 2, 3])),
)
print(
    [(k, list(g)) for k, g in I.groupby("aabbca")],
    [
        (k, [x[1] for x in g])
        for k, g in I.groupby([(1, "a"), (1, "b"), (2, "c")], key=lambda t: t[0])
    ],
    len(list(I.permutations(range(4)))),
)
a, b = I.tee([1, 2, 3])
print(next(a), list(b), list(a))
cnt = I.count()
print(next(cnt), next(cnt), next(I.count(1.5)), next(I.repeat("x")))
it = I.chain([1], [2])
print(iter(it) is it, next(it), list(it))
err(I.islice, [1], -1)
o = operator
print(
    o.add(1, 2),
    o.sub(5, 3),
    o.truediv(1, 2),
    o.floordiv(7, 2),
    o.mod(7, 3),
    o.pow(2, 3),
    o.neg(1),
    o.not_(0),
    o.eq(1, 1),
    o.lt(1, 2),
    o.and_(6, 3),
    o.or_(6, 1),
    o.xor(5, 1),
    o.itemgetter(1)("abc"),
    o.itemgetter(0, 2)("abc"),
    o.attrgetter("real")(5),
    o.attrgetter("a.b")(type("X", (), {"a": type("Y", (), {"b": 3})})),
    o.methodcaller("upper")("a"),
    o.methodcaller("split", ",", maxsplit=1)("a,b,c"),
    o.contains([1], 1),
    o.getitem([1, 2], 1),
    o.index(5),
    o.truth([]),
    o.is_(None, None),
    o.concat([1], [2]),
    o.iadd([1], [2]),
    o.lshift(1, 3),
    o.inv(5),
    o.countOf([1, 1], 1),
    o.indexOf([3, 4], 4),
    o.length_hint([1, 2]),
)
d = {}
o.setitem(d, "k", 1)
print(d)
o.delitem(d, "k")
print(d, sorted([(2, "a"), (1, "b")], key=o.itemgetter(0)))


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


print(flaky(), flaky.__wrapped__.calls)


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
print(counted.n, counted.__name__, counted.__doc__, counted.__wrapped__(7))


class UD:
    @Deco
    def m(self, x):
        return x + 1


print(UD().m(4), UD.m.n)
