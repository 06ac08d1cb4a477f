# numpy: functions that put the elements of arrays elsewhere (transpose, concatenate, split, repeat, pad, ...).
import itertools as _itertools
import math as _math

from numpy import array, ndarray


def _axis(axis, ndim):
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis {axis} is out of bounds for array of dimension {ndim}")
    return axis % ndim


def _steps(shape):
    out, step = [], 1
    for n in reversed(shape):
        out.insert(0, step)
        step *= n
    return out


def _gather(a, shape, place):
    """The array of `shape` whose element at an index is a's at place(index)."""
    steps = _steps(a.shape)
    d = [
        a._d[sum([i * s for i, s in zip(place(at), steps)])]
        for at in _itertools.product(*map(range, shape))
    ]
    return ndarray(d, shape, a.dtype)


def transpose(a, axes=None):
    a = array(a)
    order = list(range(a.ndim))[::-1] if axes is None else [_axis(x, a.ndim) for x in axes]
    if sorted(order) != list(range(a.ndim)):
        raise ValueError("axes don't match array")
    back = [order.index(i) for i in range(a.ndim)]
    return _gather(a, tuple(a.shape[i] for i in order), lambda at: [at[i] for i in back])


def swapaxes(a, first, second):
    a = array(a)
    order = list(range(a.ndim))
    first, second = _axis(first, a.ndim), _axis(second, a.ndim)
    order[first], order[second] = order[second], order[first]
    return transpose(a, order)


def moveaxis(a, source, destination):
    a = array(a)
    order = list(range(a.ndim))
    order.insert(_axis(destination, a.ndim), order.pop(_axis(source, a.ndim)))
    return transpose(a, order)


def expand_dims(a, axis):
    a = array(a)
    axes = sorted(
        _axis(x, a.ndim + 1) for x in (axis if isinstance(axis, (tuple, list)) else (axis,))
    )
    shape = list(a.shape)
    for x in axes:
        shape.insert(x, 1)
    return a.reshape(shape)


def squeeze(a, axis=None):
    a = array(a)
    drop = (
        [i for i, n in enumerate(a.shape) if n == 1]
        if axis is None
        else [_axis(x, a.ndim) for x in (axis if isinstance(axis, tuple) else (axis,))]
    )
    if any(a.shape[i] != 1 for i in drop):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return a.reshape([n for i, n in enumerate(a.shape) if i not in drop])


def concatenate(arrays, axis=0, dtype=None, **kw):
    arrays = [array(a) for a in arrays]
    if not arrays:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        arrays, axis = [a.reshape(-1) for a in arrays], 0
    first = arrays[0]
    axis = _axis(axis, first.ndim)
    for a in arrays:
        if a.ndim != first.ndim or any(
            n != m for i, (n, m) in enumerate(zip(a.shape, first.shape)) if i != axis
        ):
            raise ValueError(
                "all the input array dimensions except for the concatenation axis must match exactly"
            )
    runs = [_math.prod(a.shape[axis:]) for a in arrays]
    d = [
        v
        for row in range(_math.prod(first.shape[:axis]))
        for a, n in zip(arrays, runs)
        for v in a._d[row * n : (row + 1) * n]
    ]
    shape = (*first.shape[:axis], sum([a.shape[axis] for a in arrays]), *first.shape[axis + 1 :])
    kinds = [a.dtype for a in arrays]
    kind = next((k for k in kinds if k.kind == "f"), kinds[0])
    return ndarray(d, shape, kind) if dtype is None else ndarray(d, shape, kind).astype(dtype)


def stack(arrays, axis=0, **kw):
    arrays = [array(a) for a in arrays]
    if any(a.shape != arrays[0].shape for a in arrays):
        raise ValueError("all input arrays must have the same shape")
    return concatenate([expand_dims(a, axis) for a in arrays], axis)


def _at_least(a, n):
    a = array(a)
    return a if a.ndim >= n else a.reshape((1,) * (n - a.ndim) + tuple(a.shape))


def atleast_1d(a):
    return _at_least(a, 1)


def atleast_2d(a):
    return _at_least(a, 2)


def vstack(arrays):
    return concatenate([_at_least(a, 2) for a in arrays])


def hstack(arrays):
    arrays = [_at_least(a, 1) for a in arrays]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


def _cuts(a, cuts, axis):
    axis = _axis(axis, a.ndim)
    front = (slice(None),) * axis
    return [a[(*front, slice(i, j))] for i, j in zip([0, *cuts], [*cuts, a.shape[axis]])]


def array_split(a, sections, axis=0):
    a = array(a)
    if isinstance(sections, (list, tuple, ndarray)):
        return _cuts(a, [int(i) for i in sections], axis)
    if sections <= 0:
        raise ValueError("number sections must be larger than 0.")
    each, more = divmod(a.shape[_axis(axis, a.ndim)], sections)
    return _cuts(
        a, list(_itertools.accumulate([each + 1] * more + [each] * (sections - more)))[:-1], axis
    )


def split(a, sections, axis=0):
    if not isinstance(sections, (list, tuple, ndarray)) and array(a).shape[axis] % sections:
        raise ValueError("array split does not result in an equal division")
    return array_split(a, sections, axis)


def repeat(a, repeats, axis=None):
    a = array(a)
    if axis is None:
        a, axis = a.reshape(-1), 0
    axis = _axis(axis, a.ndim)
    counts = [int(n) for n in array(repeats).reshape(-1)._d]
    counts = counts * a.shape[axis] if len(counts) == 1 else counts
    if len(counts) != a.shape[axis]:
        raise ValueError(
            f"operands could not be broadcast together with shape ({a.shape[axis]},) ({len(counts)},)"
        )
    source = [i for i, n in enumerate(counts) for _ in range(n)]
    return _gather(
        a,
        (*a.shape[:axis], len(source), *a.shape[axis + 1 :]),
        lambda at: [*at[:axis], source[at[axis]], *at[axis + 1 :]],
    )


def tile(a, reps):
    reps = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    a = _at_least(a, len(reps))
    reps = (1,) * (a.ndim - len(reps)) + reps
    return _gather(
        a,
        tuple(n * r for n, r in zip(a.shape, reps)),
        lambda at: [i % n for i, n in zip(at, a.shape)],
    )


def flip(a, axis=None):
    a = array(a)
    axes = (
        range(a.ndim)
        if axis is None
        else [_axis(x, a.ndim) for x in (axis if isinstance(axis, tuple) else (axis,))]
    )
    return _gather(
        a, a.shape, lambda at: [a.shape[k] - 1 - i if k in axes else i for k, i in enumerate(at)]
    )


def broadcast_to(a, shape):
    a, shape = array(a), tuple(shape)
    own = (1,) * (len(shape) - a.ndim) + tuple(a.shape)
    if len(own) > len(shape) or any(n not in (1, m) for n, m in zip(own, shape)):
        raise ValueError(
            f"operands could not be broadcast together with remapped shapes [original->remapped]: {a.shape} and requested shape {shape}"
        )
    return _gather(a.reshape(own), shape, lambda at: [i if n > 1 else 0 for i, n in zip(at, own)])


def meshgrid(*arrays, indexing="xy", **kw):
    arrays = [array(a).reshape(-1) for a in arrays]
    shape = tuple(a.shape[0] for a in arrays)
    out = [
        broadcast_to(a.reshape([n if k == i else 1 for k, n in enumerate(shape)]), shape)
        for i, a in enumerate(arrays)
    ]
    return [swapaxes(a, 0, 1) for a in out] if indexing == "xy" and len(out) > 1 else out


def pad(a, pad_width, mode="constant", constant_values=0, **kw):
    if mode != "constant":
        raise NotImplementedError("numpy.pad with mode " + repr(mode))
    a = array(a)
    w = pad_width
    widths = (
        [(w, w)] * a.ndim
        if isinstance(w, int)
        else [tuple(w)] * a.ndim
        if isinstance(w[0], int)
        else [tuple(x) for x in w]
    )
    widths = widths * a.ndim if len(widths) == 1 else widths
    shape = tuple(n + before + after for n, (before, after) in zip(a.shape, widths))
    steps, d = _steps(a.shape), []
    for at in _itertools.product(*map(range, shape)):
        inner = [i - before for i, (before, _) in zip(at, widths)]
        inside = all(0 <= i < n for i, n in zip(inner, a.shape))
        d.append(a._d[sum([i * s for i, s in zip(inner, steps)])] if inside else constant_values)
    return ndarray(d, shape, a.dtype)


def _triangle(a, keep):
    a = array(a)
    rows, columns = a.shape[-2:]
    d = [v if keep(n // columns % rows, n % columns) else type(v)(0) for n, v in enumerate(a._d)]
    return ndarray(d, a.shape, a.dtype)


def triu(a, k=0):
    return _triangle(a, lambda i, j: j - i >= k)


def tril(a, k=0):
    return _triangle(a, lambda i, j: j - i <= k)


def diff(a, n=1, axis=-1):
    a = array(a)
    axis = _axis(axis, a.ndim)
    front = (slice(None),) * axis
    for _ in range(n):
        a = a[(*front, slice(1, None))] - a[(*front, slice(None, -1))]
    return a


def unravel_index(indices, shape):
    def one(i):
        out = []
        for n in reversed(shape):
            out.insert(0, i % n)
            i //= n
        return tuple(out)

    if isinstance(indices, (ndarray, list, tuple)):
        return tuple(
            array(list(column)) for column in zip(*[one(int(i)) for i in array(indices)._d])
        )
    return one(int(indices))
