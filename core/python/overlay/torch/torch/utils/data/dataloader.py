# The names that torch keeps in this module.
from torch.utils.data import DataLoader, default_collate  # noqa: F401
