# Intel GPUs: none.
from torch._types import Event, Stream
from torch.cuda import _Inert
from torch.xpu import memory  # noqa: F401


def is_available():
    return False


def is_initialized():
    return False


def device_count():
    return 0


def _raise(*args, **kwargs):
    raise AssertionError("Torch not compiled with XPU enabled")


current_device = get_device_properties = get_device_name = get_device_capability = mem_get_info = (
    memory_allocated
) = set_device = _raise
memory_reserved = max_memory_allocated = current_stream = synchronize = _raise


def empty_cache():
    return None


manual_seed_all = manual_seed = empty_cache


def is_current_stream_capturing():
    return False


class XPUGraph:
    pass


class graph(_Inert):
    pass


class device(_Inert):
    pass


class StreamContext(_Inert):
    pass


stream = StreamContext


def __getattr__(name):
    return _real("torch.xpu", name)


from torch._real import attribute as _real  # noqa: E402
