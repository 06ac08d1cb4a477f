# Weight and spectral norm as parametrisations.
from torch._elementwise import blank
from torch._shapes import axis
from torch._storage import Size
from torch.nn.modules.module import Module
from torch.nn.utils import parametrize


class _WeightNorm(Module):
    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return blank(weight_v.shape, weight_v.dtype, weight_v.device)

    def right_inverse(self, weight):
        if self.dim == -1:
            shape = Size()
        else:
            a = axis(self.dim, len(weight.shape))
            shape = Size([d if i == a else 1 for i, d in enumerate(weight.shape)])
        return blank(shape, weight.dtype, weight.device), weight


def weight_norm(module, name="weight", dim=0):
    if getattr(module, name, None) is None:
        raise ValueError("Module '%s' has no parameter or buffer with name '%s'" % (module, name))
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    return module


class _SpectralNorm(Module):
    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        self.dim = dim
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        if len(weight.shape) > 1:
            rows = weight.shape[dim]
            self.register_buffer("_u", blank(Size((rows,)), weight.dtype, weight.device))
            self.register_buffer(
                "_v", blank(Size((weight.numel() // rows,)), weight.dtype, weight.device)
            )

    def forward(self, weight):
        return blank(weight.shape, weight.dtype, weight.device)

    def right_inverse(self, value):
        return value


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    weight = getattr(module, name)
    parametrize.register_parametrization(
        module, name, _SpectralNorm(weight, n_power_iterations, 0 if dim is None else dim, eps)
    )
    return module


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    return module
