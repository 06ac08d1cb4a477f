# Not modelled: names of torch are unknown.


def __getattr__(name):
    return _real("torch._prims_common", name)


from torch._real import attribute as _real  # noqa: E402
