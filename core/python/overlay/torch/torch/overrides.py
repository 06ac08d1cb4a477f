# Functions that tensor subclasses may override: they are called as they are.
class TorchFunctionMode:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


BaseTorchFunctionMode = TorchFunctionMode


def has_torch_function(relevant_args):
    return False


has_torch_function_unary = has_torch_function_variadic = is_tensor_like = has_torch_function


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    return public_api(*args, **kwargs)


def wrap_torch_function(dispatcher):
    return lambda f: f


def get_ignored_functions():
    return set()


def resolve_name(f):
    return getattr(f, "__name__", None)


def enable_reentrant_dispatch():
    return TorchFunctionMode()


def __getattr__(name):
    return _real("torch.overrides", name)


from torch._real import attribute as _real  # noqa: E402
