# Functions that make tensors.
import math as _math

from torch._device import as_device
from torch._dtypes import (
    bool as _bool_type,
    default_complex,
    get_default_dtype,
    int64,
    rounder,
    scalar_dtype,
)
from torch._shapes import contiguous_strides, product, to_size
from torch._storage import Memory, Size


def _dims(size, caller="empty"):
    """The shape of a factory call with checks on its dimensions."""
    if not size:
        raise TypeError(
            caller
            + "() received an invalid combination of arguments - got (), but expected one of:"
        )
    shape = (size[0],) if len(size) == 1 and size[0].__class__ is str else to_size(size)
    elements = 1
    for at, d in enumerate(shape):
        if d.__class__ is int:
            elements *= d
            if d < 0:
                raise RuntimeError(
                    "Trying to create tensor with negative dimension %d: %s"
                    % (d, "[" + ", ".join([str(x) for x in shape]) + "]")
                )
        elif d.__class__ is float or d.__class__ is str or d is None or d.__class__ is bool:
            _wrong(size, at, d.__class__.__name__, caller)
        elif isinstance(d, Tensor):
            return _dims(([int(x) for x in shape],), caller)
    if elements >= 1 << 62:
        _refuse_large(shape, caller)
    return shape


def _refuse_large(shape, caller):
    """Sizes past 64 bits, and storage that at two bytes an element is past them, are refused as torch refuses them."""
    for at, d in enumerate(shape):
        if d.__class__ is int and d >= 1 << 63:
            raise TypeError(
                "%s(): argument 'size' failed to unpack the object at pos %d with error \"Overflow when unpacking long long\""
                % (caller, at + 1)
            )
    raise RuntimeError(
        "Storage size calculation overflowed with sizes=[%s]" % ", ".join([str(d) for d in shape])
    )


def _wrong(size, at, kind, caller):
    listed = len(size) == 1 and isinstance(size[0], (tuple, list))
    if at:
        raise TypeError(
            "%s(): argument 'size' failed to unpack the object at pos %d with error \"type must be tuple of ints,but got %s\""
            % (caller, at + 1, kind)
        )
    if listed:
        raise TypeError(
            "%s(): argument 'size' (position 1) must be tuple of ints, but found element of type %s at pos 0"
            % (caller, kind)
        )
    if len(size) == 1:
        raise TypeError(
            "%s(): argument 'size' (position 1) must be tuple of ints, not %s" % (caller, kind)
        )
    raise TypeError("%s() takes 1 positional argument but %d were given" % (caller, len(size)))


def empty(
    *shape,
    size=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    memory_format=None,
    names=None,
    generator=None,
):
    t = blank(
        _dims(shape) if size is None else _dims((size,)),
        get_default_dtype() if dtype is None else dtype,
        as_device(device),
    )
    if requires_grad:
        t.requires_grad = True
    return t if memory_format is None else t.contiguous(memory_format=memory_format)


def zeros(
    *shape,
    size=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    names=None,
):
    d = get_default_dtype() if dtype is None else dtype
    t = filled(
        _dims(shape, "zeros") if size is None else _dims((size,), "zeros"),
        d,
        as_device(device),
        _zero(d),
    )
    if requires_grad:
        t.requires_grad = True
    return t


def ones(
    *shape,
    size=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    names=None,
):
    d = get_default_dtype() if dtype is None else dtype
    t = filled(
        _dims(shape, "ones") if size is None else _dims((size,), "ones"),
        d,
        as_device(device),
        rounder(d)(1),
    )
    if requires_grad:
        t.requires_grad = True
    return t


def _zero(d):
    k = d._level
    return 0.0 if k == 2 else 0 if k == 1 else False if k == 0 else 0j


def full(
    size,
    fill_value,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    names=None,
):
    if isinstance(fill_value, Tensor):
        if dtype is None:
            dtype = fill_value.dtype
        fill_value = fill_value.item() if fill_value._memory is not None else None
    if _kdex.is_unknown(fill_value):
        fill_value = None
    d = scalar_dtype(fill_value) if dtype is None else dtype
    if not isinstance(size, (tuple, list)):
        size = (size,)
    where = as_device(device)
    t = (
        blank(_dims((size,), "full"), d, where)
        if fill_value is None
        else filled(_dims((size,), "full"), d, where, rounder(d)(fill_value))
    )
    if requires_grad:
        t.requires_grad = True
    return t


def rand(
    *shape,
    size=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    generator=None,
    names=None,
):
    return empty(
        _dims(shape if size is None else (size,), "rand"),
        dtype=dtype,
        device=device,
        requires_grad=requires_grad,
    )


def randn(
    *shape,
    size=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    generator=None,
    names=None,
):
    return empty(
        _dims(shape if size is None else (size,), "randn"),
        dtype=dtype,
        device=device,
        requires_grad=requires_grad,
    )


def randint(
    low=0,
    high=None,
    size=None,
    *,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    if size is None:
        size = high
    return empty(size, dtype=int64 if dtype is None else dtype, device=device)


def randperm(
    n,
    *,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    return empty(n, dtype=int64 if dtype is None else dtype, device=device)


def normal(
    mean=0.0, std=1.0, size=None, *, generator=None, out=None, dtype=None, device=None, **kwargs
):
    if size is not None:
        return empty(size, dtype=dtype, device=device)
    like = mean if isinstance(mean, Tensor) else std
    return blank(like.shape, like.dtype, like.device)


def _like(t, dtype, device):
    v = blank(
        t.shape,
        t.dtype if dtype is None else dtype,
        t.device if device is None else as_device(device),
    )
    if t._strides is not None:
        v._strides = kept_strides(t)
    return v


def empty_like(
    input,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    t = _like(input, dtype, device)
    if memory_format is not None and memory_format._name == "contiguous_format":
        t._strides = None
    if requires_grad:
        t.requires_grad = True
    return t


def rand_like(
    input,
    *,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    return empty_like(
        input, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format
    )


randn_like = rand_like


def randint_like(
    input,
    low=0,
    high=None,
    *,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    return _like(input, dtype, device)


def full_like(
    input,
    fill_value,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    t = _like(input, dtype, device)
    if t.device.type != "meta":
        m = t._memory = Memory(product(t.shape), t.dtype, t.device)
        m.fill = rounder(t.dtype)(fill_value)
    if requires_grad:
        t.requires_grad = True
    return t


def zeros_like(
    input,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
    out=None,
):
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(
    input,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
    out=None,
):
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad)


def empty_strided(
    size, stride, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False
):
    t = blank(_dims((size,)), get_default_dtype() if dtype is None else dtype, as_device(device))
    stride = tuple(stride)
    if stride != contiguous_strides(t.shape):
        t._strides = stride
    return t


def empty_permuted(
    size,
    physical_layout,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    t = empty([size[i] for i in physical_layout], dtype=dtype, device=device)
    back = [0] * len(size)
    for i, p in enumerate(physical_layout):
        back[p] = i
    return t.permute(*back)


def arange(
    start=0,
    end=None,
    step=1,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    if end is None:
        start, end = 0, start
    if isinstance(start, Tensor):
        start = start.item()
    if isinstance(end, Tensor):
        end = end.item()
    if isinstance(step, Tensor):
        step = step.item()
    whole = (
        start.__class__ is not float and end.__class__ is not float and step.__class__ is not float
    )
    d = (int64 if whole else get_default_dtype()) if dtype is None else dtype
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (step > 0 and start > end) or (step < 0 and start < end):
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if whole and step.__class__ is int and step == 1:
        n = end if start.__class__ is int and start == 0 else end - start
    elif whole:
        n = (end - start + step - 1) // step if step > 0 else (start - end - step - 1) // -step
    else:
        n = _math.ceil((end - start) / step)
    t = blank(Size((n,)), d, as_device(device))
    if t.device.type != "meta" and n.__class__ is int:
        m = t._memory = Memory(n, d, t.device)
        if whole and d._level == 1 and start.__class__ is int and step.__class__ is int:
            m.values = range(start, start + n * step, step)
        elif n <= KNOWN:
            to = rounder(d)
            m.values = [to(start + i * step) for i in range(n)]
    return t


def range_(start=0, end=None, step=1, **kwargs):
    if end is None:
        start, end = 0, start
    return (
        arange(start, end + step, step, **kwargs)
        if kwargs.get("dtype") is not None
        else arange(float(start), float(end) + step, step, **kwargs)
    )


def linspace(
    start,
    end,
    steps,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    d = get_default_dtype() if dtype is None else dtype
    values = None
    if (
        steps.__class__ is int
        and steps <= KNOWN
        and not isinstance(start, Tensor)
        and not isinstance(end, Tensor)
    ):
        to = rounder(d)
        if steps == 1:
            values = [to(start)]
        elif steps:
            width = (end - start) / (steps - 1)
            half = steps // 2
            values = [
                to(start + i * width) if i < half else to(end - (steps - 1 - i) * width)
                for i in range(steps)
            ]
        else:
            values = []
    return valued(Size((steps,)), d, as_device(device), values)


def logspace(
    start,
    end,
    steps,
    base=10.0,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    d = get_default_dtype() if dtype is None else dtype
    values = None
    if steps.__class__ is int and steps <= KNOWN and steps > 1:
        to = rounder(d)
        values = [to(base ** (start + i * (end - start) / (steps - 1))) for i in range(steps)]
    return valued(Size((steps,)), d, as_device(device), values)


def eye(
    n,
    m=None,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    for at, size in enumerate((n, m)):
        if size.__class__ is float or size.__class__ is str:
            raise TypeError(
                "eye(): argument '%s' (position %d) must be int, not %s"
                % ("nm"[at], at + 1, size.__class__.__name__)
            )
    m = n if m is None else m
    d = get_default_dtype() if dtype is None else dtype
    values = None
    if n.__class__ is int and m.__class__ is int and n * m <= KNOWN:
        to = rounder(d)
        zero, one = to(0), to(1)
        values = [one if i == j else zero for i in range(n) for j in range(m)]
    return valued(Size((n, m)), d, as_device(device), values)


# ---------------------------------------------------------------- from Python data


def _walk(data, depth, shape, out):
    """Flattens nested sequences; the shape is taken from the first element of each level."""
    if depth == len(shape):
        out.append(data)
        return
    if not isinstance(data, (list, tuple, range)) and not hasattr(data, "__len__"):
        raise TypeError("not a sequence")
    if len(data) != shape[depth]:
        raise ValueError(
            "expected sequence of length %d at dim %d (got %d)" % (shape[depth], depth, len(data))
        )
    for x in data:
        _walk(x, depth + 1, shape, out)


_MOST = 1 << 20  # values that are kept of a large table


def _of_ints(data, d, shape, where):
    """A tensor of nested lists that hold plain integers alone, each checked at once; None for
    others. Of a large table the first element speaks for all."""
    d = int64 if d is None else d
    if d._kind != "i":
        return None
    if product(shape) > _MOST:
        return blank(Size(shape), d, where)
    rows = [data]
    for n in shape:
        if set(map(type, rows)) - {list, tuple, range} or set(map(len, rows)) != {n}:
            return None
        below = []
        for row in rows:
            below.extend(row)
        rows = below
    bound = 2 ** (d.itemsize * 8 - 1)
    if set(map(type, rows)) != {int} or not -bound <= min(rows) or max(rows) >= bound:
        return None
    return valued(Size(shape), d, where, rows)


def make_tensor(data, d, device):
    """torch.tensor without the outer checks; `d` None infers the type."""
    if _kdex.is_unknown(data):
        return _kdex.unknown("torch.tensor")
    where = as_device(device)
    if isinstance(data, Tensor):
        t = data.detach().clone()
        return t.to(dtype=d, device=where if device is not None else None)
    if hasattr(data, "__array__") and not isinstance(data, (int, float)):
        t = from_numpy(data)
        return t if d is None and where == t.device else t.to(dtype=d, device=where)
    c = data.__class__
    if c is int or c is float or c is bool or c is complex:
        dd = scalar_dtype(data) if d is None else d
        if c is int and dd is int64 and not -9223372036854775808 <= data < 9223372036854775808:
            raise RuntimeError("Overflow when unpacking long long")
        return valued(Size(), dd, where, [rounder(dd)(data)])
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    shape = []
    x = data
    while isinstance(x, (list, tuple, range)):
        shape.append(len(x))
        if not len(x):
            break
        x = x[0]
    if x.__class__ is int and product(shape) > 8:
        made = _of_ints(data, d, shape, where)
        if made is not None:
            return made
    tail = ()
    if isinstance(x, Tensor) and shape and shape[-1]:
        tail = x.shape
    flat = []
    _walk(data, 0, shape, flat)
    if tail or (flat and isinstance(flat[0], Tensor)):
        shape = shape + list(tail)
        spread_out = []
        kind = flat[0].dtype
        for t in flat:
            v = (values_of(t) if t._memory is not None else None) if isinstance(t, Tensor) else [t]
            if v is None:
                return blank(Size(shape), kind if d is None else d, where)
            spread_out.extend(v)
        flat = spread_out
        d = kind if d is None else d
    known = True
    if d is None:
        level = -1
        for v in flat:
            k = v.__class__
            if _kdex.is_unknown(v):
                known = False
            r = 2 if k is float else 1 if k is int else 0 if k is bool else scalar_level(v)
            if r > level:
                level = r
        d = (
            get_default_dtype()
            if level == 2 or level == -1
            else int64
            if level == 1
            else _bool_type
            if level == 0
            else default_complex()
        )
    elif d._level < 3:
        for v in flat:
            if v.__class__ is not int and v.__class__ is not float and _kdex.is_unknown(v):
                known = False
    if not known:
        return blank(Size(shape), d, where)
    to = rounder(d)
    return valued(Size(shape), d, where, [to(v) for v in flat])


def scalar_level(v):
    if _kdex.is_unknown(v):
        return -2
    if isinstance(v, float):
        return 2
    if isinstance(v, complex):
        return 3
    if isinstance(v, int):
        return 1
    if hasattr(v, "dtype") and hasattr(v, "item"):
        return scalar_level(v.item()) if not isinstance(v.item(), bool) else 0
    if v is None:
        raise RuntimeError("Could not infer dtype of NoneType")
    raise RuntimeError("Could not infer dtype of " + v.__class__.__name__)


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    t = make_tensor(data, dtype, device)
    if requires_grad:
        t.requires_grad_(True)
    return t


def as_tensor(data, dtype=None, device=None):
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return make_tensor(data, dtype, device)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    return as_tensor(obj, dtype, device)


def scalar_tensor(
    s, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False
):
    return make_tensor(s, get_default_dtype() if dtype is None else dtype, device)


def from_numpy(ndarray):
    array = ndarray
    import torch._dtypes as kinds

    name = str(array.dtype)
    d = getattr(kinds, "bool" if name == "bool" else name, None)
    if d is None:
        raise TypeError("can't convert np.ndarray of type numpy.%s." % name)
    shape = Size(array.shape)
    flat = (
        [x.item() if hasattr(x, "item") else x for x in array.reshape(-1).tolist()]
        if product(shape) <= KNOWN
        else None
    )
    t = valued(shape, d, as_device("cpu"), flat)
    return t


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    n = (len(buffer) - offset) // dtype.itemsize if count < 0 else count
    return blank(Size((n,)), dtype, as_device("cpu"))


def from_file(
    filename, shared=None, size=0, *, dtype=None, layout=None, device=None, pin_memory=False
):
    return blank(Size((size,)), get_default_dtype() if dtype is None else dtype, as_device("cpu"))


def from_dlpack(ext_tensor, **kwargs):
    return ext_tensor


def complex_(real, imag, *, out=None):
    return blank(broadcast(real.shape, imag.shape), real.dtype.to_complex(), real.device)


def polar(abs, angle, *, out=None):
    if not isinstance(abs, Tensor) or not isinstance(angle, Tensor):
        raise TypeError("polar(): argument 'abs' (position 1) must be Tensor")
    if abs.dtype is not angle.dtype:
        raise RuntimeError(
            "Expected object of scalar type %s but got scalar type %s for second argument"
            % (abs.dtype._scalar_name, angle.dtype._scalar_name)
        )
    return blank(broadcast(abs.shape, angle.shape), abs.dtype.to_complex(), abs.device)


def tril_indices(row, col, offset=0, *, dtype=int64, layout=None, device=None, pin_memory=False):
    pairs = [(i, j) for i in range(row) for j in range(col) if j - i <= offset]
    return valued(
        Size((2, len(pairs))),
        dtype,
        as_device(device),
        [p[0] for p in pairs] + [p[1] for p in pairs],
    )


def triu_indices(row, col, offset=0, *, dtype=int64, layout=None, device=None, pin_memory=False):
    pairs = [(i, j) for i in range(row) for j in range(col) if j - i >= offset]
    return valued(
        Size((2, len(pairs))),
        dtype,
        as_device(device),
        [p[0] for p in pairs] + [p[1] for p in pairs],
    )


def window(
    window_length,
    periodic=True,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
    **kwargs,
):
    return empty(window_length, dtype=dtype, device=device)


import _kdex  # noqa: E402
from torch._tensor import Tensor  # noqa: E402
from torch._elementwise import KNOWN, blank, filled, valued, values_of  # noqa: E402
from torch._shapes import broadcast  # noqa: E402
from torch._views import _kept_strides as kept_strides  # noqa: E402
