# cutlass.cute: arithmetic on Python integers, and functions that are compiled to be launched; the
# rest is unknown.
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


class Function:
    """A function that is compiled where it is called."""

    def __init__(self, function):
        self.function = function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__

    def __get__(self, instance, owner=None):
        return self if instance is None else Bound(self, instance)

    def __call__(self, *args, **kwargs):
        return _kdex.unknown("cutlass.cute." + self.__qualname__ + "()")


class Bound:
    """Such a function as a method of an object."""

    def __init__(self, function, instance):
        self.__func__, self.__self__ = function, instance
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__ = function.__module__

    def __call__(self, *args, **kwargs):
        return self.__func__(self.__self__, *args, **kwargs)


def jit(function=None, **options):
    """Also with options: a decorator."""
    return Function if function is None else Function(function)


kernel = jit


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
