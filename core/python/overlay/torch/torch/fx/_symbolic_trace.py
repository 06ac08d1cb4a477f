# Tracing: never runs.
from torch.fx import Tracer, symbolic_trace, wrap  # noqa: F401


def is_fx_tracing():
    return False


is_fx_symbolic_tracing = is_fx_tracing


def __getattr__(name):
    return _real("torch.fx._symbolic_trace", name)


from torch._real import attribute as _real  # noqa: E402
