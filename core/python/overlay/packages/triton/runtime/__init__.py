# triton.runtime.
import _kdex
from triton.runtime.driver import driver
from triton.runtime.autotuner import Autotuner, Config, Heuristics, autotune, heuristics
from triton.runtime.errors import OutOfResources
from triton.runtime.jit import JITFunction, KernelInterface


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'triton.runtime' has no attribute {name!r}")
    return _kdex.unknown("triton.runtime." + name)
