# cutlass.cute.runtime: tensors as kernels take them.
import _kdex


class Tensor:
    """A view of a framework's tensor; marks of its layout change nothing here."""

    def __init__(self, tensor):
        self.operand = tensor
        self.shape = tuple(tensor.shape)
        self.element_type = tensor.dtype

    def __getattr__(self, name):
        if name.startswith("mark_"):
            return lambda *args, **kwargs: self
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.operand, name)


def from_dlpack(tensor, *args, **kwargs):
    if _kdex.is_unknown(tensor):
        return _kdex.unknown("cutlass.cute.runtime.from_dlpack()")
    return Tensor(tensor)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cutlass.cute.runtime' has no attribute {name!r}")
    return _kdex.unknown("cutlass.cute.runtime." + name)
