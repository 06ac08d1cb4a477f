# enum: members, aliases, auto, flags, mixins, lookup, iteration, repr and str.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import enum
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, unique


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


assert_eq(str(C.RED), "C.RED")
assert_eq(repr(C.RED), "<C.RED: 1>")
assert_eq(str(C(1)), "C.RED")
assert_eq(str(C["GREEN"]), "C.GREEN")
assert_eq(C.ALIAS is C.RED, True)
assert_eq(str(list(C)), "[<C.RED: 1>, <C.GREEN: 'g'>]")
assert_eq(len(C), 2)
assert_eq(list(C.__members__), ["RED", "GREEN", "ALIAS"])
assert_eq(C.RED.name, "RED")
assert_eq(C.RED.value, 1)
assert_eq(C.RED.describe(), "RED=1")
assert_eq(str(C.default()), "C.RED")
assert_eq(C.GREEN.shout, "GREEN!")
assert_eq(C.st(), "st")
assert_eq(C.RED == 1, False)
assert_eq(C.RED == C.RED, True)
assert_eq(C.RED is C(1), True)
assert_eq(C.RED != C.GREEN, True)
assert_eq(C.RED in C, True)
assert_eq(isinstance(C.RED, C), True)
assert_eq(type(C.RED) is C, True)
assert_eq({C.RED: "x"}[C(1)], "x")
assert_eq(hash(C.RED) == hash(C(1)), True)
assert_eq(f"{C.RED}", "C.RED")
assert_eq("%s" % C.RED, "C.RED")
assert_eq(str(C.GREEN), "C.GREEN")
assert_eq(C.__name__, "C")
assert_eq(C.__doc__, "doc")
assert_eq(bool(C.RED), True)
assert_eq(C.RED.__class__.__name__, "C")
assert_eq(C._member_names_, ["RED", "GREEN"])
assert_eq("RED" in C.__members__, True)
assert_raises(ValueError, "5 is not a valid C", C, 5)
assert_raises(KeyError, "'NOPE'", lambda: C["NOPE"])
assert_raises(AttributeError, "NOPE", lambda: C.NOPE)
assert_raises(
    TypeError, "'<' not supported between instances of 'C' and 'C'", lambda: C.RED < C.GREEN
)
assert_raises(AttributeError, "'C' object has no attribute 'nope'", lambda: C.RED.nope)


def assign():
    C.RED = 5


assert_raises(AttributeError, "cannot reassign member 'RED'", assign)


def setval():
    C.RED.value = 5


assert_raises(AttributeError, "<enum 'Enum'> cannot set attribute 'value'", setval)


def delm():
    del C.RED


assert_raises(AttributeError, "'C' cannot delete member 'RED'.", delm)


def extend():
    class D(C):
        X = 3


assert_raises(TypeError, "<enum 'D'> cannot extend <enum 'C'>", extend)


class I(IntEnum):
    A = 1
    B = 2
    C = auto()


assert_eq(str(I.A), "1")
assert_eq(repr(I.A), "<I.A: 1>")
assert_eq(I.A + 1, 2)
assert_eq(I.B > I.A, True)
assert_eq(str(I(2)), "2")
assert_eq(int(I.C), 3)
assert_eq(I.A == 1, True)
assert_eq([10, 20, 30][I.A], 20)
assert_eq(f"{I.B}", "2")
assert_eq(f"{I.B:03d}", "002")
assert_eq("%d" % I.B, "2")
assert_eq("%s" % I.B, "2")
assert_eq(isinstance(I.A, int), True)
assert_eq(str(sorted([I.C, I.A])), "[<I.A: 1>, <I.C: 3>]")
assert_eq({1: "x"}[I.A], "x")
assert_eq(I.A | 6, 7)
assert_eq(str(max(I)), "3")
assert_eq(sum(I), 6)
assert_eq(str(I.A), "1")
assert_eq(I.C.value, 3)
assert_eq(str(range(I.C)), "range(0, 3)")
assert_eq(json_ok := I.A in (1, 2), True)


class S(str, Enum):
    X = "x"
    Y = "yy"

    def __str__(self):
        return self.value


class S2(str, Enum):
    P = "p"


assert_eq(str(S.X), "x")
assert_eq(repr(S.X), "<S.X: 'x'>")
assert_eq(S.X == "x", True)
assert_eq(str(S("yy")), "yy")
assert_eq(f"{S.Y}", "yy")
assert_eq(S.Y.upper(), "YY")
assert_eq(S.X in ("x",), True)
assert_eq({"x": 1}[S.X], 1)
assert_eq(len(S.Y), 2)
assert_eq("a" + S.X, "ax")
assert_eq(isinstance(S.X, str), True)
assert_eq(str(S2.P), "S2.P")
assert_eq(repr(S2.P), "<S2.P: 'p'>")
assert_eq(f"{S2.P}", "S2.P")
assert_eq(str(S2.P), "S2.P")
assert_eq("%s" % S2.P, "S2.P")
assert_eq(S2.P.value, "p")
assert_eq(S2.P == "p", True)
assert_eq("".join([S2.P, "q"]), "pq")
assert_eq(S2("p") is S2.P, True)
assert_eq("p" in {S2.P}, True)
assert_eq(hash(S2.P) == hash("p"), True)


class SE(StrEnum):
    ONE = auto()
    TWO_THREE = auto()
    EXPL = "Explicit"


assert_eq(str(SE.ONE), "one")
assert_eq(repr(SE.ONE), "<SE.ONE: 'one'>")
assert_eq(SE.TWO_THREE.value, "two_three")
assert_eq(str(SE.EXPL), "Explicit")
assert_eq(f"{SE.ONE}", "one")
assert_eq(str(SE("one")), "one")
assert_eq(str(list(SE)), "[<SE.ONE: 'one'>, <SE.TWO_THREE: 'two_three'>, <SE.EXPL: 'Explicit'>]")
assert_eq(SE.ONE == "one", True)


class A(Enum):
    X = auto()
    Y = auto()
    Z = 10
    W = auto()


assert_eq([m.value for m in A], [1, 2, 10, 11])


class G(Enum):
    def _generate_next_value_(name, start, count, last):
        return (name.lower(), start, count, list(last))

    P = auto()
    Q = auto()


assert_eq([m.value for m in G], [("p", 1, 0, []), ("q", 1, 1, [("p", 1, 0, [])])])


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


assert_eq(str(Miss("A")), "Miss.A")
assert_eq(str(Miss("zzz")), "Miss.UNK")
assert_eq(str(Miss(5)), "Miss.UNK")
assert_raises(ValueError, "'bad' is not a valid Miss", Miss, "bad")
assert_raises(
    TypeError,
    "error in Miss._missing_: returned 3 instead of None or a valid member",
    Miss,
    "worse",
)


class Planet(Enum):
    EARTH = (1.0, "e")
    MARS = (0.5, "m")

    def __init__(self, mass, code):
        self.mass = mass
        self.code = code


assert_eq(Planet.EARTH.mass, 1.0)
assert_eq(Planet.MARS.code, "m")
assert_eq(str(Planet((1.0, "e"))), "Planet.EARTH")
assert_eq(Planet.EARTH.value, (1.0, "e"))


class New(Enum):
    def __new__(cls, v, label):
        o = object.__new__(cls)
        o._value_ = v
        o.label = label
        return o

    L1 = 1, "one"
    L2 = 2, "two"


assert_eq(str(New(2)), "New.L2")
assert_eq(New.L1.label, "one")
assert_eq(New.L2.value, 2)


class T(tuple, Enum):
    A = (1, 2)


assert_eq(T.A[0], 1)
assert_eq(T.A == (1, 2), True)
assert_eq(str(T.A), "T.A")
assert_eq(T((1, 2)) is T.A, True)


class Fl(Flag):
    R = auto()
    W = auto()
    X = 4
    RW = R | W


assert_eq(str(Fl.R), "Fl.R")
assert_eq(repr(Fl.R | Fl.X), "<Fl.R|X: 5>")
assert_eq(str(Fl.R | Fl.W), "Fl.RW")
assert_eq(str(Fl.RW), "Fl.RW")
assert_eq(str(Fl(3)), "Fl.RW")
assert_eq(str(Fl(0)), "Fl(0)")
assert_eq(bool(Fl(0)), False)
assert_eq(Fl.R in Fl.RW, True)
assert_eq(Fl.X in Fl.RW, False)
assert_eq(str(~Fl.R), "Fl.W|X")
assert_eq(str(Fl.RW & Fl.R), "Fl.R")
assert_eq(str(Fl.R ^ Fl.RW), "Fl.W")
assert_eq(str(list(Fl)), "[<Fl.R: 1>, <Fl.W: 2>, <Fl.X: 4>]")
assert_eq(str(list(Fl.RW)), "[<Fl.R: 1>, <Fl.W: 2>]")
assert_eq(Fl.X.value, 4)
assert_eq(len(Fl), 3)
assert_eq((Fl.R | Fl.X).value, 5)
assert_eq((Fl.R | Fl.X).name, "R|X")
assert_eq(str(Fl["RW"]), "Fl.RW")
assert_eq(Fl.R == 1, False)


class IF(IntFlag):
    A = 1
    B = 2


assert_eq(str(IF.A | IF.B), "3")
assert_eq(repr(IF.A | IF.B), "<IF.A|B: 3>")
assert_eq(IF.A + 1, 2)
assert_eq(str(IF(3)), "3")
assert_eq(str(IF.A & 1), "1")
assert_eq(1 in [IF.A], True)
assert_eq(IF.B == 2, True)
assert_eq(int(IF.A | IF.B), 3)
assert_eq(str(IF(8)), "8")
assert_eq(repr(IF(9)), "<IF.A|8: 9>")
assert_eq(f"{IF.A}", "1")
assert_eq(str(IF.A | 4), "5")


def dup():
    @unique
    class U(Enum):
        A = 1
        B = 1


assert_raises(ValueError, "duplicate values found in <enum 'U'>: B -> A", dup)


@unique
class Ok(Enum):
    A = 1


assert_eq(str(Ok.A), "Ok.A")
Fn = Enum("Fn", "P Q")
Fn2 = Enum("Fn2", {"U": "u"})
Fn3 = IntEnum("Fn3", ["M", "N"])
assert_eq(str(list(Fn)), "[<Fn.P: 1>, <Fn.Q: 2>]")
assert_eq(Fn2.U.value, "u")
assert_eq(Fn3.N + 1, 3)
assert_eq(Fn.Q.value, 2)


class BaseE(Enum):
    def hi(self):
        return "hi " + self.name

    @classmethod
    def names(cls):
        return [m.name for m in cls]


class SubE(BaseE):
    A = 1
    B = 2


assert_eq(SubE.A.hi(), "hi A")
assert_eq(SubE.names(), ["A", "B"])
assert_eq(issubclass(SubE, BaseE), True)


class Fnm(Enum):
    const = 3

    def meth(self):
        return 1

    _ignored = 4

    class Inner:
        pass

    lam = lambda x: x


assert_eq([m.name for m in Fnm], ["const", "_ignored", "Inner"])


class Mixin:
    def mix(self):
        return self.value * 2


class WithMix(Mixin, Enum):
    V = 21


assert_eq(WithMix.V.mix(), 42)
assert_eq(str(WithMix.V), "WithMix.V")
assert_eq(str(I.__members__["A"]), "1")
assert_eq(isinstance(C, enum.EnumMeta), True)
assert_eq(enum.EnumMeta is enum.EnumType, True)
assert_eq(str(list(reversed(C))), "[<C.GREEN: 'g'>, <C.RED: 1>]")
assert_eq(
    str(dict(C.__members__)), "{'RED': <C.RED: 1>, 'GREEN': <C.GREEN: 'g'>, 'ALIAS': <C.RED: 1>}"
)
assert_eq(C.RED.__hash__() == hash("RED"), True)


class Desc(Enum):
    A = ("val",)
    B = ["list"]
    C = None


assert_eq(Desc.A.value, ("val",))
assert_eq(str(Desc(["list"])), "Desc.B")
assert_eq(str(Desc(None)), "Desc.C")
assert_eq(Desc.B.value, ["list"])


class Cls(Enum):
    INT = int
    STR = str


assert_eq(str(Cls(int)), "Cls.INT")
assert_eq(Cls.INT.value("5"), 5)
assert_eq([c.value.__name__ for c in Cls], ["int", "str"])


class Cmp(Enum):
    LO = 1
    HI = 2

    def __lt__(self, o):
        return self.value < o.value if self.__class__ is o.__class__ else NotImplemented

    def __eq__(self, o):
        return self is o or self.value == o

    def __hash__(self):
        return hash(self.value)


assert_eq(Cmp.LO < Cmp.HI, True)
assert_eq(str(sorted(Cmp, reverse=True)), "[<Cmp.HI: 2>, <Cmp.LO: 1>]")
assert_eq(Cmp.LO == 1, True)
assert_eq({1: "one"}[Cmp.LO], "one")
assert_eq(2 in [Cmp.HI], True)
import copy, pickle as _p

assert_eq(copy.copy(C.RED) is C.RED, True)
assert_eq(copy.deepcopy([C.RED])[0] is C.RED, True)
for m in C:
    note(m.name, m.value, m)
assert_noted(
    ("RED", "1", "C.RED"),
    ("GREEN", "g", "C.GREEN"),
)
match C.GREEN:
    case C.RED:
        note("red")
    case C.GREEN:
        note("green")
assert_noted(("green",))

finish(182)
