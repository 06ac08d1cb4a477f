# The names that torch keeps in this module.
from torch.library import infer_schema  # noqa: F401
