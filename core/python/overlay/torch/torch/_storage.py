# Sizes of tensors and the memory behind them. Memory holds values only where they are known.
import _kdex

from torch._device import _CPU
from torch._dtypes import uint8 as _uint8


class Size(tuple):
    __module__ = "torch"
    __slots__ = ()

    def numel(self):
        n = 1
        for d in self:
            n = n * d
        return n

    def __getitem__(self, key):
        if key.__class__ is slice:
            return Size(tuple.__getitem__(self, key))
        return tuple.__getitem__(self, key)

    def __add__(self, other):
        if not isinstance(other, tuple):
            raise TypeError(
                "can only concatenate tuple (not %s) to torch.Size" % other.__class__.__name__
            )
        return Size(tuple.__add__(self, other))

    def __radd__(self, other):
        return Size(tuple(other) + tuple(self))

    def __mul__(self, n):
        return Size(tuple.__mul__(self, n))

    def __repr__(self):
        return "torch.Size([" + ", ".join([str(d) for d in self]) + "])"

    __str__ = __repr__

    def __reduce__(self):
        return (Size, (tuple(self),))


class Memory:
    """Elements that views share. `values` a list or range of `length` numbers, or None; `fill` one number for all of them, or None.
    With `holes` some of `values` may be None: not known."""

    holes = False
    whole = None  # of a view as another type: the memory that it looks at

    def __init__(self, length, dtype, device):
        self.length = length
        self.dtype = dtype
        self.device = device
        self.values = None
        self.fill = None

    def writable(self):
        """The list of values, made where they are known and few."""
        v = self.values
        if v is None:
            if self.length.__class__ is not int or self.length > 65536:
                return None
            if self.fill is None:
                self.holes = True
            v = self.values = [self.fill] * self.length
            self.fill = None
        elif v.__class__ is not list:
            v = self.values = list(v)
        return v

    def forget(self):
        self.values = None
        self.fill = None
        self.holes = False

    def address(self):
        if self.length == 0 or self.device.type == "meta":
            return 0
        memory = self if self.whole is None else self.whole
        return _kdex.address(memory, memory.length * memory.dtype.itemsize)


class UntypedStorage:
    def __init__(self, *args, device=None, _memory=None):
        if _memory is None:
            size = args[0] if args else 0
            if not isinstance(size, int):
                size = len(size)
            _memory = Memory(size, _uint8, device or _CPU)
        self._memory = _memory
        self.device = _memory.device
        self._cdata = id(_memory)

    is_sparse = False
    is_sparse_csr = False

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def nbytes(self):
        return self._memory.length * self._memory.dtype.itemsize

    size = nbytes
    __len__ = nbytes

    def element_size(self):
        return 1

    def data_ptr(self):
        return self._memory.address()

    def resize_(self, nbytes):
        self._memory.length = nbytes // self._memory.dtype.itemsize
        self._memory.forget()
        return self

    @property
    def is_cuda(self):
        return self.device.type == "cuda"

    def is_pinned(self, device="cuda"):
        return False

    def is_shared(self):
        return self.is_cuda

    def share_memory_(self):
        return self

    def untyped(self):
        return self

    def get_device(self):
        return self.device.index if self.device.index is not None else -1

    def cpu(self):
        return (
            self
            if self.device.type == "cpu"
            else UntypedStorage(_memory=Memory(self._memory.length, self._memory.dtype, _CPU))
        )

    def __eq__(self, other):
        return isinstance(other, UntypedStorage) and self._memory is other._memory

    def __hash__(self):
        return id(self._memory)


class TypedStorage:
    def __init__(self, *args, wrap_storage=None, dtype=None, device=None, _internal=False):
        self._untyped_storage = (
            wrap_storage if wrap_storage is not None else UntypedStorage(*args, device=device)
        )
        self.dtype = dtype if dtype is not None else self._untyped_storage._memory.dtype
        self.device = self._untyped_storage.device

    def untyped(self):
        return self._untyped_storage

    _untyped = untyped

    def data_ptr(self):
        return self._untyped_storage.data_ptr()

    _data_ptr = data_ptr

    def size(self):
        return self._untyped_storage.nbytes() // self.dtype.itemsize

    __len__ = size
    _size = size

    def nbytes(self):
        return self._untyped_storage.nbytes()

    def element_size(self):
        return self.dtype.itemsize


_LegacyStorage = TypedStorage
