# typing: subscripts, reprs, get_type_hints, get_origin, NamedTuple, TypedDict, Protocol, Generic.
from __future__ import annotations
import collections.abc, typing
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Callable,
    ClassVar,
    Dict,
    Final,
    Generic,
    Iterable,
    List,
    Literal,
    Mapping,
    NamedTuple,
    NewType,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    Type,
    TypedDict,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    overload,
    runtime_checkable,
)


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


T = TypeVar("T")
K = TypeVar("K", bound=int)
print(
    Optional[int],
    Union[int, str],
    Union[int, None],
    Union[int],
    List[int],
    Dict[str, List[int]],
    Tuple[int, ...],
    Tuple[()],
    Callable[[int], str],
    Callable[..., Any],
    Type[int],
    Literal["a", 1],
    ClassVar[int],
    Annotated[int, "m"],
    Any,
    List,
    Optional["Fwd"],
    Final[int],
    Iterable[int],
    Mapping[str, Any],
    T,
    Sequence[T],
)
print(
    list[int],
    dict[str, int],
    tuple[int, ...],
    type[int],
    int | str,
    int | None,
    list[int] | None,
    Optional[list[str]],
    set[str],
    collections.abc.Callable[[int], str],
    collections.abc.Sequence[int],
)
print(
    get_origin(List[int]) is list,
    get_origin(Optional[int]) is Union,
    get_args(Optional[int]),
    get_args(Union[int, str, None]),
    get_origin(int | str),
    get_args(int | str),
    get_origin(Literal["a"]) is Literal,
    get_args(Literal["a", "b"]),
    get_origin(Callable[[int], str]) is collections.abc.Callable,
    get_args(Callable[[int], str]),
    get_args(Callable[..., int]),
    get_origin(int),
    get_args(int),
    get_origin(Dict[str, int]) is dict,
    get_args(Dict[str, int]),
    get_origin(list[int]) is list,
    get_args(tuple[int, str]),
    get_origin(Annotated[int, 1]) is Annotated,
    get_args(Annotated[int, 1]),
    get_origin(Type[int]) is type,
    get_origin(ClassVar[int]) is ClassVar,
    get_origin(Tuple[int]) is tuple,
)
print(
    Union[int, str] == Union[str, int],
    Optional[int] == Union[None, int],
    Union[int, Union[str, None]],
    Union[int, int],
    List[int] == List[int],
    hash(List[int]) == hash(List[int]),
    Literal["a"] == Literal["a"],
    int | str == Union[int, str],
    {List[int]: 1}[List[int]],
    Union[int, str].__args__,
    List[int].__origin__ is list,
    isinstance(3, int | str),
    isinstance("s", (int | None, str)),
    issubclass(int, int | str),
    isinstance(None, int | None),
    Annotated[int, "m"].__metadata__,
    Literal[1, 2].__args__,
    List[T][int],
    Dict[K, T].__parameters__,
    isinstance([], List),
    isinstance({}, collections.abc.Mapping),
    isinstance([], Sequence),
    isinstance(3, typing.Hashable),
    issubclass(dict, Mapping),
)
err(lambda: isinstance([], List[int]))
err(lambda: isinstance([], list[int]))
err(lambda: isinstance(3, Any))
err(lambda: Optional[int, str])
err(lambda: Optional())
err(lambda: isinstance(3, Optional[int]) or isinstance(None, Optional[int]))


class A:
    x: int
    y: Optional[str] = None
    z: List["A"]
    c: ClassVar[int] = 1
    d: Annotated[int, "meta"]

    def f(self, a: int, b: "str" = "q", *c: float, **k: A) -> Optional[A]: ...


class B(A):
    x: str
    w: dict[str, int] | None


print(A.__annotations__, B.__annotations__)
h = get_type_hints(A)
print(
    h["x"], h["y"], h["z"] == List[A], h["c"], h["d"], get_type_hints(A, include_extras=True)["d"]
)
print(
    list(get_type_hints(B)),
    get_type_hints(B)["x"],
    get_type_hints(B)["w"],
    get_type_hints(A.f)["return"] == Optional[A],
    get_type_hints(A.f)["b"],
    A.f.__annotations__,
)


class NT(NamedTuple):
    "nt doc"

    a: int
    b: str = "d"
    c: Optional[float] = None

    @property
    def double(self):
        return self.a * 2

    def meth(self):
        return self._replace(a=9)


n = NT(1)
print(
    n,
    n.a,
    n[1],
    n.double,
    n.meth(),
    n._fields,
    NT._field_defaults,
    n == (1, "d", None),
    isinstance(n, tuple),
    n._asdict(),
    NT(b="x", a=2),
    NT._make([1, 2, 3]),
    len(n),
    [*n],
    NT.__doc__,
    NT.__annotations__,
    hash(n) == hash((1, "d", None)),
    NT.__name__,
)
err(NT)
err(NT, 1, 2, 3, 4)
err(NT, 1, q=2)
a, b, c = n
print(a, b, c)


def setnt():
    n.a = 5


err(setnt)
Emp = NamedTuple("Emp", [("name", str), ("id", int)])
print(Emp("n", 1), Emp._fields)


class TD(TypedDict, total=False):
    a: int
    b: str


class TD2(TD):
    c: List[int]


t = TD(a=1)
print(
    t,
    type(t) is dict,
    TD.__total__,
    list(TD2.__annotations__),
    TD2(a=1, c=[2]),
    TD.__optional_keys__ == frozenset({"a", "b"}),
    TD2.__required_keys__ == frozenset({"c"}),
)


@runtime_checkable
class HasF(Protocol):
    def f(self) -> int: ...

    name: str


class Impl:
    name = "i"

    def f(self):
        return 1


class NotImpl:
    def f(self):
        return 1


print(isinstance(Impl(), HasF), isinstance(NotImpl(), HasF), isinstance(3, HasF))


class PlainP(Protocol):
    def g(self): ...


err(isinstance, 3, PlainP)
err(PlainP)


class Explicit(PlainP):
    def g(self):
        return "g"


print(Explicit().g(), issubclass(Explicit, PlainP) if False else "")


class Box(Generic[T]):
    def __init__(self, v: T):
        self.v = v


class IntBox(Box[int]):
    pass


class Two(Generic[K, T], Box[T]):
    pass


print(
    Box[int](3).v,
    IntBox(4).v,
    Box.__parameters__,
    IntBox.__mro__[1] is Box,
    Two.__parameters__,
    Box[int].__origin__ is Box,
    Box[int].__args__,
    IntBox.__orig_bases__[0],
    isinstance(Box[int](1), Box),
    Generic in Box.__mro__,
    repr(Box[str])[-10:],
    get_args(IntBox.__orig_bases__[0]),
)
UserId = NewType("UserId", int)
print(UserId(5), UserId.__name__, UserId.__supertype__)


@overload
def ov(x: int) -> int: ...
@overload
def ov(x: str) -> str: ...
def ov(x):
    return x


print(
    ov(3),
    cast(int, "not"),
    TYPE_CHECKING,
    cast("Any", 1),
    typing.no_type_check(len) is len if False else "",
)
if TYPE_CHECKING:
    from nowhere import Nothing


def uses(x: Nothing) -> Nothing:
    return x


print(uses(1), uses.__annotations__)
err(get_type_hints, uses)
err(lambda: Generic[int])
err(lambda: List[int]())
err(lambda: Union[int, str]())
err(lambda: Literal["a"]("x"))
err(lambda: Any())
print(
    Dict[str, int](a=1),
    List[int]([1]),
    T.__name__,
    K.__bound__,
    typing.get_type_hints(get),
) if False else print("end")


def get(x: int, y: Literal["a"] = "a") -> None: ...


print(
    get_type_hints(get),
    type(None) in get_args(Optional[int]),
    Union[str, None].__args__[1] is type(None),
)
L = list[int]
print(L([1]), L.__origin__, L.__args__, type(L).__name__)


class Sub(list[int]):
    pass


class SubD(Dict[str, int]):
    pass


print(Sub([1]), Sub.__mro__[1], SubD(a=1), SubD.__mro__[1])
from typing import (
    Self,
    TypeAlias,
    ParamSpec,
    Concatenate,
    Never,
    Required,
    NotRequired,
    Unpack,
    LiteralString,
    assert_never,
    get_overloads,
    is_typeddict,
)

Alias: TypeAlias = "int"
P = ParamSpec("P")
print(P.__name__, P.args is not None, is_typeddict(TD), Self, Never)


# hints as texts, read with and without the grammar
class Note:
    def __init__(self, *a, **k):
        self.a, self.k = a, k

    def __repr__(self):
        return f"Note{self.a}{sorted(self.k.items())}"


def hinted():
    pass


for text in [
    "int | None",
    "Optional[ 'A' ]",
    "list[int,]",
    "tuple[int, ...]",
    "Callable[[int, str], None]",
    "Literal['a', \"b\", 1, -2, True, 'a-b', '']",
    "typing . List[int]",
    "Dict[str, 'A'] | None",
    "(int)",
    "int or str",
    "int if True else str",
    "Annotated[int, 'm', 3, 1.5, -0.25]",
    "Annotated[str, Note('x', 1, help='a' \"b\" 'c', choices=['p', 'q'], nested=Note(), pair=(1, 2), none=(), one=(3,), other=int,)]",
    "Annotated[int, 'it\\'s', b'y', 1e3, 0x10, 1_000, {'k': 1}, not 1, Note(*[1], **{'z': 2})]",
    "Annotated[int, f'{1}']",
    "Annotated[int, 'a' f'{2}']",
    "Literal['''q''']",
    "Dict[str, List[Tuple[int, ...]]]",
    "None",
    "'int'",
    "int[",
    "int]",
    "nope",
    "A.nope",
    "int |",
    "1 2",
    "Annotated[int, Note(a=1, 2)]",
    "Annotated[int, 3 .real]",
    "Annotated[int, Note().k]",
    "Annotated[int, (lambda: 3)()]",
]:
    hinted.__annotations__ = {"x": text}
    try:
        print(text, "->", get_type_hints(hinted), get_type_hints(hinted, include_extras=True))
    except Exception as e:
        print(text, "->", type(e).__name__)
