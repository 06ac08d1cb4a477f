# Operations that choose, repeat or move elements.
from torch._dtypes import bool as _bool_type, int64, promote
from torch._shapes import (
    axes,
    axis,
    axis as _axis,
    broadcast,
    contiguous_strides,
    dims_text,
    indices,
    product,
)
from torch._storage import Size


def _flat(shape, strides, at):
    p = 0
    for k, s in zip(at, strides):
        p += k * s
    return p


def _by_index(t, shape, source):
    """Values of a result where element `at` is t's element `source(at)`."""
    m = t._memory
    if m is None:
        return blank(shape, t.dtype, t.device)
    if m.fill is not None:
        return filled(shape, t.dtype, t.device, m.fill)
    values = values_of(t)
    if values is None or product(shape) > KNOWN:
        return blank(shape, t.dtype, t.device)
    strides = contiguous_strides(t.shape)
    return valued(
        shape,
        t.dtype,
        t.device,
        [values[_flat(t.shape, strides, source(at))] for at in indices(shape)],
    )


def index_select(input, dim, index, *, out=None):
    a = axis(dim, len(input.shape))
    if len(index.shape) > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index.dtype._name not in ("int32", "int64"):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not input.shape:
        return blank(Size(), input.dtype, input.device)
    n = index.shape[0] if index.shape else 1
    shape = input.shape[:a] + (n,) + input.shape[a + 1 :]
    chosen = values_of(index)
    if chosen is None:
        return blank(shape, input.dtype, input.device)
    return _by_index(input, shape, lambda at: at[:a] + (chosen[at[a]],) + at[a + 1 :])


def gather(input, dim, index, *, sparse_grad=False, out=None):
    a = axis(dim, len(input.shape))
    if index.dtype is not int64:
        raise RuntimeError("gather(): Expected dtype int64 for index")
    if len(index.shape) != len(input.shape):
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for i in range(len(input.shape)):
        if i != a and index.shape[i] > input.shape[i]:
            raise RuntimeError(
                "Size does not match at dimension %d expected index %s to be no larger than self %s apart from dimension %d"
                % (i, dims_text(index.shape), dims_text(input.shape), a)
            )
    chosen = values_of(index)
    if chosen is None:
        return blank(index.shape, input.dtype, input.device)
    strides = contiguous_strides(index.shape)
    return _by_index(
        input,
        index.shape,
        lambda at: at[:a] + (chosen[_flat(index.shape, strides, at)],) + at[a + 1 :],
    )


def take_along_dim(input, indices, dim=None, *, out=None):
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    a = axis(dim, len(input.shape))
    both = broadcast(
        input.shape[:a] + (1,) + input.shape[a + 1 :],
        indices.shape[:a] + (1,) + indices.shape[a + 1 :],
    )
    return gather(
        expanded(input, both[:a] + (input.shape[a],) + both[a + 1 :]),
        a,
        expanded(indices, both[:a] + (indices.shape[a],) + both[a + 1 :]),
    )


def scatter(t, dim, index, src, reduce=None):
    a = axis(dim, len(t.shape)) if t.shape else 0
    if isinstance(src, Tensor) and src.dtype is not t.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    old = values_of(t)
    chosen = values_of(index)
    new = values_of(src) if isinstance(src, Tensor) else src
    if old is None or chosen is None or new is None or reduce not in (None, "add"):
        return blank(t.shape, t.dtype, t.device)
    out = list(old)
    strides = contiguous_strides(t.shape)
    from_strides = contiguous_strides(src.shape) if isinstance(src, Tensor) else None
    for at, k in zip(indices(index.shape), chosen):
        p = _flat(t.shape, strides, at[:a] + (k,) + at[a + 1 :])
        v = new[_flat(None, from_strides, at)] if from_strides is not None else new
        out[p] = v if reduce is None else out[p] + v
    return valued(t.shape, t.dtype, t.device, out)


def masked_select(t, mask):
    if mask.dtype is not _bool_type:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shape = broadcast(t.shape, mask.shape)
    kept = values_of(mask)
    if kept is None:
        n = _kdex.unknown("torch.masked_select")
        return blank(Size((n,)), t.dtype, t.device)
    kept = spread(kept, mask.shape, shape)
    values = values_of(t)
    n = len([k for k in kept if k])
    if values is None:
        return blank(Size((n,)), t.dtype, t.device)
    return valued(
        Size((n,)),
        t.dtype,
        t.device,
        [v for v, k in zip(spread(values, t.shape, shape), kept) if k],
    )


def masked_fill(t, mask, value):
    if mask.dtype is not _bool_type:
        raise RuntimeError(
            "masked_fill only supports boolean masks, but got mask with dtype "
            + mask.dtype._scalar_name
        )
    shape = broadcast(t.shape, mask.shape)
    kept, values = values_of(mask), values_of(t)
    if isinstance(value, Tensor):
        value = value.item() if value._memory is not None else None
    if kept is None or values is None or value is None or product(shape) > KNOWN:
        return blank(shape, t.dtype, t.device)
    return valued(
        shape,
        t.dtype,
        t.device,
        [
            rounder(t.dtype)(value) if k else v
            for v, k in zip(spread(values, t.shape, shape), spread(kept, mask.shape, shape))
        ],
    )


def repeat(t, counts):
    lead = len(counts) - len(t.shape)
    if lead < 0:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    old = Size([1] * lead) + t.shape
    shape = Size([d * c for d, c in zip(old, counts)])
    return _by_index(t, shape, lambda at: tuple([k % d for k, d in zip(at, old)])[lead:])


def _total(output_size):
    """How many rows counts that only the device has add up to, where the caller says so."""
    return output_size if output_size is not None else _kdex.unknown("torch.repeat_interleave")


def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    if repeats is None:
        n = values_of(input)
        out = [i for i, k in enumerate(n) for _ in range(k)] if n is not None else None
        return (
            valued(Size((len(out),)), int64, input.device, out)
            if out is not None
            else blank(Size((_total(output_size),)), int64, input.device)
        )
    if dim is None:
        input = input.reshape(-1)
        dim = 0
    a = axis(dim, len(input.shape))
    n = input.shape[a]
    if isinstance(repeats, Tensor):
        counts = values_of(repeats)
        if counts is None:
            total = _total(output_size)
            return blank(
                input.shape[:a] + (total,) + input.shape[a + 1 :], input.dtype, input.device
            )
        if len(counts) == 1:
            counts = counts * n
        if len(counts) != n:
            raise RuntimeError(
                "repeats must have the same size as input along dim, but got repeats.size(0) = %d and input.size(%d) = %d"
                % (len(counts), a, n)
            )
        source = [i for i, k in enumerate(counts) for _ in range(k)]
        return _by_index(
            input,
            input.shape[:a] + (len(source),) + input.shape[a + 1 :],
            lambda at: at[:a] + (source[at[a]],) + at[a + 1 :],
        )
    return _by_index(
        input,
        input.shape[:a] + (n * repeats,) + input.shape[a + 1 :],
        lambda at: at[:a] + (at[a] // repeats,) + at[a + 1 :],
    )


def flip(input, dims):
    n = len(input.shape)
    turned = axes(dims, n)
    s = input.shape
    return _by_index(
        input, s, lambda at: tuple([s[i] - 1 - k if i in turned else k for i, k in enumerate(at)])
    )


def roll(input, shifts, dims=None):
    if dims is None or dims == ():
        return roll(input.reshape(-1), shifts, 0).reshape(input.shape)
    if isinstance(shifts, int):
        shifts = (shifts,)
    if isinstance(dims, int):
        dims = (dims,)
    by = {}
    for k, d in zip(shifts, dims):
        by[axis(d, len(input.shape))] = k
    s = input.shape
    return _by_index(
        input, s, lambda at: tuple([(k - by[i]) % s[i] if i in by else k for i, k in enumerate(at)])
    )


def triangle(t, diagonal, lower):
    if len(t.shape) < 2:
        raise RuntimeError(
            "%s: input tensor must have at least 2 dimensions" % ("tril" if lower else "triu")
        )
    values = values_of(t)
    if values is None:
        return blank(t.shape, t.dtype, t.device)
    zero = rounder(t.dtype)(0)
    out = []
    for at, v in zip(indices(t.shape), values):
        k = at[-1] - at[-2] - diagonal
        out.append(v if (k <= 0 if lower else k >= 0) else zero)
    return valued(t.shape, t.dtype, t.device, out)


def nonzero(input, *, as_tuple=False, out=None):
    values = values_of(input)
    n = len(input.shape)
    if values is None:
        count = _kdex.unknown("torch.nonzero")
        if as_tuple:
            return tuple([blank(Size((count,)), int64, input.device) for _ in range(n)])
        return blank(Size((count, n)), int64, input.device)
    found = [at for at, v in zip(indices(input.shape), values) if v != 0]
    r = valued(
        Size((n, len(found))), int64, input.device, [at[i] for i in range(n) for at in found]
    )
    return r.unbind(0) if as_tuple else r.t()


def where(condition, input=None, other=None, *, out=None):
    if input is None:
        return nonzero(condition, as_tuple=True)
    if not isinstance(condition, Tensor):
        raise TypeError(
            "where(): argument 'condition' (position 1) must be Tensor, not "
            + condition.__class__.__name__
        )
    d = common_dtype(input, other)
    shape = condition.shape
    device = condition.device
    for x in (input, other):
        if isinstance(x, Tensor):
            shape = broadcast(shape, x.shape)
            if not device == x.device and device.type == "cpu":
                device = x.device
    c = values_of(condition)
    if c is None or product(shape) > KNOWN:
        return blank(shape, d, device)
    c = spread(c, condition.shape, shape)
    sides = []
    for x in (input, other):
        if isinstance(x, Tensor):
            v = values_of(x)
            if v is None:
                return blank(shape, d, device)
            sides.append(spread(v, x.shape, shape))
        else:
            sides.append([x] * len(c))
    to = rounder(d)
    return valued(shape, d, device, [to(x if k else y) for k, x, y in zip(c, sides[0], sides[1])])


def cat(tensors, dim=0, *, out=None, axis=None):
    if axis is not None:
        dim = axis
    if isinstance(tensors, Tensor):
        raise TypeError(
            "cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor"
        )
    tensors = list(tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for i, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            if _kdex.is_unknown(t):
                return _kdex.unknown("torch.cat")
            raise TypeError(
                "expected Tensor as element %d in argument 0, but got %s"
                % (i, t.__class__.__name__)
            )
    d = tensors[0].dtype
    for t in tensors[1:]:
        if t.dtype is not d:
            d = promote(d, t.dtype)
    kept = [t for t in tensors if t.shape != (0,)]
    if not kept:
        return blank(Size((0,)), d, tensors[0].device)
    first = kept[0]
    n = len(first.shape)
    if n == 0:
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    a = _axis(dim, n)
    total = first.shape[a]
    for i, t in enumerate(kept[1:]):
        if len(t.shape) != n:
            raise RuntimeError(
                "Tensors must have same number of dimensions: got %d and %d" % (n, len(t.shape))
            )
        for k in range(n):
            if k != a and t.shape[k] != first.shape[k]:
                raise RuntimeError(
                    "Sizes of tensors must match except in dimension %d. Expected size %s but got size %s for tensor number %d in the list."
                    % (a, first.shape[k], t.shape[k], i + 1)
                )
        total = total + t.shape[a]
        if t.device != first.device:
            argument_device(first, t, "tensors", "cat")
    shape = first.shape[:a] + (total,) + first.shape[a + 1 :]
    made = blank(shape, d, first.device)
    if product(shape) <= KNOWN:
        parts = [values_of(t) for t in kept]
        if None not in parts:
            lead = product(shape[:a])
            rows = [product(t.shape[a:]) for t in kept]
            values = []
            for i in range(lead):
                for v, k in zip(parts, rows):
                    values.extend(v[i * k : (i + 1) * k])
            if any([t.dtype is not d for t in kept]):
                to = rounder(d)
                values = [to(v) for v in values]
            made = valued(shape, d, first.device, values)
    if out is not None:
        out.data = made
        return out
    return made


def stack(tensors, dim=0, *, out=None, axis=None):
    if axis is not None:
        dim = axis
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for i, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            if _kdex.is_unknown(t):
                return _kdex.unknown("torch.stack")
            raise TypeError(
                "expected Tensor as element %d in argument 0, but got %s"
                % (i, t.__class__.__name__)
            )
    first = tensors[0].shape
    for i, t in enumerate(tensors):
        if t.shape != first:
            raise RuntimeError(
                "stack expects each tensor to be equal size, but got %s at entry 0 and %s at entry %d"
                % (dims_text(first), dims_text(t.shape), i)
            )
    a = _axis(dim, len(first) + 1)
    return cat([t.unsqueeze(a) for t in tensors], a, out=out)


import _kdex  # noqa: E402
from torch._dtypes import rounder  # noqa: E402
from torch._tensor import Tensor  # noqa: E402
from torch._elementwise import (
    KNOWN,
    argument_device,
    blank,
    common_dtype,
    filled,
    spread,
    valued,
    values_of,
)  # noqa: E402
from torch._views import expanded  # noqa: E402
