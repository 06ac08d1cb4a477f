# The names that torch keeps in this module.
from torch.distributed._c10d import (
    Backend as _Backend,
    FileStore,
    HashStore,
    PrefixStore,
    ProcessGroup,
    ReduceOp,
    Store,
    TCPStore,
    Work,
)  # noqa: F401


class _SymmetricMemory:
    signal_pad_size = 0

    @staticmethod
    def has_multicast_support(device_type, device_index):
        return True

    @staticmethod
    def set_group_info(*args):
        return None

    @staticmethod
    def empty_strided_p2p(size, stride, dtype, device, group_name=None, alloc_id=None):
        from torch import empty_strided

        return empty_strided(size, stride, dtype=dtype, device=device)

    @staticmethod
    def rendezvous(tensor, group_name=None):
        import _kdex

        return _kdex.unknown("torch.distributed._symmetric_memory.rendezvous")


def _register_process_group(name, group):
    return None


_unregister_process_group = _register_process_group


def __getattr__(name):
    return _real("torch._C._distributed_c10d", name)


from torch._real import attribute as _real  # noqa: E402
