# The names that torch keeps in this module.
from torch.nn.parallel import DistributedDataParallel  # noqa: F401
