# Lowerings of operators: none.
lowerings = {}


def make_fallback(op, *args, **kwargs):
    return None


def __getattr__(name):
    return _real("torch._inductor.lowering", name)


from torch._real import attribute as _real  # noqa: E402
