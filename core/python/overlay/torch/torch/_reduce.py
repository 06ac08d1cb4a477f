# Reductions, running sums, sorting.
import math as _math

import _kdex
from torch._dtypes import bool as _bool_type, float64, int64, rounder, uint8
from torch._shapes import axes, axis, broadcast, contiguous_strides, indices, product, reduced
from torch._storage import Size


class _Named(tuple):
    __slots__ = ()

    @property
    def values(self):
        return self[0]

    @property
    def indices(self):
        return self[1]


def _named(values, indices):
    return _Named((values, indices))


def _groups(t, dims):
    """For each element of the result the list of values that it comes from; None where they are not known."""
    values = values_of(t)
    if values is None:
        return None
    shape = t.shape
    if len(dims) == len(shape):
        return [values]
    kept = [
        0 if i in dims else s
        for i, s in enumerate(
            contiguous_strides([1 if i in dims else d for i, d in enumerate(shape)])
        )
    ]
    groups = [[] for _ in range(product([d for i, d in enumerate(shape) if i not in dims]))]
    for at, v in zip(indices(shape), values):
        p = 0
        for k, s in zip(at, kept):
            p += k * s
        groups[p].append(v)
    return groups


def reduce_values(t, dim, keepdim, d, function):
    dims = axes(dim, len(t.shape))
    shape = reduced(t.shape, dims, keepdim)
    if function is not None:
        groups = _groups(t, dims)
        if groups is not None and (
            not groups or groups[0] or function is _total or function is _product
        ):
            to = rounder(d)
            return valued(shape, d, t.device, [to(function(g)) for g in groups])
    return blank(shape, d, t.device)


def _total(v):
    return sum(v)


def _product(v):
    p = 1
    for x in v:
        p = p * x
    return p


def _mean(v):
    return sum(v) / len(v) if v else _math.nan


def reduce_sum(t, dim, keepdim, d):
    if d is None:
        d = t.dtype if t.dtype._level > 1 else int64
    f = fill_of(t)
    if f is not None:
        dims = axes(dim, len(t.shape))
        return filled(
            reduced(t.shape, dims, keepdim),
            d,
            t.device,
            rounder(d)(f * product([t.shape[i] for i in dims])),
        )
    return reduce_values(t, dim, keepdim, d, _total)


def reduce_prod(t, dim, keepdim, d):
    if d is None:
        d = t.dtype if t.dtype._level > 1 else int64
    return reduce_values(t, dim, keepdim, d, _product)


def reduce_mean(t, dim, keepdim, d):
    if d is None:
        d = t.dtype
        if d._level < 2:
            raise RuntimeError(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
                + (str(d) if t.device.type == "meta" else d._scalar_name)
            )
    return reduce_values(t, dim, keepdim, d, _mean)


def reduce_bool(t, dim, keepdim, function):
    return reduce_values(t, dim, keepdim, uint8 if t.dtype is uint8 else _bool_type, function)


def extreme(t, dim, keepdim, function):
    if dim is None:
        if t.numel() == 0:
            raise RuntimeError(
                "%s(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
                % function.__name__
            )
        return reduce_values(t, None, False, t.dtype, function)
    if isinstance(dim, Tensor):
        return t.maximum(dim) if function is max else t.minimum(dim)
    return _named(
        reduce_values(t, dim, keepdim, t.dtype, function), arg_extreme(t, dim, keepdim, function)
    )


def arg_extreme(t, dim, keepdim, function):
    return reduce_values(t, dim, keepdim, int64, lambda g: g.index(function(g)))


def median(t, dim, keepdim):
    def middle(g):
        return sorted(g)[(len(g) - 1) // 2]

    if dim is None:
        return reduce_values(t, None, False, t.dtype, middle)
    return _named(
        reduce_values(t, dim, keepdim, t.dtype, middle),
        reduce_values(t, dim, keepdim, int64, lambda g: g.index(middle(g))),
    )


def quantile(t, q, dim, keepdim):
    base = reduced(t.shape, axes(dim, len(t.shape)), keepdim)
    lead = q.shape if isinstance(q, Tensor) else Size()
    return blank(lead + base, t.dtype, t.device)


def cumulative(t, dim, d, function):
    a = axis(dim, len(t.shape))
    if d is None:
        d = t.dtype if t.dtype._level > 1 else int64
    values = values_of(t)
    if values is None or not t.shape:
        return blank(t.shape, d, t.device)
    to = rounder(d)
    step = contiguous_strides(t.shape)[a]
    out = [to(v) for v in values]
    for p, at in enumerate(indices(t.shape)):
        if at[a]:
            out[p] = to(function(out[p - step], out[p]))
    return valued(t.shape, d, t.device, out)


def cumulative_extreme(t, dim):
    axis(dim, len(t.shape))
    return _named(blank(t.shape, t.dtype, t.device), blank(t.shape, int64, t.device))


def _line_order(t, dim, order):
    """Reorders each line along an axis: order(list of values) gives positions; result length may be less."""
    a = axis(dim, len(t.shape))
    values = values_of(t)
    if values is None:
        return None
    if not t.shape:
        return [values[0]], [0], t.shape
    n = t.shape[a]
    inner = product(t.shape[a + 1 :])
    outer = product(t.shape[:a])
    lines = {}
    count = n
    for o in range(outer):
        for i in range(inner):
            line = [values[(o * n + k) * inner + i] for k in range(n)]
            chosen = order(line)
            count = len(chosen)
            lines[o, i] = (line, chosen)
    out, where = [], []
    for o in range(outer):
        for k in range(count):
            for i in range(inner):
                line, chosen = lines[o, i]
                out.append(line[chosen[k]])
                where.append(chosen[k])
    return out, where, t.shape[:a] + (count,) + t.shape[a + 1 :]


def _ordered(line, descending):
    return sorted(range(len(line)), key=lambda k: line[k], reverse=descending)


def sort(t, dim=-1, descending=False):
    done = _line_order(t, dim, lambda line: _ordered(line, descending)) if t.numel() else None
    if done is None:
        return _named(blank(t.shape, t.dtype, t.device), blank(t.shape, int64, t.device))
    return _named(
        valued(t.shape, t.dtype, t.device, done[0]), valued(t.shape, int64, t.device, done[1])
    )


def topk(t, k, dim=-1, largest=True):
    a = axis(dim, len(t.shape))
    if isinstance(k, Tensor):
        k = k.item()
    if t.shape and (k < 0 or k > t.shape[a]):
        raise RuntimeError("selected index k out of range")
    shape = t.shape[:a] + (k,) + t.shape[a + 1 :] if t.shape else t.shape
    done = (
        _line_order(t, dim, lambda line: _ordered(line, largest)[:k])
        if t.shape and t._memory is not None and t.numel()
        else None
    )
    if done is None:
        return _named(blank(shape, t.dtype, t.device), blank(shape, int64, t.device))
    return _named(
        valued(shape, t.dtype, t.device, done[0]), valued(shape, int64, t.device, done[1])
    )


def unique(t, in_order=True, return_inverse=False, return_counts=False, dim=None):
    values = values_of(t) if dim is None else None
    if values is None:
        n = _kdex.unknown("torch.unique")
        shape = (
            Size((n,))
            if dim is None
            else t.shape[: axis(dim, len(t.shape))] + (n,) + t.shape[axis(dim, len(t.shape)) + 1 :]
        )
        out = [blank(shape, t.dtype, t.device)]
        if return_inverse:
            out.append(blank(t.shape if dim is None else Size((t.shape[dim],)), int64, t.device))
        if return_counts:
            out.append(blank(Size((n,)), int64, t.device))
        return out[0] if len(out) == 1 else tuple(out)
    if in_order is None:
        kept, inverse, counts = [], [], []
        for v in values:
            if not kept or kept[-1] != v:
                kept.append(v)
                counts.append(0)
            counts[-1] += 1
            inverse.append(len(kept) - 1)
    else:
        kept = sorted(set(values))
        at = {v: i for i, v in enumerate(kept)}
        inverse = [at[v] for v in values]
        counts = [0] * len(kept)
        for i in inverse:
            counts[i] += 1
    out = [valued(Size((len(kept),)), t.dtype, t.device, kept)]
    if return_inverse:
        out.append(valued(t.shape, int64, t.device, inverse))
    if return_counts:
        out.append(valued(Size((len(kept),)), int64, t.device, counts))
    return out[0] if len(out) == 1 else tuple(out)


def bincount(t, weights=None, minlength=0):
    if len(t.shape) != 1:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    values = values_of(t)
    if values is None:
        return blank(
            Size((_kdex.unknown("torch.bincount"),)),
            int64 if weights is None else float64,
            t.device,
        )
    out = [0] * max(minlength, (max(values) + 1) if values else 0)
    for v in values:
        out[v] += 1
    return valued(Size((len(out),)), int64, t.device, out)


def clamp(t, low, high):
    if low is None and high is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if low is not None:
        t = binary(t, low, _clamp_low, 0, "clamp")
    if high is not None:
        t = binary(t, high, _clamp_high, 0, "clamp")
    return t


def _clamp_low(x, low):
    return x if x != x or x > low else low


def _clamp_high(x, high):
    return x if x != x or x < high else high


def softmax(t, dim, d, log):
    a = axis(dim, len(t.shape))
    d = t.dtype if d is None else d
    values = values_of(t)
    if values is None or d._level != 2:
        return blank(t.shape, d, t.device)
    out = list(values)
    shape = t.shape if t.shape else (1,)
    n, inner = shape[a], product(shape[a + 1 :])
    to = rounder(d)
    for o in range(product(shape[:a])):
        for i in range(inner):
            at = [(o * n + k) * inner + i for k in range(n)]
            top = max([values[p] for p in at])
            powers = [_math.exp(values[p] - top) for p in at]
            total = sum(powers)
            for p, e in zip(at, powers):
                out[p] = to(_math.log(e / total) if log and e else e / total)
    return valued(t.shape, d, t.device, out)


def equal(a, b):
    if a.shape != b.shape:
        return False
    if a is b:
        return True
    va, vb = values_of(a), values_of(b)
    fa, fb = fill_of(a), fill_of(b)
    if fa is not None and fb is not None:
        return fa == fb
    if va is None or vb is None:
        return _kdex.unknown("torch.equal")
    return va == vb


def allclose(a, b, rtol=1e-05, atol=1e-08):
    broadcast(a.shape, b.shape)
    r = a.isclose(b, rtol, atol)
    v = values_of(r)
    return all(v) if v is not None else _kdex.unknown("torch.allclose")


from torch._tensor import Tensor  # noqa: E402
from torch._elementwise import binary, blank, fill_of, filled, valued, values_of  # noqa: E402
