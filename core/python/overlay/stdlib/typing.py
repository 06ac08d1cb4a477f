# typing: special forms and generic aliases that print, compare and answer get_origin as CPython's do.
import collections
import collections.abc as _cabc
import types
from abc import ABCMeta
import _kdex

TYPE_CHECKING = False
_NoneType = type(None)
_BUILTIN_NAMES = frozenset(("List", "Dict", "Set", "FrozenSet", "Tuple", "Type"))
_Native = types.GenericAlias
_Or = types.UnionType


def _type_repr(t):
    if isinstance(t, type) and not isinstance(t, _Native):
        return t.__qualname__ if t.__module__ == "builtins" else f"{t.__module__}.{t.__qualname__}"
    if t is ...:
        return "..."
    if isinstance(t, types.FunctionType):
        return t.__name__
    return repr(t)


def _convert(t):
    if t is None:
        return _NoneType
    return ForwardRef(t) if isinstance(t, str) else t


def _checked(t, msg):
    t = _convert(t)
    if type(t) is tuple or isinstance(t, (int, float)) and not isinstance(t, type):
        raise TypeError(f"{msg} Got {t!r:.100}.")
    if t is Generic or t is Protocol:
        raise TypeError(f"Plain {t!r} is not valid as type argument")
    return t


def _params(args):
    out = []
    for a in args:
        if isinstance(a, (TypeVar, ParamSpec, TypeVarTuple)):
            if a not in out:
                out.append(a)
        elif isinstance(a, (list, tuple)):
            out.extend([p for p in _params(a) if p not in out])
        else:
            for p in (
                getattr(a, "__parameters__", None) or ()
                if not isinstance(a, type) or isinstance(a, _Native)
                else ()
            ):
                if p not in out:
                    out.append(p)
    return tuple(out)


def _subst(arg, table):
    if isinstance(arg, (TypeVar, ParamSpec, TypeVarTuple)):
        return table.get(arg, arg)
    if isinstance(arg, list):
        return [_subst(a, table) for a in arg]
    ps = (
        getattr(arg, "__parameters__", None)
        if not isinstance(arg, type) or isinstance(arg, _Native)
        else None
    )
    if ps:
        return arg[tuple([table.get(p, p) for p in ps])]
    return arg


class TypeVar:
    def __init__(
        self,
        name,
        *constraints,
        bound=None,
        covariant=False,
        contravariant=False,
        default=None,
        infer_variance=False,
    ):
        self.__name__ = name
        self.__constraints__ = tuple(map(_convert, constraints))
        self.__bound__ = None if bound is None else _convert(bound)
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)

    def __repr__(self):
        return (
            "+" if self.__covariant__ else "-" if self.__contravariant__ else "~"
        ) + self.__name__

    def __or__(self, o):
        return Union[self, o]

    def __ror__(self, o):
        return Union[o, self]

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")


class TypeVarTuple(TypeVar):
    def __repr__(self):
        return self.__name__

    def __iter__(self):
        yield Unpack[self]


class _PSPart:
    def __init__(self, origin, what):
        self.__origin__, self._what = origin, what

    def __repr__(self):
        return f"{self.__origin__.__name__}.{self._what}"


class ParamSpec(TypeVar):
    @property
    def args(self):
        return _PSPart(self, "args")

    @property
    def kwargs(self):
        return _PSPart(self, "kwargs")


class NewType:
    def __init__(self, name, tp):
        self.__name__ = self.__qualname__ = name
        self.__supertype__ = tp
        self.__module__ = _kdex.caller_module(1)

    def __call__(self, x):
        return x

    def __repr__(self):
        return f"{self.__module__}.{self.__qualname__}"

    def __or__(self, o):
        return Union[self, o]

    def __ror__(self, o):
        return Union[o, self]


class ForwardRef:
    def __init__(self, arg, is_argument=True, module=None, *, is_class=False):
        self.__forward_arg__ = arg
        self.__forward_module__ = module

    def __eq__(self, o):
        return (
            self.__forward_arg__ == o.__forward_arg__
            if isinstance(o, ForwardRef)
            else NotImplemented
        )

    def __hash__(self):
        return hash(self.__forward_arg__)

    def __repr__(self):
        return f"ForwardRef({self.__forward_arg__!r})"

    def __or__(self, o):
        return Union[self, o]

    def __ror__(self, o):
        return Union[o, self]


class _Base:
    """What forms and aliases share."""

    def __call__(self, *args, **kw):
        raise TypeError(f"Cannot instantiate {self!r}")

    def __or__(self, o):
        return Union[self, o]

    def __ror__(self, o):
        return Union[o, self]

    def __instancecheck__(self, obj):
        raise TypeError(f"{self!r} cannot be used with isinstance()")

    def __subclasscheck__(self, cls):
        raise TypeError(f"{self!r} cannot be used with issubclass()")


class _Form(_Base):
    def __init__(self, name, get=None):
        self._name, self._get = name, get
        self.__module__ = "typing"

    def __repr__(self):
        return "typing." + self._name

    def __getitem__(self, params):
        if self._get is None:
            raise TypeError(f"{self!r} is not subscriptable")
        return self._get(self, params)

    def __call__(self, *args, **kw):
        raise TypeError(f"Cannot instantiate {self!r}")

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass {self!r}")

    def __reduce__(self):
        return self._name

    def __hash__(self):
        return hash(self._name)


class _Alias(_Base):
    """A subscripted form or class: X[...]."""

    def __init__(self, origin, args, name=None):
        self.__origin__ = origin
        self.__args__ = args
        self._name = name

    @property
    def __parameters__(self):
        return _params(self.__args__)

    def __repr__(self):
        head = "typing." + self._name if self._name else _type_repr(self.__origin__)
        return f"{head}[{', '.join(map(_type_repr, self.__args__)) or '()'}]"

    def __eq__(self, o):
        if not isinstance(o, _Alias):
            return NotImplemented
        return self.__origin__ == o.__origin__ and self.__args__ == o.__args__

    def __hash__(self):
        return hash((self.__origin__, self.__args__))

    def __call__(self, *args, **kw):
        if isinstance(self.__origin__, _Form):
            raise TypeError(f"Cannot instantiate {self.__origin__!r}")
        if self._name in _BUILTIN_NAMES:
            raise TypeError(
                f"Type {self._name} cannot be instantiated; use {self.__origin__.__name__}() instead"
            )
        r = self.__origin__(*args, **kw)
        try:
            r.__orig_class__ = self
        except AttributeError:
            pass
        return r

    def _with(self, args):
        return type(self)(self.__origin__, args, self._name)

    def __getitem__(self, params):
        ps = self.__parameters__
        if not ps:
            raise TypeError(f"{self!r} is not a generic class")
        if not isinstance(params, tuple):
            params = (params,)
        if len(params) != len(ps) and not any(isinstance(p, (ParamSpec, TypeVarTuple)) for p in ps):
            few = "few" if len(params) < len(ps) else "many"
            raise TypeError(
                f"Too {few} arguments for {self!r}; actual {len(params)}, expected {len(ps)}"
            )
        table = dict(zip(ps, map(_convert, params)))
        return self._with(tuple([_subst(a, table) for a in self.__args__]))

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self.__dict__["__origin__"], name)

    def __mro_entries__(self, bases):
        if isinstance(self.__origin__, _Form):
            raise TypeError(f"Cannot subclass {self!r}")
        if self._name and self.__origin__ is not Generic and self.__origin__ is not Protocol:
            out = [self.__origin__] if self.__origin__ not in bases else []
            i = bases.index(self)
            if not any(
                isinstance(b, _Alias) or isinstance(b, type) and issubclass(b, Generic)
                for b in bases[i + 1 :]
            ):
                out.append(Generic)
            return tuple(out)
        if self.__origin__ is Generic:
            if Protocol in bases:
                return ()
            for b in bases[bases.index(self) + 1 :]:
                if isinstance(b, _Alias) and b is not self:
                    return ()
        return (self.__origin__,)

    def __instancecheck__(self, obj):
        raise TypeError("Subscripted generics cannot be used with class and instance checks")

    def __subclasscheck__(self, cls):
        raise TypeError("Subscripted generics cannot be used with class and instance checks")

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self

    def __iter__(self):
        yield Unpack[self]


class _UnionAlias(_Alias):
    def __eq__(self, o):
        if isinstance(o, _Or):
            return set(self.__args__) == set(o.__args__)
        return (
            set(self.__args__) == set(o.__args__) if isinstance(o, _UnionAlias) else NotImplemented
        )

    def __hash__(self):
        return hash(frozenset(self.__args__))

    def __repr__(self):
        a = self.__args__
        if len(a) == 2 and _NoneType in a:
            return f"typing.Optional[{_type_repr(a[0] if a[1] is _NoneType else a[1])}]"
        return f"typing.Union[{', '.join(map(_type_repr, a))}]"

    def _with(self, args):
        return Union[args]

    def __instancecheck__(self, obj):
        return self.__subclasscheck__(type(obj))

    def __subclasscheck__(self, cls):
        for a in self.__args__:
            if issubclass(cls, a):
                return True
        return False


class _LiteralAlias(_Alias):
    def __repr__(self):
        return f"typing.Literal[{', '.join(map(repr, self.__args__))}]"

    def __eq__(self, o):
        if not isinstance(o, _LiteralAlias):
            return NotImplemented
        return {(a, type(a)) for a in self.__args__} == {(a, type(a)) for a in o.__args__}

    def __hash__(self):
        return hash(frozenset([(a, type(a)) for a in self.__args__]))

    __parameters__ = ()


class _CallableAlias(_Alias):
    def __repr__(self):
        a = self.__args__
        if len(a) == 2 and (
            a[0] is ...
            or isinstance(a[0], (ParamSpec, _Alias))
            and not isinstance(a[0], _UnionAlias)
        ):
            return f"typing.Callable[{_type_repr(a[0])}, {_type_repr(a[1])}]"
        return f"typing.Callable[[{', '.join(map(_type_repr, a[:-1]))}], {_type_repr(a[-1])}]"


class _AnnotatedAlias(_Alias):
    def __init__(self, origin, metadata):
        super().__init__(origin, (origin,), "Annotated")
        self.__metadata__ = metadata

    def _with(self, args):
        return _AnnotatedAlias(args[0], self.__metadata__)

    def __repr__(self):
        return f"typing.Annotated[{_type_repr(self.__origin__)}, {', '.join(map(repr, self.__metadata__))}]"

    def __eq__(self, o):
        if not isinstance(o, _AnnotatedAlias):
            return NotImplemented
        return self.__origin__ == o.__origin__ and self.__metadata__ == o.__metadata__

    def __hash__(self):
        return hash((self.__origin__, self.__metadata__))

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __instancecheck__(self, obj):
        raise TypeError("Subscripted generics cannot be used with class and instance checks")


class _Collection(_Base):
    """List, Dict, Iterable ...: a class of another module, subscriptable under typing's name."""

    def __init__(self, name, origin, nparams):
        self._name, self.__origin__, self._nparams = name, origin, nparams
        self.__module__ = "typing"

    def __repr__(self):
        return "typing." + self._name

    def __call__(self, *args, **kw):
        if self._name in _BUILTIN_NAMES:
            raise TypeError(
                f"Type {self._name} cannot be instantiated; use {self.__origin__.__name__}() instead"
            )
        return self.__origin__(*args, **kw)

    def __getitem__(self, params):
        if self._name == "Tuple":
            if params == ():
                return _Alias(tuple, (), "Tuple")
            params = params if isinstance(params, tuple) else (params,)
            return _Alias(
                tuple,
                tuple(
                    [
                        p if p is ... else _checked(p, "Tuple[t0, t1, ...]: each t must be a type.")
                        for p in params
                    ]
                ),
                "Tuple",
            )
        if self._name == "Callable":
            if not isinstance(params, tuple) or len(params) != 2:
                raise TypeError("Callable must be used as Callable[[arg, ...], result].")
            a, r = params
            a = (
                tuple(
                    [
                        _checked(x, "Callable[[arg, ...], result]: each arg must be a type.")
                        for x in a
                    ]
                )
                if isinstance(a, list)
                else (a,)
            )
            return _CallableAlias(
                _cabc.Callable,
                (*a, _checked(r, "Callable[args, result]: result must be a type.")),
                "Callable",
            )
        params = params if isinstance(params, tuple) else (params,)
        if self._nparams and len(params) != self._nparams:
            few = "few" if len(params) < self._nparams else "many"
            raise TypeError(
                f"Too {few} arguments for {self!r}; actual {len(params)}, expected {self._nparams}"
            )
        return _Alias(
            self.__origin__,
            tuple([_checked(p, "Parameters to generic types must be types.") for p in params]),
            self._name,
        )

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self.__dict__["__origin__"], name)

    def __instancecheck__(self, obj):
        return isinstance(obj, self.__origin__)

    def __subclasscheck__(self, cls):
        return issubclass(cls, self.__origin__)

    def __mro_entries__(self, bases):
        out = (self.__origin__,) if self.__origin__ not in bases else ()
        return (
            out
            if any(
                isinstance(b, type) and issubclass(b, Generic) or isinstance(b, _Alias)
                for b in bases
            )
            else (*out, Generic)
        )

    def __hash__(self):
        return hash(self._name)


def _union(self, params):
    if params == ():
        raise TypeError("Cannot take a Union of no types.")
    if not isinstance(params, tuple):
        params = (params,)
    out = []
    for p in params:
        p = _checked(p, "Union[arg, ...]: each arg must be a type.")
        for q in p.__args__ if isinstance(p, (_UnionAlias, _Or)) else (p,):
            if q not in out:
                out.append(q)
    return out[0] if len(out) == 1 else _UnionAlias(Union, tuple(out))


def _optional(self, params):
    if isinstance(params, tuple):
        raise TypeError(f"{self} requires a single type. Got {params!r:.100}.")
    return Union[_checked(params, "Optional[t] requires a single type."), _NoneType]


def _literal(self, params):
    params = params if isinstance(params, tuple) else (params,)
    flat = []
    for p in params:
        for q in p.__args__ if isinstance(p, _LiteralAlias) else (p,):
            if not any(q == x and type(q) is type(x) for x in flat):
                flat.append(q)
    return _LiteralAlias(Literal, tuple(flat), "Literal")


def _single(self, params):
    return _Alias(self, (_checked(params, f"{self._name} accepts only single type."),), self._name)


def _concat(self, params):
    return _Alias(
        self, tuple(map(_convert, params if isinstance(params, tuple) else (params,))), self._name
    )


Union = _Form("Union", _union)
Optional = _Form("Optional", _optional)
Literal = _Form("Literal", _literal)
ClassVar = _Form("ClassVar", _single)
Final = _Form("Final", _single)
TypeGuard = _Form("TypeGuard", _single)
Required = _Form("Required", _single)
NotRequired = _Form("NotRequired", _single)
ReadOnly = _Form("ReadOnly", _single)
Unpack = _Form("Unpack", _single)
Concatenate = _Form("Concatenate", _concat)
Self = _Form("Self")
Never = _Form("Never")
NoReturn = _Form("NoReturn")
LiteralString = _Form("LiteralString")
TypeAlias = _Form("TypeAlias")
TypeIs = _Form("TypeIs", _single)


class _AnyMeta(type):
    def __instancecheck__(self, obj):
        if self is Any:
            raise TypeError("typing.Any cannot be used with isinstance()")
        return super().__instancecheck__(obj)

    def __repr__(self):
        return "typing.Any" if self is Any else super().__repr__()


class Any(metaclass=_AnyMeta):
    def __new__(cls, *args, **kw):
        if cls is Any:
            raise TypeError("Any cannot be instantiated")
        return super().__new__(cls, *args, **kw)


class Annotated:
    def __new__(cls, *args, **kw):
        raise TypeError("Type Annotated cannot be instantiated.")

    def __class_getitem__(cls, params):
        if not isinstance(params, tuple) or len(params) < 2:
            raise TypeError(
                "Annotated[...] should be used with at least two arguments (a type and an annotation)."
            )
        origin = _convert(params[0])
        meta = tuple(params[1:])
        if isinstance(origin, _AnnotatedAlias):
            return _AnnotatedAlias(origin.__origin__, origin.__metadata__ + meta)
        return _AnnotatedAlias(origin, meta)


class Generic:
    __slots__ = ()

    def __class_getitem__(cls, params):
        params = params if isinstance(params, tuple) else (params,)
        params = tuple(map(_convert, params))
        if cls is Generic or cls is Protocol:
            if not params:
                raise TypeError(f"Parameter list to {cls.__qualname__}[...] cannot be empty")
            if not all(isinstance(p, (TypeVar, _Alias)) for p in params):
                raise TypeError(
                    f"Parameters to {cls.__name__}[...] must all be type variables or parameter specification variables."
                )
            if len(set(params)) != len(params):
                raise TypeError(f"Parameters to {cls.__name__}[...] must all be unique")
            return _Alias(cls, params, cls.__name__)
        ps = cls.__parameters__
        if not ps:
            raise TypeError(f"{cls!r} is not a generic class")
        if len(ps) != len(params) and not any(isinstance(p, (ParamSpec, TypeVarTuple)) for p in ps):
            few = "few" if len(params) < len(ps) else "many"
            raise TypeError(
                f"Too {few} arguments for {cls!r}; actual {len(params)}, expected {len(ps)}"
            )
        return _Alias(cls, params)

    def __init_subclass__(cls, *args, **kw):
        super().__init_subclass__(*args, **kw)
        orig = cls.__dict__.get("__orig_bases__")
        if orig:
            ps = None
            for b in orig:
                if isinstance(b, _Alias) and b.__origin__ in (Generic, Protocol):
                    ps = b.__parameters__
            cls.__parameters__ = (
                _params([b for b in orig if isinstance(b, (_Alias, _Native))]) if ps is None else ps
            )
        elif "__parameters__" not in cls.__dict__:
            cls.__parameters__ = ()


_PROTO_SKIP = frozenset(
    "__abstractmethods__ __annotations__ __dict__ __doc__ __init__ __module__ __new__ __slots__ __subclasshook__ __weakref__ __class_getitem__ __parameters__ __orig_bases__ __orig_class__ _is_protocol _is_runtime_protocol _abc_impl __abc_impl__ __init_subclass__ __match_args__ __qualname__ __hash__ __static_attributes__ __firstlineno__".split()
)


def _proto_attrs(cls):
    names = set()
    for b in cls.__mro__[:-1]:
        if b is Protocol or b is Generic:
            continue
        for n in [*b.__dict__, *b.__dict__.get("__annotations__", {})]:
            if n not in _PROTO_SKIP:
                names.add(n)
    return names


def _only_methods(cls):
    return all(callable(getattr(cls, n, None)) for n in _proto_attrs(cls))


class _ProtocolMeta(ABCMeta):
    def __instancecheck__(cls, inst):
        if "_is_protocol" not in cls.__dict__ or not cls._is_protocol:
            return super().__instancecheck__(inst)
        if not getattr(cls, "_is_runtime_protocol", False):
            if cls in type(inst).__mro__:
                return True
            raise TypeError(
                "Instance and class checks can only be used with @runtime_checkable protocols"
            )
        if cls in type(inst).__mro__ or _only_methods(cls) and super().__instancecheck__(inst):
            return True
        for n in _proto_attrs(cls):
            if not hasattr(inst, n):
                return False
            v = getattr(cls, n, None)
            if callable(v) and getattr(inst, n) is None:
                return False
        return True

    def __subclasscheck__(cls, other):
        if (
            cls.__dict__.get("_is_protocol")
            and getattr(cls, "_is_runtime_protocol", False)
            and not _only_methods(cls)
        ):
            raise TypeError("Protocols with non-method members don't support issubclass()")
        return super().__subclasscheck__(other)


def _no_init(self, *args, **kw):
    if type(self)._is_protocol:
        raise TypeError("Protocols cannot be instantiated")


class Protocol(Generic, metaclass=_ProtocolMeta):
    __slots__ = ()
    _is_protocol = True
    _is_runtime_protocol = False

    def __init_subclass__(cls, *args, **kw):
        super().__init_subclass__(*args, **kw)
        if "_is_protocol" not in cls.__dict__:
            cls._is_protocol = any(b is Protocol for b in cls.__bases__)
        if "__subclasshook__" not in cls.__dict__:

            def hook(other):
                if not cls.__dict__.get("_is_protocol", False):
                    return NotImplemented
                if not getattr(cls, "_is_runtime_protocol", False):
                    return NotImplemented
                for n in _proto_attrs(cls):
                    for b in other.__mro__:
                        if n in b.__dict__:
                            if b.__dict__[n] is None:
                                return NotImplemented
                            break
                        own = b.__dict__.get("__annotations__")
                        if isinstance(own, dict) and n in own:
                            if getattr(other, "_is_protocol", False):
                                break
                    else:
                        return NotImplemented
                return True

            cls.__subclasshook__ = hook
        if cls._is_protocol and cls.__init__ is object.__init__:
            cls.__init__ = _no_init
        elif not cls._is_protocol and cls.__init__ is _no_init:
            cls.__init__ = lambda self: None


def runtime_checkable(cls):
    if not getattr(cls, "_is_protocol", False):
        raise TypeError("@runtime_checkable can be only applied to protocol classes, got %r" % cls)
    cls._is_runtime_protocol = True
    return cls


runtime = runtime_checkable


@runtime_checkable
class SupportsInt(Protocol):
    def __int__(self) -> int: ...


@runtime_checkable
class SupportsFloat(Protocol):
    def __float__(self) -> float: ...


@runtime_checkable
class SupportsIndex(Protocol):
    def __index__(self) -> int: ...


@runtime_checkable
class SupportsBytes(Protocol):
    def __bytes__(self) -> bytes: ...


@runtime_checkable
class SupportsAbs(Protocol):
    def __abs__(self): ...


@runtime_checkable
class SupportsRound(Protocol):
    def __round__(self, ndigits=0): ...


T = TypeVar("T")
KT = TypeVar("KT")
VT = TypeVar("VT")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)
AnyStr = TypeVar("AnyStr", bytes, str)
Text = str
List = _Collection("List", list, 1)
Dict = _Collection("Dict", dict, 2)
Set = _Collection("Set", set, 1)
FrozenSet = _Collection("FrozenSet", frozenset, 1)
Tuple = _Collection("Tuple", tuple, 0)
Type = _Collection("Type", type, 1)
Callable = _Collection("Callable", _cabc.Callable, 2)
DefaultDict = _Collection("DefaultDict", collections.defaultdict, 2)
OrderedDict = _Collection("OrderedDict", collections.OrderedDict, 2)
Counter = _Collection("Counter", collections.Counter, 1)
ChainMap = _Collection("ChainMap", collections.ChainMap, 2)
Deque = _Collection("Deque", collections.deque, 1)
Hashable = _Collection("Hashable", _cabc.Hashable, 0)
Sized = _Collection("Sized", _cabc.Sized, 0)
Iterable = _Collection("Iterable", _cabc.Iterable, 1)
Iterator = _Collection("Iterator", _cabc.Iterator, 1)
Reversible = _Collection("Reversible", _cabc.Reversible, 1)
Container = _Collection("Container", _cabc.Container, 1)
Collection = _Collection("Collection", _cabc.Collection, 1)
AbstractSet = _Collection("AbstractSet", _cabc.Set, 1)
MutableSet = _Collection("MutableSet", _cabc.MutableSet, 1)
Mapping = _Collection("Mapping", _cabc.Mapping, 2)
MutableMapping = _Collection("MutableMapping", _cabc.MutableMapping, 2)
Sequence = _Collection("Sequence", _cabc.Sequence, 1)
MutableSequence = _Collection("MutableSequence", _cabc.MutableSequence, 1)
ByteString = _Collection("ByteString", _cabc.ByteString, 0)
MappingView = _Collection("MappingView", _cabc.MappingView, 1)
KeysView = _Collection("KeysView", _cabc.KeysView, 1)
ItemsView = _Collection("ItemsView", _cabc.ItemsView, 2)
ValuesView = _Collection("ValuesView", _cabc.ValuesView, 1)
Generator = _Collection("Generator", _cabc.Generator, 3)
Awaitable = _Collection("Awaitable", _cabc.Awaitable, 1)
Coroutine = _Collection("Coroutine", _cabc.Coroutine, 3)
AsyncIterable = _Collection("AsyncIterable", _cabc.AsyncIterable, 1)
AsyncIterator = _Collection("AsyncIterator", _cabc.AsyncIterator, 1)
AsyncGenerator = _Collection("AsyncGenerator", _cabc.AsyncGenerator, 2)


def __getattr__(name):
    import importlib

    where = {
        "ContextManager": ("contextlib", "AbstractContextManager"),
        "AsyncContextManager": ("contextlib", "AbstractAsyncContextManager"),
        "Pattern": ("re", "Pattern"),
        "Match": ("re", "Match"),
    }.get(name)
    if where is None:
        raise AttributeError(f"module 'typing' has no attribute {name!r}")
    return _Collection(name, getattr(importlib.import_module(where[0]), where[1]), 1)


class IO(Generic[AnyStr]):
    pass


class TextIO(IO[str]):
    pass


class BinaryIO(IO[bytes]):
    pass


def cast(typ, val):
    return val


def overload(f):
    return _overload_dummy


def _overload_dummy(*args, **kw):
    raise NotImplementedError(
        "You should not call an overloaded function. A series of @overload-decorated functions outside a stub module should always be followed by an implementation that is not @overload-ed."
    )


def get_overloads(f):
    return []


def clear_overloads():
    pass


def final(f):
    try:
        f.__final__ = True
    except (AttributeError, TypeError):
        pass
    return f


def override(f):
    try:
        f.__override__ = True
    except (AttributeError, TypeError):
        pass
    return f


def no_type_check(f):
    return f


def no_type_check_decorator(d):
    return d


def dataclass_transform(**kw):
    return lambda c: c


def assert_never(arg, /):
    raise AssertionError(f"Expected code to be unreachable, but got: {arg!r}")


def assert_type(val, typ, /):
    return val


def reveal_type(obj, /):
    return obj


def get_origin(tp):
    if isinstance(tp, _AnnotatedAlias):
        return Annotated
    if isinstance(tp, (_Alias, _Collection)):
        return tp.__origin__
    if isinstance(tp, _Native):
        return tp.__origin__
    if isinstance(tp, _Or):
        return _Or
    if tp is Generic:
        return Generic
    return None


def get_args(tp):
    if isinstance(tp, _AnnotatedAlias):
        return (tp.__origin__,) + tp.__metadata__
    if isinstance(tp, (_Alias, _Native)):
        a = tp.__args__
        if tp.__origin__ is _cabc.Callable and not (
            len(a) == 2 and (a[0] is ... or isinstance(a[0], ParamSpec))
        ):
            return (list(a[:-1]), a[-1])
        return a
    if isinstance(tp, _Or):
        return tp.__args__
    return ()


def is_typeddict(tp):
    return isinstance(tp, _TypedDictMeta)


def _same(new, old):
    for a, b in zip(new, old):
        if a is not b:
            return False
    return True


def _evaluate(t, g, l):
    """Replaces forward references inside t."""
    if type(t) is type:
        return t
    if isinstance(t, ForwardRef):
        return _evaluate(_convert(_kdex.eval_annotation(t.__forward_arg__, g, l)), g, l)
    if isinstance(t, _AnnotatedAlias):
        o = _evaluate(t.__origin__, g, l)
        return t if o is t.__origin__ else _AnnotatedAlias(o, t.__metadata__)
    if isinstance(t, (_LiteralAlias, _Collection)):
        return t
    if isinstance(t, (_Alias, _Native, _Or)):
        native = isinstance(t, _Native)
        new = tuple(
            [
                _evaluate(ForwardRef(a) if native and isinstance(a, str) else a, g, l)
                for a in t.__args__
            ]
        )
        if _same(new, t.__args__):
            return t
        if isinstance(t, _Or):
            return Union[new]
        return _Native(t.__origin__, new) if native else t._with(new)
    return t


def _strip(t):
    if type(t) is type:
        return t
    if isinstance(t, _AnnotatedAlias):
        return _strip(t.__origin__)
    if isinstance(t, _Alias) and t.__origin__ in (Required, NotRequired):
        return _strip(t.__args__[0])
    if isinstance(t, (_Alias, _Native, _Or)) and not isinstance(t, _LiteralAlias):
        new = tuple([_strip(a) for a in t.__args__])
        if _same(new, t.__args__):
            return t
        if isinstance(t, _Or):
            return Union[new]
        return _Native(t.__origin__, new) if isinstance(t, _Native) else t._with(new)
    return t


_own_hints = {}  # id of a class -> [its annotations, their values, without extras or None, the class]: most share bases


def _hints_of(base, ann, globalns, localns, include_extras):
    known = _own_hints.get(id(base)) if globalns is None and localns is None else None
    if known is None or known[0] != ann:
        g = base.__module__ if globalns is None else globalns
        l = dict(vars(base)) if localns is None else localns
        hints = {}
        for name, value in ann.items():
            if value is None:
                value = _NoneType
            elif isinstance(value, str):
                value = _convert(_kdex.eval_annotation(value, g, l))
            hints[name] = _evaluate(value, g, l)
        known = [dict(ann), hints, None, base]
        if globalns is None and localns is None:
            _own_hints[id(base)] = known
    if include_extras:
        return known[1]
    if known[2] is None:
        known[2] = {k: _strip(v) for k, v in known[1].items()}
    return known[2]


def get_type_hints(obj, globalns=None, localns=None, include_extras=False):
    hints = {}
    if isinstance(obj, type):
        for base in reversed(obj.__mro__):
            ann = base.__dict__.get("__annotations__")
            if ann:
                hints.update(_hints_of(base, ann, globalns, localns, include_extras))
        return hints
    f = obj
    while hasattr(f, "__wrapped__"):
        f = f.__wrapped__
    g = (
        globalns
        if globalns is not None
        else getattr(f, "__globals__", None)
        if not isinstance(obj, types.ModuleType)
        else obj.__dict__
    )
    g = {} if g is None else g
    ann = getattr(obj, "__annotations__", None)
    if ann is None:
        if callable(obj):
            return {}
        raise TypeError(f"{obj!r} is not a module, class, method, or function.")
    for name, value in ann.items():
        if value is None:
            value = _NoneType
        elif isinstance(value, str):
            value = _convert(_kdex.eval_annotation(value, g, localns))
        hints[name] = _evaluate(value, g, localns)
    return hints if include_extras else {k: _strip(v) for k, v in hints.items()}


def _nt_make(name, names_types, defaults, module):
    cls = collections.namedtuple(
        name, [n for n, _ in names_types], defaults=defaults, module=module
    )
    cls.__annotations__ = cls.__new__.__annotations__ = {n: _convert(t) for n, t in names_types}
    return cls


class _NamedTupleMeta(type):
    def __new__(mcls, name, bases, ns, **kw):
        if ns.get("_nt_root"):
            return super().__new__(mcls, name, bases, ns)
        ann = ns.get("__annotations__", {})
        defaulted = []
        for f in ann:
            if f in ns:
                defaulted.append(f)
            elif defaulted:
                raise TypeError(
                    f"Non-default namedtuple field {f} cannot follow default field{'s' if len(defaulted) > 1 else ''} {', '.join(defaulted)}"
                )
        cls = _nt_make(name, list(ann.items()), [ns[n] for n in defaulted], ns["__module__"])
        cls.__bases__
        extra = [b for b in bases if b is not _NamedTuple]
        for k, v in ns.items():
            if k in (
                "_fields",
                "_field_defaults",
                "_make",
                "_replace",
                "_asdict",
                "__new__",
                "__init__",
                "__slots__",
                "__getnewargs__",
            ):
                raise AttributeError("Cannot overwrite NamedTuple attribute " + k)
            if k not in ann and k not in (
                "__module__",
                "__annotations__",
                "__orig_bases__",
                "__qualname__",
                "__dict__",
                "__weakref__",
            ):
                setattr(cls, k, v)
        if "__qualname__" in ns:
            cls.__qualname__ = ns["__qualname__"]
        if extra:
            d = {k: v for k, v in cls.__dict__.items() if k not in ("__dict__", "__weakref__")}
            cls = type(name, (tuple, *extra), d)
        return cls


class _NamedTuple(metaclass=_NamedTupleMeta):
    _nt_root = True


class _NamedTupleForm:
    def __call__(self, typename, fields=None, /, **kw):
        items = (
            list(fields.items())
            if isinstance(fields, dict)
            else list(fields)
            if fields is not None
            else list(kw.items())
        )
        return _nt_make(typename, items, None, _kdex.caller_module(1))

    def __mro_entries__(self, bases):
        return (_NamedTuple,)

    def __repr__(self):
        return "<function NamedTuple>"


NamedTuple = _NamedTupleForm()


class _TypedDictMeta(type):
    def __new__(mcls, name, bases, ns, total=True, closed=None):
        orig = ns.get("__orig_bases__")
        cls = type.__new__(
            mcls,
            name,
            (Generic, dict)
            if orig and any(isinstance(b, _Alias) and b.__origin__ is Generic for b in orig)
            else (dict,),
            {k: v for k, v in ns.items()},
        )
        ann, req, opt = {}, set(), set()
        for b in bases:
            ann.update(b.__dict__.get("__annotations__", {}))
            req |= b.__dict__.get("__required_keys__", frozenset())
            opt |= b.__dict__.get("__optional_keys__", frozenset())
        for k, t in ns.get("__annotations__", {}).items():
            t = _convert(t)
            ann[k] = t
            inner = t
            while isinstance(inner, _AnnotatedAlias):
                inner = inner.__origin__
            form = getattr(inner, "__origin__", None)
            req.discard(k)
            opt.discard(k)
            (req if form is Required or total and form is not NotRequired else opt).add(k)
        cls.__annotations__ = ann
        cls.__required_keys__ = frozenset(req)
        cls.__optional_keys__ = frozenset(opt)
        cls.__total__ = total
        return cls

    def __call__(cls, /, *args, **kw):
        return dict(*args, **kw)

    def __subclasscheck__(cls, other):
        raise TypeError("TypedDict does not support instance and class checks")

    __instancecheck__ = __subclasscheck__


class _TypedDictForm:
    def __call__(self, typename, fields=None, /, *, total=True, **kw):
        return _TypedDictMeta(
            typename,
            (),
            {"__annotations__": dict(fields or kw), "__module__": _kdex.caller_module(1)},
            total=total,
        )

    def __mro_entries__(self, bases):
        return (_TypedDict,)


_TypedDict = type.__new__(_TypedDictMeta, "TypedDict", (), {})
TypedDict = _TypedDictForm()
