# triton: what host code asks of it. A kernel keeps its Python function and its settings; the language is unknown.
import _kdex
from triton.runtime.jit import JITFunction, KernelInterface, constexpr_function, jit
from triton.runtime.autotuner import Autotuner, Config, Heuristics, autotune, heuristics
from triton.runtime.errors import OutOfResources

__version__ = _kdex.dist_version("triton") or "3.6.0"


class TritonError(RuntimeError):
    pass


class CompilationError(TritonError):
    pass


def cdiv(x, y):
    return (x + y - 1) // y


def next_power_of_2(n):
    """The smallest power of two that is not below n."""
    n -= 1
    for shift in (1, 2, 4, 8, 16, 32):
        n |= n >> shift
    return n + 1


def set_allocator(allocator):
    return None


def must_use_result(x=None, **how):
    return x


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'triton' has no attribute {name!r}")
    return _kdex.unknown("triton." + name)
