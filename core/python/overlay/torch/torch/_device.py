# Devices, the default device, generators, layouts and memory formats.
import _kdex
from torch._platform import facts as _facts

_KINDS = (
    "cpu",
    "cuda",
    "ipu",
    "xpu",
    "mkldnn",
    "opengl",
    "opencl",
    "ideep",
    "hip",
    "ve",
    "fpga",
    "maia",
    "xla",
    "lazy",
    "vulkan",
    "mps",
    "meta",
    "hpu",
    "mtia",
    "privateuseone",
)
_default = []  # the innermost device context last
_cache = {}


class device:
    __module__ = "torch"

    def __init__(self, type=None, index=None):
        if type.__class__ is not str:
            if isinstance(type, device):
                if index is not None:
                    raise RuntimeError(
                        "type (string) must not include an index because index was passed explicitly: "
                        + str(type)
                    )
                self.type, self.index = type.type, type.index
                return
            if isinstance(type, int):
                if type < 0:
                    raise RuntimeError("Device index must not be negative")
                self.type, self.index = "cuda", type
                return
            if type is None:
                self.type, self.index = "cuda" if _facts["available"] else "cpu", index
                return
            if not isinstance(type, str):
                raise TypeError(
                    "device(): argument 'type' (position 1) must be str, not "
                    + type.__class__.__name__
                )
        at = type.find(":")
        if not type:
            raise RuntimeError("Device string must not be empty")
        if at >= 0:
            if index is not None:
                raise RuntimeError(
                    "type (string) must not include an index because index was passed explicitly: "
                    + type
                )
            tail = type[at + 1 :]
            if not tail.isdigit() or (len(tail) > 1 and tail[0] == "0"):
                raise RuntimeError("Invalid device string: '" + type + "'")
            index = int(tail)
            type = type[:at]
        if type not in _KINDS:
            if not type.isalpha():
                raise RuntimeError("Invalid device string: '" + type + "'")
            raise RuntimeError(
                "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: "
                + type
            )
        if index is not None and index < -1:
            raise RuntimeError("Device index must be -1 or non-negative, got %d" % index)
        self.type = type
        self.index = index if index != -1 else None

    def __eq__(self, other):
        return self is other or (
            isinstance(other, device) and self.type == other.type and self.index == other.index
        )

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self.type, self.index))

    def __repr__(self):
        if self.index is None:
            return "device(type='%s')" % self.type
        return "device(type='%s', index=%d)" % (self.type, self.index)

    def __str__(self):
        return self.type if self.index is None else "%s:%d" % (self.type, self.index)

    def __enter__(self):
        _default.append(placed(self))
        return self

    def __exit__(self, *exc):
        _default.pop()

    def __call__(self, function):
        def inside(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return inside

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self

    def __reduce__(self):
        return (device, (self.type,) if self.index is None else (self.type, self.index))


def placed(d):
    """The device that a tensor made there reports: one with an index for accelerators."""
    if d.index is None and d.type == "cuda":
        return as_device("cuda:%d" % _facts["current_device"])
    return d


def as_device(d):
    """What `device=` accepts, as a placed device."""
    if d is None:
        return _default[-1] if _default else _CPU
    found = _cache.get(d) if d.__class__ is str or d.__class__ is int else None
    if found is not None and (found.type != "cuda" or d != "cuda"):
        return found
    if isinstance(d, device):
        return placed(d) if d.index is None else d
    if _kdex.is_unknown(d):
        return as_device(None)
    made = device(d)
    if made.index is None and made.type == "cuda":
        return device("cuda", _facts["current_device"])
    _cache[d] = made
    return made


_CPU = device("cpu")
_META = device("meta")


def get_default_device():
    return _default[-1] if _default else _CPU


def set_default_device(d):
    del _default[:]
    if d is not None:
        _default.append(placed(device(d)))


class Generator:
    def __init__(self, device="cpu"):
        self.device = as_device(device)
        self._seed = 67280421310721

    def manual_seed(self, seed):
        self._seed = seed
        return self

    def seed(self):
        return self._seed

    def initial_seed(self):
        return self._seed

    def get_state(self):
        from torch import uint8, zeros

        return zeros(5056, dtype=uint8, device="cpu")

    def set_state(self, state):
        return self

    def clone_state(self):
        g = Generator(self.device)
        g._seed = self._seed
        return g

    def get_offset(self):
        return 0

    def set_offset(self, offset):
        return None


class layout:
    __module__ = "torch"

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return "torch." + self._name

    def __deepcopy__(self, memo):
        return self


class memory_format(layout):
    __module__ = "torch"


class qscheme(layout):
    __module__ = "torch"


strided = layout("strided")
sparse_coo = layout("sparse_coo")
sparse_csr = layout("sparse_csr")
sparse_csc = layout("sparse_csc")
sparse_bsr = layout("sparse_bsr")
sparse_bsc = layout("sparse_bsc")
jagged = layout("jagged")
_mkldnn = layout("_mkldnn")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
per_tensor_affine = qscheme("per_tensor_affine")
per_channel_affine = qscheme("per_channel_affine")
per_tensor_symmetric = qscheme("per_tensor_symmetric")
per_channel_symmetric = qscheme("per_channel_symmetric")
per_channel_affine_float_qparams = qscheme("per_channel_affine_float_qparams")
