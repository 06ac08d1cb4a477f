# Makes a module again with nothing but what its constructor needs: what then differs from the module
# is what somebody asked for. Called by core/model/defaults.cpp.
import torch

_VARIADIC = 0x04 | 0x08


def _arguments(cls, args, kwargs):
    """What the constructor was given by name, and the names that have no default.

    Where a constructor takes *args or **kwargs, those of the next class in the MRO follow.
    """
    given, required, rest = {}, set(), list(args)
    for c in cls.__mro__:
        init = c.__dict__.get("__init__")
        code = getattr(init, "__code__", None)
        if code is None:
            continue
        names = code.co_varnames[1 : code.co_argcount]
        only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        optional = len(init.__defaults__ or ())
        for i, name in enumerate(names):
            if name in given:
                continue
            if rest:
                given[name] = rest.pop(0)
            elif name in kwargs:
                given[name] = kwargs[name]
            if i < len(names) - optional:
                required.add(name)
        for name in only:
            if name in kwargs:
                given.setdefault(name, kwargs[name])
            if name not in (init.__kwdefaults__ or {}):
                required.add(name)
        if not code.co_flags & _VARIADIC:
            break
    return given, required


def _made_again(module, dtype, wanted):
    args, kwargs = module.__dict__["_kdex_call"]
    given, required = _arguments(type(module), args, kwargs)
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype) if dtype else before)
    try:
        with torch.device("meta"):
            return type(module)(**{n: v for n, v in given.items() if n in required or wanted(n, v)})
    finally:
        torch.set_default_dtype(before)


def twin(module, kept, dtype):
    """A module of the same class: what has a default is left out, but for the names in `kept`."""
    return _made_again(module, dtype, lambda name, value: name in kept)


def twin_of_same_sizes(module, kept, dtype):
    """As twin(); integers are kept, too, for a constructor whose defaults do not go together."""
    return _made_again(module, dtype, lambda name, value: name in kept or type(value) is int)
