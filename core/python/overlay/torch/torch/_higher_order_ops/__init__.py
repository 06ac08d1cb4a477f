# Operators that take functions.


def __getattr__(name):
    return _real("torch._higher_order_ops", name)


from torch._real import attribute as _real  # noqa: E402
