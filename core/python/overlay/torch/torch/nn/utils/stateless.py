# Calls with other parameters.
from torch.func import functional_call  # noqa: F401
