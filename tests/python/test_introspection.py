# Functions and classes looked at from outside: inspect, typing, singledispatch, descriptors, metaclasses, enums.
import inspect, functools, typing, enum, types, abc, operator, collections, sys
from typing import *
from enum import *


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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


print(
    Stack[int],
    Stack[int]().push(3).items,
    IntStack.__orig_bases__,
    Two[str, int],
    Two.__parameters__,
    get_args(Stack[int]),
    get_origin(Stack[int]) is Stack,
    Stack.__parameters__,
    issubclass(IntStack, Stack),
    T,
    Q.__bound__,
)
err(lambda: Stack[int, str])
err(lambda: isinstance(3, Stack[int]))
err(lambda: isinstance([], List[int]))
print(
    isinstance([], List),
    isinstance({}, Mapping),
    isinstance((), Sequence),
    isinstance(len, Callable),
    issubclass(list, Iterable),
    isinstance(3, Hashable),
)


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


print(isinstance(Impl(), RP), isinstance(3, RP), issubclass(Impl, Protocol) if False else "")
err(Proto)
err(lambda: isinstance(Impl(), Proto))


class TD(TypedDict, total=False):
    a: int
    b: Required[str]


class NT(NamedTuple):
    """doc nt"""

    a: int
    b: str = "q"

    def both(self):
        return f"{self.a}{self.b}"


print(
    TD(a=1),
    TD.__annotations__.keys(),
    TD.__required_keys__,
    TD.__optional_keys__,
    NT(1),
    NT(1).both(),
    NT._fields,
    NT._field_defaults,
    NT(1)._replace(a=4),
    NT(1)._asdict(),
    NT.__doc__,
    NT.__annotations__,
)
L = Literal["a", "b", 3]
print(
    L,
    get_args(L),
    L == Literal["a", "b", 3],
    Optional[int],
    Union[int, None, str],
    Union[int],
    Annotated[int, "m"],
    get_type_hints(lambda: 0),
    Annotated[int, "m"].__metadata__,
    Final[int],
    Callable[[int, str], bool],
    Callable[..., int],
    Type[int],
    Tuple[int, ...],
    Tuple[()],
    Dict[str, List[int]],
    ClassVar[int],
    NoReturn,
    Any,
)


def fn(a: int, b: "str" = "x", *c: float, d: Optional[int] = None, **e: Any) -> List[int]: ...


print(
    get_type_hints(fn),
    fn.__annotations__["b"],
    inspect.signature(fn),
    inspect.get_annotations(fn, eval_str=True)["b"],
)
print(
    cast(int, "x"),
    NewType("UserId", int)(5),
    NewType("UserId", int).__name__,
    TYPE_CHECKING,
    ForwardRef("X"),
    get_origin(int | str),
    get_args(int | None),
    int | None == Optional[int],
    (int | str) == Union[int, str],
    list[int] | None,
    isinstance(3, int | str),
    typing.get_origin(Optional[int]) is Union,
)


@overload
def ov(a: int) -> int: ...
@overload
def ov(a: str) -> str: ...
def ov(a):
    return a


print(ov(3))


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


print(
    sd(1),
    sd([]),
    sd("a"),
    sd(b""),
    sd(1.5),
    sd(True),
    sd(MyInt(3)),
    sd.dispatch(bool) is sd.dispatch(int),
    sorted(c.__name__ for c in sd.registry),
)


class SM:
    @functools.singledispatchmethod
    def m(self, x):
        return "d"

    @m.register
    def _(self, x: int):
        return "i"


print(SM().m(1), SM().m("a"))


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


print(
    list(Color),
    Color.RED,
    repr(Color.RED),
    Color(1),
    Color["GREEN"],
    Color.ALIAS is Color.RED,
    Color.RED.low,
    Color.first(),
    Color.st(),
    len(Color),
    Color.__members__.keys(),
    Color.RED in Color,
    isinstance(Color.RED, Color),
    Color.RED == 1,
    {Color.RED: 2}[Color.RED],
    f"{Color.RED}",
    Color.RED.name,
    Color.RED.value,
)
err(Color, 9)
err(lambda: Color["X"])
err(lambda: setattr(Color, "RED", 3))
err(lambda: Color.RED < Color.GREEN)
err(lambda: Color.NOPE)


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W


print(
    Perm.R | Perm.X,
    Perm.RW,
    Perm.R in Perm.RW,
    ~Perm.R,
    Perm(3),
    Perm(0),
    list(Perm.RW),
    bool(Perm(0)),
    Perm.R ^ Perm.RW,
    Perm.R & Perm.W,
    Perm.X.value,
    len(Perm.RW),
)


class IF(IntFlag):
    A = 1
    B = 2
    C = 4


print(
    IF.A | IF.B,
    IF.A + 1,
    IF(5),
    IF.A | 8,
    int(IF.C),
    IF.A == 1,
    repr(IF.B),
    IF.B in IF(3),
    f"{IF.A}",
)


class Num(IntEnum):
    ONE = 1
    TWO = 2


class SE(str, Enum):
    A = "a"
    B = "b"


class StrE(StrEnum):
    X = auto()
    Y = "yy"


print(
    Num.ONE + 1,
    Num.TWO > Num.ONE,
    [1, 2, 3][Num.ONE],
    Num(2),
    repr(Num.ONE),
    str(Num.ONE),
    f"{Num.ONE}",
    SE.A == "a",
    SE("b"),
    str(SE.A),
    SE.A.upper(),
    f"{SE.A}",
    StrE.X,
    repr(StrE.Y),
    StrE("x"),
    "%s" % SE.A,
    sorted([SE.B, SE.A]),
    {"a": 1}[SE.A],
    SE.A.value,
    isinstance(SE.A, str),
    "-".join([StrE.X, StrE.Y]),
    Num.ONE.__class__.__name__,
    hash(Num.ONE) == hash(1),
)


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


print(
    Auto.A.value,
    Missing("x"),
    Tup.B.s,
    Tup((1, "one")),
    New.P.label,
    New(2),
    Enum("Dyn", "A B C").B.value,
    Enum("Dyn2", {"X": 5}).X,
    [m.name for m in Tup],
)
err(Missing, "y")


@unique
class U(Enum):
    A = 1
    B = 2


def dup():
    @unique
    class D(Enum):
        A = 1
        B = 1


err(dup)


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
print(w.a, w.b, WD._reg, type(WD.a).__name__, vars(w))


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
print(c.v, c.v, c.w, c.w, CC.n, sorted(vars(c)))


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


print(
    MM.pre,
    MM.k,
    MS.k,
    list(MM),
    len(MM),
    MM.dyn_abc,
    1 in MM,
    isinstance("magic", MM),
    isinstance(MS(), MM),
    MM.mp,
    MM,
    MM[3],
    sorted(Meta.reg),
    type(MS) is Meta,
    MS.__mro__,
)
err(lambda: MM.other)
err(lambda: MM().mp)
print(
    inspect.signature(int) if False else "",
    inspect.getmro(MS)[1].__name__,
    inspect.isabstract(MM),
    [
        n
        for n, _ in inspect.getmembers(WD(), lambda v: isinstance(v, str))
        if not n.startswith("__")
    ],
    inspect.isgeneratorfunction(fn),
    inspect.ismethod(SM().m),
    inspect.getmodule(Stack).__name__,
    inspect.getdoc(NT),
)


class CallMe:
    def __call__(self, a, *, b=2):
        return a


print(
    inspect.signature(CallMe()),
    callable(CallMe()),
    inspect.signature(functools.partial(fn, 1, d=2)),
    inspect.signature(Stack.push),
    inspect.signature(Stack().push),
    list(inspect.signature(fn).parameters),
    inspect.signature(fn).parameters["c"].kind.description,
    inspect.signature(Color.first),
    inspect.Parameter("a", inspect.Parameter.KEYWORD_ONLY),
    inspect.signature(fn).return_annotation,
)


def deco(f):
    @functools.wraps(f)
    def w(*a, **k):
        return f(*a, **k)

    return w


@deco
def dd(x, y=1):
    "ddoc"


print(
    dd.__name__,
    dd.__doc__,
    inspect.signature(dd),
    dd.__wrapped__.__name__,
    inspect.unwrap(dd) is dd.__wrapped__,
    inspect.getcallargs(dd.__wrapped__, 1) if hasattr(inspect, "getcallargs") else "",
    inspect.getfullargspec(dd).args,
)


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(60), fib.cache_info().misses, fib.cache_info())
fib.cache_clear()
print(fib.cache_info().currsize)
print(
    functools.reduce(operator.add, [1, 2, 3], 10),
    functools.partial(fn, 1).keywords,
    functools.partialmethod,
    functools.cmp_to_key(lambda a, b: b - a)(3) < functools.cmp_to_key(lambda a, b: b - a)(2),
    operator.attrgetter("a.b")(types.SimpleNamespace(a=types.SimpleNamespace(b=4))),
    operator.itemgetter(1, 2)([1, 2, 3]),
    operator.methodcaller("upper")("a"),
)
