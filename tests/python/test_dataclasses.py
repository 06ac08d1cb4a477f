# dataclasses: fields, defaults, inheritance, options, repr, comparison, replace, asdict.
import dataclasses
from dataclasses import (
    KW_ONLY,
    FrozenInstanceError,
    InitVar,
    asdict,
    astuple,
    dataclass,
    field,
    fields,
    is_dataclass,
    make_dataclass,
    replace,
)
from typing import Any, ClassVar, List, Optional


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


@dataclass
class A:
    x: int
    y: str = "d"
    z: list = field(default_factory=list)
    c: ClassVar[int] = 5
    hidden: int = field(default=3, repr=False, compare=False)

    def total(self):
        return self.x + self.hidden


a = A(1)
b = A(1, z=[])
print(
    a,
    a == b,
    a != A(2),
    a.z is not b.z,
    a.total(),
    A.c,
    A.y,
    hasattr(A, "z"),
    hasattr(A, "x"),
    a == 3,
    A(1, hidden=9) == a,
)
err(A)
err(A, 1, 2, 3, 4, 5)
err(A, q=1)
err(lambda: hash(a))
err(lambda: a < b)
print(
    [f.name for f in fields(A)],
    [f.name for f in fields(a)],
    fields(A)[0].type,
    fields(A)[1].default,
    fields(A)[2].default is dataclasses.MISSING,
    fields(A)[2].default_factory is list,
    fields(A)[3].repr,
    is_dataclass(A),
    is_dataclass(a),
    is_dataclass(3),
    A.__match_args__,
)
err(fields, 3)


@dataclass
class B(A):
    w: float = 1.5
    y: str = "over"

    def __post_init__(self):
        self.extra = self.w * 2


print(
    B(1),
    B(1, "a", [2], 3, 4.0),
    B(7).extra,
    [f.name for f in fields(B)],
    B(1) == A(1),
    isinstance(B(1), A),
)


@dataclass(frozen=True)
class F:
    a: int
    b: tuple = (1,)


f = F(1)


def setf():
    f.a = 2


def delf():
    del f.a


err(setf)
err(delf)
print(hash(f) == hash(F(1)), {f: 1}[F(1)], replace(f, a=5), f == F(1))


@dataclass(order=True)
class O:
    p: int
    n: str = field(compare=False, default="")


print(
    O(1) < O(2),
    O(2) >= O(1),
    sorted([O(3), O(1, "z"), O(2)]),
    O(1, "a") == O(1, "b"),
    max(O(1), O(4)),
)
err(lambda: O(1) < 3)


@dataclass(eq=False, repr=False)
class NoEq:
    v: int = 1


print(NoEq() == NoEq(), "NoEq object" in repr(NoEq()), hash(NoEq()) is not None)


@dataclass(unsafe_hash=True)
class UH:
    v: int = 1


print(hash(UH()) == hash(UH(1)))


@dataclass(kw_only=True)
class K:
    a: int
    b: int = 2


@dataclass
class K2(K):
    c: int
    _: KW_ONLY
    d: int = 4
    e: int = field(kw_only=False, default=9)


print(K(a=1), K2(5, a=1), K2(3, 8, a=1, d=0))
err(K, 1)
err(K2, a=1)


@dataclass
class I:
    base: int
    scale: InitVar[int] = 2
    result: int = field(init=False)
    flag: bool = field(init=False, default=True)

    def __post_init__(self, scale):
        self.result = self.base * scale


print(I(3), I(3, 5), [f.name for f in fields(I)], I.scale)
err(I, 3, result=1)


def order_error():
    @dataclass
    class Bad:
        a: int = 1
        b: int


err(order_error)


def mutable_error():
    @dataclass
    class Bad:
        a: list = []


err(mutable_error)


def mutable_error2():
    @dataclass
    class Bad:
        a: dict = field(default={})


err(mutable_error2)


def both():
    @dataclass
    class Bad:
        a: int = field(default=1, default_factory=int)


err(both)


def frozen_mix():
    @dataclass
    class Bad(F):
        q: int = 1


err(frozen_mix)


@dataclass(slots=True)
class S:
    a: int
    b: int = 2


s = S(1)
print(s, S.__slots__)


def sets():
    s.zzz = 1


err(sets)


@dataclass
class Nest:
    a: A
    l: List[A]
    d: dict
    o: Optional[int] = None


n = Nest(A(1), [A(2)], {"k": A(3)})
print(asdict(n))
print(astuple(n))
print(asdict(n)["a"]["z"] is n.a.z, asdict(F(1), dict_factory=lambda kv: sorted(kv)))
r = replace(n, o=4)
print(r.o, r.a is n.a)
err(replace, n, nope=1)
err(replace, I(1), scale=3, result=2)
M = make_dataclass(
    "M",
    ["a", ("b", int), ("c", int, field(default=7))],
    bases=(),
    namespace={"double": lambda self: self.c * 2},
)
print(M(1, 2), M(1, 2).double(), M.__name__)


@dataclass
class Custom:
    v: int

    def __repr__(self):
        return "custom repr"

    def __eq__(self, o):
        return "custom eq"

    def __init__(self, q):
        self.v = q * 10


print(Custom(2), Custom(2) == 1, Custom(2).v)


@dataclass
class Meta:
    m: Any = field(default=None, metadata={"help": "h", "n": 1})


print(
    fields(Meta)[0].metadata["help"],
    dict(fields(Meta)[0].metadata),
    fields(Meta)[0].name,
    repr(fields(A)[0])[:34],
)


@dataclass
class Rec:
    children: list = field(default_factory=list)


rr = Rec()
rr.children.append(rr)
print(rr)


@dataclass
class Prop_:
    _v: int = 1

    @property
    def v(self):
        return self._v

    @classmethod
    def make(cls, **kw):
        return cls(**{k: v for k, v in kw.items() if k in {f.name for f in fields(cls)}})


print(Prop_.make(_v=4, junk=1).v, vars(Prop_(3)), A.__init__.__name__)


class Plain:
    def __init__(self, q=1):
        self.q = q


@dataclass
class FromPlain(Plain):
    z: int = 2


print(FromPlain(5).z, hasattr(FromPlain(), "q"))


@dataclass
class Mid(FromPlain):
    pass


print(Mid(9), Mid.__mro__[1].__name__)


def deco(**opts):
    def wrap(c):
        return dataclass(c, **opts)

    return wrap


@deco(repr=False)
class Deco:
    a: "int"
    b: "Optional[int]" = None
    c: "ClassVar[int]" = 3


print([(f.name, f.type) for f in fields(Deco)], Deco(1).b)
print(
    A.__dataclass_fields__.keys(),
    A.__dataclass_params__.frozen,
    F.__dataclass_params__.frozen,
    A.__annotations__,
)
import inspect

print(inspect.signature(A), inspect.signature(K2), list(inspect.signature(I).parameters))
import copy

c = copy.deepcopy(n)
print(c == n, c.a is n.a, copy.copy(f) == f, copy.deepcopy(f) == f)
