# dataclasses: the generated methods are closures over the field table; nothing is compiled from text.
import sys
import types
import abc as _abc
from functools import wraps
import _kdex


class FrozenInstanceError(AttributeError):
    pass


class _Missing:
    def __repr__(self):
        return "<dataclasses._MISSING_TYPE object>"


class _KwOnly:
    pass


MISSING = _Missing()
KW_ONLY = _KwOnly()
_empty_metadata = types.MappingProxyType({})
_FIELD, _CLASSVAR, _INITVAR = "_FIELD", "_FIELD_CLASSVAR", "_FIELD_INITVAR"


class InitVar:
    __slots__ = ("type",)

    def __init__(self, type):
        self.type = type

    def __repr__(self):
        return f"dataclasses.InitVar[{getattr(self.type, '__name__', None) or repr(self.type)}]"

    def __class_getitem__(cls, type):
        return InitVar(type)


class Field:
    __slots__ = (
        "name",
        "type",
        "default",
        "default_factory",
        "init",
        "repr",
        "hash",
        "compare",
        "metadata",
        "kw_only",
        "_field_type",
    )

    def __init__(self, default, default_factory, init, repr, hash, compare, metadata, kw_only):
        self.name = self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = _empty_metadata if metadata is None else types.MappingProxyType(metadata)
        self.kw_only = kw_only
        self._field_type = None

    def __repr__(self):
        return "Field(" + ",".join(f"{n}={getattr(self, n)!r}" for n in self.__slots__) + ")"

    def __set_name__(self, owner, name):
        f = getattr(type(self.default), "__set_name__", None)
        if f is not None:
            f(self.default, owner, name)

    __class_getitem__ = classmethod(types.GenericAlias)


class _Params:
    def __init__(self, **kw):
        self.__dict__.update(kw)

    def __repr__(self):
        return "_DataclassParams(" + ",".join(f"{k}={v!r}" for k, v in self.__dict__.items()) + ")"


def field(
    *,
    default=MISSING,
    default_factory=MISSING,
    init=True,
    repr=True,
    hash=None,
    compare=True,
    metadata=None,
    kw_only=MISSING,
):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, hash, compare, metadata, kw_only)


def _named(ann, name):
    """Does a string annotation name ClassVar, InitVar or KW_ONLY (with a module prefix or not)?"""
    if name not in ann:
        return False
    head = ann.strip().split("[", 1)[0].strip()
    return head == name or head.endswith("." + name)


def _kind(ann):
    if isinstance(ann, str):
        return (
            _CLASSVAR if _named(ann, "ClassVar") else _INITVAR if _named(ann, "InitVar") else _FIELD
        )
    if ann is InitVar or type(ann) is InitVar:
        return _INITVAR
    if _kdex.is_unknown(ann):
        return _FIELD
    if (
        getattr(ann, "_name", None) == "ClassVar"
        or getattr(getattr(ann, "__origin__", None), "_name", None) == "ClassVar"
    ):
        return _CLASSVAR
    return _FIELD


def _get_field(cls, name, ann, kw_only):
    default = getattr(cls, name, MISSING)
    if isinstance(default, Field):
        f = default
    else:
        if isinstance(default, types.MemberDescriptorType):
            default = MISSING
        f = Field(default, MISSING, True, True, None, True, None, MISSING)
    f.name = name
    f.type = ann
    kind = f._field_type = _kind(ann)
    if kind is not _FIELD:
        if f.default_factory is not MISSING:
            raise TypeError(f"field {name} cannot have a default factory")
        if kind is _CLASSVAR:
            if f.kw_only is not MISSING:
                raise TypeError(f"field {name} is a ClassVar but specifies kw_only")
            return f
    if f.kw_only is MISSING:
        f.kw_only = kw_only
    if kind is _FIELD and f.default.__class__.__hash__ is None:
        raise ValueError(
            f"mutable default {type(f.default)} for field {name} is not allowed: use default_factory"
        )
    return f


def _and(names):
    names = [repr(n) for n in names]
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return names[0] + " and " + names[1]
    return ", ".join(names[:-1]) + ", and " + names[-1]


def _make_init(cls, table, frozen):
    """table: Fields in order (real fields and InitVars)."""
    std = [f for f in table if f.init and not f.kw_only]
    kwo = [f for f in table if f.init and f.kw_only]
    seen = None
    for f in std:
        if f.default is MISSING and f.default_factory is MISSING:
            if seen:
                raise TypeError(f"non-default argument {f.name!r} follows default argument")
        else:
            seen = f
    names = tuple([f.name for f in std])
    npos = len(names)
    # one row a field: name, default, factory, takes an argument, is stored
    rows = []
    for f in table:
        stored = f._field_type is _FIELD
        if not f.init and (not stored or f.default_factory is MISSING):
            continue
        rows.append((f.name, f.default, f.default_factory, f.init, stored))
    accepted = frozenset([f.name for f in table if f.init])
    initvars = tuple([f.name for f in table if f._field_type is _INITVAR])
    post = hasattr(cls, "__post_init__")
    put = object.__setattr__ if frozen or cls.__setattr__ is object.__setattr__ else None
    label = cls.__qualname__ + ".__init__()"

    def refuse(args, given):
        if len(args) > npos:
            lo = len([f for f in std if f.default is MISSING and f.default_factory is MISSING]) + 1
            want = str(npos + 1) if lo == npos + 1 else f"from {lo} to {npos + 1}"
            raise TypeError(
                f"{label} takes {want} positional argument{'' if want == '1' else 's'} but {len(args) + 1} were given"
            )
        for k in given:
            if k not in accepted:
                raise TypeError(f"{label} got an unexpected keyword argument {k!r}")

    def lacking(given):
        a = [
            f.name
            for f in std
            if f.name not in given and f.default is MISSING and f.default_factory is MISSING
        ]
        if a:
            raise TypeError(
                f"{label} missing {len(a)} required positional argument{'s' if len(a) > 1 else ''}: {_and(a)}"
            )
        b = [
            f.name
            for f in kwo
            if f.name not in given and f.default is MISSING and f.default_factory is MISSING
        ]
        raise TypeError(
            f"{label} missing {len(b)} required keyword-only argument{'s' if len(b) > 1 else ''}: {_and(b)}"
        )

    def __init__(self, /, *args, **given):
        if args:
            if len(args) > npos:
                refuse(args, given)
            for k, v in zip(names, args):
                if k in given:
                    raise TypeError(f"{label} got multiple values for argument {k!r}")
                given[k] = v
        used = 0
        late = {}
        for name, default, factory, takes, stored in rows:
            if takes and name in given:
                v = given[name]
                used += 1
            elif factory is not MISSING:
                v = factory()
            elif default is not MISSING:
                v = default
            else:
                refuse((), given)
                lacking(given)
            late[name] = v
        if used != len(given):
            refuse((), given)
        if put is None:
            for name, default, factory, takes, stored in rows:
                if stored:
                    setattr(self, name, late[name])
        else:
            for name, default, factory, takes, stored in rows:
                if stored:
                    put(self, name, late[name])
        if post:
            if initvars:
                self.__post_init__(*[late[n] for n in initvars])
            else:
                self.__post_init__()

    __init__.__qualname__ = cls.__qualname__ + ".__init__"
    __init__._dataclass_parameters = (tuple(std), tuple(kwo))
    __init__.__annotations__ = {**{f.name: f.type for f in table if f.init}, "return": None}
    return __init__


def _make_repr(names):
    busy = set()

    def __repr__(self):
        key = id(self)
        if key in busy:
            return "..."
        busy.add(key)
        try:
            return (
                self.__class__.__qualname__
                + "("
                + ", ".join([f"{n}={getattr(self, n)!r}" for n in names])
                + ")"
            )
        finally:
            busy.discard(key)

    return __repr__


def _make_cmp(name, names, op):
    def method(self, other):
        if other.__class__ is self.__class__:
            return op(
                tuple([getattr(self, n) for n in names]), tuple([getattr(other, n) for n in names])
            )
        return NotImplemented

    method.__name__ = name
    return method


def _set_new(cls, name, value):
    if name in cls.__dict__:
        return True
    value.__qualname__ = f"{cls.__qualname__}.{name}"
    setattr(cls, name, value)
    return False


def _process(
    cls, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only, slots, weakref_slot
):
    table = {}
    has_bases = any_frozen = False
    all_frozen = True
    for b in cls.__mro__[-1:0:-1]:
        bf = b.__dict__.get("__dataclass_fields__")
        if bf is not None:
            has_bases = True
            for f in bf.values():
                table[f.name] = f
            if b.__dict__["__dataclass_params__"].frozen:
                any_frozen = True
            else:
                all_frozen = False
    anns = cls.__dict__.get("__annotations__", {})
    own = []
    for name, ann in anns.items():
        if ann is KW_ONLY or isinstance(ann, str) and _named(ann, "KW_ONLY"):
            kw_only = True
        else:
            own.append(_get_field(cls, name, ann, kw_only))
    for f in own:
        table[f.name] = f
        if isinstance(cls.__dict__.get(f.name), Field):
            if f.default is MISSING:
                delattr(cls, f.name)
            else:
                setattr(cls, f.name, f.default)
    for name, value in cls.__dict__.items():
        if isinstance(value, Field) and name not in anns:
            raise TypeError(f"{name!r} is a field but has no type annotation")
    if has_bases:
        if any_frozen and not frozen:
            raise TypeError("cannot inherit non-frozen dataclass from a frozen one")
        if not all_frozen and frozen:
            raise TypeError("cannot inherit frozen dataclass from a non-frozen one")
    cls.__dataclass_fields__ = table
    cls.__dataclass_params__ = _Params(
        init=init, repr=repr, eq=eq, order=order, unsafe_hash=unsafe_hash, frozen=frozen
    )
    own_hash = cls.__dict__.get("__hash__", MISSING)
    explicit_hash = not (own_hash is MISSING or own_hash is None and "__eq__" in cls.__dict__)
    if order and not eq:
        raise ValueError("eq must be true if order is true")
    real = [f for f in table.values() if f._field_type is _FIELD]
    if init:
        _set_new(
            cls,
            "__init__",
            _make_init(cls, [f for f in table.values() if f._field_type is not _CLASSVAR], frozen),
        )
    if repr:
        _set_new(cls, "__repr__", _make_repr([f.name for f in real if f.repr]))
    compared = tuple([f.name for f in real if f.compare])
    if eq:
        _set_new(cls, "__eq__", _make_cmp("__eq__", compared, lambda a, b: a == b))
    if order:
        for name, op in (
            ("__lt__", lambda a, b: a < b),
            ("__le__", lambda a, b: a <= b),
            ("__gt__", lambda a, b: a > b),
            ("__ge__", lambda a, b: a >= b),
        ):
            if _set_new(cls, name, _make_cmp(name, compared, op)):
                raise TypeError(
                    f"Cannot overwrite attribute {name} in class {cls.__name__}. Consider using functools.total_ordering"
                )
    if frozen:
        names = frozenset([f.name for f in real])

        def __setattr__(self, name, value):
            if type(self) is cls or name in names:
                raise FrozenInstanceError(f"cannot assign to field {name!r}")
            super(cls, self).__setattr__(name, value)

        def __delattr__(self, name):
            if type(self) is cls or name in names:
                raise FrozenInstanceError(f"cannot delete field {name!r}")
            super(cls, self).__delattr__(name)

        for f in (__setattr__, __delattr__):
            if _set_new(cls, f.__name__, f):
                raise TypeError(f"Cannot overwrite attribute {f.__name__} in class {cls.__name__}")
    hashed = tuple([f.name for f in real if (f.compare if f.hash is None else f.hash)])

    def __hash__(self):
        return hash(tuple([getattr(self, n) for n in hashed]))

    if unsafe_hash:
        if explicit_hash:
            raise TypeError(f"Cannot overwrite attribute __hash__ in class {cls.__name__}")
        cls.__hash__ = __hash__
    elif eq and frozen:
        if not explicit_hash:
            cls.__hash__ = __hash__
    elif eq and not explicit_hash:
        cls.__hash__ = None
    if match_args and "__match_args__" not in cls.__dict__:
        cls.__match_args__ = tuple(
            [
                f.name
                for f in table.values()
                if f._field_type is not _CLASSVAR and f.init and not f.kw_only
            ]
        )
    if not cls.__doc__:
        cls.__doc__ = cls.__name__
    if slots:
        cls = _with_slots(cls, [f.name for f in real])
    _abc.update_abstractmethods(cls)
    return cls


def _with_slots(cls, names):
    if "__slots__" in cls.__dict__:
        raise TypeError(f"{cls.__name__} already specifies __slots__")
    d = dict(cls.__dict__)
    inherited = {s for b in cls.__mro__[1:-1] for s in b.__dict__.get("__slots__", ())}
    d["__slots__"] = tuple([n for n in names if n not in inherited])
    for n in names:
        d.pop(n, None)
    d.pop("__dict__", None)
    d.pop("__weakref__", None)
    new = type(cls)(cls.__name__, cls.__bases__, d)
    new.__qualname__ = cls.__qualname__
    return new


def dataclass(
    cls=None,
    /,
    *,
    init=True,
    repr=True,
    eq=True,
    order=False,
    unsafe_hash=False,
    frozen=False,
    match_args=True,
    kw_only=False,
    slots=False,
    weakref_slot=False,
):
    if cls is None:
        return lambda c: _process(
            c, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only, slots, weakref_slot
        )
    return _process(
        cls, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only, slots, weakref_slot
    )


def fields(class_or_instance):
    try:
        table = class_or_instance.__dataclass_fields__
    except AttributeError:
        raise TypeError("must be called with a dataclass type or instance") from None
    return tuple([f for f in table.values() if f._field_type is _FIELD])


def is_dataclass(obj):
    cls = obj if isinstance(obj, type) else type(obj)
    return hasattr(cls, "__dataclass_fields__")


def _is_instance(obj):
    return hasattr(type(obj), "__dataclass_fields__")


def asdict(obj, *, dict_factory=dict):
    if not _is_instance(obj):
        raise TypeError("asdict() should be called on dataclass instances")
    return _asdict(obj, dict_factory)


_scalars = frozenset((int, float, str, bool, bytes, type(None)))


def _asdict(obj, make):
    cls = type(obj)
    if cls in _scalars:
        return obj
    if _is_instance(obj):
        return make([(f.name, _asdict(getattr(obj, f.name), make)) for f in fields(obj)])
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return cls(*[_asdict(v, make) for v in obj])
    if isinstance(obj, (list, tuple)):
        return cls([_asdict(v, make) for v in obj])
    if isinstance(obj, dict):
        items = [(_asdict(k, make), _asdict(v, make)) for k, v in obj.items()]
        return cls(obj.default_factory, items) if hasattr(cls, "default_factory") else cls(items)
    from copy import deepcopy

    return deepcopy(obj)


def astuple(obj, *, tuple_factory=tuple):
    if not _is_instance(obj):
        raise TypeError("astuple() should be called on dataclass instances")
    return _astuple(obj, tuple_factory)


def _astuple(obj, make):
    cls = type(obj)
    if _is_instance(obj):
        return make([_astuple(getattr(obj, f.name), make) for f in fields(obj)])
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return cls(*[_astuple(v, make) for v in obj])
    if isinstance(obj, (list, tuple)):
        return cls([_astuple(v, make) for v in obj])
    if isinstance(obj, dict):
        return cls([(_astuple(k, make), _astuple(v, make)) for k, v in obj.items()])
    from copy import deepcopy

    return deepcopy(obj)


def make_dataclass(
    cls_name,
    fields,
    *,
    bases=(),
    namespace=None,
    init=True,
    repr=True,
    eq=True,
    order=False,
    unsafe_hash=False,
    frozen=False,
    match_args=True,
    kw_only=False,
    slots=False,
    weakref_slot=False,
):
    ns = dict(namespace or {})
    anns = {}
    for item in fields:
        if isinstance(item, str):
            name, tp = item, "typing.Any"
        elif len(item) == 2:
            name, tp = item
        elif len(item) == 3:
            name, tp, ns[item[0]] = item
        else:
            raise TypeError(f"Invalid field: {item!r}")
        if not isinstance(name, str) or not name.isidentifier():
            raise TypeError(f"Field names must be valid identifiers: {name!r}")
        if name in anns:
            raise TypeError(f"Field name duplicated: {name!r}")
        anns[name] = tp
    ns["__annotations__"] = anns
    ns.setdefault("__module__", _kdex.caller_module(1))
    cls = types.new_class(cls_name, bases, {}, lambda n: n.update(ns))
    return dataclass(
        cls,
        init=init,
        repr=repr,
        eq=eq,
        order=order,
        unsafe_hash=unsafe_hash,
        frozen=frozen,
        match_args=match_args,
        kw_only=kw_only,
        slots=slots,
        weakref_slot=weakref_slot,
    )


def replace(obj, /, **changes):
    if not _is_instance(obj):
        raise TypeError("replace() should be called on dataclass instances")
    for f in obj.__dataclass_fields__.values():
        if f._field_type is _CLASSVAR:
            continue
        if not f.init:
            if f.name in changes:
                raise ValueError(
                    f"field {f.name} is declared with init=False, it cannot be specified with replace()"
                )
            continue
        if f.name not in changes:
            if f._field_type is _INITVAR and f.default is MISSING:
                raise ValueError(f"InitVar {f.name!r} must be specified with replace()")
            changes[f.name] = getattr(obj, f.name)
    return obj.__class__(**changes)
