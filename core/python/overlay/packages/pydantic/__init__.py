# pydantic: models with typed fields, defaults, validators and dumps; types are converted where pydantic would.
import _kdex
import inspect as _inspect
import typing as _t
import types as _types
import enum as _enum
import json as _json
from copy import deepcopy as _deepcopy

VERSION = __version__ = _kdex.dist_version("pydantic") or "2.11.0"
_PAGES = "https://errors.pydantic.dev/" + ".".join(VERSION.split(".")[:2]) + "/v/"
_UNSET = object()


class PydanticUndefinedType:
    def __repr__(self):
        return "PydanticUndefined"


PydanticUndefined = PydanticUndefinedType()


class ValidationError(ValueError):
    def __init__(self, title, errors):
        self.title, self._errors = title, errors
        n = len(errors)
        lines = [f"{n} validation error{'s' if n != 1 else ''} for {title}"]
        for e in errors:
            if e["loc"]:
                lines.append(".".join(map(str, e["loc"])))
            given = repr(e.get("input"))
            given = given if len(given) <= 50 else given[:25] + "..." + given[-24:]
            lines.append(
                f"  {e['msg']} [type={e['type']}, input_value={given}, input_type={type(e.get('input')).__name__}]"
            )
            lines.append(f"    For further information visit {_PAGES}{e['type']}")
        super().__init__("\n".join(lines))

    def errors(self, **kw):
        return list(self._errors)

    def error_count(self):
        return len(self._errors)


class PydanticUserError(TypeError):
    pass


class _Bad(Exception):
    def __init__(self, kind, msg, value, loc=()):
        self.kind, self.msg, self.value, self.loc = kind, msg, value, loc


class FieldInfo:
    def __init__(self, default=PydanticUndefined, default_factory=None, annotation=None, **kw):
        self.default = PydanticUndefined if default is ... else default
        self.default_factory, self.annotation = default_factory, annotation
        self.init, self.kw_only, self.repr = kw.get("init"), kw.get("kw_only"), kw.get("repr", True)
        self.alias, self.description, self.exclude, self.discriminator = (
            kw.get("alias"),
            kw.get("description"),
            kw.get("exclude"),
            kw.get("discriminator"),
        )
        self.validation_alias, self.serialization_alias = (
            kw.get("validation_alias"),
            kw.get("serialization_alias"),
        )
        self.json_schema_extra, self.frozen = kw.get("json_schema_extra"), kw.get("frozen")
        self._limits = {
            k: kw[k]
            for k in ("gt", "ge", "lt", "le", "min_length", "max_length", "multiple_of", "pattern")
            if kw.get(k) is not None
        }
        self.metadata = []

    def is_required(self):
        return self.default is PydanticUndefined and self.default_factory is None

    def get_default(self, call_default_factory=True):
        return (
            self.default_factory() if self.default_factory is not None else _deepcopy(self.default)
        )


def Field(default=PydanticUndefined, *, default_factory=None, **kw):
    return FieldInfo(default, default_factory, **kw)


class _Private:
    def __init__(self, default=_UNSET, default_factory=None):
        self.default, self.default_factory = default, default_factory


def PrivateAttr(default=_UNSET, *, default_factory=None, init=False):
    return _Private(default, default_factory)


def ConfigDict(**kw):
    return kw


class _Hook:
    def __init__(self, func, kind, mode, fields=()):
        self.func, self.kind, self.mode, self.fields = func, kind, mode, fields
        self.raw = getattr(func, "__func__", func)

    def __get__(self, obj, cls=None):
        if self.kind == "model" and self.mode == "after":
            return self.raw if obj is None else _types.MethodType(self.raw, obj)
        if isinstance(self.func, staticmethod):
            return self.raw
        if self.kind in ("field", "model"):
            return _types.MethodType(self.raw, cls)
        return self.raw if obj is None else _types.MethodType(self.raw, obj)


def field_validator(field, /, *fields, mode="after", check_fields=None, **kw):
    return lambda f: _Hook(f, "field", mode, (field, *fields))


def validator(field, *fields, pre=False, always=False, allow_reuse=False, **kw):
    return lambda f: _Hook(f, "field", "before" if pre else "after", (field, *fields))


def model_validator(*, mode):
    return lambda f: _Hook(f, "model", mode)


def root_validator(*args, pre=False, **kw):
    return lambda f: _Hook(f, "model", "before" if pre else "after")


def field_serializer(*fields, **kw):
    return lambda f: _Hook(f, "fser", "plain", fields)


def model_serializer(f=None, /, *, mode="plain", **kw):
    return _Hook(f, "mser", mode) if f is not None else lambda g: _Hook(g, "mser", mode)


def computed_field(f=None, /, **kw):
    return f if f is not None else lambda g: g


class ValidationInfo:
    def __init__(self, data, field_name=None, context=None):
        self.data, self.field_name, self.context, self.config, self.mode = (
            data,
            field_name,
            context,
            None,
            "python",
        )


class _Marker:
    def __init__(self, func):
        self.func = func


class BeforeValidator(_Marker):
    pass


class AfterValidator(_Marker):
    pass


class PlainValidator(_Marker):
    pass


class WrapValidator(_Marker):
    pass


class GetPydanticSchema:
    def __init__(self, get_pydantic_core_schema=None, get_pydantic_json_schema=None):
        self.get = get_pydantic_core_schema


class GetCoreSchemaHandler:
    def __call__(self, t):
        return {"type": "coerce", "to": t}

    generate_schema = __call__


def _by_schema(schema, v):
    """A core schema as pydantic_core.core_schema of this overlay writes it."""
    kind = schema.get("type")
    if kind == "coerce":
        return _coerce(v, schema["to"])
    if kind == "function-plain":
        return schema["function"](v)
    if kind == "function-after":
        return schema["function"](_by_schema(schema["schema"], v))
    if kind == "function-before":
        return _by_schema(schema["schema"], schema["function"](v))
    if kind == "is-instance" and not isinstance(v, schema["cls"]):
        raise _Bad("is_instance_of", f"Input should be an instance of {schema['cls'].__name__}", v)
    return v


class PlainSerializer(_Marker):
    def __init__(self, func, **kw):
        self.func = func


class Discriminator:
    def __init__(self, discriminator, **kw):
        self.discriminator = discriminator


class Tag:
    def __init__(self, tag):
        self.tag = tag


class SkipValidation:
    def __class_getitem__(cls, t):
        return _t.Any


class StringConstraints(FieldInfo):
    def __init__(self, **kw):
        super().__init__(**kw)


StrictInt, StrictStr, StrictBool, StrictFloat = int, str, bool, float
PositiveInt = _t.Annotated[int, FieldInfo(gt=0)]
NonNegativeInt = _t.Annotated[int, FieldInfo(ge=0)]
PositiveFloat = _t.Annotated[float, FieldInfo(gt=0)]
NonNegativeFloat = _t.Annotated[float, FieldInfo(ge=0)]


def conint(**kw):
    return _t.Annotated[int, FieldInfo(**kw)]


def confloat(**kw):
    return _t.Annotated[float, FieldInfo(**kw)]


def conlist(t, **kw):
    return _t.Annotated[list[t], FieldInfo(**kw)]


def _limits(info, v):
    for k, b in info._limits.items():
        ok = {
            "gt": lambda: v > b,
            "ge": lambda: v >= b,
            "lt": lambda: v < b,
            "le": lambda: v <= b,
            "min_length": lambda: len(v) >= b,
            "max_length": lambda: len(v) <= b,
            "multiple_of": lambda: v % b == 0,
            "pattern": lambda: __import__("re").search(b, v) is not None,
        }[k]
        if v is not None and not ok():
            kind, word = {
                "gt": ("greater_than", "greater than"),
                "ge": ("greater_than_equal", "greater than or equal to"),
                "lt": ("less_than", "less than"),
                "le": ("less_than_equal", "less than or equal to"),
            }.get(k, (k, k.replace("_", " ")))
            raise _Bad(kind, f"Input should be {word} {b}", v)


def _coerce(v, t, strict=False):
    if t is _t.Any or isinstance(t, (str, _t.TypeVar, _t.ForwardRef)):
        return v
    if t is None or t is type(None):
        if v is None:
            return v
        raise _Bad("none_required", "Input should be None", v)
    o, args = _t.get_origin(t), _t.get_args(t)
    if o is _t.Annotated:
        base, *meta = args
        for m in meta:
            if isinstance(m, GetPydanticSchema):
                return _by_schema(m.get(base, GetCoreSchemaHandler()), v)
            if isinstance(m, PlainValidator):
                return m.func(v)
            if isinstance(m, BeforeValidator):
                v = m.func(v)
        v = _coerce(v, base, strict)
        for m in meta:
            if isinstance(m, AfterValidator):
                v = m.func(v)
            elif isinstance(m, FieldInfo):
                _limits(m, v)
        return v
    if o in (_t.Union, _types.UnionType):
        for a in args:
            if isinstance(a, type) and not isinstance(a, _types.GenericAlias) and type(v) is a:
                return v
        last = None
        for a in args:
            try:
                return _coerce(v, a, strict)
            except (_Bad, ValidationError) as e:
                last = last or e
        raise last
    if o is _t.Literal:
        if v in args:
            return v
        names = [repr(a) for a in args]
        raise _Bad(
            "literal_error",
            "Input should be "
            + (names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]),
            v,
        )
    c = o or t
    if not isinstance(c, type):
        return v
    if issubclass(c, BaseModel):
        return v if isinstance(v, c) else c.model_validate(v)
    if "__get_pydantic_core_schema__" in c.__dict__:
        return _by_schema(c.__get_pydantic_core_schema__(t, GetCoreSchemaHandler()), v)
    if "__dataclass_fields__" in c.__dict__:
        if isinstance(v, c):
            if "__is_pydantic_dataclass__" in c.__dict__:
                from pydantic.dataclasses import revalidate

                revalidate(v)
            return v
        if isinstance(v, dict):
            from pydantic.dataclasses import of_dict

            return of_dict(c, v)
        raise _Bad(
            "dataclass_type", f"Input should be a dictionary or an instance of {c.__name__}", v
        )
    if (
        c in (list, set, frozenset, tuple)
        or getattr(c, "__module__", "") == "collections.abc"
        and c.__name__ in ("Sequence", "Iterable", "Collection")
    ):
        kind = c if c in (list, set, frozenset, tuple) else list
        if (
            not isinstance(v, (list, tuple, set, frozenset))
            or isinstance(v, (set, frozenset))
            and kind is list
        ):
            raise _Bad(f"{kind.__name__}_type", f"Input should be a valid {kind.__name__}", v)
        if not args:
            return kind(v)
        if kind is tuple and not (len(args) == 2 and args[1] is ...):
            return tuple([_coerce(x, a, strict) for x, a in zip(v, args)])
        return kind([_coerce(x, args[0], strict) for x in v])
    if c is dict or getattr(c, "__name__", "") in ("Mapping", "MutableMapping"):
        if not isinstance(v, dict):
            raise _Bad("dict_type", "Input should be a valid dictionary", v)
        return (
            {_coerce(k, args[0], strict): _coerce(x, args[1], strict) for k, x in v.items()}
            if args
            else dict(v)
        )
    if c is bool:
        if isinstance(v, bool):
            return v
        if (
            v in (0, 1)
            or isinstance(v, str)
            and v.lower()
            in ("true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n")
        ):
            return (
                v in (1,)
                or isinstance(v, str)
                and v.lower() in ("true", "1", "yes", "on", "t", "y")
            )
        raise _Bad(
            "bool_parsing" if isinstance(v, str) else "bool_type",
            "Input should be a valid boolean"
            + (", unable to interpret input" if isinstance(v, str) else ""),
            v,
        )
    if c is int:
        if isinstance(v, int):
            return int(v) if isinstance(v, bool) else v
        if isinstance(v, float):
            if v.is_integer():
                return int(v)
            raise _Bad(
                "int_from_float",
                "Input should be a valid integer, got a number with a fractional part",
                v,
            )
        if isinstance(v, str):
            try:
                return int(v)
            except ValueError:
                raise _Bad(
                    "int_parsing",
                    "Input should be a valid integer, unable to parse string as an integer",
                    v,
                ) from None
        raise _Bad("int_type", "Input should be a valid integer", v)
    if c is float:
        if isinstance(v, (int, float)):
            return float(v)
        if isinstance(v, str):
            try:
                return float(v)
            except ValueError:
                raise _Bad(
                    "float_parsing",
                    "Input should be a valid number, unable to parse string as a number",
                    v,
                ) from None
        raise _Bad("float_type", "Input should be a valid number", v)
    if c in (str, bytes):
        if isinstance(v, c):
            return v.value if isinstance(v, _enum.Enum) and c is str else v
        raise _Bad(
            "string_type" if c is str else "bytes_type",
            "Input should be a valid string" if c is str else "Input should be a valid bytes",
            v,
        )
    if issubclass(c, _enum.Enum):
        if isinstance(v, c):
            return v
        try:
            return c(v)
        except ValueError:
            names = [repr(m.value) for m in c]
            raise _Bad(
                "enum",
                "Input should be "
                + (names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]),
                v,
            ) from None
    if c is object or isinstance(v, c):
        return v
    raise _Bad("is_instance_of", f"Input should be an instance of {c.__name__}", v)


class _ModelMeta(type(_t.Protocol)):
    def __new__(mcls, name, bases, ns, **kw):
        own, private, hooks = {}, {}, []
        config = {}
        inherited = {}
        for b in reversed(bases):
            inherited.update(getattr(b, "model_fields", {}))
            private.update(getattr(b, "__private_attributes__", {}))
            hooks.extend([h for h in getattr(b, "_hooks", ()) if h not in hooks])
            config.update(getattr(b, "model_config", {}))
        if isinstance(ns.get("model_config"), dict):
            config.update(ns["model_config"])
        old = ns.get("Config")
        if isinstance(old, type):
            config.update({k: v for k, v in vars(old).items() if not k.startswith("__")})
        config.update(kw)
        ns["model_config"] = config
        ann = ns.get("__annotations__", {})
        for n, v in list(ns.items()):
            if isinstance(v, _Hook):
                hooks = [h for h in hooks if h.raw.__name__ != v.raw.__name__] + [v]
        for n, a in ann.items():
            if (
                n == "model_config"
                or isinstance(a, str)
                and "ClassVar" in a
                or getattr(getattr(a, "__origin__", None), "_name", None) == "ClassVar"
            ):
                continue
            v = ns.pop(n, PydanticUndefined)
            if n.startswith("_"):
                private[n] = (
                    v
                    if isinstance(v, _Private)
                    else _Private(_UNSET if v is PydanticUndefined else v)
                )
                continue
            own[n] = v if isinstance(v, FieldInfo) else FieldInfo(v)
            own[n].annotation = a
        for n, v in list(ns.items()):
            if isinstance(v, _Private):
                private[n] = ns.pop(n)
        ns["model_fields"] = ns["__pydantic_fields__"] = {**inherited, **own}
        ns["__private_attributes__"] = private
        ns["_hooks"] = hooks
        ns["_resolved"] = None
        return super().__new__(mcls, name, bases, ns)

    def __init__(cls, *a, **k):
        pass


def _types_of(cls):
    if cls.__dict__.get("_resolved") is None:
        hints = _t.get_type_hints(cls, include_extras=True)
        for n, f in cls.model_fields.items():
            t = hints.get(n, f.annotation)
            if _t.get_origin(t) is _t.Annotated:
                for m in _t.get_args(t)[1:]:
                    if isinstance(m, FieldInfo) and f.is_required() and not m.is_required():
                        f.default, f.default_factory = m.default, m.default_factory
                    if isinstance(m, FieldInfo) and m.alias and not f.alias:
                        f.alias = m.alias
            hints[n] = t
        cls._resolved = hints
    return cls._resolved


def _error_of(e, value):
    """The row of an error that a validator raised."""
    failed = isinstance(e, AssertionError)
    return {
        "type": "assertion_error" if failed else "value_error",
        "loc": (),
        "msg": f"{'Assertion failed' if failed else 'Value error'}, {e}",
        "input": value,
        "ctx": {"error": e},
    }


_FAILURES = (_Bad, ValueError, AssertionError)


def _errors_at(name, e, value):
    """The rows of what a field's validation raised."""
    if isinstance(e, _Bad):
        return [{"type": e.kind, "loc": (name, *e.loc), "msg": e.msg, "input": e.value}]
    if isinstance(e, ValidationError):
        return [{**x, "loc": (name, *x["loc"])} for x in e._errors]
    return [{**_error_of(e, value), "loc": (name,)}]


def _validated(cls, hooks, name, field, t, value, info, config):
    """One field's value through its validators and its type. Of those before and around the type
    the one that is declared last runs first; of those after it, last."""
    mine = [h for h in hooks if h.kind == "field" and (name in h.fields or "*" in h.fields)]
    plain = [h for h in mine if h.mode == "plain"]

    def own(v):
        if plain:
            return _call(plain[-1].__get__(None, cls), v, info)
        v = _coerce(v, t)
        if config.get("use_enum_values") and isinstance(v, _enum.Enum):
            v = v.value
        _limits(field, v)
        return v

    step = own
    for h in mine:
        if h.mode != "plain":
            step = _around(h.mode, h.__get__(None, cls), step, info)
    return step(value)


def _around(mode, function, below, info):
    """A validator with what it is called before, after or around."""
    if mode == "before":
        return lambda v: below(_call(function, v, info))
    if mode == "after":
        return lambda v: _call(function, below(v), info)
    return lambda v: _call(function, v, info, (below,))


class BaseModel(metaclass=_ModelMeta):
    def __init__(self, /, **data):
        self._fill(data)

    def _fill(self, data):
        cls = type(self)
        hints = _types_of(cls)
        for h in cls._hooks:
            if h.kind == "model" and h.mode == "before":
                data = h.__get__(None, cls)(data)
        config = cls.model_config
        errors, values, given, used = [], {}, set(), set()
        for n, f in cls.model_fields.items():
            key = f.validation_alias if isinstance(f.validation_alias, str) else f.alias or n
            if (
                key not in data
                and n in data
                and (key == n or config.get("populate_by_name") or config.get("validate_by_name"))
            ):
                key = n
            if key in data:
                used.add(key)
                v = data[key]
                given.add(n)
            elif f.is_required():
                errors.append(
                    {"type": "missing", "loc": (key,), "msg": "Field required", "input": data}
                )
                continue
            else:
                values[n] = f.get_default()
                if not config.get("validate_default"):
                    continue
                v = values[n]
            info = ValidationInfo(values, n)
            try:
                values[n] = _validated(cls, cls._hooks, n, f, hints[n], v, info, config)
            except _FAILURES as e:
                errors.extend(_errors_at(n, e, v))
        rest = {k: v for k, v in data.items() if k not in used}
        extra = config.get("extra", "ignore")
        if rest and extra == "forbid":
            errors.extend(
                [
                    {
                        "type": "extra_forbidden",
                        "loc": (k,),
                        "msg": "Extra inputs are not permitted",
                        "input": v,
                    }
                    for k, v in rest.items()
                ]
            )
        if errors:
            raise ValidationError(cls.__name__, errors)
        d = self.__dict__
        d.update(values)
        put = object.__setattr__
        put(self, "model_extra", rest if extra == "allow" else None)
        d.pop("model_extra", None)
        if extra == "allow":
            d.update(rest)
            given |= set(rest)
        _state[id(self)] = (self, given)
        for n, p in cls.__private_attributes__.items():
            if p.default_factory is not None:
                put(self, n, p.default_factory())
            elif p.default is not _UNSET:
                put(self, n, _deepcopy(p.default))
        self.model_post_init(None)
        for h in cls._hooks:
            if h.kind == "model" and h.mode == "after":
                try:
                    h.raw(self)
                except (ValueError, AssertionError) as e:
                    if isinstance(e, ValidationError):
                        raise
                    raise ValidationError(cls.__name__, [_error_of(e, data)]) from e

    def model_post_init(self, context, /):
        pass

    def _visible(self):
        private = self.__private_attributes__
        return {k: v for k, v in self.__dict__.items() if k not in private}

    @property
    def model_fields_set(self):
        return _state.get(id(self), (None, set()))[1]

    @classmethod
    def model_validate(cls, obj, *, strict=None, from_attributes=None, context=None, **kw):
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, dict):
            if from_attributes or cls.model_config.get("from_attributes"):
                obj = {n: getattr(obj, n) for n in cls.model_fields if hasattr(obj, n)}
            else:
                raise ValidationError(
                    cls.__name__,
                    [
                        {
                            "type": "model_type",
                            "loc": (),
                            "msg": f"Input should be a valid dictionary or instance of {cls.__name__}",
                            "input": obj,
                        }
                    ],
                )
        m = cls.__new__(cls)
        m.__init__(**obj)
        return m

    parse_obj = model_validate

    @classmethod
    def model_validate_json(cls, data, **kw):
        return cls.model_validate(_json.loads(data))

    @classmethod
    def model_construct(cls, _fields_set=None, **values):
        m = cls.__new__(cls)
        for n, f in cls.model_fields.items():
            if n not in values and not f.is_required():
                values[n] = f.get_default()
        m.__dict__.update(values)
        return m

    @classmethod
    def model_rebuild(cls, **kw):
        return True

    @classmethod
    def model_json_schema(cls, *a, **k):
        return {
            "title": cls.__name__,
            "type": "object",
            "properties": {n: {} for n in cls.model_fields},
        }

    def model_dump(
        self,
        *,
        mode="python",
        include=None,
        exclude=None,
        by_alias=False,
        exclude_unset=False,
        exclude_defaults=False,
        exclude_none=False,
        **kw,
    ):
        out = {}
        for n, v in self._visible().items():
            f = self.model_fields.get(n)
            if (
                include is not None
                and n not in include
                or exclude is not None
                and n in exclude
                or f is not None
                and f.exclude
            ):
                continue
            if exclude_unset and n not in self.model_fields_set or exclude_none and v is None:
                continue
            if exclude_defaults and f is not None and not f.is_required() and f.get_default() == v:
                continue
            out[(f.alias or n) if by_alias and f is not None else n] = _dump(
                v, mode, by_alias, exclude_unset, exclude_defaults, exclude_none
            )
        return out

    dict = model_dump

    def model_dump_json(self, *, indent=None, **kw):
        return _json.dumps(
            self.model_dump(mode="json", **kw),
            indent=indent,
            separators=None if indent else (",", ":"),
            ensure_ascii=False,
        )

    json = model_dump_json

    def model_copy(self, *, update=None, deep=False):
        m = type(self).__new__(type(self))
        m.__dict__.update(_deepcopy(self.__dict__) if deep else self.__dict__)
        m.__dict__.update(update or {})
        _state[id(m)] = (m, self.model_fields_set | set(update or ()))
        return m

    copy = model_copy

    def __setattr__(self, name, value):
        cls = type(self)
        if (
            name in cls.__private_attributes__
            or name.startswith("_")
            or isinstance(getattr(cls, name, None), property)
        ):
            return object.__setattr__(self, name, value)
        if cls.model_config.get("frozen"):
            raise ValidationError(
                cls.__name__,
                [
                    {
                        "type": "frozen_instance",
                        "loc": (name,),
                        "msg": "Instance is frozen",
                        "input": value,
                    }
                ],
            )
        if name not in cls.model_fields and cls.model_config.get("extra") != "allow":
            raise ValueError(f'"{cls.__name__}" object has no field "{name}"')
        if cls.model_config.get("validate_assignment"):
            try:
                value = _coerce(value, _types_of(cls).get(name, _t.Any))
            except _Bad as e:
                raise ValidationError(
                    cls.__name__, [{"type": e.kind, "loc": (name,), "msg": e.msg, "input": e.value}]
                ) from None
        object.__setattr__(self, name, value)
        self.model_fields_set.add(name)

    def __eq__(self, o):
        return (
            type(self) is type(o) and self._visible() == o._visible()
            if isinstance(o, BaseModel)
            else NotImplemented
        )

    __hash__ = None

    def __iter__(self):
        return iter(self._visible().items())

    def __repr__(self):
        return f"{type(self).__name__}({', '.join([f'{k}={v!r}' for k, v in self._visible().items()])})"

    def __str__(self):
        return " ".join([f"{k}={v!r}" for k, v in self._visible().items()])

    @classmethod
    def __class_getitem__(cls, params):
        return cls


_state = {}


def _call(f, v, info, more=()):
    """Calls a validator with the value, what follows it, and the information where it takes it."""
    n = len(
        [
            p
            for p in _inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    )
    return f(v, *more, info) if n > 1 + len(more) else f(v, *more)


def _dump(v, mode, *opts, exclude=None):
    """`opts`: by_alias, exclude_unset, exclude_defaults, exclude_none; `exclude`: names or places ->
    True, or what is left out of the value there."""
    if isinstance(v, BaseModel):
        return v.model_dump(
            mode=mode,
            by_alias=opts[0],
            exclude_unset=opts[1],
            exclude_defaults=opts[2],
            exclude_none=opts[3],
        )
    if not isinstance(v, type) and "__dataclass_fields__" in type(v).__dict__:
        return _dump_fields(v, mode, opts, exclude)
    if isinstance(v, dict):
        return {
            k: _dump(x, mode, *opts, exclude=_below(exclude, k))
            for k, x in v.items()
            if not _is_left_out(exclude, k)
        }
    if isinstance(v, (list, tuple, set, frozenset)):
        out = [_dump(x, mode, *opts) for x in v]
        return out if mode == "json" else type(v)(out)
    if isinstance(v, _enum.Enum) and mode == "json":
        return v.value
    return v


def _is_left_out(exclude, name):
    if isinstance(exclude, dict):
        return exclude.get(name) in (True, ...)
    return exclude is not None and name in exclude


def _below(exclude, name):
    found = exclude.get(name) if isinstance(exclude, dict) else None
    return found if isinstance(found, (dict, set)) else None


def _dump_fields(v, mode, opts, exclude):
    """The fields of a dataclass's object, all of which count as set."""
    from dataclasses import fields

    infos = getattr(type(v), "__pydantic_fields__", {})
    out = {}
    for f in fields(v):
        value, info = getattr(v, f.name, None), infos.get(f.name)
        if _is_left_out(exclude, f.name) or not hasattr(v, f.name):
            continue
        if info is not None and info.exclude or opts[3] and value is None:
            continue
        if opts[2] and info is not None and not info.is_required() and info.get_default() == value:
            continue
        out[f.name] = _dump(value, mode, *opts, exclude=_below(exclude, f.name))
    return out


class RootModel(BaseModel):
    def __init__(self, root=PydanticUndefined, /, **data):
        super().__init__(root=data if root is PydanticUndefined else root)

    def model_dump(self, **kw):
        return _dump(self.root, kw.get("mode", "python"), False, False, False, False)


class TypeAdapter:
    def __init__(self, type, **kw):
        self._type = type

    def validate_python(self, obj, **kw):
        try:
            return _coerce(obj, self._type)
        except _Bad as e:
            raise ValidationError(
                str(self._type), [{"type": e.kind, "loc": e.loc, "msg": e.msg, "input": e.value}]
            ) from None

    def validate_json(self, data, **kw):
        return self.validate_python(_json.loads(data))

    def dump_python(self, obj, *, mode="python", exclude=None, **kw):
        opts = "by_alias exclude_unset exclude_defaults exclude_none".split()
        return _dump(obj, mode, *[bool(kw.get(n)) for n in opts], exclude=exclude)

    def dump_json(self, obj, *, indent=None, **kw):
        text = _json.dumps(
            self.dump_python(obj, mode="json", **kw),
            indent=indent,
            separators=None if indent else (",", ":"),
            ensure_ascii=False,
        )
        return text.encode()

    def json_schema(self, **kw):
        return {}


def create_model(name, /, *, __base__=None, **fields):
    ns = {"__annotations__": {}, "__module__": __name__}
    for n, v in fields.items():
        t, d = v if isinstance(v, tuple) else (_t.Any, v)
        ns["__annotations__"][n] = t
        if d is not ...:
            ns[n] = d
    return _ModelMeta(name, (__base__ or BaseModel,), ns)


def validate_call(f=None, **kw):
    return f if f is not None else lambda g: g


class SerializeAsAny:
    def __class_getitem__(cls, t):
        return t


class AliasChoices:
    def __init__(self, *choices):
        self.choices = choices
