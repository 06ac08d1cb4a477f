# msgspec.convert: plain data to typed data.
import collections.abc
import dataclasses
import enum
import typing
import types
from msgspec import NODEFAULT, UNSET, StructMeta, ValidationError, _Factory, _Marker


def _name(v):
    t = type(v)
    return (
        "null"
        if v is None
        else {
            str: "str",
            int: "int",
            float: "float",
            bool: "bool",
            dict: "object",
            list: "array",
            tuple: "array",
            bytes: "bytes",
        }.get(t, t.__name__)
    )


def _label(t):
    if t is None or t is type(None):
        return "null"
    o = typing.get_origin(t) or t
    if o in (typing.Union, types.UnionType):
        return " | ".join([_label(a) for a in typing.get_args(t)])
    if o in (list, tuple, set, frozenset, collections.abc.Sequence):
        return "array"
    if (
        o in (dict, collections.abc.Mapping)
        or isinstance(o, StructMeta)
        or dataclasses.is_dataclass(o)
    ):
        return "object"
    if isinstance(o, type) and issubclass(o, enum.Enum):
        return "str"
    return getattr(o, "__name__", str(o))


def _wrong(t, v, where):
    at = "" if where == "$" else f" - at `{where}`"
    return ValidationError(f"Expected `{_label(t)}`, got `{_name(v)}`{at}")


def _fields_of(cls):
    hints = typing.get_type_hints(cls)
    return hints


def convert(v, t, strict, attrs, hook, where):
    if t is typing.Any or t is object:
        return v
    if t is None or t is type(None):
        if v is None:
            return None
        raise _wrong(t, v, where)
    o = typing.get_origin(t)
    args = typing.get_args(t)
    if o is typing.Annotated or o in (typing.Required, typing.NotRequired, typing.Final):
        return convert(v, args[0], strict, attrs, hook, where)
    if o in (typing.Union, types.UnionType):
        for a in args:
            if isinstance(a, type) and not isinstance(a, types.GenericAlias) and type(v) is a:
                return v
        tags = {
            a.__struct_config__.tag: a
            for a in args
            if isinstance(a, StructMeta) and a.__struct_config__.tag is not None
        }
        if tags and isinstance(v, dict):
            f = next(iter(tags.values())).__struct_config__.tag_field
            if v.get(f) in tags:
                return convert(v, tags[v[f]], strict, attrs, hook, where)
        for a in args:
            if a is _Marker:
                continue
            try:
                return convert(v, a, strict, attrs, hook, where)
            except ValidationError:
                pass
        raise _wrong(t, v, where)
    if o is typing.Literal:
        if v in args:
            return v
        raise ValidationError(
            f"Invalid enum value {v!r}" + ("" if where == "$" else f" - at `{where}`")
        )
    if o is None:
        o = t
    if isinstance(o, StructMeta):
        return _struct(v, o, strict, attrs, hook, where)
    if o is bool:
        if isinstance(v, bool):
            return v
        if not strict and v in ("true", "false", "1", "0", 0, 1):
            return v in ("true", "1", 1)
        raise _wrong(t, v, where)
    if o is int:
        if isinstance(v, int) and not isinstance(v, bool):
            return v
        if isinstance(v, float) and v.is_integer():
            return int(v)
        if not strict and isinstance(v, str):
            try:
                return int(v)
            except ValueError:
                pass
        raise _wrong(t, v, where)
    if o is float:
        if isinstance(v, (int, float)) and not isinstance(v, bool):
            return float(v)
        if not strict and isinstance(v, str):
            try:
                return float(v)
            except ValueError:
                pass
        raise _wrong(t, v, where)
    if o in (str, bytes):
        if isinstance(v, o):
            return v
        raise _wrong(t, v, where)
    if o in (
        list,
        set,
        frozenset,
        collections.abc.Sequence,
        collections.abc.Iterable,
        collections.abc.Collection,
    ):
        if not isinstance(v, (list, tuple, set, frozenset)):
            raise _wrong(t, v, where)
        out = (
            [convert(x, args[0], strict, attrs, hook, where + "[...]") for x in v]
            if args
            else list(v)
        )
        return o(out) if o in (set, frozenset) else out
    if o is tuple:
        if not isinstance(v, (list, tuple)):
            raise _wrong(t, v, where)
        if not args:
            return tuple(v)
        if len(args) == 2 and args[1] is ...:
            return tuple([convert(x, args[0], strict, attrs, hook, where + "[...]") for x in v])
        if len(v) != len(args):
            raise ValidationError(
                f"Expected `array` of length {len(args)}, got {len(v)}"
                + ("" if where == "$" else f" - at `{where}`")
            )
        return tuple(
            [
                convert(x, a, strict, attrs, hook, f"{where}[{i}]")
                for i, (x, a) in enumerate(zip(v, args))
            ]
        )
    if o in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        if not isinstance(v, dict):
            raise _wrong(t, v, where)
        if not args:
            return dict(v)
        return {
            convert(k, args[0], strict, attrs, hook, where): convert(
                x, args[1], strict, attrs, hook, where + "[...]"
            )
            for k, x in v.items()
        }
    if isinstance(o, type) and issubclass(o, enum.Enum):
        if isinstance(v, o):
            return v
        try:
            return o(v)
        except ValueError:
            raise ValidationError(
                f"Invalid enum value {v!r}" + ("" if where == "$" else f" - at `{where}`")
            ) from None
    if typing.is_typeddict(o):
        if not isinstance(v, dict):
            raise _wrong(t, v, where)
        h = _fields_of(o)
        return {
            k: convert(x, h[k], strict, attrs, hook, f"{where}.{k}") if k in h else x
            for k, x in v.items()
        }
    if dataclasses.is_dataclass(o):
        if isinstance(v, o):
            return v
        if not isinstance(v, dict):
            raise _wrong(t, v, where)
        h = _fields_of(o)
        given = {
            f.name: convert(v[f.name], h[f.name], strict, attrs, hook, f"{where}.{f.name}")
            for f in dataclasses.fields(o)
            if f.name in v
        }
        try:
            return o(**given)
        except TypeError as e:
            raise ValidationError(str(e)) from None
    if isinstance(o, type) and isinstance(v, o):
        return v
    if hook is not None:
        return hook(t, v)
    raise _wrong(t, v, where)


def _struct(v, cls, strict, attrs, hook, where):
    if isinstance(v, cls):
        return v
    c = cls.__struct_config__
    h = _fields_of(cls)
    at = "" if where == "$" else f" - at `{where}`"
    given = {}
    if c.array_like and isinstance(v, (list, tuple)):
        v = list(v)[1:] if c.tag is not None else list(v)
        for f, x in zip(cls.__struct_fields__, v):
            given[f] = convert(x, h[f], strict, attrs, hook, f"{where}.{f}")
    elif isinstance(v, dict):
        names = dict(zip(cls.__struct_encode_fields__, cls.__struct_fields__))
        for k, x in v.items():
            f = names.get(k)
            if f is not None:
                given[f] = convert(x, h[f], strict, attrs, hook, f"{where}.{k}")
            elif k == c.tag_field:
                if x != c.tag:
                    raise ValidationError(f"Invalid value {x!r} - at `{where}.{k}`")
            elif c.forbid_unknown_fields:
                raise ValidationError(f"Object contains unknown field `{k}`{at}")
    elif attrs:
        for f in cls.__struct_fields__:
            if hasattr(v, f):
                given[f] = convert(getattr(v, f), h[f], strict, attrs, hook, f"{where}.{f}")
    else:
        raise _wrong(cls, v, where)
    for f, e, d in zip(
        cls.__struct_fields__, cls.__struct_encode_fields__, cls._struct_all_defaults
    ):
        if f not in given and d is NODEFAULT:
            raise ValidationError(f"Object missing required field `{e}`{at}")
    try:
        return cls(**given)
    except (ValueError, TypeError) as e:
        raise ValidationError(f"{e}{at}") from e
