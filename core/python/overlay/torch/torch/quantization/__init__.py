# Quantisation of eager mode: not modelled.


def __getattr__(name):
    return _real("torch.quantization", name)


from torch._real import attribute as _real  # noqa: E402
