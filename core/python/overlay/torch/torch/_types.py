# Classes of the torch namespace that are not tensors, and the legacy tensor types.
import enum

from torch._device import Generator, as_device
from torch._dtypes import (
    bfloat16,
    bool as _bool_type,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
)
from torch._tensor import Tensor
from torch._views import legacy_new


class _LegacyMeta(type):
    def __instancecheck__(cls, instance):
        return (
            isinstance(instance, Tensor)
            and instance.dtype is cls.dtype_
            and instance.device.type == "cpu"
        )

    def __call__(cls, *args, device=None):
        return legacy_new(Tensor, args, cls.dtype_, device)


class FloatTensor(metaclass=_LegacyMeta):
    dtype_ = float32


class DoubleTensor(metaclass=_LegacyMeta):
    dtype_ = float64


class HalfTensor(metaclass=_LegacyMeta):
    dtype_ = float16


class BFloat16Tensor(metaclass=_LegacyMeta):
    dtype_ = bfloat16


class LongTensor(metaclass=_LegacyMeta):
    dtype_ = int64


class IntTensor(metaclass=_LegacyMeta):
    dtype_ = int32


class ShortTensor(metaclass=_LegacyMeta):
    dtype_ = int16


class CharTensor(metaclass=_LegacyMeta):
    dtype_ = int8


class ByteTensor(metaclass=_LegacyMeta):
    dtype_ = uint8


class BoolTensor(metaclass=_LegacyMeta):
    dtype_ = _bool_type


class AcceleratorError(RuntimeError):
    pass


class OutOfMemoryError(AcceleratorError):
    pass


class SymInt:
    pass


class SymFloat:
    pass


class SymBool:
    pass


class ScriptModule:
    pass


class Tag(enum.Enum):
    core = 0
    data_dependent_output = 1
    dynamic_output_shape = 2
    flexible_layout = 3
    generated = 4
    inplace_view = 5
    maybe_aliasing_or_mutating = 6
    needs_exact_strides = 7
    needs_contiguous_strides = 8
    needs_fixed_stride_order = 9
    nondeterministic_bitwise = 10
    nondeterministic_seeded = 11
    pointwise = 12
    pt2_compliant_tag = 13
    view_copy = 14
    cudagraph_unsafe = 15
    out_variant = 16
    reduction = 17


class AggregationType(enum.Enum):
    SUM = 0
    AVG = 1


class Stream:
    def __init__(self, device=None, priority=0, **kwargs):
        self.device = as_device("cuda" if device is None else device)
        self.priority = priority
        self.stream_id = 0
        self.device_index = self.device.index
        self.device_type = 1
        self.cuda_stream = 0
        self.native_handle = 0

    def query(self):
        return True

    def synchronize(self):
        return None

    def wait_stream(self, stream):
        return None

    def wait_event(self, event):
        return None

    def record_event(self, event=None):
        return Event() if event is None else event

    def is_capturing(self):
        return False

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __eq__(self, other):
        return (
            isinstance(other, Stream)
            and self.stream_id == other.stream_id
            and self.device == other.device
        )

    def __hash__(self):
        return hash((self.stream_id, self.device))


class Event:
    def __init__(
        self, device=None, enable_timing=False, blocking=False, interprocess=False, external=False
    ):
        self.device = device
        self.cuda_event = 0
        self.event_id = 0

    @classmethod
    def from_ipc_handle(cls, device, handle):
        return cls()

    def record(self, stream=None):
        return None

    def wait(self, stream=None):
        return None

    def query(self):
        return True

    def synchronize(self):
        return None

    def elapsed_time(self, end_event):
        return 0.0

    def ipc_handle(self):
        return b""


default_generator = Generator("cpu")


def compiled_with_cxx11_abi():
    return True


def is_vulkan_available():
    return False


def set_deterministic_debug_mode(mode):
    return None


def typename(obj):
    if isinstance(obj, Tensor):
        return obj.type()
    c = obj if isinstance(obj, type) else type(obj)
    return c.__name__ if c.__module__ == "builtins" else c.__module__ + "." + c.__qualname__
