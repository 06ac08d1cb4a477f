# Transforms of functions.
from torch._calls import vmap  # noqa: F401


def functional_call(
    module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False
):
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    return module(*args, **(kwargs or {}))


def stack_module_state(models):
    return {}, {}


def __getattr__(name):
    return _real("torch.func", name)


from torch._real import attribute as _real  # noqa: E402
