# Sharded data parallelism: the classes only.
from torch.distributed.fsdp.fully_sharded_data_parallel import FullyShardedDataParallel  # noqa: F401


def __getattr__(name):
    return _real("torch.distributed.fsdp", name)


from torch._real import attribute as _real  # noqa: E402
