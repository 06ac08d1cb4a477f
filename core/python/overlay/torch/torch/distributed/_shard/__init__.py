# Not modelled.


def __getattr__(name):
    return _real("torch.distributed._shard", name)


from torch._real import attribute as _real  # noqa: E402
