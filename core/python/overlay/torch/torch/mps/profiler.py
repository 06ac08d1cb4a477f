# The Apple profiler: inert.


def __getattr__(name):
    return _real("torch.mps.profiler", name)


from torch._real import attribute as _real  # noqa: E402
