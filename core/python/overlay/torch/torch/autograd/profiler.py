# The names that torch keeps in this module.
from torch.profiler import profile, record_function  # noqa: F401
