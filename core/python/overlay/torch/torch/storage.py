# The names that torch keeps in this module.
from torch._storage import TypedStorage, UntypedStorage  # noqa: F401


def _load_from_bytes(b):
    return None


def __getattr__(name):
    return _real("torch.storage", name)


from torch._real import attribute as _real  # noqa: E402
