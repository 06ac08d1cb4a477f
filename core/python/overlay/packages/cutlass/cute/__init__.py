# cutlass.cute: arithmetic on Python integers, and kernels that are compiled to be launched; the rest
# is unknown.
import _kdex


class Kernel:
    """What a compilation gives: a call launches the function that was compiled."""

    def __init__(self, function):
        named = function if hasattr(function, "__qualname__") else type(function)
        self.name = getattr(named, "__module__", "?") + "." + named.__qualname__

    def __call__(self, *args, **kwargs):
        from torch import _launches

        if _launches.listener is not None:
            _launches.listener.launch("cute", self.name, (list(args), kwargs), None)


class _Compile:
    def __getitem__(self, options):
        return self

    def __call__(self, function, *args, **kwargs):
        if _kdex.is_unknown(function):
            return _kdex.unknown("cutlass.cute.compile()")
        return Kernel(function)


compile = _Compile()


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
