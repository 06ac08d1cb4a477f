# Memory of Intel GPUs: none.
def _record_memory_history(*args, **kwargs):
    return None


_dump_snapshot = _record_memory_history


def __getattr__(name):
    return _real("torch.xpu.memory", name)


from torch._real import attribute as _real  # noqa: E402
