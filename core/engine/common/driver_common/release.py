# What a release of an engine has: modules, functions and parameters are looked for by name, and a
# function is called with those of its parameters that it has. No version number is compared.
import _kdex


def module_of(name):
    """The module, or None where this release has no such file."""
    try:
        return _kdex.import_module(name)
    except ModuleNotFoundError as e:
        missing = getattr(e, "name", None) or ""
        if missing and (name == missing or name.startswith(missing + ".")):
            return None
        raise


def find(*places):
    """The first of "module:name" that the tree has, or None."""
    for place in places:
        module, _, name = place.partition(":")
        m = module_of(module)
        if m is not None:
            found = getattr(m, name, None)
            if found is not None:
                return found
    return None


class NotInRelease(LookupError):
    """This file needs what the source tree does not have; no answer of the engine's."""


class NoSuchStep(Exception):
    """The engine does not run what is asked for: an answer of the engine's."""


def need(*places):
    found = find(*places)
    if found is None:
        raise NotInRelease("this release of the engine has none of " + ", ".join(places))
    return found


def parameters_of(function):
    """The parameters that a function takes."""
    code = getattr(function, "__code__", None)
    if code is not None:
        count = code.co_argcount + code.co_kwonlyargcount
        return list(code.co_varnames[:count])
    import inspect

    return list(inspect.signature(function).parameters)


def required(function):
    """Those of them that have no default."""
    names, code = parameters_of(function), getattr(function, "__code__", None)
    if code is None:
        return []
    optional = set(function.__kwdefaults__ or ())
    first = code.co_argcount - len(function.__defaults__ or ())
    return [
        n for i, n in enumerate(names) if n not in optional and not first <= i < code.co_argcount
    ]


def call(function, server_args=None, **offered):
    """Calls with the offered arguments that the function takes; others it needs are server arguments."""
    taken = parameters_of(function)
    if server_args is not None:
        offered["server_args"] = server_args
        for name in required(function):
            if name not in offered and hasattr(server_args, name):
                offered[name] = getattr(server_args, name)
    return function(**{k: v for k, v in offered.items() if k in taken})


def run_all(name):
    """Runs a module's whole top level: what registers itself there binds no name to ask for."""
    module = module_of(name)
    if module is not None and hasattr(_kdex, "run_all"):
        _kdex.run_all(name)
    return module
