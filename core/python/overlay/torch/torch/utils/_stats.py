# Not modelled.


def __getattr__(name):
    return _real("torch.utils._stats", name)


from torch._real import attribute as _real  # noqa: E402
