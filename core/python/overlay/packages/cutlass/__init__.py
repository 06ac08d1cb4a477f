# cutlass (the CuTe DSL): kernels are not run here; what it gives is unknown but for plain arithmetic in cutlass.cute.
import _kdex


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cutlass' has no attribute {name!r}")
    return _kdex.unknown("cutlass." + name)
