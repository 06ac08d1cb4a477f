# triton.runtime.jit: a kernel is its function; a launch gives nothing back that a shape depends on.
import _kdex


class KernelInterface:
    def __getitem__(self, grid):
        def launch(*args, **kwargs):
            return self.run(*args, grid=grid, **kwargs)

        return launch

    def run(self, *args, grid=None, warmup=False, **kwargs):
        from torch import _launches

        if _launches.listener is None:
            return _kdex.unknown("triton kernel " + getattr(self, "__name__", "?"))
        fn = getattr(self, "fn", self)
        name = fn.__module__ + "." + getattr(fn, "__qualname__", fn.__name__)
        _launches.listener.launch(
            "triton", name, (list(args), kwargs), None, parameters=self.arg_names
        )
        return None

    @property
    def arg_names(self):
        fn = self
        while not hasattr(fn, "__code__"):
            fn = fn.fn
        code = fn.__code__
        return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


class JITFunction(KernelInterface):
    def __init__(
        self,
        fn,
        version=None,
        do_not_specialize=None,
        do_not_specialize_on_alignment=None,
        debug=None,
        noinline=None,
        repr=None,
        launch_metadata=None,
    ):
        self.fn = fn
        self.__name__ = fn.__name__
        self.__qualname__ = fn.__qualname__
        self.__module__ = fn.__module__
        self.__doc__ = fn.__doc__
        self.version, self.debug, self.noinline = version, debug, noinline
        self.do_not_specialize = do_not_specialize or []
        self.repr, self.launch_metadata = repr, launch_metadata

    @property
    def params(self):
        return _kdex.unknown("triton kernel parameters")

    @property
    def cache_key(self):
        return self.__module__ + "." + self.__qualname__

    def warmup(self, *args, grid=None, **kwargs):
        return self.run(*args, grid=grid, warmup=True, **kwargs)

    def __call__(self, *args, **kwargs):
        raise RuntimeError("Cannot call @triton.jit'd outside of the scope of a kernel")

    def __repr__(self):
        return f"JITFunction({self.__module__}:{self.__qualname__})"


def jit(
    fn=None,
    *,
    version=None,
    repr=None,
    launch_metadata=None,
    do_not_specialize=None,
    do_not_specialize_on_alignment=None,
    debug=None,
    noinline=None,
):
    def make(f):
        return JITFunction(
            f,
            version=version,
            do_not_specialize=do_not_specialize,
            debug=debug,
            noinline=noinline,
            repr=repr,
            launch_metadata=launch_metadata,
        )

    return make if fn is None else make(fn)


def constexpr_function(fn):
    return fn


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'triton.runtime.jit' has no attribute {name!r}")
    return _kdex.unknown("triton.runtime.jit." + name)
