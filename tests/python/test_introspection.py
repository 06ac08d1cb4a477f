# Functions and classes looked at from outside: inspect, typing, singledispatch, descriptors, metaclasses, enums.
from checks import assert_eq, assert_raises, finish
import inspect, functools, typing, enum, types, abc, operator, collections, sys
from typing import *
from enum import *


T = TypeVar("T")
Q = TypeVar("Q", bound=int)
PS = ParamSpec("PS")


class Stack(Generic[T]):
    items: List[T]

    def __init__(self):
        self.items = []

    def push(self, x: T) -> "Stack[T]":
        self.items.append(x)
        return self


class IntStack(Stack[int]):
    pass


class Two(Generic[T, Q], Stack[T]):
    pass


assert_eq(str(Stack[int]), "__main__.Stack[int]")
assert_eq(Stack[int]().push(3).items, [3])
assert_eq(str(IntStack.__orig_bases__), "(__main__.Stack[int],)")
assert_eq(str(Two[str, int]), "__main__.Two[str, int]")
assert_eq(str(Two.__parameters__), "(~T, ~Q)")
assert_eq(get_args(Stack[int]), (int,))
assert_eq(get_origin(Stack[int]) is Stack, True)
assert_eq(str(Stack.__parameters__), "(~T,)")
assert_eq(issubclass(IntStack, Stack), True)
assert_eq(str(T), "~T")
assert_eq(Q.__bound__, int)
assert_raises(
    TypeError,
    "Too many arguments for <class '__main__.Stack'>; actual 2, expected 1",
    lambda: Stack[int, str],
)
assert_raises(
    TypeError,
    "Subscripted generics cannot be used with class and instance checks",
    lambda: isinstance(3, Stack[int]),
)
assert_raises(
    TypeError,
    "Subscripted generics cannot be used with class and instance checks",
    lambda: isinstance([], List[int]),
)
assert_eq(isinstance([], List), True)
assert_eq(isinstance({}, Mapping), True)
assert_eq(isinstance((), Sequence), True)
assert_eq(isinstance(len, Callable), True)
assert_eq(issubclass(list, Iterable), True)
assert_eq(isinstance(3, Hashable), True)


class Proto(Protocol):
    def run(self, x: int) -> int: ...


@runtime_checkable
class RP(Protocol):
    name: str

    def run(self): ...


class Impl:
    name = "n"

    def run(self):
        return 1


assert_eq(isinstance(Impl(), RP), True)
assert_eq(isinstance(3, RP), False)
assert_eq(issubclass(Impl, Protocol) if False else "", "")
assert_raises(TypeError, "Protocols cannot be instantiated", Proto)
assert_raises(
    TypeError,
    "Instance and class checks can only be used with @runtime_checkable protocols",
    lambda: isinstance(Impl(), Proto),
)


class TD(TypedDict, total=False):
    a: int
    b: Required[str]


class NT(NamedTuple):
    """doc nt"""

    a: int
    b: str = "q"

    def both(self):
        return f"{self.a}{self.b}"


assert_eq(TD(a=1), {"a": 1})
assert_eq(str(TD.__annotations__.keys()), "dict_keys(['a', 'b'])")
assert_eq(TD.__required_keys__, frozenset({"b"}))
assert_eq(TD.__optional_keys__, frozenset({"a"}))
assert_eq(str(NT(1)), "NT(a=1, b='q')")
assert_eq(NT(1).both(), "1q")
assert_eq(NT._fields, ("a", "b"))
assert_eq(NT._field_defaults, {"b": "q"})
assert_eq(str(NT(1)._replace(a=4)), "NT(a=4, b='q')")
assert_eq(NT(1)._asdict(), {"a": 1, "b": "q"})
assert_eq(NT.__doc__, "doc nt")
assert_eq(NT.__annotations__, {"a": int, "b": str})
L = Literal["a", "b", 3]
assert_eq(str(L), "typing.Literal['a', 'b', 3]")
assert_eq(get_args(L), ("a", "b", 3))
assert_eq(L == Literal["a", "b", 3], True)
assert_eq(str(Optional[int]), "typing.Optional[int]")
assert_eq(str(Union[int, None, str]), "typing.Union[int, NoneType, str]")
assert_eq(Union[int], int)
assert_eq(str(Annotated[int, "m"]), "typing.Annotated[int, 'm']")
assert_eq(get_type_hints(lambda: 0), {})
assert_eq(Annotated[int, "m"].__metadata__, ("m",))
assert_eq(str(Final[int]), "typing.Final[int]")
assert_eq(str(Callable[[int, str], bool]), "typing.Callable[[int, str], bool]")
assert_eq(str(Callable[..., int]), "typing.Callable[..., int]")
assert_eq(str(Type[int]), "typing.Type[int]")
assert_eq(str(Tuple[int, ...]), "typing.Tuple[int, ...]")
assert_eq(str(Tuple[()]), "typing.Tuple[()]")
assert_eq(str(Dict[str, List[int]]), "typing.Dict[str, typing.List[int]]")
assert_eq(str(ClassVar[int]), "typing.ClassVar[int]")
assert_eq(str(NoReturn), "typing.NoReturn")
assert_eq(str(Any), "typing.Any")


def fn(a: int, b: "str" = "x", *c: float, d: Optional[int] = None, **e: Any) -> List[int]: ...


assert_eq(
    str(get_type_hints(fn)),
    "{'a': <class 'int'>, 'b': <class 'str'>, 'c': <class 'float'>, 'd': typing.Optional[int], 'e': typing.Any, 'return': typing.List[int]}",
)
assert_eq(fn.__annotations__["b"], "str")
assert_eq(
    str(inspect.signature(fn)),
    "(a: int, b: 'str' = 'x', *c: float, d: Optional[int] = None, **e: Any) -> List[int]",
)
assert_eq(inspect.get_annotations(fn, eval_str=True)["b"], str)
assert_eq(cast(int, "x"), "x")
assert_eq(NewType("UserId", int)(5), 5)
assert_eq(NewType("UserId", int).__name__, "UserId")
assert_eq(TYPE_CHECKING, False)
assert_eq(str(ForwardRef("X")), "ForwardRef('X')")
assert_eq(str(get_origin(int | str)), "<class 'types.UnionType'>")
assert_eq(str(get_args(int | None)), "(<class 'int'>, <class 'NoneType'>)")
assert_eq(int | None == Optional[int], True)
assert_eq((int | str) == Union[int, str], True)
assert_eq(str(list[int] | None), "list[int] | None")
assert_eq(isinstance(3, int | str), True)
assert_eq(typing.get_origin(Optional[int]) is Union, True)


@overload
def ov(a: int) -> int: ...
@overload
def ov(a: str) -> str: ...
def ov(a):
    return a


assert_eq(ov(3), 3)


@functools.singledispatch
def sd(x, *a):
    return "default"


@sd.register
def _(x: int, *a):
    return "int"


@sd.register(list)
def _(x, *a):
    return "list"


@sd.register(str)
@sd.register(bytes)
def _(x):
    return "text"


class MyInt(int):
    pass


assert_eq(sd(1), "int")
assert_eq(sd([]), "list")
assert_eq(sd("a"), "text")
assert_eq(sd(b""), "text")
assert_eq(sd(1.5), "default")
assert_eq(sd(True), "int")
assert_eq(sd(MyInt(3)), "int")
assert_eq(sd.dispatch(bool) is sd.dispatch(int), True)
assert_eq(sorted(c.__name__ for c in sd.registry), ["bytes", "int", "list", "object", "str"])


class SM:
    @functools.singledispatchmethod
    def m(self, x):
        return "d"

    @m.register
    def _(self, x: int):
        return "i"


assert_eq(SM().m(1), "i")
assert_eq(SM().m("a"), "d")


class Color(Enum):
    RED = 1
    GREEN = "g"
    ALIAS = 1

    @property
    def low(self):
        return self.name.lower()

    @classmethod
    def first(cls):
        return next(iter(cls))

    @staticmethod
    def st():
        return 5

    def __str__(self):
        return f"C.{self.name}"


assert_eq(str(list(Color)), "[<Color.RED: 1>, <Color.GREEN: 'g'>]")
assert_eq(str(Color.RED), "C.RED")
assert_eq(repr(Color.RED), "<Color.RED: 1>")
assert_eq(str(Color(1)), "C.RED")
assert_eq(str(Color["GREEN"]), "C.GREEN")
assert_eq(Color.ALIAS is Color.RED, True)
assert_eq(Color.RED.low, "red")
assert_eq(str(Color.first()), "C.RED")
assert_eq(Color.st(), 5)
assert_eq(len(Color), 2)
assert_eq(str(Color.__members__.keys()), "dict_keys(['RED', 'GREEN', 'ALIAS'])")
assert_eq(Color.RED in Color, True)
assert_eq(isinstance(Color.RED, Color), True)
assert_eq(Color.RED == 1, False)
assert_eq({Color.RED: 2}[Color.RED], 2)
assert_eq(f"{Color.RED}", "C.RED")
assert_eq(Color.RED.name, "RED")
assert_eq(Color.RED.value, 1)
assert_raises(ValueError, "9 is not a valid Color", Color, 9)
assert_raises(KeyError, "'X'", lambda: Color["X"])
assert_raises(AttributeError, "cannot reassign member 'RED'", lambda: setattr(Color, "RED", 3))
assert_raises(
    TypeError,
    "'<' not supported between instances of 'Color' and 'Color'",
    lambda: Color.RED < Color.GREEN,
)
assert_raises(AttributeError, "NOPE", lambda: Color.NOPE)


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W


assert_eq(str(Perm.R | Perm.X), "Perm.R|X")
assert_eq(str(Perm.RW), "Perm.RW")
assert_eq(Perm.R in Perm.RW, True)
assert_eq(str(~Perm.R), "Perm.W|X")
assert_eq(str(Perm(3)), "Perm.RW")
assert_eq(str(Perm(0)), "Perm(0)")
assert_eq(str(list(Perm.RW)), "[<Perm.R: 1>, <Perm.W: 2>]")
assert_eq(bool(Perm(0)), False)
assert_eq(str(Perm.R ^ Perm.RW), "Perm.W")
assert_eq(str(Perm.R & Perm.W), "Perm(0)")
assert_eq(Perm.X.value, 4)
assert_eq(len(Perm.RW), 2)


class IF(IntFlag):
    A = 1
    B = 2
    C = 4


assert_eq(str(IF.A | IF.B), "3")
assert_eq(IF.A + 1, 2)
assert_eq(str(IF(5)), "5")
assert_eq(str(IF.A | 8), "9")
assert_eq(int(IF.C), 4)
assert_eq(IF.A == 1, True)
assert_eq(repr(IF.B), "<IF.B: 2>")
assert_eq(IF.B in IF(3), True)
assert_eq(f"{IF.A}", "1")


class Num(IntEnum):
    ONE = 1
    TWO = 2


class SE(str, Enum):
    A = "a"
    B = "b"


class StrE(StrEnum):
    X = auto()
    Y = "yy"


assert_eq(Num.ONE + 1, 2)
assert_eq(Num.TWO > Num.ONE, True)
assert_eq([1, 2, 3][Num.ONE], 2)
assert_eq(str(Num(2)), "2")
assert_eq(repr(Num.ONE), "<Num.ONE: 1>")
assert_eq(str(Num.ONE), "1")
assert_eq(f"{Num.ONE}", "1")
assert_eq(SE.A == "a", True)
assert_eq(str(SE("b")), "SE.B")
assert_eq(str(SE.A), "SE.A")
assert_eq(SE.A.upper(), "A")
assert_eq(f"{SE.A}", "SE.A")
assert_eq(str(StrE.X), "x")
assert_eq(repr(StrE.Y), "<StrE.Y: 'yy'>")
assert_eq(str(StrE("x")), "x")
assert_eq("%s" % SE.A, "SE.A")
assert_eq(str(sorted([SE.B, SE.A])), "[<SE.A: 'a'>, <SE.B: 'b'>]")
assert_eq({"a": 1}[SE.A], 1)
assert_eq(SE.A.value, "a")
assert_eq(isinstance(SE.A, str), True)
assert_eq("-".join([StrE.X, StrE.Y]), "x-yy")
assert_eq(Num.ONE.__class__.__name__, "Num")
assert_eq(hash(Num.ONE) == hash(1), True)


class Auto(Enum):
    def _generate_next_value_(name, start, count, last):
        return name.lower()

    A = auto()
    B = auto()


class Missing(Enum):
    A = 1

    @classmethod
    def _missing_(cls, v):
        return cls.A if v == "x" else None


class Tup(Enum):
    A = (1, "one")
    B = (2, "two")

    def __init__(self, n, s):
        self.n = n
        self.s = s


class New(bytes, Enum):
    def __new__(cls, v, label):
        o = bytes.__new__(cls, [v])
        o._value_ = v
        o.label = label
        return o

    P = (1, "p")
    R = (2, "r")


assert_eq(Auto.A.value, "a")
assert_eq(str(Missing("x")), "Missing.A")
assert_eq(Tup.B.s, "two")
assert_eq(str(Tup((1, "one"))), "Tup.A")
assert_eq(New.P.label, "p")
assert_eq(str(New(2)), "New.R")
assert_eq(Enum("Dyn", "A B C").B.value, 2)
assert_eq(str(Enum("Dyn2", {"X": 5}).X), "Dyn2.X")
assert_eq([m.name for m in Tup], ["A", "B"])
assert_raises(ValueError, "'y' is not a valid Missing", Missing, "y")


@unique
class U(Enum):
    A = 1
    B = 2


def dup():
    @unique
    class D(Enum):
        A = 1
        B = 1


assert_raises(ValueError, "duplicate values found in <enum 'D'>: B -> A", dup)


class Desc:
    def __set_name__(self, o, n):
        self.n = n
        o.__dict__.get("_reg", []).append(n)

    def __get__(self, i, o):
        return self if i is None else i.__dict__.get(self.n, "unset")

    def __set__(self, i, v):
        i.__dict__[self.n] = v * 2


class WD:
    _reg = []
    a = Desc()
    b = Desc()


w = WD()
w.a = 3
assert_eq(w.a, 6)
assert_eq(w.b, "unset")
assert_eq(WD._reg, ["a", "b"])
assert_eq(type(WD.a).__name__, "Desc")
assert_eq(vars(w), {"a": 6})


class cached:
    def __init__(self, f):
        self.f = f
        self.__doc__ = f.__doc__

    def __get__(self, i, o):
        v = i.__dict__[self.f.__name__] = self.f(i)
        return v


class CC:
    n = 0

    @cached
    def v(self):
        CC.n += 1
        return CC.n

    @functools.cached_property
    def w(self):
        CC.n += 10
        return CC.n


c = CC()
assert_eq(c.v, 1)
assert_eq(c.v, 1)
assert_eq(c.w, 11)
assert_eq(c.w, 11)
assert_eq(CC.n, 11)
assert_eq(sorted(vars(c)), ["v", "w"])


class Meta(type):
    reg = {}

    def __new__(m, n, b, ns, **k):
        c = super().__new__(m, n, b, ns)
        m.reg[n] = (c, k)
        return c

    def __init__(c, n, b, ns, **k):
        super().__init__(n, b, ns)
        c.k = k

    def __prepare__(n, b, **k):
        return collections.OrderedDict(pre=n)

    def __iter__(c):
        return iter("xy")

    def __len__(c):
        return 2

    def __getattr__(c, n):
        if n.startswith("dyn_"):
            return n[4:]
        raise AttributeError(n)

    def __contains__(c, x):
        return x == 1

    def __instancecheck__(c, o):
        return o == "magic" or type.__instancecheck__(c, o)

    @property
    def mp(c):
        return c.__name__ + "!"

    def __repr__(c):
        return f"<{c.__name__}>"

    def __getitem__(c, k):
        return (c.__name__, k)

    def __eq__(c, o):
        return c is o

    def __hash__(c):
        return 5


class MM(metaclass=Meta, flag=1):
    z = 2


class MS(MM, q=3):
    pass


assert_eq(MM.pre, "MM")
assert_eq(MM.k, {"flag": 1})
assert_eq(MS.k, {"q": 3})
assert_eq(list(MM), ["x", "y"])
assert_eq(len(MM), 2)
assert_eq(MM.dyn_abc, "abc")
assert_eq(1 in MM, True)
assert_eq(isinstance("magic", MM), True)
assert_eq(isinstance(MS(), MM), True)
assert_eq(MM.mp, "MM!")
assert_eq(str(MM), "<MM>")
assert_eq(MM[3], ("MM", 3))
assert_eq(sorted(Meta.reg), ["MM", "MS"])
assert_eq(type(MS) is Meta, True)
assert_eq(str(MS.__mro__), "(<MS>, <MM>, <class 'object'>)")
assert_raises(AttributeError, "other", lambda: MM.other)
assert_raises(AttributeError, "'MM' object has no attribute 'mp'", lambda: MM().mp)
assert_eq(inspect.signature(int) if False else "", "")
assert_eq(inspect.getmro(MS)[1].__name__, "MM")
assert_eq(inspect.isabstract(MM), False)
assert_eq(
    [
        n
        for n, _ in inspect.getmembers(WD(), lambda v: isinstance(v, str))
        if not n.startswith("__")
    ],
    ["a", "b"],
)
assert_eq(inspect.isgeneratorfunction(fn), False)
assert_eq(inspect.ismethod(SM().m), False)
assert_eq(inspect.getmodule(Stack).__name__, "__main__")
assert_eq(inspect.getdoc(NT), "doc nt")


class CallMe:
    def __call__(self, a, *, b=2):
        return a


assert_eq(str(inspect.signature(CallMe())), "(a, *, b=2)")
assert_eq(callable(CallMe()), True)
assert_eq(
    str(inspect.signature(functools.partial(fn, 1, d=2))),
    "(b: 'str' = 'x', *c: float, d: Optional[int] = 2, **e: Any) -> List[int]",
)
assert_eq(str(inspect.signature(Stack.push)), "(self, x: ~T) -> 'Stack[T]'")
assert_eq(str(inspect.signature(Stack().push)), "(x: ~T) -> 'Stack[T]'")
assert_eq(list(inspect.signature(fn).parameters), ["a", "b", "c", "d", "e"])
assert_eq(inspect.signature(fn).parameters["c"].kind.description, "variadic positional")
assert_eq(str(inspect.signature(Color.first)), "()")
assert_eq(str(inspect.Parameter("a", inspect.Parameter.KEYWORD_ONLY)), "a")
assert_eq(str(inspect.signature(fn).return_annotation), "typing.List[int]")


def deco(f):
    @functools.wraps(f)
    def w(*a, **k):
        return f(*a, **k)

    return w


@deco
def dd(x, y=1):
    "ddoc"


assert_eq(dd.__name__, "dd")
assert_eq(dd.__doc__, "ddoc")
assert_eq(str(inspect.signature(dd)), "(x, y=1)")
assert_eq(dd.__wrapped__.__name__, "dd")
assert_eq(inspect.unwrap(dd) is dd.__wrapped__, True)
assert_eq(
    inspect.getcallargs(dd.__wrapped__, 1) if hasattr(inspect, "getcallargs") else "",
    {"x": 1, "y": 1},
)
assert_eq(inspect.getfullargspec(dd).args, [])


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


assert_eq(fib(60), 1548008755920)
assert_eq(fib.cache_info().misses, 61)
assert_eq(str(fib.cache_info()), "CacheInfo(hits=58, misses=61, maxsize=None, currsize=61)")
fib.cache_clear()
assert_eq(fib.cache_info().currsize, 0)
assert_eq(functools.reduce(operator.add, [1, 2, 3], 10), 16)
assert_eq(functools.partial(fn, 1).keywords, {})
assert_eq(str(functools.partialmethod), "<class 'functools.partialmethod'>")
assert_eq(
    functools.cmp_to_key(lambda a, b: b - a)(3) < functools.cmp_to_key(lambda a, b: b - a)(2), True
)
assert_eq(operator.attrgetter("a.b")(types.SimpleNamespace(a=types.SimpleNamespace(b=4))), 4)
assert_eq(operator.itemgetter(1, 2)([1, 2, 3]), (2, 3))
assert_eq(operator.methodcaller("upper")("a"), "A")

finish(226)
