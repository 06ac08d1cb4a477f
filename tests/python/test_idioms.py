# Things that constructors and configuration code of any package may use, a line or two each.
import abc, base64, bisect, collections, contextlib, copy, dataclasses, datetime, decimal, enum, fractions, functools, hashlib, heapq, inspect, io, itertools, json, math, operator, random, re, statistics, string, struct, sys, textwrap, types, typing, uuid, weakref
from dataclasses import dataclass, field, KW_ONLY, InitVar
from typing import *


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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
print(
    b.w,
    b.h,
    b.called,
    Big.tag,
    Big.scale,
    Sized.registry,
    Big.prepared,
    Meta.made,
    Big[1],
    len(Big),
    "b" in Big,
    list(Big),
    Big.prop,
    type(Big).__name__,
    isinstance(Big, Meta),
)
err(lambda: Big(0, 1))
err(lambda: b.prop)
del b.w
print(b.w, type(Sized.w).__name__)


class Gen:
    def __class_getitem__(cls, k):
        return types.GenericAlias(cls, k)


print(Gen[int, str], Gen[int].__origin__ is Gen, Gen[int].__args__, Gen[int]().__class__.__name__)


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
print(
    p,
    p < q,
    q.y,
    P.__slots__,
    hasattr(p, "__dict__"),
    dataclasses.fields(P)[0].metadata["unit"],
    dataclasses.asdict(q),
    dataclasses.astuple(q),
    [f.name for f in dataclasses.fields(P)],
    P.n,
    dataclasses.is_dataclass(p),
    P.__match_args__,
    F.__match_args__,
)
print(
    F(2),
    F(2, b=7, c=1),
    F(2) == F(2),
    hash(F(2)) == hash(F(2)),
    inspect.signature(F),
    inspect.signature(P),
    {F(1): 1}[F(1)],
)
err(lambda: F(1, 2))
err(lambda: P(3))
err(lambda: setattr(F(1), "a", 3))
err(lambda: setattr(p, "new", 1))
err(lambda: dataclasses.replace(F(1), d=3))
D = dataclasses.make_dataclass(
    "D",
    [("a", int), ("b", int, field(default=3))],
    bases=(),
    namespace={"total": lambda s: s.a + s.b},
)
print(D(1), D(1).total(), D.__name__)


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
print(
    Color.R | Color.B,
    Color.W,
    Color.R in Color.W,
    ~Color.R,
    bool(Color.R & Color.G),
    list(Color),
    Color(3),
    [c.name for c in Color],
    Kind.A,
    Kind("bee"),
    Kind("x"),
    f"{Kind.Bee}",
    Kind.Bee == "bee",
    Planet.E.g,
    Planet((6.4, 3.3)),
    Animal.CAT,
    list(Animal),
    Num.TWO + 1,
    Num(1).name,
    Num["TWO"],
    enum.IntFlag("I", "X Y").X.value,
    Planet.E.value,
    len(Planet),
)
err(lambda: Kind("zzz"))
err(lambda: Num["NO"])


@enum.unique
class U(enum.IntEnum):
    A = 1
    B = 2


print(
    U.A < U.B,
    U.__members__,
    [*U],
    isinstance(U.A, int),
    U.A.__class__,
    repr(U.A),
    str(U.A),
    format(U.A),
    U._value2member_map_,
)


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
print(
    fib(30),
    fib.cache_info(),
    c.v,
    c.v,
    CP().v,
    c.one(b=4),
    V(1) <= V(1),
    V(2) > V(1),
    functools.reduce(operator.mul, [1, 2, 3, 4]),
    functools.partial(int, base=2)("101"),
    functools.partial(print, 1).args,
    sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)),
)
# itertools, collections
print(
    list(itertools.pairwise("abc")),
    list(itertools.accumulate([1, 2, 3], operator.mul, initial=2)),
    list(itertools.chain.from_iterable([[1], [2, 3]])),
    list(itertools.groupby("aabc"))[0][0],
    {k: list(g) for k, g in itertools.groupby([1, 1, 2], lambda x: x > 1)},
    list(itertools.islice(itertools.count(5, 5), 3)),
    list(itertools.product("ab", repeat=2))[-1],
    list(itertools.combinations(range(4), 2))[:3],
    list(itertools.permutations("abc", 2))[:2],
    list(itertools.zip_longest("ab", "c", fillvalue="-")),
    list(itertools.starmap(pow, [(2, 3)])),
    list(itertools.takewhile(lambda x: x < 3, [1, 2, 3, 1])),
    list(itertools.compress("abc", [1, 0, 1])),
    list(itertools.combinations_with_replacement("ab", 2)),
    next(itertools.cycle("x")),
    [list(x) for x in itertools.tee([1, 2])],
    list(itertools.filterfalse(None, [0, 1])),
)
cm = collections.ChainMap({"a": 1}, {"a": 2, "b": 3})
dq = collections.deque([1, 2, 3], maxlen=3)
dq.appendleft(0)
dq.rotate(1)
od = collections.OrderedDict(a=1, b=2)
od.move_to_end("a")
print(
    cm["a"],
    cm["b"],
    dict(cm),
    dq,
    od,
    collections.Counter("abca").most_common(2),
    collections.Counter(a=3) - collections.Counter(a=1),
    collections.defaultdict(list, {1: [2]})[3],
    collections.namedtuple("N", "a b", defaults=[5])(1),
    collections.UserDict(a=1),
)
