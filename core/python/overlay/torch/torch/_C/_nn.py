# Functions of the compiled part.
from torch.nn.functional import gelu, linear, one_hot, scaled_dot_product_attention  # noqa: F401


def __getattr__(name):
    return _real("torch._C._nn", name)


from torch._real import attribute as _real  # noqa: E402
