# huggingface_hub.dataclasses: @strict. A field's check is built from its annotation once, on first use;
# a check is a function of (name, value) that raises TypeError or ValueError.
import collections.abc as _cabc
import inspect
import types
from dataclasses import MISSING, field, fields, make_dataclass
from functools import lru_cache, wraps
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
)
from huggingface_hub.errors import (
    StrictDataclassClassValidationError,
    StrictDataclassDefinitionError,
    StrictDataclassFieldValidationError,
)

_UNGIVEN = object()
_NoneType = type(None)


def _simple(t):
    def check(name, v):
        if isinstance(v, t) and not (t is int and isinstance(v, bool)):
            return
        raise TypeError(
            f"Field '{name}' expected {t.__name__}, got {type(v).__name__} (value: {v!r})"
        )

    return check


def _none(name, v):
    if v is not None:
        raise TypeError(f"Field '{name}' expected None, got {type(v).__name__}")


def _union(args):
    plain = tuple(
        [a for a in args if isinstance(a, type) and not isinstance(a, types.GenericAlias)]
    )
    has_any = Any in args
    checks = None

    def check(name, v):
        nonlocal checks
        if has_any or type(v) in plain:
            return
        if checks is None:
            checks = [_checker(a) for a in args]
        errors = []
        for c in checks:
            try:
                c(name, v)
                return
            except TypeError as e:
                errors.append(str(e))
        raise TypeError(
            f"Field '{name}' with value {v!r} doesn't match any type in {args}. Errors: {'; '.join(errors)}"
        )

    return check


def _literal(args):
    def check(name, v):
        if isinstance(v, bool):
            ok = v in [a for a in args if isinstance(a, bool)]
        elif isinstance(v, int):
            ok = v in [a for a in args if isinstance(a, int) and not isinstance(a, bool)]
        else:
            ok = v in args
        if not ok:
            raise TypeError(f"Field '{name}' expected one of {args}, got {v}")

    return check


def _items(kind, noun, base, index):
    def make(args):
        inner = _checker(args[0]) if args else None

        def check(name, v):
            if not isinstance(v, base):
                raise TypeError(f"Field '{name}' expected {noun}, got {type(v).__name__}")
            if inner is None or inner is _anything:
                return
            i = 0
            for x in v:
                try:
                    inner(f"{name}[{i}]" if index else f"{name} item", x)
                except TypeError as e:
                    raise TypeError(
                        f"Invalid item at index {i} in {kind} '{name}'"
                        if index
                        else f"Invalid item in {kind} '{name}'"
                    ) from e
                i += 1

        return check

    return make


def _dict(args):
    if args:
        ck, cv = _checker(args[0]), _checker(args[1])

    def check(name, v):
        if not isinstance(v, dict):
            raise TypeError(f"Field '{name}' expected a dict, got {type(v).__name__}")
        if not args or ck is _anything and cv is _anything:
            return
        for k, x in v.items():
            try:
                ck(f"{name}.key", k)
                cv(f"{name}[{k!r}]", x)
            except TypeError as e:
                raise TypeError(f"Invalid key or value in dict '{name}'") from e

    return check


def _tuple(args):
    many = len(args) == 2 and args[1] is ...
    checks = [_checker(a) for a in args if a is not ...]

    def check(name, v):
        if not isinstance(v, tuple):
            raise TypeError(f"Field '{name}' expected a tuple, got {type(v).__name__}")
        if not many and len(args) != len(v):
            raise TypeError(f"Field '{name}' expected a tuple of length {len(args)}, got {len(v)}")
        for i, x in enumerate(v):
            try:
                checks[0 if many else i](f"{name}[{i}]", x)
            except TypeError as e:
                raise TypeError(f"Invalid item at index {i} in tuple '{name}'") from e

    return check


def _anything(name, v):
    pass


def _unsupported(t):
    def check(name, v):
        raise TypeError(f"Unsupported type for field '{name}': {t}")

    return check


def _required(args):
    inner = _checker(args[0])

    def check(name, v):
        if v is _UNGIVEN:
            raise TypeError(f"Field '{name}' is required but missing.")
        inner(name, v)

    return check


def _not_required(args):
    inner = _checker(args[0])

    def check(name, v):
        if v is not _UNGIVEN:
            inner(name, v)

    return check


_ORIGINS = {
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    list: _items("list", "a list", list, True),
    dict: _dict,
    tuple: _tuple,
    set: _items("set", "a set", set, False),
    _cabc.Sequence: _items("sequence", "a Sequence", _cabc.Sequence, True),
    Required: _required,
    NotRequired: _not_required,
}


def _checker(t):
    if t is Any or isinstance(t, (str, ForwardRef)):
        return _anything
    if t is None:
        return _none
    make = _ORIGINS.get(get_origin(t))
    if make is not None:
        return make(get_args(t))
    if isinstance(t, type):
        return _simple(t)
    return _unsupported(t)


def type_validator(name, value, expected_type):
    _checker(expected_type)(name, value)


class _Checks(dict):
    """Field name -> list of checks of one value, each built when first asked for."""

    def __init__(self, table):
        self._table = table

    def __missing__(self, name):
        f = self._table.get(name)
        if f is None:
            self[name] = out = []
            return out
        c = _checker(f.type)
        out = [] if c is _anything else [lambda v: c(name, v)]
        custom = f.metadata.get("validator")
        if custom is not None:
            out.extend(custom if isinstance(custom, list) else [custom])
        self[name] = out
        return out

    def get(self, name, default=None):
        return self[name] or default


def _is_validator(v):
    if not callable(v):
        return False
    ps = list(inspect.signature(v).parameters.values())
    if not ps or ps[0].kind not in (
        ps[0].POSITIONAL_OR_KEYWORD,
        ps[0].POSITIONAL_ONLY,
        ps[0].VAR_POSITIONAL,
    ):
        return False
    return all([p.default is not p.empty for p in ps[1:]])


def strict(cls=None, *, accept_kwargs=False):
    if cls is None:
        return lambda c: _strict(c, accept_kwargs)
    return _strict(cls, accept_kwargs)


def _strict(cls, accept_kwargs):
    if not hasattr(cls, "__dataclass_fields__"):
        raise StrictDataclassDefinitionError(
            f"Class '{cls.__name__}' must be a dataclass before applying @strict."
        )
    own = fields(cls)
    for f in own:
        custom = f.metadata.get("validator")
        if custom is not None:
            for v in custom if isinstance(custom, list) else [custom]:
                if not _is_validator(v):
                    raise StrictDataclassDefinitionError(
                        f"Invalid validator for field '{f.name}': {v}. Must be a callable taking a single argument."
                    )
    cls.__validators__ = _Checks({f.name: f for f in own})
    plain_set = cls.__setattr__
    # A parent's checked setter would only repeat the same checks: the table is found through self.
    plain_set = getattr(plain_set, "_unchecked", plain_set)

    def __strict_setattr__(self, name, value):
        for check in self.__validators__[name]:
            try:
                check(value)
            except (ValueError, TypeError) as e:
                raise StrictDataclassFieldValidationError(field=name, cause=e) from e
        plain_set(self, name, value)

    __strict_setattr__._unchecked = plain_set
    cls.__setattr__ = __strict_setattr__
    if accept_kwargs:
        _accept_kwargs(cls, own)
    found = []
    for name in dir(cls):
        if name.startswith("validate_"):
            m = getattr(cls, name)
            if not callable(m):
                continue
            if len(inspect.signature(m).parameters) != 1:
                raise StrictDataclassDefinitionError(
                    f"Class '{cls.__name__}' has a class validator '{name}' that takes more than one argument. Class validators must take only 'self' as an argument. Methods starting with 'validate_' are considered to be class validators."
                )
            found.append(m)
    cls.__class_validators__ = found

    def validate(self):
        for v in cls.__class_validators__:
            try:
                v(self)
            except (ValueError, TypeError) as e:
                raise StrictDataclassClassValidationError(validator=v.__name__, cause=e) from e

    validate.__is_defined_by_strict_decorator__ = True
    if hasattr(cls, "validate") and not getattr(
        cls.validate, "__is_defined_by_strict_decorator__", False
    ):
        raise StrictDataclassDefinitionError(
            f"Class '{cls.__name__}' already implements a method called 'validate'. This method name is reserved when using the @strict decorator on a dataclass. If you want to keep your own method, please rename it."
        )
    cls.validate = validate
    first_init = cls.__init__

    @wraps(first_init)
    def __init__(self, *args, **kwargs):
        first_init(self, *args, **kwargs)
        cls.validate(self)

    cls.__init__ = __init__
    return cls


def _accept_kwargs(cls, own):
    rows = tuple([(f.name, f.default, f.default_factory) for f in own])
    names = frozenset([f.name for f in own])

    @wraps(cls.__init__)
    def __init__(self, *args, **kwargs):
        if args:
            raise ValueError(
                f"When `accept_kwargs=True`, {cls.__name__} accepts only keyword arguments, but found `{len(args)}` positional args."
            )
        for name, default, factory in rows:
            if name in kwargs:
                setattr(self, name, kwargs[name])
            elif default is not MISSING:
                setattr(self, name, default)
            elif factory is not MISSING:
                setattr(self, name, factory())
            else:
                raise TypeError(f"Missing required field - '{name}'")
        self.__post_init__(**{k: v for k, v in kwargs.items() if k not in names})

    cls.__init__ = __init__
    if not hasattr(cls, "__post_init__"):

        def __post_init__(self, **kwargs):
            for k, v in kwargs.items():
                setattr(self, k, v)

        cls.__post_init__ = __post_init__
    if cls.__dataclass_params__.repr is True:
        plain = cls.__repr__

        @wraps(plain)
        def __repr__(self):
            s = plain(self)
            extra = ", ".join(
                [
                    f"*{k}={v!r}"
                    for k, v in self.__dict__.items()
                    if k not in cls.__dataclass_fields__
                ]
            )
            return f"{s[:-1]}, {extra})" if extra else s

        cls.__repr__ = __repr__


def validated_field(
    validator,
    default=MISSING,
    default_factory=MISSING,
    init=True,
    repr=True,
    hash=None,
    compare=True,
    metadata=None,
    **kw,
):
    metadata = {} if metadata is None else metadata
    metadata["validator"] = validator if isinstance(validator, list) else [validator]
    return field(
        default=default,
        default_factory=default_factory,
        init=init,
        repr=repr,
        hash=hash,
        compare=compare,
        metadata=metadata,
        **kw,
    )


def as_validated_field(validator):
    def make(
        default=MISSING,
        default_factory=MISSING,
        init=True,
        repr=True,
        hash=None,
        compare=True,
        metadata=None,
        **kw,
    ):
        return validated_field(
            validator,
            default=default,
            default_factory=default_factory,
            init=init,
            repr=repr,
            hash=hash,
            compare=compare,
            metadata=metadata,
            **kw,
        )

    return make


def validate_typed_dict(schema, data):
    _of_typed_dict(schema)(**data)


@lru_cache
def _of_typed_dict(schema):
    rows = []
    for key, t in schema.__dict__.get("__annotations__", {}).items():
        t = _NoneType if t is None else t
        meta = None
        if get_origin(t) is Annotated:
            t, *meta = get_args(t)
        if not getattr(schema, "__total__", True) and get_origin(t) not in (Required, NotRequired):
            t = NotRequired[t]
        rows.append(
            (
                key,
                t,
                field(default=_UNGIVEN, metadata={"validator": meta[0]})
                if meta
                else field(default=_UNGIVEN),
            )
        )
    return strict(make_dataclass(schema.__name__, rows))
