# torch.compile, autocast, load and save, vmap: no compiling, no files.
import functools


def compile(
    model=None,
    *,
    fullgraph=False,
    dynamic=None,
    backend="inductor",
    mode=None,
    options=None,
    disable=False,
    **kwargs,
):
    if model is None:
        return lambda function: function
    return model


class autocast:
    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        self.device = device_type
        self.fast_dtype = dtype
        self._enabled = enabled

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __call__(self, function):
        @functools.wraps(function)
        def inside(*args, **kwargs):
            return function(*args, **kwargs)

        return inside


def load(f, map_location=None, pickle_module=None, *, weights_only=None, mmap=None, **kwargs):
    import _kdex

    return _kdex.unknown("torch.load")


def save(obj, f, *args, **kwargs):
    return None


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    @functools.wraps(func)
    def inside(*args, **kwargs):
        import _kdex

        return _kdex.unknown("torch.vmap")

    return inside


def cond(pred, true_fn, false_fn, operands=()):
    return true_fn(*operands) if pred else false_fn(*operands)


def export_call(*args, **kwargs):
    return None
