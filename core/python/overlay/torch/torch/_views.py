# Views, slicing and indexing, conversions, and the text of a tensor.
import _kdex

from torch import _launches
from torch._device import as_device, channels_last
from torch._dtypes import (
    bool as _bool_type,
    dtype as _dtype,
    float32,
    float64,
    get_default_dtype,
    int64,
    rounder,
    uint8,
)
from torch._shapes import (
    axis,
    broadcast,
    contiguous_strides,
    dims_text,
    positions,
    product,
    sliced,
    to_size,
    whole,
)
from torch._storage import Memory, Size


def view_of(t, shape, strides, offset):
    m = t._memory
    v = _new(Tensor)
    v.shape = shape
    v.dtype = t.dtype
    v.device = t.device
    v._memory = m if m is not None else own_memory(t)
    if strides is not None:
        v._strides = strides
    if offset != 0:
        v._offset = offset
    v._base = t if t._base is None else t._base
    return v


_new = object.__new__


def is_row_major(shape, strides):
    step = 1
    for d, s in zip(reversed(shape), reversed(strides)):
        if d == 0:
            return True
        if d != 1:
            if s != step:
                return False
            step = step * d
    return True


def _last_strides(shape):
    """Strides of channels_last: the second dimension is the innermost."""
    n = len(shape)
    out = [0] * n
    step = 1
    for i in [1] + list(range(n - 1, 1, -1)) + [0]:
        out[i] = step
        step = step * shape[i]
    return tuple(out)


def has_format(t, memory_format):
    n = 4 if memory_format is channels_last else 5
    return len(t.shape) == n and t.stride() == _last_strides(t.shape)


def in_format(t, memory_format):
    n = 4 if memory_format is channels_last else 5
    if memory_format._name == "preserve_format":
        return t
    if len(t.shape) != n:
        raise RuntimeError("required rank %d tensor to use %s format" % (n, memory_format._name))
    if has_format(t, memory_format):
        return t
    v = blank(t.shape, t.dtype, t.device)
    v._strides = _last_strides(t.shape)
    return v


def piece(t, a, start, length, step=1):
    """`length` elements of axis `a` from `start`."""
    s = t.shape
    strides = t.stride()
    size = s[:a] + (length,) + s[a + 1 :]
    if step == 1 and a == 0 and t._strides is None:
        return view_of(t, size, None, t._offset + start * strides[0])
    return view_of(
        t,
        size,
        strides[:a] + (strides[a] * step,) + strides[a + 1 :],
        t._offset + start * strides[a],
    )


def selected(t, a, index, call=False):
    s = t.shape
    if index.__class__ is not int:
        index = whole(index)
    n = s[a] if s else 0
    if not s:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    if index < -n or index >= n:
        if call:
            raise IndexError(
                "select(): index %s out of range for tensor of size %s at dimension %d"
                % (index, dims_text(s), a)
            )
        raise IndexError("index %s is out of bounds for dimension %d with size %s" % (index, a, n))
    if index < 0:
        index = index + n
    strides = t.stride()
    keep = strides[:a] + strides[a + 1 :]
    return view_of(
        t,
        s[:a] + s[a + 1 :],
        None if a == 0 and t._strides is None else keep,
        t._offset + index * strides[a],
    )


def split(t, sizes, dim=0):
    if not t.shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    a = axis(dim, len(t.shape))
    n = t.shape[a]
    out = []
    at = 0
    if isinstance(sizes, (list, tuple)):
        total = 0
        for k in sizes:
            if k < 0:
                raise RuntimeError(
                    "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes="
                    + dims_text(sizes)
                )
            total = total + k
        if total != n:
            raise RuntimeError(
                "split_with_sizes expects split_sizes to sum exactly to %s (input tensor's size at dimension %s), but got split_sizes=%s"
                % (n, dim, dims_text(sizes))
            )
        for k in sizes:
            out.append(piece(t, a, at, k))
            at = at + k
        return tuple(out)
    if sizes < 0:
        raise RuntimeError(
            "split expects split_size be non-negative, but got split_size=%s" % sizes
        )
    if sizes == 0:
        if n == 0:
            return (t,)
        raise RuntimeError(
            "split_size can only be 0 if dimension size is 0, but got dimension size of %s" % n
        )
    if n == 0:
        return (piece(t, a, 0, 0),)
    if _kdex.is_unknown(n):
        return n
    while at < n:
        k = sizes if n - at > sizes else n - at
        out.append(piece(t, a, at, k))
        at = at + sizes
    return tuple(out)


def tensor_split(t, sections, dim=0):
    a = axis(dim, len(t.shape))
    n = t.shape[a]
    if isinstance(sections, int):
        if sections <= 0:
            raise RuntimeError("number of sections must be larger than 0, got %s" % sections)
        small, more = n // sections, n % sections
        cuts = []
        at = 0
        for i in range(sections - 1):
            at = at + small + (1 if i < more else 0)
            cuts.append(at)
    else:
        cuts = [int(c) for c in (sections.tolist() if isinstance(sections, Tensor) else sections)]
    out = []
    at = 0
    for c in cuts + [n]:
        c = min(c, n)
        out.append(piece(t, a, at, max(c - at, 0)))
        at = c
    return tuple(out)


def expanded(t, wanted):
    s = t.shape
    strides = t.stride()
    lead = len(wanted) - len(s)
    if lead < 0:
        raise RuntimeError(
            "expand(%s{%s}, size=%s): the number of sizes provided (%d) must be greater or equal to the number of dimensions in the tensor (%d)"
            % (
                t.type().replace("Tensor", "Type") if False else t.type(),
                dims_text(s),
                dims_text(wanted),
                len(wanted),
                len(s),
            )
        )
    size, steps = [], []
    for i, d in enumerate(wanted):
        if i < lead:
            if d == -1:
                raise RuntimeError(
                    "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension %d"
                    % i
                )
            size.append(d)
            steps.append(0)
            continue
        old = s[i - lead]
        if d == -1:
            d = old
        if old == d:
            size.append(d)
            steps.append(strides[i - lead])
        elif old == 1:
            size.append(d)
            steps.append(0)
        else:
            raise RuntimeError(
                "The expanded size of the tensor (%s) must match the existing size (%s) at non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s"
                % (d, old, i, dims_text(wanted), dims_text(s))
            )
    return view_of(t, Size(size), tuple(steps), t._offset)


def diagonal(t, offset=0, dim1=0, dim2=1):
    n = len(t.shape)
    a, b = axis(dim1, n), axis(dim2, n)
    if a == b:
        raise RuntimeError("diagonal dimensions cannot be identical %d, %d" % (dim1, dim2))
    s, strides = t.shape, t.stride()
    if offset >= 0:
        k = max(min(s[a], s[b] - offset), 0)
        start = offset * strides[b]
    else:
        k = max(min(s[a] + offset, s[b]), 0)
        start = -offset * strides[a]
    keep = [i for i in range(n) if i != a and i != b]
    return view_of(
        t,
        Size([s[i] for i in keep] + [k]),
        tuple([strides[i] for i in keep] + [strides[a] + strides[b]]),
        t._offset + (start if k else 0),
    )


# ---------------------------------------------------------------- indexing


def get_item(t, key):
    c = key.__class__
    if c is int:
        if not t.shape:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        return selected(t, 0, key)
    if c is slice:
        if not t.shape:
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        start, n, step = sliced(t.shape[0], key)
        return piece(t, 0, start, n, step)
    if _has_unknown(key):
        return _kdex.unknown("torch.Tensor.__getitem__")
    v, advanced = _basic(t, key)
    if not advanced:
        return v
    return _advanced(v, advanced)


def _has_unknown(key):
    if key.__class__ is not tuple:
        return _kdex.is_unknown(key)
    for k in key:
        if k.__class__ is not int and k.__class__ is not slice and _kdex.is_unknown(k):
            return True
    return False


def _count_axes(keys):
    n = 0
    for k in keys:
        if k is None or k is Ellipsis or k is True or k is False:
            continue
        if isinstance(k, Tensor) and (k.dtype is _bool_type or k.dtype is uint8):
            n += len(k.shape)
        else:
            n += 1
    return n


def _basic(t, key):
    """The view that the plain parts of a key give, and the tensors left by axis: [(axis, tensor)]."""
    if key.__class__ is list:
        keys = (key,)
    else:
        keys = key if isinstance(key, tuple) else (key,)
    used = _count_axes(keys)
    total = len(t.shape)
    if used > total:
        raise IndexError("too many indices for tensor of dimension %d" % total)
    v = t
    a = 0
    advanced = []
    for k in keys:
        c = k.__class__
        if k is None:
            v = v.unsqueeze(a)
            a += 1
        elif k is Ellipsis:
            a += total - used
        elif c is slice:
            start, n, step = sliced(v.shape[a], k)
            v = piece(v, a, start, n, step)
            a += 1
        elif c is int:
            v = selected(v, a, k)
        elif k is True or k is False:
            v = v.unsqueeze(a)
            advanced.append((a, make_tensor([0] if k else [], int64, v.device)))
            a += 1
        elif isinstance(k, Tensor):
            if not k.shape and k.dtype._level <= 1 and k.dtype is not _bool_type:
                if values_of(k) is not None:
                    v = selected(v, a, k.item())
                    continue
                advanced.append((a, k))
                a += 1
            elif k.dtype is _bool_type or k.dtype is uint8:
                for i, d in enumerate(k.shape):
                    if v.shape[a + i] != d:
                        raise IndexError(
                            "The shape of the mask %s at index %d does not match the shape of the indexed tensor %s at index %d"
                            % (dims_text(k.shape), i, dims_text(t.shape), a + i)
                        )
                for one in nonzero(k, as_tuple=True):
                    advanced.append((a, one))
                    a += 1
            elif k.dtype._level > 1:
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            else:
                advanced.append((a, k))
                a += 1
        elif isinstance(k, (list, tuple, range)) or hasattr(k, "__array__"):
            k = make_tensor(list(k) if not hasattr(k, "__array__") else k, None, v.device)
            if k.dtype is _bool_type:
                for one in nonzero(k, as_tuple=True):
                    advanced.append((a, one))
                    a += 1
            else:
                advanced.append((a, k if k.shape != (0,) else k.long()))
                a += 1
        elif hasattr(k, "__index__"):
            v = selected(v, a, k.__index__())
        else:
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got %s)"
                % c.__name__
            )
    return v, advanced


def _advanced_shape(v, advanced):
    shape = Size()
    for a, k in advanced:
        try:
            shape = broadcast(shape, k.shape)
        except RuntimeError:
            raise IndexError(
                "shape mismatch: indexing tensors could not be broadcast together with shapes "
                + ", ".join([dims_text(k.shape) for _, k in advanced])
            )
    used = [a for a, _ in advanced]
    together = used[-1] - used[0] == len(used) - 1
    first = used[0] if together else 0
    rest = [i for i in range(len(v.shape)) if i not in used]
    before = rest[:first] if together else []
    after = rest[len(before) :]
    out = Size([v.shape[i] for i in before]) + shape + Size([v.shape[i] for i in after])
    return shape, out, before, after


def _element_offsets(v, advanced, shape, before, after):
    """Memory positions of the chosen elements in the order of the result; None where an index is not known
    or the elements are more than KNOWN."""
    strides = v.stride()
    base = [0]
    for a, k in advanced:
        values = values_of(k)
        if values is None:
            return None
        values = spread(values, k.shape, shape)
        n = v.shape[a]
        steps = []
        for x in values:
            if x < -n or x >= n:
                raise IndexError(
                    "index %s is out of bounds for dimension %d with size %s" % (x, a, n)
                )
            steps.append((x + n if x < 0 else x) * strides[a])
        base = (
            steps
            if len(base) == 1 and len(steps) != 1 and base[0] == 0
            else (
                [p + q for p, q in zip(base, steps)]
                if len(base) == len(steps)
                else [base[0] + q for q in steps]
            )
        )
    if len(base) * product([v.shape[i] for i in before + after]) > KNOWN:
        return None
    lead = positions([v.shape[i] for i in before], [strides[i] for i in before], v._offset)
    tail = positions([v.shape[i] for i in after], [strides[i] for i in after], 0)
    return [p + b + q for p in lead for b in base for q in tail]


def _advanced(v, advanced):
    shape, out, before, after = _advanced_shape(v, advanced)
    m = v._memory
    if m is not None and (m.values is not None or m.fill is not None):
        where = _element_offsets(v, advanced, shape, before, after)
        if m.fill is not None:
            return filled(out, v.dtype, v.device, m.fill)
        if where is not None:
            values = [m.values[p] for p in where]
            return valued(out, v.dtype, v.device, values if None not in values else None)
    return blank(out, v.dtype, v.device)


def set_item(t, key, value):
    if _has_unknown(key) or _kdex.is_unknown(value):
        write(t, None)
        return
    v, advanced = _basic(t, key)
    if not advanced:
        if isinstance(value, Tensor):
            s = value.shape
            if s != v.shape:
                lead = 0
                while len(s) - lead > len(v.shape) and s[lead] == 1:
                    lead += 1
                if lead:
                    value = value.reshape(s[lead:])
                try:
                    both = broadcast(v.shape, value.shape)
                except RuntimeError:
                    both = None
                if both != v.shape:
                    # the message of expanding the value to the place
                    expanded(value, tuple(v.shape))
            v.copy_(value)
        else:
            v.fill_(value)
        return
    shape, out, before, after = _advanced_shape(v, advanced)
    if isinstance(value, Tensor):
        try:
            both = broadcast(out, value.shape)
        except RuntimeError:
            both = None
        if both != out:
            raise RuntimeError(
                "shape mismatch: value tensor of shape %s cannot be broadcast to indexing result of shape %s"
                % (dims_text(value.shape), dims_text(out))
            )
    m = v._memory if v._memory is not None else own_memory(v)
    where = _element_offsets(v, advanced, shape, before, after)
    store = m.writable() if v.device.type != "meta" else None
    new = (
        values_of(value)
        if isinstance(value, Tensor)
        else [value] * product(out)
        if product(out) <= KNOWN
        else None
    )
    if where is None or store is None or new is None:
        m.forget()
        return
    to = rounder(v.dtype)
    new = spread(new, value.shape, out) if isinstance(value, Tensor) else new
    for p, x in zip(where, new):
        store[p] = to(x)


# ---------------------------------------------------------------- conversions


def as_dtype(d):
    if d.__class__ is _dtype:
        return d
    name = d if isinstance(d, str) else getattr(d, "_type_name", d.__name__)
    name = name.split(".")[-1]
    for k, v in _dtype_globals().items():
        if v.__class__ is _dtype and v._scalar_name + "Tensor" == name:
            return v
    raise ValueError("invalid type: " + repr(d))


def _dtype_globals():
    import torch._dtypes as m

    return m.__dict__


def converted(t, d, where):
    """A copy of another type or on another device; strides as preserve_format keeps them."""
    out = blank(t.shape, d, where)
    if t._strides is not None:
        out._strides = _kept_strides(t)
    m = t._memory
    if m is not None and where.type != "meta":
        if m.fill is not None:
            n = Memory(product(t.shape), d, where)
            n.fill = m.fill if d is t.dtype else _cast(m.fill, d)
            out._memory = n
        elif m.values is not None:
            values = values_of(t)
            if values is not None:
                n = Memory(len(values), d, where)
                out._memory = n
                values = list(values) if d is t.dtype else [_cast(v, d) for v in values]
                if out._strides is None:
                    n.values = values
                else:
                    n.values = [None] * len(values)
                    for p, v in zip(positions(out.shape, out._strides, 0), values):
                        n.values[p] = v
    return out


def _cast(v, d):
    if v.__class__ is complex and d._level < 3:
        v = v.real
    return rounder(d)(v)


def _kept_strides(t):
    """A dense permuted tensor keeps its order of dimensions in a copy; any other becomes contiguous."""
    s, strides = t.shape, t._strides
    order = sorted(range(len(s)), key=lambda i: (-strides[i], i))
    step = 1
    out = [0] * len(s)
    for i in reversed(order):
        if s[i] != 1 and strides[i] != step:
            return None
        out[i] = step
        step = step * s[i]
    made = tuple(out)
    return None if made == contiguous_strides(s) else made


def view_dtype(t, d):
    old, new = t.dtype.itemsize, d.itemsize
    m = own_memory(t)
    s = t.shape
    if old == new:
        v = view_of(t, s, t._strides, t._offset)
    elif not s:
        raise RuntimeError(
            "self.dim() cannot be 0 to view %s as %s (different element sizes)"
            % (t.dtype._scalar_name, d._scalar_name)
        )
    else:
        strides = t.stride()
        if strides[-1] != 1:
            raise RuntimeError(
                "self.stride(-1) must be 1 to view %s as %s (different element sizes), but got %s"
                % (t.dtype._scalar_name, d._scalar_name, strides[-1])
            )
        if old > new:
            k = old // new
            size = s[:-1] + (s[-1] * k,)
            steps = tuple([x * k for x in strides[:-1]]) + (1,)
            at = t._offset * k
        else:
            k = new // old
            if s[-1] % k != 0:
                raise RuntimeError(
                    "self.size(-1) must be divisible by %d to view %s as %s (different element sizes), but got %s"
                    % (k, t.dtype._scalar_name, d._scalar_name, s[-1])
                )
            for i, x in enumerate(strides[:-1]):
                if x % k != 0:
                    raise RuntimeError(
                        "self.stride(%d) must be divisible by %d to view %s as %s (different element sizes), but got %s"
                        % (i, k, t.dtype._scalar_name, d._scalar_name, x)
                    )
            size = s[:-1] + (s[-1] // k,)
            steps = tuple([x // k for x in strides[:-1]]) + (1,)
            at = t._offset // k
        v = view_of(t, size, None if t._strides is None else steps, at)
    v.dtype = d
    n = Memory(m.length * old // new, d, t.device)
    n.whole = m if m.whole is None else m.whole
    if d.itemsize == old and m.fill is not None and m.fill == 0 and m.fill.__class__ is not complex:
        n.fill = rounder(d)(0)
    v._memory = n if d is not t.dtype else m
    return v


def view_as_complex(input):
    if input.dtype is not float32 and input.dtype is not float64 and input.dtype._name != "float16":
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            + input.dtype._scalar_name
        )
    s = input.shape
    if not s:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if s[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    strides = input.stride()
    v = view_of(
        input,
        s[:-1],
        None if input._strides is None else tuple([x // 2 for x in strides[:-1]]),
        input._offset // 2,
    )
    v.dtype = input.dtype.to_complex()
    v._memory = Memory(own_memory(input).length // 2, v.dtype, input.device)
    return v


def view_as_real(input):
    if not input.dtype.is_complex:
        raise RuntimeError("view_as_real is only supported for complex tensors")
    values = values_of(input)
    v = view_of(
        input,
        input.shape + (2,),
        None if input._strides is None else tuple([x * 2 for x in input._strides]) + (1,),
        input._offset * 2,
    )
    v.dtype = input.dtype.to_real()
    m = v._memory = Memory(own_memory(input).length * 2, v.dtype, input.device)
    if values is not None and input._strides is None and len(values) * 2 == m.length:
        m.values = [part for c in values for part in (c.real, c.imag)]
    return v


def nested(values, shape):
    if not shape:
        return values[0]
    if len(shape) == 1:
        return list(values)
    n = product(shape[1:])
    return [nested(values[i * n : (i + 1) * n], shape[1:]) for i in range(shape[0])]


def to_numpy(t):
    if t.device.type != "cpu":
        raise TypeError(
            "can't convert %s device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
            % t.device
        )
    values = values_of(t)
    if values is None:
        values = _launches.read(t)
    if values is None:
        return _kdex.unknown("torch.Tensor.numpy")
    import numpy

    name = "bool_" if t.dtype._kind == "b" else t.dtype._name
    return numpy.array(nested(values, t.shape), dtype=getattr(numpy, name))


def legacy_new(cls, args, d, device):
    """torch.Tensor(...): sizes, a sequence of numbers, or another tensor."""
    d = get_default_dtype() if d is None else d
    where = as_device("cpu" if device is None else device)
    if len(args) == 1 and not isinstance(args[0], int):
        a = args[0]
        if isinstance(a, Tensor):
            t = view_of(a, a.shape, a._strides, a._offset)
        elif isinstance(a, Size):
            t = blank(a, d, where)
        elif hasattr(a, "_memory") or hasattr(a, "_untyped_storage"):
            t = blank(Size((0,)), d, where)
        else:
            t = make_tensor(a, d, where)
    else:
        t = blank(to_size(args) if args else Size((0,)), d, where)
    if cls is not Tensor:
        v = object.__new__(cls)
        v.shape, v.dtype, v.device, v._memory = t.shape, t.dtype, t.device, own_memory(t)
        return v
    return t


def rebuild(t):
    return t


def into(t, made):
    """The in-place form: the result of an operation goes into `t`."""
    if made.shape != t.shape:
        raise RuntimeError(
            "output with shape %s doesn't match the broadcast shape %s"
            % (dims_text(t.shape), dims_text(made.shape))
        )
    if made.dtype is not t.dtype and made.dtype._level > t.dtype._level:
        raise RuntimeError(
            "result type %s can't be cast to the desired output type %s"
            % (made.dtype._scalar_name, t.dtype._scalar_name)
        )
    m = made._memory
    write(t, None if m is None else m.fill if m.fill is not None else values_of(made))
    return t


def result(made, out):
    if out is None:
        return made
    out.data = made.to(out.dtype)
    return out


# ---------------------------------------------------------------- text


def text_of(t):
    values = values_of(t) if t.device.type != "meta" else None
    tail = ""
    if t.device.type != "cpu":
        tail += ", device='%s'" % t.device
    plain = t.dtype in (get_default_dtype(), int64, _bool_type)
    if values is None:
        body = "..."
        tail += ", size=%s" % (tuple(t.shape),)
        plain = False if t.device.type != "meta" else t.dtype is get_default_dtype()
    else:
        body = _body(nested(values, t.shape), _formatter(values), 8)
        if not values and t.dtype is get_default_dtype():
            plain = True
        elif not values:
            plain = False
    if not plain:
        tail += ", dtype=%s" % t.dtype
    if t.requires_grad:
        tail += ", requires_grad=True"
    return "tensor(%s%s)" % (body, tail)


def _formatter(values):
    if not values:
        return str
    if values[0].__class__ is float:
        if all([v == int(v) for v in values if v - v == 0]):
            words = [("%.0f." % v) if v - v == 0 else str(v) for v in values]
            width = max([len(w) for w in words])
            return lambda v: (("%.0f." % v) if v - v == 0 else str(v)).rjust(width)
        finite = [abs(v) for v in values if v - v == 0 and v != 0]
        big = max(finite) / min(finite) > 1000.0 or max(finite) > 1e8 or min(finite) < 1e-4
        pattern = "%.4e" if big else "%.4f"
        width = max([len((pattern % v) if v - v == 0 else str(v)) for v in values])
        return lambda v: ((pattern % v) if v - v == 0 else str(v)).rjust(width)
    width = max([len(str(v)) for v in values])
    return lambda v: str(v).rjust(width)


def _body(v, form, indent):
    if v.__class__ is not list:
        return form(v)
    if not v:
        return "[]"
    if v[0].__class__ is not list:
        words = [form(x) for x in v]
        each = max(1, (80 - indent) // (len(words[0]) + 2))
        lines = [", ".join(words[i : i + each]) for i in range(0, len(words), each)]
        return "[" + (",\n" + " " * indent).join(lines) + "]"
    depth = 0
    x = v[0]
    while x.__class__ is list:
        depth += 1
        x = x[0] if x else None
    return (
        "["
        + ("," + "\n" * depth + " " * indent).join([_body(x, form, indent + 1) for x in v])
        + "]"
    )


from torch._tensor import Tensor  # noqa: E402
from torch._elementwise import KNOWN, blank, filled, own_memory, spread, valued, values_of, write  # noqa: E402
from torch._gather import nonzero  # noqa: E402
from torch._factories import make_tensor  # noqa: E402
