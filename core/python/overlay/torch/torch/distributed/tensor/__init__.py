# Distributed tensors: the classes only.
from torch._tensor import Tensor
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh


class Placement:
    pass


class Shard(Placement):
    def __init__(self, dim):
        self.dim = dim


class Replicate(Placement):
    pass


class Partial(Placement):
    def __init__(self, reduce_op="sum"):
        self.reduce_op = reduce_op


class DTensor(Tensor):
    @staticmethod
    def from_local(local_tensor, device_mesh=None, placements=None, **kwargs):
        return local_tensor


def distribute_tensor(tensor, device_mesh=None, placements=None, **kwargs):
    return tensor


def distribute_module(module, *args, **kwargs):
    return module


def __getattr__(name):
    return _real("torch.distributed.tensor", name)


from torch._real import attribute as _real  # noqa: E402
