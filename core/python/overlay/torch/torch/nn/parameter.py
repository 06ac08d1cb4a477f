# Parameters and buffers: tensors that a module registers.
from torch._device import as_device
from torch._dtypes import get_default_dtype
from torch._storage import Size
from torch._tensor import Tensor

_new = object.__new__
_OWN = frozenset(
    (
        "shape",
        "dtype",
        "device",
        "requires_grad",
        "_memory",
        "_strides",
        "_offset",
        "_version",
        "grad",
    )
)


class Parameter(Tensor):
    requires_grad = True

    def __new__(cls, data=None, requires_grad=True, **attributes):
        if data is None:
            data = Tensor()
        for (
            name
        ) in attributes:  # another parameter's __dict__, which holds more here than elsewhere
            if name not in _OWN:
                raise TypeError(
                    "Parameter.__new__() got an unexpected keyword argument " + repr(name)
                )
        t = Tensor._make_subclass(cls, data, requires_grad)
        if not requires_grad:
            t.requires_grad = False
        return t

    def __repr__(self):
        return "Parameter containing:\n" + Tensor.__repr__(self)

    def __deepcopy__(self, memo):
        t = memo.get(id(self))
        if t is None:
            t = Tensor._make_subclass(self.__class__, self.detach().clone(), self.requires_grad)
            for k, v in self.__dict__.items():
                if k not in t.__dict__:
                    t.__dict__[k] = v
            memo[id(self)] = t
        return t


class UninitializedTensorMixin:
    _allowed_methods = ()

    def materialize(self, shape, device=None, dtype=None):
        self.shape = Size(shape)
        if dtype is not None:
            self.dtype = dtype
        if device is not None:
            self.device = as_device(device)
        self._memory = None
        self.__class__ = self.cls_to_become

    def __repr__(self):
        return "<" + self.__class__.__name__ + ">"


def is_lazy(param):
    return isinstance(param, UninitializedTensorMixin)


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        t = _new(cls)
        t.shape = Size((0,))
        t.dtype = get_default_dtype() if dtype is None else dtype
        t.device = as_device(device)
        t.requires_grad = requires_grad
        return t


class Buffer(Tensor):
    def __new__(cls, data=None, *, persistent=True):
        if data is None:
            data = Tensor()
        t = Tensor._make_subclass(cls, data, data.requires_grad)
        t.persistent = persistent
        t._is_buffer = True
        return t


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    cls_to_become = Tensor

    def __new__(cls, requires_grad=False, device=None, dtype=None, persistent=True):
        t = _new(cls)
        t.shape = Size((0,))
        t.dtype = get_default_dtype() if dtype is None else dtype
        t.device = as_device(device)
        t.persistent = persistent
        return t
