# typing: subscripts, reprs, get_type_hints, get_origin, NamedTuple, TypedDict, Protocol, Generic.
from __future__ import annotations
from checks import assert_eq, assert_noted, assert_raises, finish, note
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


T = TypeVar("T")
K = TypeVar("K", bound=int)
assert_eq(str(Optional[int]), "typing.Optional[int]")
assert_eq(str(Union[int, str]), "typing.Union[int, str]")
assert_eq(str(Union[int, None]), "typing.Optional[int]")
assert_eq(Union[int], int)
assert_eq(str(List[int]), "typing.List[int]")
assert_eq(str(Dict[str, List[int]]), "typing.Dict[str, typing.List[int]]")
assert_eq(str(Tuple[int, ...]), "typing.Tuple[int, ...]")
assert_eq(str(Tuple[()]), "typing.Tuple[()]")
assert_eq(str(Callable[[int], str]), "typing.Callable[[int], str]")
assert_eq(str(Callable[..., Any]), "typing.Callable[..., typing.Any]")
assert_eq(str(Type[int]), "typing.Type[int]")
assert_eq(str(Literal["a", 1]), "typing.Literal['a', 1]")
assert_eq(str(ClassVar[int]), "typing.ClassVar[int]")
assert_eq(str(Annotated[int, "m"]), "typing.Annotated[int, 'm']")
assert_eq(str(Any), "typing.Any")
assert_eq(str(List), "typing.List")
assert_eq(str(Optional["Fwd"]), "typing.Optional[ForwardRef('Fwd')]")
assert_eq(str(Final[int]), "typing.Final[int]")
assert_eq(str(Iterable[int]), "typing.Iterable[int]")
assert_eq(str(Mapping[str, Any]), "typing.Mapping[str, typing.Any]")
assert_eq(str(T), "~T")
assert_eq(str(Sequence[T]), "typing.Sequence[~T]")
assert_eq(str(list[int]), "list[int]")
assert_eq(str(dict[str, int]), "dict[str, int]")
assert_eq(str(tuple[int, ...]), "tuple[int, ...]")
assert_eq(str(type[int]), "type[int]")
assert_eq(str(int | str), "int | str")
assert_eq(str(int | None), "int | None")
assert_eq(str(list[int] | None), "list[int] | None")
assert_eq(str(Optional[list[str]]), "typing.Optional[list[str]]")
assert_eq(str(set[str]), "set[str]")
assert_eq(str(collections.abc.Callable[[int], str]), "collections.abc.Callable[[int], str]")
assert_eq(str(collections.abc.Sequence[int]), "collections.abc.Sequence[int]")
assert_eq(get_origin(List[int]) is list, True)
assert_eq(get_origin(Optional[int]) is Union, True)
assert_eq(str(get_args(Optional[int])), "(<class 'int'>, <class 'NoneType'>)")
assert_eq(
    str(get_args(Union[int, str, None])), "(<class 'int'>, <class 'str'>, <class 'NoneType'>)"
)
assert_eq(str(get_origin(int | str)), "<class 'types.UnionType'>")
assert_eq(get_args(int | str), (int, str))
assert_eq(get_origin(Literal["a"]) is Literal, True)
assert_eq(get_args(Literal["a", "b"]), ("a", "b"))
assert_eq(get_origin(Callable[[int], str]) is collections.abc.Callable, True)
assert_eq(get_args(Callable[[int], str]), ([int], str))
assert_eq(get_args(Callable[..., int]), (Ellipsis, int))
assert_eq(get_origin(int), None)
assert_eq(get_args(int), ())
assert_eq(get_origin(Dict[str, int]) is dict, True)
assert_eq(get_args(Dict[str, int]), (str, int))
assert_eq(get_origin(list[int]) is list, True)
assert_eq(get_args(tuple[int, str]), (int, str))
assert_eq(get_origin(Annotated[int, 1]) is Annotated, True)
assert_eq(get_args(Annotated[int, 1]), (int, 1))
assert_eq(get_origin(Type[int]) is type, True)
assert_eq(get_origin(ClassVar[int]) is ClassVar, True)
assert_eq(get_origin(Tuple[int]) is tuple, True)
assert_eq(Union[int, str] == Union[str, int], True)
assert_eq(Optional[int] == Union[None, int], True)
assert_eq(str(Union[int, Union[str, None]]), "typing.Union[int, str, NoneType]")
assert_eq(Union[int, int], int)
assert_eq(List[int] == List[int], True)
assert_eq(hash(List[int]) == hash(List[int]), True)
assert_eq(Literal["a"] == Literal["a"], True)
assert_eq(int | str == Union[int, str], True)
assert_eq({List[int]: 1}[List[int]], 1)
assert_eq(Union[int, str].__args__, (int, str))
assert_eq(List[int].__origin__ is list, True)
assert_eq(isinstance(3, int | str), True)
assert_eq(isinstance("s", (int | None, str)), True)
assert_eq(issubclass(int, int | str), True)
assert_eq(isinstance(None, int | None), True)
assert_eq(Annotated[int, "m"].__metadata__, ("m",))
assert_eq(Literal[1, 2].__args__, (1, 2))
assert_eq(str(List[T][int]), "typing.List[int]")
assert_eq(str(Dict[K, T].__parameters__), "(~K, ~T)")
assert_eq(isinstance([], List), True)
assert_eq(isinstance({}, collections.abc.Mapping), True)
assert_eq(isinstance([], Sequence), True)
assert_eq(isinstance(3, typing.Hashable), True)
assert_eq(issubclass(dict, Mapping), True)
assert_raises(
    TypeError,
    "Subscripted generics cannot be used with class and instance checks",
    lambda: isinstance([], List[int]),
)
assert_raises(
    TypeError,
    "isinstance() argument 2 cannot be a parameterized generic",
    lambda: isinstance([], list[int]),
)
assert_raises(TypeError, "typing.Any cannot be used with isinstance()", lambda: isinstance(3, Any))
assert_raises(
    TypeError,
    "typing.Optional requires a single type. Got (<class 'int'>, <class 'str'>).",
    lambda: Optional[int, str],
)
assert_raises(TypeError, "Cannot instantiate typing.Optional", lambda: Optional())
assert_eq(isinstance(3, Optional[int]) or isinstance(None, Optional[int]), True)


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


assert_eq(
    A.__annotations__,
    {
        "x": "int",
        "y": "Optional[str]",
        "z": "List['A']",
        "c": "ClassVar[int]",
        "d": "Annotated[int, 'meta']",
    },
)
assert_eq(B.__annotations__, {"x": "str", "w": "dict[str, int] | None"})
h = get_type_hints(A)
assert_eq(h["x"], int)
assert_eq(str(h["y"]), "typing.Optional[str]")
assert_eq(h["z"] == List[A], True)
assert_eq(str(h["c"]), "typing.ClassVar[int]")
assert_eq(h["d"], int)
assert_eq(str(get_type_hints(A, include_extras=True)["d"]), "typing.Annotated[int, 'meta']")
assert_eq(list(get_type_hints(B)), ["x", "y", "z", "c", "d", "w"])
assert_eq(get_type_hints(B)["x"], str)
assert_eq(str(get_type_hints(B)["w"]), "dict[str, int] | None")
assert_eq(get_type_hints(A.f)["return"] == Optional[A], True)
assert_eq(get_type_hints(A.f)["b"], str)
assert_eq(
    A.f.__annotations__, {"a": "int", "b": "'str'", "c": "float", "k": "A", "return": "Optional[A]"}
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
assert_eq(str(n), "NT(a=1, b='d', c=None)")
assert_eq(n.a, 1)
assert_eq(n[1], "d")
assert_eq(n.double, 2)
assert_eq(str(n.meth()), "NT(a=9, b='d', c=None)")
assert_eq(n._fields, ("a", "b", "c"))
assert_eq(NT._field_defaults, {"b": "d", "c": None})
assert_eq(n == (1, "d", None), True)
assert_eq(isinstance(n, tuple), True)
assert_eq(n._asdict(), {"a": 1, "b": "d", "c": None})
assert_eq(str(NT(b="x", a=2)), "NT(a=2, b='x', c=None)")
assert_eq(str(NT._make([1, 2, 3])), "NT(a=1, b=2, c=3)")
assert_eq(len(n), 3)
assert_eq([*n], [1, "d", None])
assert_eq(NT.__doc__, "nt doc")
assert_eq(
    str(NT.__annotations__),
    "{'a': ForwardRef('int'), 'b': ForwardRef('str'), 'c': ForwardRef('Optional[float]')}",
)
assert_eq(hash(n) == hash((1, "d", None)), True)
assert_eq(NT.__name__, "NT")
assert_raises(TypeError, "NT.__new__() missing 1 required positional argument: 'a'", NT)
assert_raises(
    TypeError,
    "NT.__new__() takes from 2 to 4 positional arguments but 5 were given",
    NT,
    1,
    2,
    3,
    4,
)
assert_raises(TypeError, "NT.__new__() got an unexpected keyword argument 'q'", NT, 1, q=2)
a, b, c = n
assert_eq(a, 1)
assert_eq(b, "d")
assert_eq(c, None)


def setnt():
    n.a = 5


assert_raises(AttributeError, "can't set attribute", setnt)
Emp = NamedTuple("Emp", [("name", str), ("id", int)])
assert_eq(str(Emp("n", 1)), "Emp(name='n', id=1)")
assert_eq(Emp._fields, ("name", "id"))


class TD(TypedDict, total=False):
    a: int
    b: str


class TD2(TD):
    c: List[int]


t = TD(a=1)
assert_eq(t, {"a": 1})
assert_eq(type(t) is dict, True)
assert_eq(TD.__total__, False)
assert_eq(list(TD2.__annotations__), ["a", "b", "c"])
assert_eq(TD2(a=1, c=[2]), {"a": 1, "c": [2]})
assert_eq(TD.__optional_keys__ == frozenset({"a", "b"}), True)
assert_eq(TD2.__required_keys__ == frozenset({"c"}), True)


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


assert_eq(isinstance(Impl(), HasF), True)
assert_eq(isinstance(NotImpl(), HasF), False)
assert_eq(isinstance(3, HasF), False)


class PlainP(Protocol):
    def g(self): ...


assert_raises(
    TypeError,
    "Instance and class checks can only be used with @runtime_checkable protocols",
    isinstance,
    3,
    PlainP,
)
assert_raises(TypeError, "Protocols cannot be instantiated", PlainP)


class Explicit(PlainP):
    def g(self):
        return "g"


assert_eq(Explicit().g(), "g")
assert_eq(issubclass(Explicit, PlainP) if False else "", "")


class Box(Generic[T]):
    def __init__(self, v: T):
        self.v = v


class IntBox(Box[int]):
    pass


class Two(Generic[K, T], Box[T]):
    pass


assert_eq(Box[int](3).v, 3)
assert_eq(IntBox(4).v, 4)
assert_eq(str(Box.__parameters__), "(~T,)")
assert_eq(IntBox.__mro__[1] is Box, True)
assert_eq(str(Two.__parameters__), "(~K, ~T)")
assert_eq(Box[int].__origin__ is Box, True)
assert_eq(Box[int].__args__, (int,))
assert_eq(str(IntBox.__orig_bases__[0]), "__main__.Box[int]")
assert_eq(isinstance(Box[int](1), Box), True)
assert_eq(Generic in Box.__mro__, True)
assert_eq(repr(Box[str])[-10:], "_.Box[str]")
assert_eq(get_args(IntBox.__orig_bases__[0]), (int,))
UserId = NewType("UserId", int)
assert_eq(UserId(5), 5)
assert_eq(UserId.__name__, "UserId")
assert_eq(UserId.__supertype__, int)


@overload
def ov(x: int) -> int: ...
@overload
def ov(x: str) -> str: ...
def ov(x):
    return x


assert_eq(ov(3), 3)
assert_eq(cast(int, "not"), "not")
assert_eq(TYPE_CHECKING, False)
assert_eq(cast("Any", 1), 1)
assert_eq(typing.no_type_check(len) is len if False else "", "")
if TYPE_CHECKING:
    from nowhere import Nothing


def uses(x: Nothing) -> Nothing:
    return x


assert_eq(uses(1), 1)
assert_eq(uses.__annotations__, {"x": "Nothing", "return": "Nothing"})
assert_raises(NameError, "name 'Nothing' is not defined", get_type_hints, uses)
assert_raises(
    TypeError,
    "Parameters to Generic[...] must all be type variables or parameter specification variables.",
    lambda: Generic[int],
)
assert_raises(
    TypeError, "Type List cannot be instantiated; use list() instead", lambda: List[int]()
)
assert_raises(TypeError, "Cannot instantiate typing.Union", lambda: Union[int, str]())
assert_raises(TypeError, "Cannot instantiate typing.Literal", lambda: Literal["a"]("x"))
assert_raises(TypeError, "Any cannot be instantiated", lambda: Any())
note(
    Dict[str, int](a=1),
    List[int]([1]),
    T.__name__,
    K.__bound__,
    typing.get_type_hints(get),
) if False else note("end")
assert_noted(("end",))


def get(x: int, y: Literal["a"] = "a") -> None: ...


assert_eq(
    str(get_type_hints(get)),
    "{'x': <class 'int'>, 'y': typing.Literal['a'], 'return': <class 'NoneType'>}",
)
assert_eq(type(None) in get_args(Optional[int]), True)
assert_eq(Union[str, None].__args__[1] is type(None), True)
L = list[int]
assert_eq(L([1]), [1])
assert_eq(L.__origin__, list)
assert_eq(L.__args__, (int,))
assert_eq(type(L).__name__, "GenericAlias")


class Sub(list[int]):
    pass


class SubD(Dict[str, int]):
    pass


assert_eq(str(Sub([1])), "[1]")
assert_eq(Sub.__mro__[1], list)
assert_eq(str(SubD(a=1)), "{'a': 1}")
assert_eq(SubD.__mro__[1], dict)
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
assert_eq(P.__name__, "P")
assert_eq(P.args is not None, True)
assert_eq(is_typeddict(TD), True)
assert_eq(str(Self), "typing.Self")
assert_eq(str(Never), "typing.Never")


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
        note(text, "->", get_type_hints(hinted), get_type_hints(hinted, include_extras=True))
    except Exception as e:
        note(text, "->", type(e).__name__)
assert_noted(
    ("int | None", "->", "{'x': int | None}", "{'x': int | None}"),
    (
        "Optional[ 'A' ]",
        "->",
        "{'x': typing.Optional[__main__.A]}",
        "{'x': typing.Optional[__main__.A]}",
    ),
    ("list[int,]", "->", "{'x': list[int]}", "{'x': list[int]}"),
    ("tuple[int, ...]", "->", "{'x': tuple[int, ...]}", "{'x': tuple[int, ...]}"),
    (
        "Callable[[int, str], None]",
        "->",
        "{'x': typing.Callable[[int, str], NoneType]}",
        "{'x': typing.Callable[[int, str], NoneType]}",
    ),
    (
        "Literal['a', \"b\", 1, -2, True, 'a-b', '']",
        "->",
        "{'x': typing.Literal['a', 'b', 1, -2, True, 'a-b', '']}",
        "{'x': typing.Literal['a', 'b', 1, -2, True, 'a-b', '']}",
    ),
    ("typing . List[int]", "->", "{'x': typing.List[int]}", "{'x': typing.List[int]}"),
    (
        "Dict[str, 'A'] | None",
        "->",
        "{'x': typing.Optional[typing.Dict[str, __main__.A]]}",
        "{'x': typing.Optional[typing.Dict[str, __main__.A]]}",
    ),
    ("(int)", "->", "{'x': <class 'int'>}", "{'x': <class 'int'>}"),
    ("int or str", "->", "{'x': <class 'int'>}", "{'x': <class 'int'>}"),
    ("int if True else str", "->", "{'x': <class 'int'>}", "{'x': <class 'int'>}"),
    (
        "Annotated[int, 'm', 3, 1.5, -0.25]",
        "->",
        "{'x': <class 'int'>}",
        "{'x': typing.Annotated[int, 'm', 3, 1.5, -0.25]}",
    ),
    (
        "Annotated[str, Note('x', 1, help='a' \"b\" 'c', choices=['p', 'q'], nested=Note(), pair=(1, 2), none=(), one=(3,), other=int,)]",
        "->",
        "{'x': <class 'str'>}",
        "{'x': typing.Annotated[str, Note('x', 1)[('choices', ['p', 'q']), ('help', 'abc'), ('nested', Note()[]), ('none', ()), ('one', (3,)), ('other', <class 'int'>), ('pair', (1, 2))]]}",
    ),
    (
        "Annotated[int, 'it\\'s', b'y', 1e3, 0x10, 1_000, {'k': 1}, not 1, Note(*[1], **{'z': 2})]",
        "->",
        "{'x': <class 'int'>}",
        "{'x': typing.Annotated[int, \"it's\", b'y', 1000.0, 16, 1000, {'k': 1}, False, Note(1,)[('z', 2)]]}",
    ),
    ("Annotated[int, f'{1}']", "->", "{'x': <class 'int'>}", "{'x': typing.Annotated[int, '1']}"),
    (
        "Annotated[int, 'a' f'{2}']",
        "->",
        "{'x': <class 'int'>}",
        "{'x': typing.Annotated[int, 'a2']}",
    ),
    ("Literal['''q''']", "->", "{'x': typing.Literal['q']}", "{'x': typing.Literal['q']}"),
    (
        "Dict[str, List[Tuple[int, ...]]]",
        "->",
        "{'x': typing.Dict[str, typing.List[typing.Tuple[int, ...]]]}",
        "{'x': typing.Dict[str, typing.List[typing.Tuple[int, ...]]]}",
    ),
    ("None", "->", "{'x': <class 'NoneType'>}", "{'x': <class 'NoneType'>}"),
    ("'int'", "->", "{'x': <class 'int'>}", "{'x': <class 'int'>}"),
    ("int[", "->", "SyntaxError"),
    ("int]", "->", "SyntaxError"),
    ("nope", "->", "NameError"),
    ("A.nope", "->", "AttributeError"),
    ("int |", "->", "SyntaxError"),
    ("1 2", "->", "SyntaxError"),
    ("Annotated[int, Note(a=1, 2)]", "->", "SyntaxError"),
    ("Annotated[int, 3 .real]", "->", "{'x': <class 'int'>}", "{'x': typing.Annotated[int, 3]}"),
    ("Annotated[int, Note().k]", "->", "{'x': <class 'int'>}", "{'x': typing.Annotated[int, {}]}"),
    (
        "Annotated[int, (lambda: 3)()]",
        "->",
        "{'x': <class 'int'>}",
        "{'x': typing.Annotated[int, 3]}",
    ),
)

finish(298)
