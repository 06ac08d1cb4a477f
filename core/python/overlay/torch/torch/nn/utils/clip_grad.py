# Gradient clipping: no gradients here.
from torch.nn.utils import clip_grad_norm_, clip_grad_value_  # noqa: F401
