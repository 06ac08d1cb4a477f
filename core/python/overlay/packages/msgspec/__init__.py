# msgspec: Struct classes (fields in slots), and conversion between plain data and typed data.
import _kdex
from abc import ABCMeta as _ABCMeta


class _Marker:
    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return self._name

    def __bool__(self):
        if self._name == "UNSET":
            return False
        return True

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self


NODEFAULT = _Marker("NODEFAULT")
UNSET = _Marker("UNSET")
UnsetType = _Marker


class MsgspecError(Exception):
    pass


class DecodeError(MsgspecError):
    pass


class ValidationError(DecodeError):
    pass


class EncodeError(MsgspecError):
    pass


class _Field:
    __slots__ = ("default", "default_factory", "name")

    def __init__(self, default, default_factory, name):
        self.default, self.default_factory, self.name = default, default_factory, name


def field(*, default=NODEFAULT, default_factory=NODEFAULT, name=None):
    if default is not NODEFAULT and default_factory is not NODEFAULT:
        raise TypeError("Cannot set both `default` and `default_factory`")
    return _Field(default, default_factory, name)


class _Factory:
    """A default that is made anew for each instance."""

    __slots__ = ("factory",)

    def __init__(self, factory):
        self.factory = factory

    def __repr__(self):
        return "<factory>"


class StructConfig:
    def __init__(self, **kw):
        self.__dict__.update(kw)


_OPTIONS = {
    "frozen": False,
    "eq": True,
    "order": False,
    "array_like": False,
    "gc": True,
    "repr_omit_defaults": False,
    "omit_defaults": False,
    "forbid_unknown_fields": False,
    "weakref": False,
    "dict": False,
    "cache_hash": False,
    "kw_only": False,
}


def _default_of(name, v):
    if isinstance(v, _Field):
        if v.default_factory is not NODEFAULT:
            return _Factory(v.default_factory)
        v = v.default
    t = type(v)
    if t in (list, dict, set, bytearray):
        if v:
            raise TypeError(
                f"Using a non-empty mutable collection ({v!r}) as a default value is unsafe. Instead configure a `default_factory` for this field."
            )
        return _Factory(t)
    if isinstance(t, StructMeta) and not t.__struct_config__.frozen:
        raise TypeError(
            f"Using a mutable struct object ({v!r}) as a default value is unsafe. Either configure a `default_factory` for this field, or set `frozen=True` on `{t.__name__}`"
        )
    return v


def _is_classvar(ann):
    if isinstance(ann, str):
        head = ann.split("[", 1)[0].strip()
        return head == "ClassVar" or head.endswith(".ClassVar")
    return (
        getattr(ann, "_name", None) == "ClassVar"
        or getattr(getattr(ann, "__origin__", None), "_name", None) == "ClassVar"
    )


def _encoded(name, rename):
    if rename is None:
        return name
    if isinstance(rename, str):
        parts = [p for p in name.split("_")]
        if rename == "lower":
            return name.lower()
        if rename == "upper":
            return name.upper()
        if rename == "camel":
            return parts[0] + "".join([p.title() for p in parts[1:]])
        if rename == "pascal":
            return "".join([p.title() for p in parts])
        if rename == "kebab":
            return name.replace("_", "-")
        raise ValueError(f"rename='{rename}' is unsupported")
    r = rename.get(name) if hasattr(rename, "get") else rename(name)
    return name if r is None else r


class StructMeta(_ABCMeta):
    def __new__(mcls, name, bases, ns, /, *, tag=None, tag_field=None, rename=None, **options):
        for k in options:
            if k not in _OPTIONS:
                raise TypeError(f"{k!r} is an invalid keyword argument for __new__()")
        cfg = dict(_OPTIONS)
        cfg.update(tag=None, tag_field=None, rename=None)
        plain, kwonly, enc = {}, {}, {}
        slots_above = set()
        for b in reversed(bases):
            for c in reversed(b.__mro__):
                if type(c) is not mcls and not isinstance(c, StructMeta):
                    continue
                bc = c.__dict__.get("_struct_options")
                if bc is None:
                    continue
                cfg.update({k: v for k, v in bc.items() if k != "kw_only"})
                ko = c.__dict__["_struct_kw_only"]
                for f, d in zip(c.__struct_fields__, c._struct_all_defaults):
                    slots_above.add(f)
                    plain.pop(f, None) if f in ko else kwonly.pop(f, None)
                    (kwonly if f in ko else plain)[f] = d
                enc.update(c._struct_encoded)
        cfg.update(options)
        for k, v in (("tag", tag), ("tag_field", tag_field), ("rename", rename)):
            if v is not None:
                cfg[k] = v
        own = [f for f, a in ns.get("__annotations__", {}).items() if not _is_classvar(a)]
        ns = dict(ns)
        for f in own:
            v = ns.pop(f, NODEFAULT)
            enc[f] = (
                v.name
                if isinstance(v, _Field) and v.name is not None
                else _encoded(f, cfg["rename"])
            )
            d = _default_of(f, v)
            if cfg["kw_only"]:
                plain.pop(f, None)
                kwonly[f] = d
            else:
                kwonly.pop(f, None)
                plain[f] = d
        seen = False
        for f, d in plain.items():
            if d is not NODEFAULT:
                seen = True
            elif seen:
                raise TypeError(
                    f"Required field {f!r} cannot follow optional fields. Either reorder the struct fields, or set `kw_only=True` in the struct definition."
                )
        slots = [f for f in own if f not in slots_above]
        if cfg["dict"] and not any(
            [b.__dict__.get("_struct_options", {}).get("dict") for b in bases]
        ):
            slots.append("__dict__")
        ns["__slots__"] = tuple(slots)
        ns["__struct_fields__"] = (*plain, *kwonly)
        ns["_struct_all_defaults"] = (*plain.values(), *kwonly.values())
        lead = 0
        for d in ns["_struct_all_defaults"]:
            if d is not NODEFAULT:
                break
            lead += 1
        ns["__struct_defaults__"] = ns["_struct_all_defaults"][lead:]
        ns["_struct_kw_only"] = frozenset(kwonly)
        ns["_struct_encoded"] = enc
        ns["__struct_encode_fields__"] = tuple([enc[f] for f in ns["__struct_fields__"]])
        ns["__match_args__"] = tuple(plain)
        ns["_struct_options"] = cfg
        t = cfg["tag"]
        tf = cfg["tag_field"]
        if t is True or t is None and tf is not None:
            t = name
        elif t is False:
            t = tf = None
        elif callable(t):
            t = t(name)
        if t is not None:
            tf = tf or "type"
        public = {
            k: v for k, v in cfg.items() if k not in ("kw_only", "tag", "tag_field", "rename")
        }
        ns["__struct_config__"] = StructConfig(tag=t, tag_field=tf, **public)
        if cfg["frozen"]:
            if "__setattr__" not in ns:
                ns["__setattr__"] = _frozen_set
                ns["__delattr__"] = _frozen_set
        if not cfg["eq"] and "__eq__" not in ns:
            ns["__eq__"] = object.__eq__
            ns.setdefault("__hash__", object.__hash__)
        elif "__hash__" not in ns and "__eq__" not in ns:
            ns["__hash__"] = _struct_hash if cfg["frozen"] else None
        ns["__init__"] = _struct_init(
            plain,
            kwonly,
            bool(ns.get("__post_init__")) or any([hasattr(b, "__post_init__") for b in bases]),
        )
        return super().__new__(mcls, name, bases, ns)

    def __init__(cls, *args, **kw):
        pass

    @property
    def __signature__(cls):
        from inspect import Parameter, Signature

        ps = []
        for f, d in zip(cls.__struct_fields__, cls._struct_all_defaults):
            kind = (
                Parameter.KEYWORD_ONLY
                if f in cls._struct_kw_only
                else Parameter.POSITIONAL_OR_KEYWORD
            )
            ps.append(Parameter(f, kind, default=Parameter.empty if d is NODEFAULT else d))
        return Signature(ps)


def _frozen_set(self, name, value=None):
    raise AttributeError(f"immutable type: {type(self).__name__!r}")


def _struct_hash(self):
    return hash((type(self), *[getattr(self, f) for f in self.__struct_fields__]))


def _struct_init(plain, kwonly, post):
    names = tuple(plain)
    npos = len(names)
    rows = tuple([(f, d, isinstance(d, _Factory)) for f, d in (*plain.items(), *kwonly.items())])
    put = object.__setattr__

    def unexpected(kw):
        for k in kw:
            if k not in plain and k not in kwonly:
                raise TypeError(f"Unexpected keyword argument {k!r}")

    def __init__(self, /, *args, **kw):
        if args:
            if len(args) > npos:
                raise TypeError("Extra positional arguments provided")
            for n, v in zip(names, args):
                if n in kw:
                    raise TypeError(f"Argument {n!r} given by name and position")
                put(self, n, v)
        i = len(args)
        used = 0
        for f, d, made in rows[i:] if i else rows:
            if f in kw:
                put(self, f, kw[f])
                used += 1
            elif d is NODEFAULT:
                unexpected(kw)
                raise TypeError(f"Missing required argument {f!r}")
            else:
                put(self, f, d.factory() if made else d)
        if used != len(kw):
            unexpected(kw)
        if post:
            self.__post_init__()

    return __init__


class Struct(metaclass=StructMeta):
    def __repr__(self):
        return f"{type(self).__name__}({', '.join([f'{f}={getattr(self, f)!r}' for f in self.__struct_fields__])})"

    def __eq__(self, o):
        if type(self) is not type(o):
            return NotImplemented
        for f in self.__struct_fields__:
            a, b = getattr(self, f), getattr(o, f)
            if a is not b and a != b:
                return False
        return True

    __hash__ = None

    def _ordered(self, o):
        return type(self) is type(o) and self.__struct_config__.order

    def __lt__(self, o):
        return _values(self) < _values(o) if self._ordered(o) else NotImplemented

    def __le__(self, o):
        return _values(self) <= _values(o) if self._ordered(o) else NotImplemented

    def __gt__(self, o):
        return _values(self) > _values(o) if self._ordered(o) else NotImplemented

    def __ge__(self, o):
        return _values(self) >= _values(o) if self._ordered(o) else NotImplemented

    def __rich_repr__(self):
        for f in self.__struct_fields__:
            yield f, getattr(self, f)

    def __copy__(self):
        new = object.__new__(type(self))
        for f in self.__struct_fields__:
            object.__setattr__(new, f, getattr(self, f))
        if self.__struct_config__.dict:
            new.__dict__.update(self.__dict__)
        return new

    def __replace__(self, /, **changes):
        from msgspec.structs import replace

        return replace(self, **changes)


def _values(s):
    return tuple([getattr(s, f) for f in s.__struct_fields__])


def defstruct(name, fields, *, bases=None, module=None, namespace=None, **kw):
    ns = dict(namespace or {})
    anns = {}
    for f in fields:
        if isinstance(f, str):
            from typing import Any

            anns[f] = Any
        else:
            anns[f[0]] = f[1]
            if len(f) > 2:
                ns[f[0]] = f[2]
            elif f[0] in ns:
                del ns[f[0]]
    ns["__annotations__"] = anns
    ns["__module__"] = module or ns.get("__module__") or _kdex.caller_module(1)
    return StructMeta(name, tuple(bases) if bases else (Struct,), ns, **kw)


class Raw(bytes):
    pass


class Meta:
    def __init__(self, **kw):
        self.__dict__.update(kw)


def to_builtins(obj, *, str_keys=False, builtin_types=None, enc_hook=None, order=None):
    t = type(obj)
    if obj is None or t in (int, float, str, bool, bytes):
        return obj
    if isinstance(t, StructMeta):
        c = t.__struct_config__
        if c.array_like:
            return ([c.tag] if c.tag is not None else []) + [
                to_builtins(getattr(obj, f), str_keys=str_keys, enc_hook=enc_hook)
                for f in t.__struct_fields__
            ]
        out = {} if c.tag is None else {c.tag_field: c.tag}
        for f, e, d in zip(t.__struct_fields__, t.__struct_encode_fields__, t._struct_all_defaults):
            v = getattr(obj, f)
            if (
                v is UNSET
                or c.omit_defaults
                and (v == d if not isinstance(d, _Factory) else not v and type(v) is d.factory)
            ):
                continue
            out[e] = to_builtins(v, str_keys=str_keys, enc_hook=enc_hook)
        return out
    if isinstance(obj, dict):
        return {
            to_builtins(k, str_keys=str_keys, enc_hook=enc_hook): to_builtins(
                v, str_keys=str_keys, enc_hook=enc_hook
            )
            for k, v in obj.items()
        }
    if isinstance(obj, tuple):
        return tuple([to_builtins(v, str_keys=str_keys, enc_hook=enc_hook) for v in obj])
    if isinstance(obj, (list, set, frozenset)):
        return [to_builtins(v, str_keys=str_keys, enc_hook=enc_hook) for v in obj]
    import enum

    if isinstance(obj, enum.Enum):
        return obj.value
    if isinstance(obj, (int, float, str)):
        return obj
    import dataclasses

    if dataclasses.is_dataclass(obj):
        return {
            f.name: to_builtins(getattr(obj, f.name), str_keys=str_keys, enc_hook=enc_hook)
            for f in dataclasses.fields(obj)
        }
    if enc_hook is not None:
        return to_builtins(enc_hook(obj), str_keys=str_keys, enc_hook=enc_hook)
    raise TypeError(f"Encoding objects of type {t.__name__} is unsupported")


def convert(
    obj,
    type,
    *,
    strict=True,
    from_attributes=False,
    dec_hook=None,
    builtin_types=None,
    str_keys=False,
):
    from msgspec._convert import convert as run

    return run(obj, type, strict, from_attributes, dec_hook, "$")


def __getattr__(name):
    if name in ("json", "msgpack", "structs", "inspect", "yaml", "toml"):
        import importlib

        return importlib.import_module("msgspec." + name)
    raise AttributeError(f"module 'msgspec' has no attribute {name!r}")
