# The code generator: never runs.
from torch._inductor import config


def compile(gm, example_inputs, options=None):
    return gm


def list_mode_options(mode=None, dynamic=None):
    return {}


def list_options():
    return []


def __getattr__(name):
    return _real("torch._inductor", name)


from torch._real import attribute as _real  # noqa: E402
