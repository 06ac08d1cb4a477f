# triton.runtime.autotuner: settings are kept, none is tried.
from triton.runtime.jit import KernelInterface


class Config:
    def __init__(
        self,
        kwargs,
        num_warps=4,
        num_stages=3,
        num_ctas=1,
        maxnreg=None,
        pre_hook=None,
        ir_override=None,
        **extra,
    ):
        self.kwargs, self.num_warps, self.num_stages, self.num_ctas = (
            kwargs,
            num_warps,
            num_stages,
            num_ctas,
        )
        self.maxnreg, self.pre_hook, self.ir_override = maxnreg, pre_hook, ir_override

    def all_kwargs(self):
        named = (
            ("num_warps", self.num_warps),
            ("num_ctas", self.num_ctas),
            ("num_stages", self.num_stages),
            ("maxnreg", self.maxnreg),
        )
        return {**self.kwargs, **{k: v for k, v in named if v is not None}}


class _Wrapped(KernelInterface):
    def __init__(self, fn):
        self.fn = fn
        self.__name__ = getattr(fn, "__name__", "kernel")
        self.__module__ = getattr(fn, "__module__", None)
        base = fn
        while isinstance(base, KernelInterface) and hasattr(base, "fn"):
            base = base.fn
        self.base_fn = base

    @property
    def arg_names(self):
        return self.fn.arg_names

    def run(self, *args, **kwargs):
        return self.fn.run(*args, **kwargs)

    def warmup(self, *args, **kwargs):
        return self.fn.warmup(*args, **kwargs)


class Autotuner(_Wrapped):
    def __init__(self, fn, configs, key, settings):
        super().__init__(fn)
        self.configs, self.keys, self.cache, self.settings = configs, key, {}, settings

    def run(self, *args, **kwargs):
        """The first configuration stands for the tuned one."""
        chosen = self.configs[0].all_kwargs() if self.configs else {}
        return self.fn.run(*args, **{**kwargs, **chosen})


class Heuristics(_Wrapped):
    def __init__(self, fn, values):
        super().__init__(fn)
        self.values = values


def autotune(configs=(), key=(), **settings):
    return lambda fn: Autotuner(fn, configs, key, settings)


def heuristics(values):
    return lambda fn: Heuristics(fn, values)
