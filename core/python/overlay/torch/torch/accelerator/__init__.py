# The accelerator of this platform: CUDA.
from torch import cuda as _cuda
from torch._device import device


def is_available():
    return _cuda.is_available()


def current_accelerator(check_available=False):
    return device("cuda") if _cuda.is_available() else None


def device_count():
    return _cuda.device_count()


def current_device_index():
    return _cuda.current_device()


current_device_idx = current_device_index


def set_device_index(d):
    _cuda.set_device(d)


set_device_idx = set_device_index


def synchronize(d=None):
    return None


empty_cache = reset_peak_memory_stats = synchronize


def current_stream(d=None):
    return _cuda.current_stream()


def memory_allocated(d=None):
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def get_memory_info(d=None):
    return _cuda.mem_get_info()


def __getattr__(name):
    return _real("torch.accelerator", name)


from torch._real import attribute as _real  # noqa: E402
