# Not modelled.


def __getattr__(name):
    return _real("torch.quantization.utils", name)


from torch._real import attribute as _real  # noqa: E402
