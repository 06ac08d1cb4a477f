# pydantic.dataclasses: the standard decorator, whose __init__ converts and checks as a model's does.
import dataclasses as _dc
import typing as _t

import pydantic as _p
from pydantic import FieldInfo as _FieldInfo, PydanticUndefined as _undefined


def dataclass(
    cls=None,
    /,
    *,
    init=False,
    repr=True,
    eq=True,
    order=False,
    unsafe_hash=False,
    frozen=False,
    config=None,
    validate_on_init=None,
    kw_only=False,
    slots=False,
):
    options = {
        "repr": repr,
        "eq": eq,
        "order": order,
        "unsafe_hash": unsafe_hash,
        "frozen": frozen,
        "kw_only": kw_only,
        "slots": slots,
    }

    def make(c):
        return _make(c, options, config)

    return make(cls) if cls is not None else make


def _inherited(cls, config):
    """(configuration, validators) of the bases, completed by the class's own."""
    merged, hooks = {}, []
    for b in reversed(cls.__mro__[1:]):
        merged.update(b.__dict__.get("__pydantic_config__", {}))
        hooks = _with_own(hooks, b.__dict__.get("_own_hooks", []))
    merged.update(config or {})
    cls._own_hooks = [v for v in list(cls.__dict__.values()) if isinstance(v, _p._Hook)]
    return merged, _with_own(hooks, cls._own_hooks)


def _with_own(hooks, own):
    """A validator takes the place of one of its name."""
    names = [h.raw.__name__ for h in own]
    return [h for h in hooks if h.raw.__name__ not in names] + own


def _replace_fields(cls):
    """Puts the standard library's fields where pydantic's stand: name -> pydantic's."""
    replaced = {}
    for name in cls.__dict__.get("__annotations__", {}):
        info = cls.__dict__.get(name)
        if isinstance(info, _FieldInfo):
            replaced[name] = info
            given = {"default": info}
            if info.kw_only:
                given["kw_only"] = True
            if info.repr is not True:
                given["repr"] = info.repr
            if info.init is not None:
                given["init"] = info.init
            setattr(cls, name, _dc.field(**given))
    return replaced


def _make(cls, options, config):
    merged, hooks = _inherited(cls, config)
    replaced = _replace_fields(cls)
    had = cls.__dict__.get("__init__")
    cls = _dc.dataclass(cls, **options)
    for name, info in replaced.items():
        if info.default is _undefined:
            delattr(cls, name)
        else:
            setattr(cls, name, info.default)
    cls.__pydantic_config__ = merged
    cls.__is_pydantic_dataclass__ = True
    cls.__pydantic_hooks__ = hooks
    cls.__pydantic_fields__ = {f.name: _info(f) for f in _fields(cls)}
    cls._resolved_hints = None
    if had is None:
        plain = cls.__init__

        def __init__(self, *args, **kwargs):
            _fill(self, cls, ArgsKwargs(args, kwargs))

        __init__.__qualname__ = cls.__qualname__ + ".__init__"
        __init__._dataclass_parameters = plain._dataclass_parameters
        __init__.__annotations__ = plain.__annotations__
        __init__._is_validating = True
        cls.__init__ = __init__
    return cls


def _fields(cls):
    return [f for f in cls.__dataclass_fields__.values() if f._field_type != "_FIELD_CLASSVAR"]


def _info(field):
    if isinstance(field.default, _FieldInfo):
        return field.default
    info = _FieldInfo(
        _undefined if field.default is _dc.MISSING else field.default,
        None if field.default_factory is _dc.MISSING else field.default_factory,
    )
    info.annotation = field.type
    return info


def _hints(cls):
    if cls.__dict__.get("_resolved_hints") is None:
        hints = _t.get_type_hints(cls, include_extras=True)
        cls._resolved_hints = {
            name: t.type if isinstance(t, _dc.InitVar) else t for name, t in hints.items()
        }
    return cls._resolved_hints


class ArgsKwargs:
    def __init__(self, args, kwargs=None):
        self.args, self.kwargs = args, kwargs

    def __repr__(self):
        return f"ArgsKwargs({self.args!r}" + (f", {self.kwargs!r})" if self.kwargs else ")")


def _is_late(field):
    return field._field_type == "_FIELD_INITVAR"


def _takes(field):
    info = field.default
    return field.init and not (isinstance(info, _FieldInfo) and info.init is False)


def _given(cls, data):
    """(name -> value, name -> its place among positional arguments) of what is validated: ArgsKwargs
    of a call or a dict, after the model's validators before them."""
    for h in cls.__pydantic_hooks__:
        if h.kind == "model" and h.mode == "before":
            data = h.__get__(None, cls)(data)
    if not isinstance(data, ArgsKwargs):
        return dict(data), {}
    given, places = dict(data.kwargs or {}), {}
    positional = [f for f in _fields(cls) if _takes(f) and not f.kw_only]
    for place, (field, value) in enumerate(zip(positional, data.args)):
        given[field.name] = value
        places[field.name] = place
    return given, places


def _default(info):
    if info.default_factory is not None:
        return info.default_factory()
    if isinstance(info.default, (list, dict, set)):
        return _p._deepcopy(info.default)
    return info.default


def _row(kind, name, text, value):
    return {"type": kind, "loc": (name,), "msg": text, "input": value}


def _fill(self, cls, data):
    """Sets the fields of a new object from `data`: ArgsKwargs or a dict."""
    config, hints, hooks = cls.__pydantic_config__, _hints(cls), cls.__pydantic_hooks__
    given, places = _given(cls, data)
    values, late, errors, accepted = {}, {}, [], set()
    for field in sorted(_fields(cls), key=lambda f: bool(f.kw_only)):
        name = field.name
        info = cls.__pydantic_fields__[name]
        is_given = name in given and _takes(field)
        if _takes(field):
            accepted.add(name)
        if is_given:
            value = given[name]
        elif not info.is_required():
            value = _default(info)
        else:
            if _takes(field):
                errors.append(_row("missing", name, "Field required", data))
            continue
        if is_given or config.get("validate_default"):
            seen = _p.ValidationInfo(values, name)
            hint = hints.get(name, field.type)
            try:
                value = _p._validated(cls, hooks, name, info, hint, value, seen, config)
            except _p._FAILURES as e:
                errors.extend(_p._errors_at(places.get(name, name), e, value))
                continue
        (late if _is_late(field) else values)[name] = value
    if config.get("extra") == "forbid":
        text = "Unexpected keyword argument"
        for name in given:
            if name not in accepted:
                errors.append(_row("unexpected_keyword_argument", name, text, given[name]))
    if errors:
        raise _p.ValidationError(cls.__name__, errors)
    for name, value in values.items():
        object.__setattr__(self, name, value)
    _after(self, cls, late, data)


def of_dict(cls, data):
    """An object whose fields a dict holds, as a field of its class takes it."""
    if not is_pydantic_dataclass(cls) or not hasattr(cls.__init__, "_is_validating"):
        return cls(**data)
    made = cls.__new__(cls)
    _fill(made, cls, data)
    return made


def _after(self, cls, late, shown):
    """What runs on the finished object; its errors are the model's own."""
    try:
        if hasattr(cls, "__post_init__"):
            self.__post_init__(*[late[f.name] for f in _fields(cls) if _is_late(f)])
        revalidate(self)
    except _p.ValidationError:
        raise
    except (ValueError, AssertionError) as e:
        raise _p.ValidationError(cls.__name__, [_p._error_of(e, shown)]) from e


def revalidate(self):
    """The model's validators after its fields, which run again where an object is handed on."""
    for h in type(self).__pydantic_hooks__:
        if h.kind == "model" and h.mode == "after":
            h.raw(self)


def is_pydantic_dataclass(cls):
    return "__is_pydantic_dataclass__" in getattr(cls, "__dict__", {})


def rebuild_dataclass(cls, **kw):
    return True
