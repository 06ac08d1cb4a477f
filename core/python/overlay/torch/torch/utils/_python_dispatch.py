# Modes of the dispatcher: entered, never asked.
class TorchDispatchMode:
    def __init__(self, _dispatch_key=None):
        self.args = _dispatch_key

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


def is_traceable_wrapper_subclass(t):
    return False


def _get_current_dispatch_mode():
    return None


def _disable_current_modes():
    return TorchDispatchMode()


def __getattr__(name):
    return _real("torch.utils._python_dispatch", name)


from torch._real import attribute as _real  # noqa: E402
