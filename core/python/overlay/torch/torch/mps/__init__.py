# Apple GPUs: none.
from torch.mps import profiler  # noqa: F401


def is_available():
    return False


def device_count():
    return 0


def _nothing(*args, **kwargs):
    return None


synchronize = empty_cache = manual_seed = seed = set_per_process_memory_fraction = _nothing


def current_allocated_memory():
    return 0


driver_allocated_memory = recommended_max_memory = current_allocated_memory


def __getattr__(name):
    return _real("torch.mps", name)


from torch._real import attribute as _real  # noqa: E402
