# Scripting: functions stay as they are.
from typing import Final

from torch._types import ScriptModule


class Attribute:
    def __init__(self, value, type):
        self.value = value
        self.type = type


class ScriptFunction:
    pass


class RecursiveScriptModule(ScriptModule):
    pass


class Error(Exception):
    pass


def script(obj=None, *args, **kwargs):
    return obj if obj is not None else (lambda f: f)


def trace(func, *args, **kwargs):
    return func


trace_module = freeze = optimize_for_inference = trace


def script_if_tracing(fn):
    return fn


export = unused = interface = script_method = script_if_tracing


def ignore(drop=False, **kwargs):
    if callable(drop):
        return drop
    return lambda f: f


def is_scripting():
    return False


def is_tracing():
    return False


def isinstance(obj, target_type):
    import builtins

    return builtins.isinstance(obj, target_type)


def annotate(the_type, the_value):
    return the_value


def set_fusion_strategy(strategy):
    return []


def load(f, *args, **kwargs):
    import _kdex

    return _kdex.unknown("torch.jit.load")


def save(m, f, *args, **kwargs):
    return None


class fuser:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


def __getattr__(name):
    return _real("torch.jit", name)


from torch._real import attribute as _real  # noqa: E402
