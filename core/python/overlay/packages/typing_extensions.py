# typing_extensions: what newer Pythons have in typing.
from typing import *
from typing import (
    AbstractSet,
    Annotated,
    Any,
    AnyStr,
    AsyncContextManager,
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    BinaryIO,
    Callable,
    ClassVar,
    Collection,
    Concatenate,
    Container,
    ContextManager,
    Coroutine,
    Counter,
    DefaultDict,
    Deque,
    Dict,
    Final,
    ForwardRef,
    FrozenSet,
    Generator,
    Generic,
    Hashable,
    IO,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    List,
    Literal,
    LiteralString,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    NamedTuple,
    Never,
    NewType,
    NoReturn,
    NotRequired,
    Optional,
    OrderedDict,
    ParamSpec,
    Protocol,
    ReadOnly,
    Required,
    Reversible,
    Self,
    Sequence,
    Set,
    Sized,
    SupportsFloat,
    SupportsIndex,
    SupportsInt,
    Text,
    TextIO,
    Tuple,
    Type,
    TypeAlias,
    TypedDict,
    TypeGuard,
    TypeIs,
    TypeVar,
    TypeVarTuple,
    Union,
    Unpack,
    ValuesView,
    TYPE_CHECKING,
    assert_never,
    assert_type,
    cast,
    clear_overloads,
    dataclass_transform,
    final,
    get_args,
    get_origin,
    get_overloads,
    get_type_hints,
    is_typeddict,
    no_type_check,
    overload,
    override,
    reveal_type,
    runtime,
    runtime_checkable,
)
from warnings import deprecated


class TypeAliasType:
    def __init__(self, name, value, *, type_params=()):
        self.__name__, self.__value__, self.__type_params__ = name, value, type_params

    def __repr__(self):
        return self.__name__


class Doc:
    def __init__(self, documentation, /):
        self.documentation = documentation


class Sentinel:
    def __init__(self, name, repr=None):
        self._name = name

    def __repr__(self):
        return f"<{self._name}>"
