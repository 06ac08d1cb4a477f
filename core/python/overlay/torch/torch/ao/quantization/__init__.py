# Stubs of eager quantisation.
from torch.nn.modules.module import Module


class QuantStub(Module):
    def __init__(self, qconfig=None):
        super().__init__()

    def forward(self, x):
        return x


class DeQuantStub(QuantStub):
    pass


def __getattr__(name):
    return _real("torch.ao.quantization", name)


from torch._real import attribute as _real  # noqa: E402
