# Classes whose objects operators take as they are: the name that a schema has for each.
from torch._opaque_base import OpaqueBase, OpaqueBaseMeta  # noqa: F401

_registered = {}  # class -> (its name in schemas, "reference" or "value")


def register_opaque_type(cls, *, typ="reference", hoist=False, guard_fn=None, members=None):
    if not isinstance(cls, type):
        raise ValueError(f"register_opaque_type: expected a class, not {cls!r}")
    name = f"{cls.__module__}.{cls.__qualname__}".replace(".", "_")
    _registered[cls] = (name, typ)


def is_opaque_type(cls):
    return isinstance(cls, type) and cls in _registered


def get_opaque_type_name(cls):
    if cls not in _registered:
        raise ValueError(f"{cls} is not registered as an opaque type")
    return _registered[cls][0]


def is_opaque_value_type(cls):
    return is_opaque_type(cls) and _registered[cls][1] == "value"


def is_opaque_reference_type(cls):
    return is_opaque_type(cls) and _registered[cls][1] == "reference"
