# Things that constructors and configuration code of any package may use, a line or two each.
from checks import assert_eq, assert_raises, finish
import abc, base64, bisect, collections, contextlib, copy, dataclasses, datetime, decimal, enum, fractions, functools, hashlib, heapq, inspect, io, itertools, json, math, operator, random, re, statistics, string, struct, sys, textwrap, types, typing, uuid, weakref
from dataclasses import dataclass, field, KW_ONLY, InitVar
from typing import *


# descriptors, metaclasses
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
        owner.registry = getattr(owner, "registry", []) + [name]

    def __get__(self, o, t=None):
        return self if o is None else getattr(o, self.name, 0)

    def __set__(self, o, v):
        if v <= 0:
            raise ValueError(f"{self.name[1:]} must be positive, not {v}")
        setattr(o, self.name, v)

    def __delete__(self, o):
        delattr(o, self.name)


class Meta(type):
    made = []

    @classmethod
    def __prepare__(m, name, bases, **k):
        return collections.OrderedDict(prepared=True)

    def __new__(m, name, bases, ns, tag=None, **k):
        c = super().__new__(m, name, bases, dict(ns))
        c.tag = tag
        m.made.append(name)
        return c

    def __init__(c, name, bases, ns, **k):
        super().__init__(name, bases, ns)

    def __call__(c, *a, **k):
        o = super().__call__(*a, **k)
        o.called = True
        return o

    def __getitem__(c, k):
        return (c.__name__, k)

    def __len__(c):
        return 7

    def __contains__(c, x):
        return x == c.tag

    def __iter__(c):
        return iter("ab")

    @property
    def prop(c):
        return "meta " + c.__name__


class Sized(metaclass=Meta, tag="t"):
    w = Positive()
    h = Positive()

    def __init__(self, w, h):
        self.w, self.h = w, h

    def __init_subclass__(cls, scale=1, **k):
        super().__init_subclass__(**k)
        cls.scale = scale


class Big(Sized, tag="b", scale=3):
    pass


b = Big(2, 3)
assert_eq(b.w, 2)
assert_eq(b.h, 3)
assert_eq(b.called, True)
assert_eq(Big.tag, "b")
assert_eq(Big.scale, 1)
assert_eq(Sized.registry, ["w", "h"])
assert_eq(Big.prepared, True)
assert_eq(Meta.made, ["Sized", "Big"])
assert_eq(Big[1], ("Big", 1))
assert_eq(len(Big), 7)
assert_eq("b" in Big, True)
assert_eq(list(Big), ["a", "b"])
assert_eq(Big.prop, "meta Big")
assert_eq(type(Big).__name__, "Meta")
assert_eq(isinstance(Big, Meta), True)
assert_raises(ValueError, "w must be positive, not 0", lambda: Big(0, 1))
assert_raises(AttributeError, "'Big' object has no attribute 'prop'", lambda: b.prop)
del b.w
assert_eq(b.w, 0)
assert_eq(type(Sized.w).__name__, "Positive")


class Gen:
    def __class_getitem__(cls, k):
        return types.GenericAlias(cls, k)


assert_eq(str(Gen[int, str]), "__main__.Gen[int, str]")
assert_eq(Gen[int].__origin__ is Gen, True)
assert_eq(Gen[int].__args__, (int,))
assert_eq(Gen[int]().__class__.__name__, "Gen")


# dataclasses
@dataclass(slots=True, kw_only=True, order=True)
class P:
    x: int = field(metadata={"unit": "m"})
    y: float = field(default=2.0, compare=False, repr=False)
    z: list = field(default_factory=list, hash=False)
    n: ClassVar[int] = 5


@dataclass(frozen=True)
class F:
    a: int
    _: KW_ONLY
    b: int = 2
    c: InitVar[int] = 4
    d: int = field(init=False, default=9)

    def __post_init__(self, c):
        object.__setattr__(self, "d", self.a * c)


p = P(x=3)
q = dataclasses.replace(p, x=4, y=5.0)
assert_eq(str(p), "P(x=3, z=[])")
assert_eq(p < q, True)
assert_eq(q.y, 5.0)
assert_eq(P.__slots__, ("x", "y", "z"))
assert_eq(hasattr(p, "__dict__"), False)
assert_eq(dataclasses.fields(P)[0].metadata["unit"], "m")
assert_eq(dataclasses.asdict(q), {"x": 4, "y": 5.0, "z": []})
assert_eq(dataclasses.astuple(q), (4, 5.0, []))
assert_eq([f.name for f in dataclasses.fields(P)], ["x", "y", "z"])
assert_eq(P.n, 5)
assert_eq(dataclasses.is_dataclass(p), True)
assert_eq(P.__match_args__, ())
assert_eq(F.__match_args__, ("a",))
assert_eq(str(F(2)), "F(a=2, b=2, d=8)")
assert_eq(str(F(2, b=7, c=1)), "F(a=2, b=7, d=2)")
assert_eq(F(2) == F(2), True)
assert_eq(hash(F(2)) == hash(F(2)), True)
assert_eq(
    str(inspect.signature(F)), "(a: int, *, b: int = 2, c: dataclasses.InitVar[int] = 4) -> None"
)
assert_eq(str(inspect.signature(P)), "(*, x: int, y: float = 2.0, z: list = <factory>) -> None")
assert_eq({F(1): 1}[F(1)], 1)
assert_raises(
    TypeError, "F.__init__() takes 2 positional arguments but 3 were given", lambda: F(1, 2)
)
assert_raises(TypeError, "P.__init__() takes 1 positional argument but 2 were given", lambda: P(3))
assert_raises("FrozenInstanceError", "cannot assign to field 'a'", lambda: setattr(F(1), "a", 3))
assert_raises(AttributeError, "'P' object has no attribute 'new'", lambda: setattr(p, "new", 1))
assert_raises(
    ValueError,
    "field d is declared with init=False, it cannot be specified with replace()",
    lambda: dataclasses.replace(F(1), d=3),
)
D = dataclasses.make_dataclass(
    "D",
    [("a", int), ("b", int, field(default=3))],
    bases=(),
    namespace={"total": lambda s: s.a + s.b},
)
assert_eq(str(D(1)), "D(a=1, b=3)")
assert_eq(D(1).total(), 4)
assert_eq(D.__name__, "D")


# enums
class Color(enum.Flag):
    R = enum.auto()
    G = enum.auto()
    B = enum.auto()
    W = R | G | B


class Kind(enum.StrEnum):
    A = enum.auto()
    Bee = "bee"

    @classmethod
    def _missing_(cls, v):
        return cls.A if v == "x" else None


class Planet(enum.Enum):
    E = (5.9, 6.3)
    M = (6.4, 3.3)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def g(self):
        return round(self.mass / self.radius, 2)


Animal = enum.Enum("Animal", "CAT DOG")
Num = enum.IntEnum("Num", {"ONE": 1, "TWO": 2})
assert_eq(str(Color.R | Color.B), "Color.R|B")
assert_eq(str(Color.W), "Color.W")
assert_eq(Color.R in Color.W, True)
assert_eq(str(~Color.R), "Color.G|B")
assert_eq(bool(Color.R & Color.G), False)
assert_eq(str(list(Color)), "[<Color.R: 1>, <Color.G: 2>, <Color.B: 4>]")
assert_eq(str(Color(3)), "Color.R|G")
assert_eq([c.name for c in Color], ["R", "G", "B"])
assert_eq(str(Kind.A), "a")
assert_eq(str(Kind("bee")), "bee")
assert_eq(str(Kind("x")), "a")
assert_eq(f"{Kind.Bee}", "bee")
assert_eq(Kind.Bee == "bee", True)
assert_eq(Planet.E.g, 0.94)
assert_eq(str(Planet((6.4, 3.3))), "Planet.M")
assert_eq(str(Animal.CAT), "Animal.CAT")
assert_eq(str(list(Animal)), "[<Animal.CAT: 1>, <Animal.DOG: 2>]")
assert_eq(Num.TWO + 1, 3)
assert_eq(Num(1).name, "ONE")
assert_eq(str(Num["TWO"]), "2")
assert_eq(enum.IntFlag("I", "X Y").X.value, 1)
assert_eq(Planet.E.value, (5.9, 6.3))
assert_eq(len(Planet), 2)
assert_raises(ValueError, "'zzz' is not a valid Kind", lambda: Kind("zzz"))
assert_raises(KeyError, "'NO'", lambda: Num["NO"])


@enum.unique
class U(enum.IntEnum):
    A = 1
    B = 2


assert_eq(U.A < U.B, True)
assert_eq(str(U.__members__), "{'A': <U.A: 1>, 'B': <U.B: 2>}")
assert_eq(str([*U]), "[<U.A: 1>, <U.B: 2>]")
assert_eq(isinstance(U.A, int), True)
assert_eq(str(U.A.__class__), "<enum 'U'>")
assert_eq(repr(U.A), "<U.A: 1>")
assert_eq(str(U.A), "1")
assert_eq(format(U.A), "1")
assert_eq(str(U._value2member_map_), "{1: <U.A: 1>, 2: <U.B: 2>}")


# functools
@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class CP:
    n = 0

    @functools.cached_property
    def v(self):
        CP.n += 1
        return CP.n

    @functools.partialmethod
    def pm(self):
        pass

    def two(self, a, b=0):
        return (a, b)

    one = functools.partialmethod(two, 1)


@functools.total_ordering
class V:
    def __init__(self, n):
        self.n = n

    def __eq__(self, o):
        return self.n == o.n

    def __lt__(self, o):
        return self.n < o.n


c = CP()
assert_eq(fib(30), 832040)
assert_eq(str(fib.cache_info()), "CacheInfo(hits=28, misses=31, maxsize=None, currsize=31)")
assert_eq(c.v, 1)
assert_eq(c.v, 1)
assert_eq(CP().v, 2)
assert_eq(c.one(b=4), (1, 4))
assert_eq(V(1) <= V(1), True)
assert_eq(V(2) > V(1), True)
assert_eq(functools.reduce(operator.mul, [1, 2, 3, 4]), 24)
assert_eq(functools.partial(int, base=2)("101"), 5)
assert_eq(functools.partial(print, 1).args, (1,))
assert_eq(sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)), [3, 2, 1])
# itertools, collections
assert_eq(list(itertools.pairwise("abc")), [("a", "b"), ("b", "c")])
assert_eq(list(itertools.accumulate([1, 2, 3], operator.mul, initial=2)), [2, 2, 4, 12])
assert_eq(list(itertools.chain.from_iterable([[1], [2, 3]])), [1, 2, 3])
assert_eq(list(itertools.groupby("aabc"))[0][0], "a")
assert_eq(
    {k: list(g) for k, g in itertools.groupby([1, 1, 2], lambda x: x > 1)},
    {False: [1, 1], True: [2]},
)
assert_eq(list(itertools.islice(itertools.count(5, 5), 3)), [5, 10, 15])
assert_eq(list(itertools.product("ab", repeat=2))[-1], ("b", "b"))
assert_eq(list(itertools.combinations(range(4), 2))[:3], [(0, 1), (0, 2), (0, 3)])
assert_eq(list(itertools.permutations("abc", 2))[:2], [("a", "b"), ("a", "c")])
assert_eq(list(itertools.zip_longest("ab", "c", fillvalue="-")), [("a", "c"), ("b", "-")])
assert_eq(list(itertools.starmap(pow, [(2, 3)])), [8])
assert_eq(list(itertools.takewhile(lambda x: x < 3, [1, 2, 3, 1])), [1, 2])
assert_eq(list(itertools.compress("abc", [1, 0, 1])), ["a", "c"])
assert_eq(
    list(itertools.combinations_with_replacement("ab", 2)), [("a", "a"), ("a", "b"), ("b", "b")]
)
assert_eq(next(itertools.cycle("x")), "x")
assert_eq([list(x) for x in itertools.tee([1, 2])], [[1, 2], [1, 2]])
assert_eq(list(itertools.filterfalse(None, [0, 1])), [0])
cm = collections.ChainMap({"a": 1}, {"a": 2, "b": 3})
dq = collections.deque([1, 2, 3], maxlen=3)
dq.appendleft(0)
dq.rotate(1)
od = collections.OrderedDict(a=1, b=2)
od.move_to_end("a")
assert_eq(cm["a"], 1)
assert_eq(cm["b"], 3)
assert_eq(dict(cm), {"a": 1, "b": 3})
assert_eq(str(dq), "deque([2, 0, 1], maxlen=3)")
assert_eq(str(od), "OrderedDict([('b', 2), ('a', 1)])")
assert_eq(collections.Counter("abca").most_common(2), [("a", 2), ("b", 1)])
assert_eq(str(collections.Counter(a=3) - collections.Counter(a=1)), "Counter({'a': 2})")
assert_eq(collections.defaultdict(list, {1: [2]})[3], [])
assert_eq(str(collections.namedtuple("N", "a b", defaults=[5])(1)), "N(a=1, b=5)")
assert_eq(str(collections.UserDict(a=1)), "{'a': 1}")

finish(124)
