# Transforms: not modelled.


def __getattr__(name):
    return _real("torch.distributions.transforms", name)


from torch._real import attribute as _real  # noqa: E402
