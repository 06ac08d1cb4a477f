# The tensor: shape, type, device, strides; values where they are known. The work is in the modules that
# are imported at the end.
import math as _math

import _kdex

from torch import _launches


class Tensor:
    __module__ = "torch"
    # what a new tensor has where nothing else is set on it
    shape = None
    dtype = None
    device = None
    requires_grad = False
    grad = None
    grad_fn = None
    is_leaf = True
    is_sparse = False
    is_sparse_csr = False
    is_quantized = False
    is_nested = False
    is_mkldnn = False
    is_mps = False
    is_xpu = False
    is_ipu = False
    is_xla = False
    is_mtia = False
    is_vulkan = False
    retains_grad = False
    output_nr = 0
    name = None
    _version = 0
    _memory = None
    _strides = None  # None: contiguous
    _offset = 0
    _base = None
    __array_priority__ = 1000

    def __new__(cls, *args, dtype=None, device=None, requires_grad=False, **kwargs):
        return legacy_new(cls, args, dtype, device)

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        if name in tensor_names():
            return _kdex.unknown("torch.Tensor." + name)
        raise AttributeError("'%s' object has no attribute '%s'" % (self.__class__.__name__, name))

    # ---------------------------------------------------------------- what it is
    @property
    def layout(self):
        return strided

    @property
    def is_meta(self):
        return self.device.type == "meta"

    @property
    def is_cuda(self):
        return self.device.type == "cuda"

    @property
    def is_cpu(self):
        return self.device.type == "cpu"

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def itemsize(self):
        return self.dtype.itemsize

    @property
    def nbytes(self):
        return product(self.shape) * self.dtype.itemsize

    @property
    def data(self):
        t = view_of(self, self.shape, self._strides, self._offset)
        t._base = None
        return t

    @data.setter
    def data(self, other):
        self.shape = other.shape
        self.dtype = other.dtype
        self.device = other.device
        self._memory = other._memory if other._memory is not None else own_memory(other)
        self._strides = other._strides
        self._offset = other._offset

    @property
    def T(self):
        n = len(self.shape)
        return self if n < 2 else self.permute(*range(n - 1, -1, -1))

    @property
    def mT(self):
        return self.transpose(-2, -1)

    @property
    def H(self):
        return self.t()

    mH = mT

    @property
    def real(self):
        if not self.dtype.is_complex:
            return self
        return view_as_real(self).select(-1, 0)

    @property
    def imag(self):
        if not self.dtype.is_complex:
            raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
        return view_as_real(self).select(-1, 1)

    def dim(self):
        return len(self.shape)

    ndimension = dim

    def size(self, dim=None):
        if dim is None:
            return self.shape
        s = self.shape
        n = len(s)
        if not -n <= dim < n:
            if n == 0:
                raise IndexError("Dimension specified as %s but tensor has no dimensions" % dim)
            axis(dim, n)
        return s[dim]

    def stride(self, dim=None):
        s = self._strides
        if s is None:
            s = contiguous_strides(self.shape)
        return s if dim is None else s[axis(dim, len(s))]

    def storage_offset(self):
        return self._offset

    def numel(self):
        n = 1
        for d in self.shape:
            n = n * d
        return n

    nelement = numel

    def element_size(self):
        return self.dtype.itemsize

    def is_contiguous(self, memory_format=None):
        s = self._strides
        if memory_format is not None and memory_format is not contiguous_format:
            return has_format(self, memory_format)
        return s is None or is_row_major(self.shape, s)

    def is_floating_point(self):
        return self.dtype.is_floating_point

    def is_complex(self):
        return self.dtype.is_complex

    def is_signed(self):
        return self.dtype.is_signed

    def is_inference(self):
        return False

    def is_pinned(self, device=None):
        return False

    def is_shared(self):
        return self.device.type == "cuda"

    def is_conj(self):
        return False

    def is_neg(self):
        return False

    def is_coalesced(self):
        return False

    def get_device(self):
        i = self.device.index
        return -1 if i is None else i

    def data_ptr(self):
        if self.numel() == 0 or self.device.type == "meta":
            return 0
        return own_memory(self).address() + self._offset * self.dtype.itemsize

    def untyped_storage(self):
        return UntypedStorage(_memory=own_memory(self))

    def storage(self):
        return TypedStorage(wrap_storage=self.untyped_storage(), dtype=self.dtype)

    _typed_storage = storage

    def storage_type(self):
        return TypedStorage

    def type(self, dtype=None, non_blocking=False, **kwargs):
        if dtype is None:
            where = "torch." if self.device.type == "cpu" else "torch.%s." % self.device.type
            return where + self.dtype._scalar_name + "Tensor"
        return self.to(as_dtype(dtype))

    def type_as(self, other):
        return self.to(dtype=other.dtype, device=other.device)

    def dim_order(self):
        s = self.stride()
        return tuple(sorted(range(len(s)), key=lambda i: -s[i]))

    # ---------------------------------------------------------------- values
    def item(self):
        m = self._memory
        if m is not None and m.fill is not None:
            v = [m.fill] if self.numel() == 1 else ()
        else:
            v = values_of(self)
        if v is None and self.numel() == 1:
            if self.device.type == "meta":
                raise RuntimeError("Tensor.item() cannot be called on meta tensors")
            v = _launches.read(self)
            if v is None:
                return _kdex.unknown("torch.Tensor.item")
        if v is None or len(v) != 1:
            raise RuntimeError(
                "a Tensor with %s elements cannot be converted to Scalar" % self.numel()
            )
        return v[0]

    def tolist(self):
        if self.device.type == "meta":
            raise NotImplementedError("Cannot copy out of meta tensor; no data!")
        v = values_of(self)
        if v is None:
            v = _launches.read(self)
        if v is None:
            return _kdex.unknown("torch.Tensor.tolist")
        return nested(v, self.shape)

    def numpy(self, *, force=False):
        return to_numpy(self)

    def __array__(self, dtype=None, copy=None):
        return to_numpy(self)

    def __bool__(self):
        n = self.numel()
        if n != 1:
            if n == 0:
                raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        v = self.item()
        return v if _kdex.is_unknown(v) else v != 0

    def __int__(self):
        v = self.item()
        return v if _kdex.is_unknown(v) else int(v)

    def __float__(self):
        v = self.item()
        return v if _kdex.is_unknown(v) else float(v)

    def __complex__(self):
        v = self.item()
        return v if _kdex.is_unknown(v) else complex(v)

    def __index__(self):
        if self.dtype._level > 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        v = self.item()
        return v if _kdex.is_unknown(v) else int(v)

    def __len__(self):
        s = self.shape
        if not s:
            raise TypeError("len() of a 0-d tensor")
        return s[0]

    def __iter__(self):
        if not self.shape:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element):
        r = (self == element).any()
        return r.item()

    def __hash__(self):
        return id(self)

    def __repr__(self, *, tensor_contents=None):
        return text_of(self)

    def __format__(self, spec):
        if not self.shape and self.device.type != "meta":
            return format(self.item(), spec)
        return object.__format__(self, spec)

    def __reduce_ex__(self, protocol):
        return (rebuild, (self,))

    def __copy__(self):
        t = view_of(self, self.shape, self._strides, self._offset)
        t.__class__ = self.__class__
        t.requires_grad = self.requires_grad
        return t

    def __deepcopy__(self, memo):
        t = memo.get(id(self))
        if t is None:
            t = self.detach().clone()
            t.requires_grad = self.requires_grad
            if self.__class__ is not Tensor:
                t.__class__ = self.__class__
            for k, v in self.__dict__.items():
                if k not in t.__dict__:
                    t.__dict__[k] = v
            memo[id(self)] = t
        return t

    # ---------------------------------------------------------------- autograd's side
    def requires_grad_(self, requires_grad=True):
        if requires_grad and not (self.dtype.is_floating_point or self.dtype.is_complex):
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self.requires_grad = requires_grad
        return self

    def detach(self):
        return view_of(self, self.shape, self._strides, self._offset)

    def detach_(self):
        self.requires_grad = False
        return self

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        return None

    def retain_grad(self):
        return None

    def register_hook(self, hook):
        return RemovableHandle({})

    register_post_accumulate_grad_hook = register_hook

    @staticmethod
    def _make_subclass(cls, data, require_grad=False, *args, **kwargs):
        t = object.__new__(cls)
        t.shape = data.shape
        t.dtype = data.dtype
        t.device = data.device
        m = data._memory
        t._memory = m if m is not None else own_memory(data)
        if data._strides is not None:
            t._strides = data._strides
        if data._offset != 0:
            t._offset = data._offset
        if require_grad:
            if data.dtype._level < 2:
                raise RuntimeError(
                    "Only Tensors of floating point and complex dtype can require gradients"
                )
            t.requires_grad = True
        return t

    @staticmethod
    def _make_wrapper_subclass(
        cls,
        size,
        strides=None,
        storage_offset=None,
        memory_format=None,
        dtype=None,
        layout=None,
        device=None,
        pin_memory=False,
        requires_grad=False,
        **kwargs,
    ):
        t = object.__new__(cls)
        t.shape = Size(size)
        t.dtype = dtype if dtype is not None else get_default_dtype()
        t.device = as_device(device)
        t.requires_grad = requires_grad
        if strides is not None:
            t._strides = tuple(strides)
        return t

    def as_subclass(self, cls):
        t = view_of(self, self.shape, self._strides, self._offset)
        t.__class__ = cls
        return t

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))

    def __torch_dispatch__(self, *args, **kwargs):
        return NotImplemented

    # ---------------------------------------------------------------- copies
    def to(
        self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None
    ):
        for a in args:
            if a.__class__ is _dtype:
                dtype = a
            elif isinstance(a, Tensor):
                dtype, device = a.dtype, a.device
            elif a.__class__ is bool:
                pass
            elif a is not None:
                device = a
        d = self.dtype if dtype is None else dtype
        where = self.device if device is None else as_device(device)
        if d is self.dtype and not copy and (where is self.device or where == self.device):
            return self if memory_format is None else self.contiguous(memory_format=memory_format)
        if self.device.type == "meta" and where.type != "meta":
            raise NotImplementedError("Cannot copy out of meta tensor; no data!")
        r = converted(self, d, where)
        if _launches.listener is not None and where.type == "cpu" and self.device.type == "cuda":
            if values_of(self) is None:
                _launches.listener.read(self)
                r.fill_(0)
        return r

    def cpu(self, memory_format=None):
        return self.to(device="cpu")

    def cuda(self, device=None, non_blocking=False, memory_format=None):
        return self.to(device="cuda" if device is None else device)

    def float(self, memory_format=None):
        return self.to(float32)

    def double(self, memory_format=None):
        return self.to(float64)

    def half(self, memory_format=None):
        return self.to(float16)

    def bfloat16(self, memory_format=None):
        return self.to(bfloat16)

    def int(self, memory_format=None):
        return self.to(int32)

    def long(self, memory_format=None):
        return self.to(int64)

    def short(self, memory_format=None):
        return self.to(int16)

    def char(self, memory_format=None):
        return self.to(int8)

    def byte(self, memory_format=None):
        return self.to(uint8)

    def bool(self, memory_format=None):
        return self.to(_bool_type)

    def cfloat(self, memory_format=None):
        return self.to(complex64)

    def cdouble(self, memory_format=None):
        return self.to(complex128)

    def clone(self, *, memory_format=None):
        return converted(self, self.dtype, self.device)

    def contiguous(self, memory_format=None):
        if memory_format is not None and memory_format is not contiguous_format:
            return in_format(self, memory_format)
        if self._strides is None or self.is_contiguous():
            return self
        return valued(self.shape, self.dtype, self.device, values_of(self))

    def pin_memory(self, device=None):
        return self

    def share_memory_(self):
        return self

    def record_stream(self, stream):
        return None

    def copy_(self, src, non_blocking=False):
        if _kdex.is_unknown(src):
            write(self, None)
            return self
        if isinstance(src, (int, float)):
            return self.fill_(src)
        if src.shape != self.shape:
            s = broadcast(self.shape, src.shape)
            if s != self.shape:
                raise RuntimeError(
                    "output with shape %s doesn't match the broadcast shape %s"
                    % (dims_text(self.shape), dims_text(s))
                )
        v = fill_of(src)
        if v is None:
            v = values_of(src)
            if v is not None and src.shape != self.shape and product(self.shape) > KNOWN:
                v = None
            if v is not None:
                v = list(spread(v, src.shape, self.shape))
        write(self, v)
        return self

    def fill_(self, value):
        if isinstance(value, Tensor):
            if value.shape:
                raise RuntimeError(
                    "fill_ only supports 0-dimension value tensor but got tensor with %d dimensions."
                    % len(value.shape)
                )
            value = None if value._memory is None else value.item()
        write(self, None if _kdex.is_unknown(value) else value)
        return self

    def zero_(self):
        write(self, 0)
        return self

    def _random_fill_(self, *args, **kwargs):
        write(self, None)
        return self

    normal_ = uniform_ = exponential_ = random_ = bernoulli_ = log_normal_ = cauchy_ = (
        geometric_
    ) = _random_fill_

    def set_(self, source=None, storage_offset=0, size=None, stride=None):
        if source is None:
            self.shape, self._memory, self._strides, self._offset = Size((0,)), None, None, 0
        elif isinstance(source, Tensor):
            self.data = source
        else:
            self._memory = (
                source._memory if hasattr(source, "_memory") else source._untyped_storage._memory
            )
            self._offset = storage_offset
            self.shape = Size((self._memory.length,)) if size is None else Size(size)
            self._strides = None if stride is None else tuple(stride)
        return self

    def resize_(self, *sizes, memory_format=None):
        s = to_size(sizes)
        m = own_memory(self)
        n = product(s)
        if n > m.length:
            m.length = n
            m.forget()
        self.shape, self._strides = s, None
        return self

    def resize_as_(self, other, memory_format=None):
        return self.resize_(other.shape)

    def apply_(self, function):
        v = values_of(self)
        write(self, None if v is None else [function(x) for x in v])
        return self

    def map_(self, other, function):
        write(self, None)
        return self

    # ---------------------------------------------------------------- new tensors like this one
    def new_empty(
        self,
        *shape,
        size=None,
        dtype=None,
        device=None,
        layout=None,
        pin_memory=False,
        requires_grad=False,
    ):
        return blank(
            to_size(shape if size is None else (size,)),
            self.dtype if dtype is None else dtype,
            self.device if device is None else as_device(device),
        )

    def new_zeros(
        self,
        *shape,
        size=None,
        dtype=None,
        device=None,
        layout=None,
        pin_memory=False,
        requires_grad=False,
    ):
        return filled(
            to_size(shape if size is None else (size,)),
            self.dtype if dtype is None else dtype,
            self.device if device is None else as_device(device),
            0,
        )

    def new_ones(
        self,
        *shape,
        size=None,
        dtype=None,
        device=None,
        layout=None,
        pin_memory=False,
        requires_grad=False,
    ):
        return filled(
            to_size(shape if size is None else (size,)),
            self.dtype if dtype is None else dtype,
            self.device if device is None else as_device(device),
            1,
        )

    def new_full(
        self,
        size,
        fill_value,
        *,
        dtype=None,
        device=None,
        layout=None,
        pin_memory=False,
        requires_grad=False,
    ):
        return filled(
            Size(size),
            self.dtype if dtype is None else dtype,
            self.device if device is None else as_device(device),
            fill_value,
        )

    def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
        return make_tensor(
            data, self.dtype if dtype is None else dtype, self.device if device is None else device
        )

    def new_empty_strided(self, size, stride, dtype=None, device=None, **kwargs):
        t = self.new_empty(size, dtype=dtype, device=device)
        t._strides = tuple(stride)
        return t

    def new(self, *args, device=None):
        return legacy_new(Tensor, args, self.dtype, self.device if device is None else device)

    # ---------------------------------------------------------------- views
    def view(self, *shape, dtype=None, size=None):
        if size is not None:
            shape = (size,)
        if dtype is not None or shape[0].__class__ is _dtype:
            return view_dtype(self, dtype if dtype is not None else shape[0])
        s = resolve_view(self.shape, to_size(shape))
        if self._strides is None:
            return view_of(self, s, None, self._offset)
        strides = view_strides(self.shape, self._strides, s)
        if strides is None:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."
            )
        return view_of(self, s, strides, self._offset)

    def view_as(self, other):
        return self.view(other.shape)

    def reshape(self, *shape, **named):
        if named:
            shape = named["shape"]
        if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
            shape = shape[0]
        s = resolve_view(self.shape, Size(shape))
        if self._strides is None:
            return view_of(self, s, None, self._offset)
        strides = view_strides(self.shape, self._strides, s)
        if strides is None:
            return valued(s, self.dtype, self.device, values_of(self))
        return view_of(self, s, strides, self._offset)

    def reshape_as(self, other):
        return self.reshape(other.shape)

    def flatten(self, start_dim=0, end_dim=-1):
        s = self.shape
        n = len(s)
        if n == 0:
            return self.reshape(1)
        a, b = axis(start_dim, n), axis(end_dim, n)
        if a > b:
            raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
        if a == b:
            return self
        return self.reshape(s[:a] + (product(s[a : b + 1]),) + s[b + 1 :])

    def ravel(self):
        return self.reshape(-1)

    def unflatten(self, dim, sizes):
        a = axis(dim, len(self.shape))
        inner = resolve_view((self.shape[a],), Size(sizes))
        return self.view(self.shape[:a] + inner + self.shape[a + 1 :])

    def transpose(self, dim0, dim1):
        s = list(self.shape)
        n = len(s)
        a, b = axis(dim0, n), axis(dim1, n)
        if a == b:
            return self if n == 0 else view_of(self, self.shape, self._strides, self._offset)
        strides = list(self.stride())
        s[a], s[b] = s[b], s[a]
        strides[a], strides[b] = strides[b], strides[a]
        return view_of(self, Size(s), tuple(strides), self._offset)

    swapaxes = swapdims = transpose

    def transpose_(self, dim0, dim1):
        self.data = self.transpose(dim0, dim1)
        return self

    def t(self):
        n = len(self.shape)
        if n > 2:
            raise RuntimeError("t() expects a tensor with <= 2 dimensions, but self is %dD" % n)
        return (
            self.transpose(0, 1)
            if n == 2
            else view_of(self, self.shape, self._strides, self._offset)
        )

    def t_(self):
        self.data = self.t()
        return self

    def adjoint(self):
        return self.transpose(-2, -1)

    def permute(self, *axes_, dims=None):
        if dims is None:
            dims = axes_
        if len(dims) == 1 and isinstance(dims[0], (tuple, list)):
            dims = dims[0]
        s = self.shape
        n = len(s)
        if len(dims) != n:
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = %d is not equal to len(dims) = %d"
                % (n, len(dims))
            )
        order = [axis(d, n) for d in dims]
        if len(set(order)) != n:
            raise RuntimeError("permute(): duplicate dims are not allowed.")
        strides = self.stride()
        return view_of(
            self, Size([s[i] for i in order]), tuple([strides[i] for i in order]), self._offset
        )

    def movedim(self, source, destination):
        n = len(self.shape)
        src = [axis(d, n) for d in (source if isinstance(source, (tuple, list)) else (source,))]
        dst = [
            axis(d, n)
            for d in (destination if isinstance(destination, (tuple, list)) else (destination,))
        ]
        order = [-1] * n
        for a, b in zip(src, dst):
            order[b] = a
        rest = iter([i for i in range(n) if i not in src])
        return self.permute(*[next(rest) if i < 0 else i for i in order])

    moveaxis = movedim

    def squeeze(self, dim=None):
        s = self.shape
        strides = self.stride()
        if dim is None:
            keep = [i for i in range(len(s)) if s[i] != 1]
        else:
            drop = [axis(d, len(s)) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
            keep = [i for i in range(len(s)) if i not in drop or s[i] != 1]
        return view_of(
            self,
            Size([s[i] for i in keep]),
            None if self._strides is None else tuple([strides[i] for i in keep]),
            self._offset,
        )

    def squeeze_(self, dim=None):
        self.data = self.squeeze() if dim is None else self.squeeze(dim)
        return self

    def unsqueeze(self, dim):
        s = self.shape
        a = axis(dim, len(s) + 1)
        strides = self._strides
        if strides is not None:
            step = s[a] * strides[a] if a < len(s) else 1
            strides = strides[:a] + (step,) + strides[a:]
        return view_of(self, s[:a] + (1,) + s[a:], strides, self._offset)

    def unsqueeze_(self, dim):
        self.data = self.unsqueeze(dim)
        return self

    def expand(self, *sizes, size=None, implicit=False):
        if size is not None:
            sizes = (size,)
        wanted = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
        return expanded(self, tuple(wanted))

    def expand_as(self, other):
        return expanded(self, other.shape)

    def broadcast_to(self, size):
        return expanded(self, tuple(size))

    def narrow(self, dim, start, length):
        a = axis(dim, len(self.shape))
        n = self.shape[a]
        if isinstance(start, Tensor):
            start = start.item()
        if length < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        if start < -n or start > n:
            raise IndexError(
                "start out of range (expected to be in range of [%s, %s], but got %s)"
                % (-n, n, start)
            )
        if start < 0:
            start = start + n
        if start + length > n:
            raise RuntimeError(
                "start (%s) + length (%s) exceeds dimension size (%s)." % (start, length, n)
            )
        return piece(self, a, start, length)

    narrow_copy = narrow

    def select(self, dim, index):
        return selected(self, axis(dim, len(self.shape)), index, True)

    def split(self, split_size, dim=0):
        return split(self, split_size, dim)

    def split_with_sizes(self, split_sizes, dim=0):
        return split(self, list(split_sizes), dim)

    def chunk(self, chunks, dim=0):
        a = axis(dim, len(self.shape))
        n = self.shape[a]
        if chunks <= 0:
            raise RuntimeError("chunk expects `chunks` to be greater than 0, got: %s" % chunks)
        if _kdex.is_unknown(n):
            return tuple([piece(self, a, n, n) for _ in range(chunks)])
        each = (n + chunks - 1) // chunks
        if n == 0:
            return tuple([piece(self, a, 0, 0) for _ in range(chunks)])
        return split(self, each, dim)

    def tensor_split(self, indices_or_sections, dim=0):
        return tensor_split(self, indices_or_sections, dim)

    def unbind(self, dim=0):
        a = axis(dim, len(self.shape))
        if _kdex.is_unknown(self.shape[a]):
            return self.shape[a]
        return tuple([selected(self, a, i) for i in range(self.shape[a])])

    def unfold(self, dimension, size, step):
        a = axis(dimension, len(self.shape))
        n = self.shape[a]
        if size > n:
            raise RuntimeError(
                "maximum size for tensor at dimension %d is %s but size is %s" % (a, n, size)
            )
        strides = self.stride()
        return view_of(
            self,
            self.shape[:a] + ((n - size) // step + 1,) + self.shape[a + 1 :] + (size,),
            strides[:a] + (strides[a] * step,) + strides[a + 1 :] + (strides[a],),
            self._offset,
        )

    def diagonal(self, offset=0, dim1=0, dim2=1):
        return diagonal(self, offset, dim1, dim2)

    def as_strided(self, size, stride, storage_offset=None):
        return view_of(
            self,
            Size(size),
            tuple(stride),
            self._offset if storage_offset is None else storage_offset,
        )

    def __getitem__(self, key):
        return get_item(self, key)

    def __setitem__(self, key, value):
        set_item(self, key, value)

    def index_select(self, dim, index):
        return index_select(self, dim, index)

    def gather(self, dim, index, *, sparse_grad=False):
        return gather(self, dim, index)

    def take(self, index):
        return self.reshape(-1)[index]

    def dequantize(self):
        return blank(self.shape, float32, self.device)

    def sum_to_size(self, *size):
        return blank(to_size(size), self.dtype, self.device)

    def vdot(self, other):
        return matmul(self, other)

    def select_scatter(self, src, dim, index):
        t = self.clone()
        t.select(dim, index).copy_(src)
        return t

    def take_along_dim(self, indices, dim=None):
        return take_along_dim(self, indices, dim)

    def masked_select(self, mask):
        return masked_select(self, mask)

    def masked_fill(self, mask, value):
        return masked_fill(self, mask, value)

    def masked_fill_(self, mask, value):
        return into(self, masked_fill(self, mask, value))

    def masked_scatter(self, mask, source):
        return blank(broadcast(self.shape, mask.shape), self.dtype, self.device)

    def scatter(self, dim, index, src=None, *, value=None, reduce=None):
        return scatter(self, dim, index, src if src is not None else value)

    def scatter_(self, dim, index, src=None, *, value=None, reduce=None):
        return into(self, scatter(self, dim, index, src if src is not None else value, reduce))

    def scatter_add(self, dim, index, src):
        return scatter(self, dim, index, src, "add")

    def scatter_add_(self, dim, index, src):
        return into(self, scatter(self, dim, index, src, "add"))

    def scatter_reduce(self, dim, index, src, reduce, *, include_self=True):
        return blank(self.shape, self.dtype, self.device)

    def index_fill(self, dim, index, value):
        return self.clone().index_fill_(dim, index, value)

    def index_fill_(self, dim, index, value):
        set_item(self, (slice(None),) * axis(dim, len(self.shape)) + (index,), value)
        return self

    def index_copy_(self, dim, index, source):
        set_item(self, (slice(None),) * axis(dim, len(self.shape)) + (index,), source)
        return self

    def fill_diagonal_(self, fill_value, wrap=False):
        self.diagonal().fill_(fill_value)
        return self

    def _touched_(self, *args, **kwargs):
        write(self, None)
        return self

    scatter_reduce_ = index_add_ = index_put_ = index_reduce_ = put_ = masked_scatter_ = _touched_

    def index_copy(self, *args, **kwargs):
        return blank(self.shape, self.dtype, self.device)

    index_add = index_put = index_copy

    def repeat(self, *sizes, repeats=None):
        return repeat(self, to_size(sizes if repeats is None else (repeats,)))

    def tile(self, *counts, dims=None):
        d = to_size(counts if dims is None else (dims,))
        n = len(self.shape)
        return repeat(self, Size([1] * (n - len(d)) + list(d)))

    def repeat_interleave(self, repeats, dim=None, *, output_size=None):
        return repeat_interleave(self, repeats, dim, output_size=output_size)

    def flip(self, *dims):
        return flip(
            self, dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
        )

    def roll(self, shifts, dims=None):
        return roll(self, shifts, dims)

    def tril(self, diagonal=0):
        return triangle(self, diagonal, True)

    def triu(self, diagonal=0):
        return triangle(self, diagonal, False)

    def nonzero(self, *, as_tuple=False):
        return nonzero(self, as_tuple=as_tuple)

    def argwhere(self):
        return nonzero(self)

    def where(self, condition, other):
        return where(condition, self, other)

    # ---------------------------------------------------------------- arithmetic
    def __add__(self, other):
        return binary(self, other, _add, 0, "add")

    __radd__ = __add__

    def add(self, other, *, alpha=1, out=None):
        if alpha != 1:
            other = other * alpha
        return result(binary(self, other, _add, 0, "add"), out)

    def __sub__(self, other):
        return binary(self, other, _sub, 4, "sub")

    def __rsub__(self, other):
        return binary(other, self, _sub, 4, "rsub")

    def sub(self, other, *, alpha=1, out=None):
        if alpha != 1:
            other = other * alpha
        return result(binary(self, other, _sub, 4, "sub"), out)

    subtract = sub

    def __mul__(self, other):
        return binary(self, other, _mul, 0, "mul")

    __rmul__ = __mul__

    def mul(self, other, *, out=None):
        return result(binary(self, other, _mul, 0, "mul"), out)

    multiply = mul

    def __truediv__(self, other):
        return binary(self, other, _div, 1, "div")

    def __rtruediv__(self, other):
        return binary(other, self, _div, 1, "div")

    def div(self, other, *, rounding_mode=None, out=None):
        if rounding_mode is None:
            return result(binary(self, other, _div, 1, "div"), out)
        if rounding_mode == "floor":
            return result(binary(self, other, _floordiv, 6, "div_floor"), out)
        if rounding_mode == "trunc":
            return result(binary(self, other, _truncdiv, 0, "div"), out)
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '%s'"
            % rounding_mode
        )

    divide = div

    def true_divide(self, other):
        return binary(self, other, _div, 1, "div")

    def __floordiv__(self, other):
        return binary(self, other, _floordiv, 6, "div_floor")

    floor_divide = __floordiv__

    def __rfloordiv__(self, other):
        return binary(other, self, _floordiv, 6, "div_floor")

    def __mod__(self, other):
        return binary(self, other, _mod, 6, "remainder")

    remainder = __mod__

    def __rmod__(self, other):
        return binary(other, self, _mod, 6, "remainder")

    def fmod(self, other):
        return binary(self, other, _fmod, 0, "fmod")

    def __pow__(self, other):
        return binary(self, other, _pow, 0, "pow")

    def pow(self, exponent, *, out=None):
        return result(binary(self, exponent, _pow, 0, "pow"), out)

    def __rpow__(self, other):
        return binary(other, self, _pow, 0, "pow")

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def matmul(self, other):
        return matmul(self, other)

    def mm(self, mat2):
        return mm(self, mat2)

    def bmm(self, mat2):
        return bmm(self, mat2)

    def mv(self, vec):
        return matmul(self, vec)

    def dot(self, tensor):
        return matmul(self, tensor)

    def outer(self, vec2):
        return outer(self, vec2)

    ger = outer

    def addmm(self, mat1, mat2, *, beta=1, alpha=1):
        return addmm(self, mat1, mat2)

    def baddbmm(self, batch1, batch2, *, beta=1, alpha=1):
        return binary(self, bmm(batch1, batch2), None, 0, "baddbmm")

    def addcmul(self, tensor1, tensor2, *, value=1):
        return self + tensor1 * tensor2 * value

    def addcdiv(self, tensor1, tensor2, *, value=1):
        return self + tensor1 / tensor2 * value

    def lerp(self, end, weight):
        return self + (end - self) * weight

    def __neg__(self):
        if self.dtype is _bool_type:
            raise NotImplementedError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return unary(self, _neg, 0)

    neg = negative = __neg__

    def __pos__(self):
        return self

    positive = __pos__

    def __abs__(self):
        return unary(self, abs, 3)

    abs = absolute = __abs__

    def __and__(self, other):
        return binary(self, other, _and, 5, "bitwise_and")

    __rand__ = bitwise_and = __and__

    def __or__(self, other):
        return binary(self, other, _or, 5, "bitwise_or")

    __ror__ = bitwise_or = __or__

    def __xor__(self, other):
        return binary(self, other, _xor, 5, "bitwise_xor")

    __rxor__ = bitwise_xor = __xor__

    def __lshift__(self, other):
        return binary(self, other, _lshift, 5, "lshift")

    bitwise_left_shift = __lshift__

    def __rlshift__(self, other):
        return binary(other, self, _lshift, 5, "lshift")

    def __rshift__(self, other):
        return binary(self, other, _rshift, 5, "rshift")

    bitwise_right_shift = __rshift__

    def __rrshift__(self, other):
        return binary(other, self, _rshift, 5, "rshift")

    def __invert__(self):
        if self.dtype._level > 1:
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
            )
        return unary(self, _not if self.dtype._kind == "b" else _invert, 0)

    bitwise_not = __invert__

    def __eq__(self, other):
        if other is None or other.__class__ is str:
            return False
        return binary(self, other, _eq, 2, "eq")

    eq = __eq__

    def __ne__(self, other):
        if other is None or other.__class__ is str:
            return True
        return binary(self, other, _ne, 2, "ne")

    ne = __ne__

    def __lt__(self, other):
        return binary(self, other, _lt, 2, "lt")

    lt = __lt__

    def __le__(self, other):
        return binary(self, other, _le, 2, "le")

    le = __le__

    def __gt__(self, other):
        return binary(self, other, _gt, 2, "gt")

    gt = __gt__

    def __ge__(self, other):
        return binary(self, other, _ge, 2, "ge")

    ge = __ge__

    greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne

    def logical_not(self):
        return unary(self, _not, 2)

    def logical_and(self, other):
        return binary(self, other, _logical_and, 2, "logical_and")

    def logical_or(self, other):
        return binary(self, other, _logical_or, 2, "logical_or")

    def logical_xor(self, other):
        return binary(self, other, _logical_xor, 2, "logical_xor")

    def maximum(self, other):
        return binary(self, other, _maximum, 0, "maximum")

    def minimum(self, other):
        return binary(self, other, _minimum, 0, "minimum")

    def fmax(self, other):
        return binary(self, other, _maximum, 0, "fmax")

    def fmin(self, other):
        return binary(self, other, _minimum, 0, "fmin")

    def atan2(self, other):
        return binary(self, other, _math.atan2, 1, "atan2")

    def copysign(self, other):
        return binary(self, other, _math.copysign, 1, "copysign")

    def hypot(self, other):
        return binary(self, other, _math.hypot, 1, "hypot")

    def logaddexp(self, other):
        return binary(self, other, _logaddexp, 1, "logaddexp")

    def xlogy(self, other):
        return binary(self, other, None, 1, "xlogy")

    def ldexp(self, other):
        return binary(self, other, _ldexp, 1, "ldexp")

    def exp(self):
        return unary(self, _math.exp, 1)

    def exp2(self):
        return unary(self, _exp2, 1)

    def expm1(self):
        return unary(self, _math.expm1, 1)

    def log(self):
        return unary(self, _log, 1)

    def log2(self):
        return unary(self, _log2, 1)

    def log10(self):
        return unary(self, _log10, 1)

    def log1p(self):
        return unary(self, _math.log1p, 1)

    def sqrt(self):
        return unary(self, _math.sqrt, 1)

    def rsqrt(self):
        return unary(self, _rsqrt, 1)

    def sin(self):
        return unary(self, _math.sin, 1)

    def cos(self):
        return unary(self, _math.cos, 1)

    def tan(self):
        return unary(self, _math.tan, 1)

    def asin(self):
        return unary(self, _math.asin, 1)

    def acos(self):
        return unary(self, _math.acos, 1)

    def atan(self):
        return unary(self, _math.atan, 1)

    def sinh(self):
        return unary(self, _math.sinh, 1)

    def cosh(self):
        return unary(self, _math.cosh, 1)

    def tanh(self):
        return unary(self, _math.tanh, 1)

    def asinh(self):
        return unary(self, _math.asinh, 1)

    def acosh(self):
        return unary(self, _math.acosh, 1)

    def atanh(self):
        return unary(self, _math.atanh, 1)

    def sigmoid(self):
        return unary(self, _sigmoid, 1)

    def erf(self):
        return unary(self, _math.erf, 1)

    def erfc(self):
        return unary(self, _math.erfc, 1)

    def lgamma(self):
        return unary(self, _math.lgamma, 1)

    def reciprocal(self):
        return unary(self, _reciprocal, 1)

    def logit(self):
        return unary(self, _logit, 1)

    def floor(self):
        return unary(self, _floor, 0)

    def ceil(self):
        return unary(self, _ceil, 0)

    def trunc(self):
        return unary(self, _trunc, 0)

    def frac(self):
        return unary(self, _frac, 0)

    def sign(self):
        return unary(self, _sign, 0)

    def sgn(self):
        return unary(self, _sign, 0)

    def square(self):
        return unary(self, _square, 0)

    def relu(self):
        return unary(self, _relu, 0)

    def isnan(self):
        return unary(self, _isnan, 2)

    def isinf(self):
        return unary(self, _isinf, 2)

    def isfinite(self):
        return unary(self, _isfinite, 2)

    def isneginf(self):
        return unary(self, _isneginf, 2)

    def isposinf(self):
        return unary(self, _isposinf, 2)

    def signbit(self):
        return unary(self, _signbit, 2)

    def deg2rad(self):
        return unary(self, _math.radians, 1)

    def rad2deg(self):
        return unary(self, _math.degrees, 1)

    def angle(self):
        return unary(self, _angle, 1)

    def erfinv(self):
        return unary(self, _unknown_value, 1)

    def digamma(self):
        return unary(self, _unknown_value, 1)

    fix = trunc

    def round(self, *, decimals=0):
        return unary(self, (lambda x: round(x, decimals)) if decimals else _round, 0)

    def conj(self):
        return self if not self.dtype.is_complex else unary(self, _conj, 0)

    resolve_conj = resolve_neg = conj_physical = conj

    def nan_to_num(self, nan=0.0, posinf=None, neginf=None):
        return (
            blank(self.shape, self.dtype, self.device) if self.dtype._level == 2 else self.clone()
        )

    def clamp(self, min=None, max=None):
        return clamp(self, min, max)

    clip = clamp

    def clamp_min(self, min):
        return clamp(self, min, None)

    def clamp_max(self, max):
        return clamp(self, None, max)

    def softmax(self, dim, dtype=None):
        return softmax(self, dim, dtype, False)

    def log_softmax(self, dim, dtype=None):
        return softmax(self, dim, dtype, True)

    def add_(self, *args, **kwargs):
        return into(self, self.add(*args, **kwargs))

    def sub_(self, *args, **kwargs):
        return into(self, self.sub(*args, **kwargs))

    def mul_(self, *args, **kwargs):
        return into(self, self.mul(*args, **kwargs))

    def div_(self, *args, **kwargs):
        return into(self, self.div(*args, **kwargs))

    def pow_(self, *args, **kwargs):
        return into(self, self.pow(*args, **kwargs))

    def floor_divide_(self, *args, **kwargs):
        return into(self, self.floor_divide(*args, **kwargs))

    def remainder_(self, *args, **kwargs):
        return into(self, self.remainder(*args, **kwargs))

    def fmod_(self, *args, **kwargs):
        return into(self, self.fmod(*args, **kwargs))

    def clamp_(self, *args, **kwargs):
        return into(self, self.clamp(*args, **kwargs))

    def clamp_min_(self, *args, **kwargs):
        return into(self, self.clamp_min(*args, **kwargs))

    def clamp_max_(self, *args, **kwargs):
        return into(self, self.clamp_max(*args, **kwargs))

    def neg_(self, *args, **kwargs):
        return into(self, self.neg(*args, **kwargs))

    def abs_(self, *args, **kwargs):
        return into(self, self.abs(*args, **kwargs))

    def exp_(self, *args, **kwargs):
        return into(self, self.exp(*args, **kwargs))

    def exp2_(self, *args, **kwargs):
        return into(self, self.exp2(*args, **kwargs))

    def log_(self, *args, **kwargs):
        return into(self, self.log(*args, **kwargs))

    def log2_(self, *args, **kwargs):
        return into(self, self.log2(*args, **kwargs))

    def sqrt_(self, *args, **kwargs):
        return into(self, self.sqrt(*args, **kwargs))

    def rsqrt_(self, *args, **kwargs):
        return into(self, self.rsqrt(*args, **kwargs))

    def sin_(self, *args, **kwargs):
        return into(self, self.sin(*args, **kwargs))

    def cos_(self, *args, **kwargs):
        return into(self, self.cos(*args, **kwargs))

    def tanh_(self, *args, **kwargs):
        return into(self, self.tanh(*args, **kwargs))

    def sigmoid_(self, *args, **kwargs):
        return into(self, self.sigmoid(*args, **kwargs))

    def reciprocal_(self, *args, **kwargs):
        return into(self, self.reciprocal(*args, **kwargs))

    def floor_(self, *args, **kwargs):
        return into(self, self.floor(*args, **kwargs))

    def ceil_(self, *args, **kwargs):
        return into(self, self.ceil(*args, **kwargs))

    def round_(self, *args, **kwargs):
        return into(self, self.round(*args, **kwargs))

    def trunc_(self, *args, **kwargs):
        return into(self, self.trunc(*args, **kwargs))

    def square_(self, *args, **kwargs):
        return into(self, self.square(*args, **kwargs))

    def relu_(self, *args, **kwargs):
        return into(self, self.relu(*args, **kwargs))

    def bitwise_and_(self, *args, **kwargs):
        return into(self, self.bitwise_and(*args, **kwargs))

    def bitwise_or_(self, *args, **kwargs):
        return into(self, self.bitwise_or(*args, **kwargs))

    def bitwise_xor_(self, *args, **kwargs):
        return into(self, self.bitwise_xor(*args, **kwargs))

    def bitwise_not_(self, *args, **kwargs):
        return into(self, self.bitwise_not(*args, **kwargs))

    def logical_not_(self, *args, **kwargs):
        return into(self, self.logical_not(*args, **kwargs))

    def logical_and_(self, *args, **kwargs):
        return into(self, self.logical_and(*args, **kwargs))

    def logical_or_(self, *args, **kwargs):
        return into(self, self.logical_or(*args, **kwargs))

    def addmm_(self, *args, **kwargs):
        return into(self, self.addmm(*args, **kwargs))

    def baddbmm_(self, *args, **kwargs):
        return into(self, self.baddbmm(*args, **kwargs))

    def addcmul_(self, *args, **kwargs):
        return into(self, self.addcmul(*args, **kwargs))

    def addcdiv_(self, *args, **kwargs):
        return into(self, self.addcdiv(*args, **kwargs))

    def lerp_(self, *args, **kwargs):
        return into(self, self.lerp(*args, **kwargs))

    def tril_(self, *args, **kwargs):
        return into(self, self.tril(*args, **kwargs))

    def triu_(self, *args, **kwargs):
        return into(self, self.triu(*args, **kwargs))

    def nan_to_num_(self, *args, **kwargs):
        return into(self, self.nan_to_num(*args, **kwargs))

    def eq_(self, *args, **kwargs):
        return into(self, self.eq(*args, **kwargs))

    def ne_(self, *args, **kwargs):
        return into(self, self.ne(*args, **kwargs))

    def lt_(self, *args, **kwargs):
        return into(self, self.lt(*args, **kwargs))

    def le_(self, *args, **kwargs):
        return into(self, self.le(*args, **kwargs))

    def gt_(self, *args, **kwargs):
        return into(self, self.gt(*args, **kwargs))

    def ge_(self, *args, **kwargs):
        return into(self, self.ge(*args, **kwargs))

    def erfinv_(self, *args, **kwargs):
        return into(self, self.erfinv(*args, **kwargs))

    def copysign_(self, *args, **kwargs):
        return into(self, self.copysign(*args, **kwargs))

    def sign_(self, *args, **kwargs):
        return into(self, self.sign(*args, **kwargs))

    def bitwise_left_shift_(self, *args, **kwargs):
        return into(self, self.bitwise_left_shift(*args, **kwargs))

    def bitwise_right_shift_(self, *args, **kwargs):
        return into(self, self.bitwise_right_shift(*args, **kwargs))

    def true_divide_(self, *args, **kwargs):
        return into(self, self.true_divide(*args, **kwargs))

    def multiply_(self, *args, **kwargs):
        return into(self, self.multiply(*args, **kwargs))

    def logical_xor_(self, *args, **kwargs):
        return into(self, self.logical_xor(*args, **kwargs))

    def cumsum_(self, *args, **kwargs):
        return into(self, self.cumsum(*args, **kwargs))

    def cumprod_(self, *args, **kwargs):
        return into(self, self.cumprod(*args, **kwargs))

    def __iadd__(self, other):
        return into(self, self + other)

    def __isub__(self, other):
        return into(self, self - other)

    def __imul__(self, other):
        return into(self, self * other)

    def __itruediv__(self, other):
        return into(self, self / other)

    def __ifloordiv__(self, other):
        return into(self, self // other)

    def __imod__(self, other):
        return into(self, self % other)

    def __ipow__(self, other):
        return into(self, self**other)

    def __iand__(self, other):
        return into(self, self & other)

    def __ior__(self, other):
        return into(self, self | other)

    def __ixor__(self, other):
        return into(self, self ^ other)

    def __ilshift__(self, other):
        return into(self, self << other)

    def __irshift__(self, other):
        return into(self, self >> other)

    clip_ = clamp_
    negative_ = neg_
    subtract_ = sub_
    divide_ = div_

    # ---------------------------------------------------------------- reductions
    def sum(self, dim=None, keepdim=False, *, dtype=None, axis=None):
        return reduce_sum(self, dim if axis is None else axis, keepdim, dtype)

    nansum = sum

    def mean(self, dim=None, keepdim=False, *, dtype=None, axis=None):
        return reduce_mean(self, dim if axis is None else axis, keepdim, dtype)

    def prod(self, dim=None, keepdim=False, *, dtype=None, axis=None):
        return reduce_prod(self, dim if axis is None else axis, keepdim, dtype)

    def all(self, dim=None, keepdim=False, *, axis=None):
        return reduce_bool(self, dim if axis is None else axis, keepdim, all)

    def any(self, dim=None, keepdim=False, *, axis=None):
        return reduce_bool(self, dim if axis is None else axis, keepdim, any)

    def max(self, dim=None, keepdim=False, *, axis=None):
        return extreme(self, dim if axis is None else axis, keepdim, max)

    def min(self, dim=None, keepdim=False, *, axis=None):
        return extreme(self, dim if axis is None else axis, keepdim, min)

    def amax(self, dim=(), keepdim=False):
        return reduce_values(self, dim, keepdim, self.dtype, max)

    def amin(self, dim=(), keepdim=False):
        return reduce_values(self, dim, keepdim, self.dtype, min)

    def aminmax(self, *, dim=None, keepdim=False):
        return (
            self.amin(() if dim is None else dim, keepdim),
            self.amax(() if dim is None else dim, keepdim),
        )

    def argmax(self, dim=None, keepdim=False, *, axis=None):
        return arg_extreme(self, dim if axis is None else axis, keepdim, max)

    def argmin(self, dim=None, keepdim=False, *, axis=None):
        return arg_extreme(self, dim if axis is None else axis, keepdim, min)

    def var(self, dim=None, unbiased=True, keepdim=False, *, correction=None):
        return reduce_values(self, dim, keepdim, self.dtype, None)

    std = var

    def norm(self, p="fro", dim=None, keepdim=False, dtype=None):
        return reduce_values(self, dim, keepdim, self.dtype if dtype is None else dtype, None)

    def logsumexp(self, dim, keepdim=False):
        return reduce_values(
            self, dim, keepdim, self.dtype if self.dtype._level > 1 else get_default_dtype(), None
        )

    def count_nonzero(self, dim=None):
        return reduce_values(self, dim, False, int64, _count)

    def median(self, dim=None, keepdim=False):
        return median(self, dim, keepdim)

    def quantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        return quantile(self, q, dim, keepdim)

    def cumsum(self, dim, dtype=None):
        return cumulative(self, dim, dtype, _add)

    def cumprod(self, dim, dtype=None):
        return cumulative(self, dim, dtype, _mul)

    def cummax(self, dim):
        return cumulative_extreme(self, dim)

    cummin = cummax

    def diff(self, n=1, dim=-1):
        t = self
        for _ in range(n):
            a = axis(dim, len(t.shape))
            k = t.shape[a]
            t = piece(t, a, 1, k - 1) - piece(t, a, 0, k - 1)
        return t

    def sort(self, dim=-1, descending=False, stable=False):
        return sort(self, dim, descending)

    def argsort(self, dim=-1, descending=False, stable=False):
        return sort(self, dim, descending)[1]

    def topk(self, k, dim=-1, largest=True, sorted=True):
        return topk(self, k, dim, largest)

    def kthvalue(self, k, dim=-1, keepdim=False):
        return extreme(self, dim, keepdim, max)

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        return unique(self, sorted, return_inverse, return_counts, dim)

    def unique_consecutive(self, return_inverse=False, return_counts=False, dim=None):
        return unique(self, None, return_inverse, return_counts, dim)

    def bincount(self, weights=None, minlength=0):
        return bincount(self, weights, minlength)

    def histc(self, bins=100, min=0, max=0):
        return blank(Size((bins,)), self.dtype, self.device)

    def multinomial(self, num_samples, replacement=False, *, generator=None):
        return blank(self.shape[:-1] + (num_samples,), int64, self.device)

    def equal(self, other):
        return equal(self, other)

    def allclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        return allclose(self, other, rtol, atol)

    def isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        return binary(self, other, lambda a, b: abs(a - b) <= atol + rtol * abs(b), 2, "isclose")

    def is_set_to(self, other):
        return (
            self._memory is not None and self._memory is other._memory and self.shape == other.shape
        )

    def is_same_size(self, other):
        return self.shape == other.shape

    def is_nonzero(self):
        return bool(self)

    def dist(self, other, p=2):
        return blank(Size(), self.dtype, self.device)

    def trace(self):
        return self.diagonal().sum()

    def to_dense(self, *args, **kwargs):
        return self

    def sparse_mask(self, mask):
        return self

    def __dlpack__(self, *args, **kwargs):
        return self

    def __dlpack_device__(self):
        return (2, self.get_device()) if self.device.type == "cuda" else (1, 0)


# Names that follow have methods of the same name: the class body is done.
from torch._device import as_device, contiguous_format, strided  # noqa: E402
from torch._dtypes import (
    bfloat16,
    bool as _bool_type,
    complex64,
    complex128,
    dtype as _dtype,
    float16,
    float32,
    float64,
)  # noqa: E402
from torch._dtypes import get_default_dtype, int8, int16, int32, int64, uint8  # noqa: E402
from torch._shapes import (
    axis,
    broadcast,
    contiguous_strides,
    dims_text,
    product,
    resolve_view,
    to_size,
    view_strides,
)  # noqa: E402
from torch._storage import Size, TypedStorage, UntypedStorage  # noqa: E402
from torch._elementwise import (
    KNOWN,
    binary,
    blank,
    fill_of,
    filled,
    own_memory,
    spread,
    unary,
    valued,
    values_of,
    write,
)  # noqa: E402
from torch._numbers import (
    _add,
    _and,
    _angle,
    _ceil,
    _conj,
    _count,
    _div,
    _eq,
    _exp2,
    _floor,
    _floordiv,
    _fmod,
    _frac,
    _ge,
    _gt,
    _invert,  # noqa: E402
    _isfinite,
    _isinf,
    _isnan,
    _isneginf,
    _isposinf,
    _ldexp,
    _le,
    _log,
    _log2,
    _log10,
    _logaddexp,
    _logical_and,
    _logical_or,
    _logical_xor,
    _logit,
    _lshift,
    _lt,
    _maximum,
    _minimum,
    _mod,
    _mul,
    _ne,
    _neg,
    _not,
    _or,
    _pow,
    _reciprocal,
    _relu,
    _round,
    _rshift,
    _rsqrt,
    _sigmoid,
    _sign,
    _signbit,
    _square,
    _sub,
    _trunc,
    _truncdiv,
    _unknown_value,
    _xor,
)
from torch._views import (
    as_dtype,
    converted,
    diagonal,
    expanded,
    get_item,
    has_format,
    in_format,
    into,
    is_row_major,
    legacy_new,
    nested,  # noqa: E402
    piece,
    rebuild,
    result,
    selected,
    set_item,
    split,
    tensor_split,
    text_of,
    to_numpy,
    view_as_real,
    view_dtype,
    view_of,
)
from torch._gather import (
    flip,
    gather,
    index_select,
    masked_fill,
    masked_select,
    nonzero,
    repeat,
    repeat_interleave,
    roll,
    scatter,  # noqa: E402
    take_along_dim,
    triangle,
    where,
)
from torch._reduce import (
    allclose,
    arg_extreme,
    bincount,
    clamp,
    cumulative,
    cumulative_extreme,
    equal,
    extreme,
    median,
    quantile,  # noqa: E402
    reduce_bool,
    reduce_mean,
    reduce_prod,
    reduce_sum,
    reduce_values,
    softmax,
    sort,
    topk,
    unique,
)
from torch._products import addmm, bmm, matmul, mm, outer  # noqa: E402
from torch._factories import make_tensor  # noqa: E402
from torch._real import tensor_names  # noqa: E402
from torch.utils.hooks import RemovableHandle  # noqa: E402
