# Functional forms of operators that mutate.
def auto_functionalized(op, *args, **kwargs):
    return op(*args, **kwargs)


def auto_functionalized_v2(op, *args, **kwargs):
    return op(*args, **kwargs)


def __getattr__(name):
    return _real("torch._higher_order_ops.auto_functionalize", name)


from torch._real import attribute as _real  # noqa: E402
