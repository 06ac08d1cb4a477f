# Not modelled: names of torch are unknown.


def __getattr__(name):
    return _real("torch._inductor.runtime", name)


from torch._real import attribute as _real  # noqa: E402
