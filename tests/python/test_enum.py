# enum: members, aliases, auto, flags, mixins, lookup, iteration, repr and str.
import enum
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, unique


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class C(Enum):
    "doc"

    RED = 1
    GREEN = "g"
    ALIAS = 1

    def describe(self):
        return f"{self.name}={self.value}"

    @classmethod
    def default(cls):
        return cls.RED

    @property
    def shout(self):
        return self.name + "!"

    @staticmethod
    def st():
        return "st"


print(
    C.RED,
    repr(C.RED),
    C(1),
    C["GREEN"],
    C.ALIAS is C.RED,
    list(C),
    len(C),
    list(C.__members__),
    C.RED.name,
    C.RED.value,
    C.RED.describe(),
    C.default(),
    C.GREEN.shout,
    C.st(),
)
print(
    C.RED == 1,
    C.RED == C.RED,
    C.RED is C(1),
    C.RED != C.GREEN,
    C.RED in C,
    isinstance(C.RED, C),
    type(C.RED) is C,
    {C.RED: "x"}[C(1)],
    hash(C.RED) == hash(C(1)),
    f"{C.RED}",
    "%s" % C.RED,
    str(C.GREEN),
    C.__name__,
    C.__doc__,
    bool(C.RED),
    C.RED.__class__.__name__,
    C._member_names_,
    "RED" in C.__members__,
)
err(C, 5)
err(lambda: C["NOPE"])
err(lambda: C.NOPE)
err(lambda: C.RED < C.GREEN)
err(lambda: C.RED.nope)


def assign():
    C.RED = 5


err(assign)


def setval():
    C.RED.value = 5


err(setval)


def delm():
    del C.RED


err(delm)


def extend():
    class D(C):
        X = 3


err(extend)


class I(IntEnum):
    A = 1
    B = 2
    C = auto()


print(
    I.A,
    repr(I.A),
    I.A + 1,
    I.B > I.A,
    I(2),
    int(I.C),
    I.A == 1,
    [10, 20, 30][I.A],
    f"{I.B}",
    f"{I.B:03d}",
    "%d" % I.B,
    "%s" % I.B,
    isinstance(I.A, int),
    sorted([I.C, I.A]),
    {1: "x"}[I.A],
    I.A | 6,
    max(I),
    sum(I),
    str(I.A),
    I.C.value,
    range(I.C),
    json_ok := I.A in (1, 2),
)


class S(str, Enum):
    X = "x"
    Y = "yy"

    def __str__(self):
        return self.value


class S2(str, Enum):
    P = "p"


print(
    S.X,
    repr(S.X),
    S.X == "x",
    S("yy"),
    f"{S.Y}",
    S.Y.upper(),
    S.X in ("x",),
    {"x": 1}[S.X],
    len(S.Y),
    "a" + S.X,
    isinstance(S.X, str),
    S2.P,
    repr(S2.P),
    f"{S2.P}",
    str(S2.P),
    "%s" % S2.P,
    S2.P.value,
    S2.P == "p",
    "".join([S2.P, "q"]),
    S2("p") is S2.P,
    "p" in {S2.P},
    hash(S2.P) == hash("p"),
)


class SE(StrEnum):
    ONE = auto()
    TWO_THREE = auto()
    EXPL = "Explicit"


print(
    SE.ONE,
    repr(SE.ONE),
    SE.TWO_THREE.value,
    str(SE.EXPL),
    f"{SE.ONE}",
    SE("one"),
    list(SE),
    SE.ONE == "one",
)


class A(Enum):
    X = auto()
    Y = auto()
    Z = 10
    W = auto()


print([m.value for m in A])


class G(Enum):
    def _generate_next_value_(name, start, count, last):
        return (name.lower(), start, count, list(last))

    P = auto()
    Q = auto()


print([m.value for m in G])


class Miss(Enum):
    A = "a"
    UNK = "unk"

    @classmethod
    def _missing_(cls, v):
        if v == "bad":
            return None
        if v == "worse":
            return 3
        return next((m for m in cls if isinstance(v, str) and m.value == v.lower()), cls.UNK)


print(Miss("A"), Miss("zzz"), Miss(5))
err(Miss, "bad")
err(Miss, "worse")


class Planet(Enum):
    EARTH = (1.0, "e")
    MARS = (0.5, "m")

    def __init__(self, mass, code):
        self.mass = mass
        self.code = code


print(Planet.EARTH.mass, Planet.MARS.code, Planet((1.0, "e")), Planet.EARTH.value)


class New(Enum):
    def __new__(cls, v, label):
        o = object.__new__(cls)
        o._value_ = v
        o.label = label
        return o

    L1 = 1, "one"
    L2 = 2, "two"


print(New(2), New.L1.label, New.L2.value)


class T(tuple, Enum):
    A = (1, 2)


print(T.A[0], T.A == (1, 2), T.A, T((1, 2)) is T.A)


class Fl(Flag):
    R = auto()
    W = auto()
    X = 4
    RW = R | W


print(
    Fl.R,
    repr(Fl.R | Fl.X),
    Fl.R | Fl.W,
    Fl.RW,
    Fl(3),
    Fl(0),
    bool(Fl(0)),
    Fl.R in Fl.RW,
    Fl.X in Fl.RW,
    ~Fl.R,
    Fl.RW & Fl.R,
    Fl.R ^ Fl.RW,
    list(Fl),
    list(Fl.RW),
    Fl.X.value,
    len(Fl),
    (Fl.R | Fl.X).value,
    (Fl.R | Fl.X).name,
    Fl["RW"],
    Fl.R == 1,
)


class IF(IntFlag):
    A = 1
    B = 2


print(
    IF.A | IF.B,
    repr(IF.A | IF.B),
    IF.A + 1,
    IF(3),
    IF.A & 1,
    1 in [IF.A],
    IF.B == 2,
    int(IF.A | IF.B),
    IF(8),
    repr(IF(9)),
    f"{IF.A}",
    IF.A | 4,
)


def dup():
    @unique
    class U(Enum):
        A = 1
        B = 1


err(dup)


@unique
class Ok(Enum):
    A = 1


print(Ok.A)
Fn = Enum("Fn", "P Q")
Fn2 = Enum("Fn2", {"U": "u"})
Fn3 = IntEnum("Fn3", ["M", "N"])
print(list(Fn), Fn2.U.value, Fn3.N + 1, Fn.Q.value)


class BaseE(Enum):
    def hi(self):
        return "hi " + self.name

    @classmethod
    def names(cls):
        return [m.name for m in cls]


class SubE(BaseE):
    A = 1
    B = 2


print(SubE.A.hi(), SubE.names(), issubclass(SubE, BaseE))


class Fnm(Enum):
    const = 3

    def meth(self):
        return 1

    _ignored = 4

    class Inner:
        pass

    lam = lambda x: x


print([m.name for m in Fnm])


class Mixin:
    def mix(self):
        return self.value * 2


class WithMix(Mixin, Enum):
    V = 21


print(
    WithMix.V.mix(),
    WithMix.V,
    I.__members__["A"],
    isinstance(C, enum.EnumMeta),
    enum.EnumMeta is enum.EnumType,
    list(reversed(C)),
    dict(C.__members__),
    C.RED.__hash__() == hash("RED"),
)


class Desc(Enum):
    A = ("val",)
    B = ["list"]
    C = None


print(Desc.A.value, Desc(["list"]), Desc(None), Desc.B.value)


class Cls(Enum):
    INT = int
    STR = str


print(Cls(int), Cls.INT.value("5"), [c.value.__name__ for c in Cls])


class Cmp(Enum):
    LO = 1
    HI = 2

    def __lt__(self, o):
        return self.value < o.value if self.__class__ is o.__class__ else NotImplemented

    def __eq__(self, o):
        return self is o or self.value == o

    def __hash__(self):
        return hash(self.value)


print(Cmp.LO < Cmp.HI, sorted(Cmp, reverse=True), Cmp.LO == 1, {1: "one"}[Cmp.LO], 2 in [Cmp.HI])
import copy, pickle as _p

print(copy.copy(C.RED) is C.RED, copy.deepcopy([C.RED])[0] is C.RED)
for m in C:
    print(m.name, m.value, m)
match C.GREEN:
    case C.RED:
        print("red")
    case C.GREEN:
        print("green")
