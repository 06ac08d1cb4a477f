# torch.fx.experimental.symbolic_shapes: guards of eager code, where each value is known. Else names of
# torch are unknown.


def guard_or_false(a):
    """The truth of `a`, a bool or a comparison; torch's answer where it has no symbol."""
    return bool(a)


guard_or_true = guard_or_false


def __getattr__(name):
    return _real("torch.fx.experimental.symbolic_shapes", name)


from torch._real import attribute as _real  # noqa: E402
