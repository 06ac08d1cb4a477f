# Whether Triton is there.
def has_triton():
    return True


def has_triton_package():
    return True


def __getattr__(name):
    return _real("torch.utils._triton", name)


from torch._real import attribute as _real  # noqa: E402
