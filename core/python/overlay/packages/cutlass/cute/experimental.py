# cutlass.cute.experimental.
import _kdex
from cutlass.cute import compile, jit, kernel


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cutlass.cute.experimental' has no attribute {name!r}")
    return _kdex.unknown("cutlass.cute.experimental." + name)
