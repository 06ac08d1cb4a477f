# dataclasses: fields, defaults, inheritance, options, repr, comparison, replace, asdict.
from checks import assert_eq, assert_raises, finish
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
assert_eq(str(a), "A(x=1, y='d', z=[])")
assert_eq(a == b, True)
assert_eq(a != A(2), True)
assert_eq(a.z is not b.z, True)
assert_eq(a.total(), 4)
assert_eq(A.c, 5)
assert_eq(A.y, "d")
assert_eq(hasattr(A, "z"), False)
assert_eq(hasattr(A, "x"), False)
assert_eq(a == 3, False)
assert_eq(A(1, hidden=9) == a, True)
assert_raises(TypeError, "A.__init__() missing 1 required positional argument: 'x'", A)
assert_raises(
    TypeError,
    "A.__init__() takes from 2 to 5 positional arguments but 6 were given",
    A,
    1,
    2,
    3,
    4,
    5,
)
assert_raises(TypeError, "A.__init__() got an unexpected keyword argument 'q'", A, q=1)
assert_raises(TypeError, "unhashable type: 'A'", lambda: hash(a))
assert_raises(TypeError, "'<' not supported between instances of 'A' and 'A'", lambda: a < b)
assert_eq([f.name for f in fields(A)], ["x", "y", "z", "hidden"])
assert_eq([f.name for f in fields(a)], ["x", "y", "z", "hidden"])
assert_eq(fields(A)[0].type, int)
assert_eq(fields(A)[1].default, "d")
assert_eq(fields(A)[2].default is dataclasses.MISSING, True)
assert_eq(fields(A)[2].default_factory is list, True)
assert_eq(fields(A)[3].repr, False)
assert_eq(is_dataclass(A), True)
assert_eq(is_dataclass(a), True)
assert_eq(is_dataclass(3), False)
assert_eq(A.__match_args__, ("x", "y", "z", "hidden"))
assert_raises(TypeError, "must be called with a dataclass type or instance", fields, 3)


@dataclass
class B(A):
    w: float = 1.5
    y: str = "over"

    def __post_init__(self):
        self.extra = self.w * 2


assert_eq(str(B(1)), "B(x=1, y='over', z=[], w=1.5)")
assert_eq(str(B(1, "a", [2], 3, 4.0)), "B(x=1, y='a', z=[2], w=4.0)")
assert_eq(B(7).extra, 3.0)
assert_eq([f.name for f in fields(B)], ["x", "y", "z", "hidden", "w"])
assert_eq(B(1) == A(1), False)
assert_eq(isinstance(B(1), A), True)


@dataclass(frozen=True)
class F:
    a: int
    b: tuple = (1,)


f = F(1)


def setf():
    f.a = 2


def delf():
    del f.a


assert_raises("FrozenInstanceError", "cannot assign to field 'a'", setf)
assert_raises("FrozenInstanceError", "cannot delete field 'a'", delf)
assert_eq(hash(f) == hash(F(1)), True)
assert_eq({f: 1}[F(1)], 1)
assert_eq(str(replace(f, a=5)), "F(a=5, b=(1,))")
assert_eq(f == F(1), True)


@dataclass(order=True)
class O:
    p: int
    n: str = field(compare=False, default="")


assert_eq(O(1) < O(2), True)
assert_eq(O(2) >= O(1), True)
assert_eq(str(sorted([O(3), O(1, "z"), O(2)])), "[O(p=1, n='z'), O(p=2, n=''), O(p=3, n='')]")
assert_eq(O(1, "a") == O(1, "b"), True)
assert_eq(str(max(O(1), O(4))), "O(p=4, n='')")
assert_raises(TypeError, "'<' not supported between instances of 'O' and 'int'", lambda: O(1) < 3)


@dataclass(eq=False, repr=False)
class NoEq:
    v: int = 1


assert_eq(NoEq() == NoEq(), False)
assert_eq("NoEq object" in repr(NoEq()), True)
assert_eq(hash(NoEq()) is not None, True)


@dataclass(unsafe_hash=True)
class UH:
    v: int = 1


assert_eq(hash(UH()) == hash(UH(1)), True)


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


assert_eq(str(K(a=1)), "K(a=1, b=2)")
assert_eq(str(K2(5, a=1)), "K2(a=1, b=2, c=5, d=4, e=9)")
assert_eq(str(K2(3, 8, a=1, d=0)), "K2(a=1, b=2, c=3, d=0, e=8)")
assert_raises(TypeError, "K.__init__() takes 1 positional argument but 2 were given", K, 1)
assert_raises(TypeError, "K2.__init__() missing 1 required positional argument: 'c'", K2, a=1)


@dataclass
class I:
    base: int
    scale: InitVar[int] = 2
    result: int = field(init=False)
    flag: bool = field(init=False, default=True)

    def __post_init__(self, scale):
        self.result = self.base * scale


assert_eq(str(I(3)), "I(base=3, result=6, flag=True)")
assert_eq(str(I(3, 5)), "I(base=3, result=15, flag=True)")
assert_eq([f.name for f in fields(I)], ["base", "result", "flag"])
assert_eq(I.scale, 2)
assert_raises(TypeError, "I.__init__() got an unexpected keyword argument 'result'", I, 3, result=1)


def order_error():
    @dataclass
    class Bad:
        a: int = 1
        b: int


assert_raises(TypeError, "non-default argument 'b' follows default argument", order_error)


def mutable_error():
    @dataclass
    class Bad:
        a: list = []


assert_raises(
    ValueError,
    "mutable default <class 'list'> for field a is not allowed: use default_factory",
    mutable_error,
)


def mutable_error2():
    @dataclass
    class Bad:
        a: dict = field(default={})


assert_raises(
    ValueError,
    "mutable default <class 'dict'> for field a is not allowed: use default_factory",
    mutable_error2,
)


def both():
    @dataclass
    class Bad:
        a: int = field(default=1, default_factory=int)


assert_raises(ValueError, "cannot specify both default and default_factory", both)


def frozen_mix():
    @dataclass
    class Bad(F):
        q: int = 1


assert_raises(TypeError, "cannot inherit non-frozen dataclass from a frozen one", frozen_mix)


@dataclass(slots=True)
class S:
    a: int
    b: int = 2


s = S(1)
assert_eq(str(s), "S(a=1, b=2)")
assert_eq(S.__slots__, ("a", "b"))


def sets():
    s.zzz = 1


assert_raises(AttributeError, "'S' object has no attribute 'zzz'", sets)


@dataclass
class Nest:
    a: A
    l: List[A]
    d: dict
    o: Optional[int] = None


n = Nest(A(1), [A(2)], {"k": A(3)})
assert_eq(
    asdict(n),
    {
        "a": {"x": 1, "y": "d", "z": [], "hidden": 3},
        "l": [{"x": 2, "y": "d", "z": [], "hidden": 3}],
        "d": {"k": {"x": 3, "y": "d", "z": [], "hidden": 3}},
        "o": None,
    },
)
assert_eq(astuple(n), ((1, "d", [], 3), [(2, "d", [], 3)], {"k": (3, "d", [], 3)}, None))
assert_eq(asdict(n)["a"]["z"] is n.a.z, False)
assert_eq(asdict(F(1), dict_factory=lambda kv: sorted(kv)), [("a", 1), ("b", (1,))])
r = replace(n, o=4)
assert_eq(r.o, 4)
assert_eq(r.a is n.a, True)
assert_raises(
    TypeError, "Nest.__init__() got an unexpected keyword argument 'nope'", replace, n, nope=1
)
assert_raises(
    ValueError,
    "field result is declared with init=False, it cannot be specified with replace()",
    replace,
    I(1),
    scale=3,
    result=2,
)
M = make_dataclass(
    "M",
    ["a", ("b", int), ("c", int, field(default=7))],
    bases=(),
    namespace={"double": lambda self: self.c * 2},
)
assert_eq(str(M(1, 2)), "M(a=1, b=2, c=7)")
assert_eq(M(1, 2).double(), 14)
assert_eq(M.__name__, "M")


@dataclass
class Custom:
    v: int

    def __repr__(self):
        return "custom repr"

    def __eq__(self, o):
        return "custom eq"

    def __init__(self, q):
        self.v = q * 10


assert_eq(str(Custom(2)), "custom repr")
assert_eq(Custom(2) == 1, "custom eq")
assert_eq(Custom(2).v, 20)


@dataclass
class Meta:
    m: Any = field(default=None, metadata={"help": "h", "n": 1})


assert_eq(fields(Meta)[0].metadata["help"], "h")
assert_eq(dict(fields(Meta)[0].metadata), {"help": "h", "n": 1})
assert_eq(fields(Meta)[0].name, "m")
assert_eq(repr(fields(A)[0])[:34], "Field(name='x',type=<class 'int'>,")


@dataclass
class Rec:
    children: list = field(default_factory=list)


rr = Rec()
rr.children.append(rr)
assert_eq(str(rr), "Rec(children=[...])")


@dataclass
class Prop_:
    _v: int = 1

    @property
    def v(self):
        return self._v

    @classmethod
    def make(cls, **kw):
        return cls(**{k: v for k, v in kw.items() if k in {f.name for f in fields(cls)}})


assert_eq(Prop_.make(_v=4, junk=1).v, 4)
assert_eq(vars(Prop_(3)), {"_v": 3})
assert_eq(A.__init__.__name__, "__init__")


class Plain:
    def __init__(self, q=1):
        self.q = q


@dataclass
class FromPlain(Plain):
    z: int = 2


assert_eq(FromPlain(5).z, 5)
assert_eq(hasattr(FromPlain(), "q"), False)


@dataclass
class Mid(FromPlain):
    pass


assert_eq(str(Mid(9)), "Mid(z=9)")
assert_eq(Mid.__mro__[1].__name__, "FromPlain")


def deco(**opts):
    def wrap(c):
        return dataclass(c, **opts)

    return wrap


@deco(repr=False)
class Deco:
    a: "int"
    b: "Optional[int]" = None
    c: "ClassVar[int]" = 3


assert_eq([(f.name, f.type) for f in fields(Deco)], [("a", "int"), ("b", "Optional[int]")])
assert_eq(Deco(1).b, None)
assert_eq(str(A.__dataclass_fields__.keys()), "dict_keys(['x', 'y', 'z', 'c', 'hidden'])")
assert_eq(A.__dataclass_params__.frozen, False)
assert_eq(F.__dataclass_params__.frozen, True)
assert_eq(
    str(A.__annotations__),
    "{'x': <class 'int'>, 'y': <class 'str'>, 'z': <class 'list'>, 'c': typing.ClassVar[int], 'hidden': <class 'int'>}",
)
import inspect

assert_eq(
    str(inspect.signature(A)),
    "(x: int, y: str = 'd', z: list = <factory>, hidden: int = 3) -> None",
)
assert_eq(
    str(inspect.signature(K2)), "(c: int, e: int = 9, *, a: int, b: int = 2, d: int = 4) -> None"
)
assert_eq(list(inspect.signature(I).parameters), ["base", "scale"])
import copy

c = copy.deepcopy(n)
assert_eq(c == n, True)
assert_eq(c.a is n.a, False)
assert_eq(copy.copy(f) == f, True)
assert_eq(copy.deepcopy(f) == f, True)

finish(107)
