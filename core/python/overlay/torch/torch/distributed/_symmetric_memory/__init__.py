# Symmetric memory: shapes only.
def is_symm_mem_enabled_for_group(group_name):
    return False


def enable_symm_mem_for_group(group_name):
    return None


def set_backend(name):
    return None


def get_backend(device):
    return "CUDA"


def is_nvshmem_available():
    return False


def empty(*size, dtype=None, device=None):
    import torch

    return torch.empty(*size, dtype=dtype, device=device)


def rendezvous(tensor, group):
    import _kdex

    return _kdex.unknown("torch.distributed._symmetric_memory.rendezvous")


def get_symm_mem_workspace(group_name, min_size):
    return rendezvous(None, group_name)


def get_mempool_allocator(device):
    return None


class _SymmetricMemory:
    pass


def __getattr__(name):
    return _real("torch.distributed._symmetric_memory", name)


from torch._real import attribute as _real  # noqa: E402
