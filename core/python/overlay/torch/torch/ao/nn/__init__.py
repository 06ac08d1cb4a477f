# Quantised modules.
from torch.ao.nn import quantized  # noqa: F401
