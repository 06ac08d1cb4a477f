# Not modelled: names of torch are unknown.


def __getattr__(name):
    return _real("torch.utils._mode_utils", name)


from torch._real import attribute as _real  # noqa: E402
