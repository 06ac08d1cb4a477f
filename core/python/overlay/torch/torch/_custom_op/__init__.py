# The older form of torch.library.
from torch._custom_op import impl  # noqa: F401
