# Helpers that other packages use.
def _element_size(dtype):
    return dtype.itemsize


def _flatten_dense_tensors(tensors):
    from torch import cat

    return cat([t.reshape(-1) for t in tensors])


def _unflatten_dense_tensors(flat, tensors):
    out = []
    at = 0
    for t in tensors:
        n = t.numel()
        out.append(flat[at : at + n].view(t.shape))
        at += n
    return tuple(out)


def _get_device_index(device, optional=False, allow_cpu=False):
    from torch.cuda import _get_device_index as index

    return index(device)


def _get_available_device_type():
    from torch.cuda import is_available

    return "cuda" if is_available() else None


def _rebuild_tensor_v2(
    storage, storage_offset, size, stride, requires_grad, backward_hooks, metadata=None
):
    from torch import empty_strided

    return empty_strided(size, stride)


class ExceptionWrapper:
    pass


class CallbackRegistry:
    pass


def render_call(fn, args, kwargs):
    return fn.__name__


def __getattr__(name):
    return _real("torch._utils", name)


from torch._real import attribute as _real  # noqa: E402
