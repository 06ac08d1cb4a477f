# Apple GPUs: none.
def is_available():
    return False


def is_built():
    return False


def is_macos13_or_newer(minor=0):
    return False


def is_macos_or_newer(major, minor):
    return False


def __getattr__(name):
    return _real("torch.backends.mps", name)


from torch._real import attribute as _real  # noqa: E402
