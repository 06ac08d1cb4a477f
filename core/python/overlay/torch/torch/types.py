# Names of types for annotations.
from builtins import (
    bool as _bool,
    bytes as _bytes,
    complex as _complex,
    float as _float,
    int as _int,
    str as _str,
)  # noqa: F401
from typing import Any, List, Optional, Sequence, Tuple, Union

from torch._device import device, layout as _layout  # noqa: F401
from torch._dtypes import dtype as _dtype  # noqa: F401
from torch._storage import Size as _size_class
from torch._tensor import Tensor

_device = device
_TensorOrTensors = Union[Tensor, Sequence[Tensor]]
_size = Union[_size_class, List[int], Tuple[int, ...]]
_symsize = _size
_dispatchkey = Union[str, Any]
_int_or_int = Union[int, Tuple[int, ...]]
Number = Union[int, float, bool]
Device = Optional[Union[device, str, int]]
DeviceLikeType = Union[str, device, int]
FileLike = Any
IntLikeType = Union[int, Any]
FloatLikeType = Union[float, Any]
BoolLikeType = Union[bool, Any]
py_sym_types = (int,)
PySymType = Union[int, Any]
