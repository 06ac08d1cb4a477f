# MTIA devices: none.
def is_available():
    return False


def device_count():
    return 0


def __getattr__(name):
    return _real("torch.mtia", name)


from torch._real import attribute as _real  # noqa: E402
