# cutlass.cute: arithmetic on Python integers; the rest is unknown.
import _kdex


def ceil_div(a, b):
    if isinstance(a, int) and isinstance(b, int):
        return -(-a // b)
    return _kdex.unknown("cutlass.cute.ceil_div()")


def round_up(a, b):
    return ceil_div(a, b) * b


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cutlass.cute' has no attribute {name!r}")
    return _kdex.unknown("cutlass.cute." + name)
