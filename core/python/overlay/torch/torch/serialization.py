# Saved files: none are read.
from torch._calls import load, save  # noqa: F401


def add_safe_globals(safe_globals):
    return None


def get_safe_globals():
    return []


class safe_globals:
    def __init__(self, items):
        self.items = items

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


class skip_data(safe_globals):
    pass


def set_default_mmap_options(flags):
    return None


def default_restore_location(storage, location):
    return storage


def __getattr__(name):
    return _real("torch.serialization", name)


from torch._real import attribute as _real  # noqa: E402
