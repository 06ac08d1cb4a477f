# Switches of the numerical libraries.
from torch.backends import (
    cpu,
    cuda,
    cudnn,
    mha,
    mkl,
    mkldnn,
    mps,
    openmp,
    opt_einsum,
    quantized,
    xnnpack,
    cusparselt,
    nnpack,
    miopen,
    xeon,
)  # noqa: F401

fp32_precision = "none"


class ContextProp:
    pass


def flags_frozen():
    return False


def __getattr__(name):
    return _real("torch.backends", name)


from torch._real import attribute as _real  # noqa: E402
