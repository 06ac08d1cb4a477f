# Transforms of functions.
from torch._functorch import config  # noqa: F401
