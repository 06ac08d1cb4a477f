# Device memory: nothing is allocated.
def _nothing(*args, **kwargs):
    return None


_record_memory_history = _dump_snapshot = caching_allocator_enable = caching_allocator_delete = (
    change_current_allocator
) = _nothing


def _snapshot(device=None):
    return {"segments": [], "device_traces": []}


def memory_snapshot(*args, **kwargs):
    return []


class CUDAPluggableAllocator:
    def __init__(self, path_to_so_file, alloc_fn_name, free_fn_name):
        self._allocator = None

    def allocator(self):
        return self._allocator


class _CUDAAllocator(CUDAPluggableAllocator):
    pass


def __getattr__(name):
    if name in _of_cuda:
        import torch.cuda

        return getattr(torch.cuda, name)
    return _real("torch.cuda.memory", name)


_of_cuda = (
    "memory_allocated",
    "max_memory_allocated",
    "memory_reserved",
    "max_memory_reserved",
    "memory_stats",
    "memory_summary",
    "mem_get_info",
    "empty_cache",
    "MemPool",
    "use_mem_pool",
    "reset_peak_memory_stats",
    "set_per_process_memory_fraction",
    "get_allocator_backend",
)

from torch._C import (
    _cuda_beginAllocateCurrentThreadToPool,
    _cuda_beginAllocateToPool,
    _cuda_endAllocateToPool,
    _cuda_releasePool,
)  # noqa: E402,F401
from torch._real import attribute as _real  # noqa: E402
