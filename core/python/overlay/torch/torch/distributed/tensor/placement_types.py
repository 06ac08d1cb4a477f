# The names that torch keeps in this module.
from torch.distributed.tensor import Partial, Placement, Replicate, Shard  # noqa: F401


class _StridedShard(Shard):
    pass
