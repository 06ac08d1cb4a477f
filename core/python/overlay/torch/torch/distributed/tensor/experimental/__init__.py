# The names that torch keeps in this module.
from torch.distributed._tensor.experimental import implicit_replication  # noqa: F401


def __getattr__(name):
    return _real("torch.distributed.tensor.experimental", name)


from torch._real import attribute as _real  # noqa: E402
