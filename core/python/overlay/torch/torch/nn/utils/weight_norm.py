# The names that torch keeps in this module.
from torch.nn.utils.parametrizations import weight_norm  # noqa: F401


class WeightNorm:
    pass


def remove_weight_norm(module, name="weight"):
    return module
