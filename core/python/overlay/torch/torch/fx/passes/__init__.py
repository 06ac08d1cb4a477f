# Passes over graphs.
from torch.fx.passes import split_module  # noqa: F401
