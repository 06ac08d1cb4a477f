# Quantisation and pruning.
from torch.ao import nn, quantization  # noqa: F401
