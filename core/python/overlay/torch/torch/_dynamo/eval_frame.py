# Frames of the tracer: none.
def remove_from_cache(f):
    return None


def _debug_get_cache_entry_list(code):
    return []


class OptimizedModule:
    pass


def __getattr__(name):
    return _real("torch._dynamo.eval_frame", name)


from torch._real import attribute as _real  # noqa: E402
