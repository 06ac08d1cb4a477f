# Processes: as in the standard library, which here starts none.
from multiprocessing import (
    Event,
    Lock,
    Manager,
    Pipe,
    Pool,
    Process,
    Queue,
    Value,
    get_context,
    get_start_method,
    set_start_method,
)  # noqa: F401

from torch.multiprocessing import reductions  # noqa: F401


def set_sharing_strategy(new_strategy):
    return None


def get_sharing_strategy():
    return "file_descriptor"


def get_all_sharing_strategies():
    return {"file_descriptor", "file_system"}


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    return None


class SpawnContext:
    pass


class ProcessContext:
    pass


def __getattr__(name):
    return _real("torch.multiprocessing", name)


from torch._real import attribute as _real  # noqa: E402
