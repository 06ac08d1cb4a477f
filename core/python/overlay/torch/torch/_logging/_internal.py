# Log switches.
def trace_structured(*args, **kwargs):
    return None


def __getattr__(name):
    return _real("torch._logging._internal", name)


from torch._real import attribute as _real  # noqa: E402
