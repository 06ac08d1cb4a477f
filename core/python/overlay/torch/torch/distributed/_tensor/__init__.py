# The older name of torch.distributed.tensor.
from torch.distributed.tensor import (
    DTensor,
    DeviceMesh,
    Partial,
    Placement,
    Replicate,
    Shard,
    distribute_module,
    distribute_tensor,
)  # noqa: F401
