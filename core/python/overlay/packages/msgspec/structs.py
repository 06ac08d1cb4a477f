# msgspec.structs: questions about Struct classes.
from msgspec import NODEFAULT, StructConfig, StructMeta, Struct, _Factory


class FieldInfo(Struct):
    name: str
    encode_name: str
    type: object
    default: object = NODEFAULT
    default_factory: object = NODEFAULT

    @property
    def required(self):
        return self.default is NODEFAULT and self.default_factory is NODEFAULT


def fields(type_or_instance):
    cls = type_or_instance if isinstance(type_or_instance, StructMeta) else type(type_or_instance)
    if not isinstance(cls, StructMeta):
        raise TypeError("Must be called with a struct type or instance")
    from typing import get_type_hints

    h = get_type_hints(cls, include_extras=True)
    out = []
    for f, e, d in zip(
        cls.__struct_fields__, cls.__struct_encode_fields__, cls._struct_all_defaults
    ):
        made = isinstance(d, _Factory)
        out.append(
            FieldInfo(f, e, h[f], NODEFAULT if made else d, d.factory if made else NODEFAULT)
        )
    return tuple(out)


def replace(struct, /, **changes):
    cls = type(struct)
    for k in changes:
        if k not in cls.__struct_fields__:
            raise TypeError(f"`{cls.__name__}` has no field {k!r}")
    new = object.__new__(cls)
    put = object.__setattr__
    for f in cls.__struct_fields__:
        put(new, f, changes[f] if f in changes else getattr(struct, f))
    if hasattr(cls, "__post_init__"):
        new.__post_init__()
    return new


def asdict(struct):
    return {f: getattr(struct, f) for f in struct.__struct_fields__}


def astuple(struct):
    return tuple([getattr(struct, f) for f in struct.__struct_fields__])


def force_setattr(struct, name, value):
    object.__setattr__(struct, name, value)
