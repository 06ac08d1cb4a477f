# Shapes, strides and index expressions. Dimensions may be any objects with arithmetic and comparison.
from torch._storage import Size


def dims_text(shape):
    return "[" + ", ".join([str(d) for d in shape]) + "]"


def product(shape):
    n = 1
    for d in shape:
        n = n * d
    return n


def contiguous_strides(shape):
    out = []
    step = 1
    for d in reversed(shape):
        out.append(step)
        step = step * (d if d != 0 else 1)
    out.reverse()
    return tuple(out)


def to_size(args):
    """A shape given as several dimensions or as one sequence."""
    if len(args) == 1:
        first = args[0]
        if first.__class__ is Size:
            return first
        if isinstance(first, (tuple, list)):
            return Size(first)
    return Size(args)


def axis(dim, ndim):
    if 0 <= dim < ndim:
        return dim
    n = ndim if ndim else 1
    if -n <= dim < n:
        return dim + n if dim < 0 else dim
    raise IndexError(
        "Dimension out of range (expected to be in range of [%d, %d], but got %s)"
        % (-n, n - 1, dim)
    )


def axes(dim, ndim):
    """The sorted set of axes of a reduction; None is all of them."""
    if dim is None:
        return list(range(ndim))
    if isinstance(dim, (tuple, list)):
        if not dim:
            return list(range(ndim))
        out = []
        for d in dim:
            a = axis(d, ndim)
            if a in out:
                raise RuntimeError("dim %d appears multiple times in the list of dims" % a)
            out.append(a)
        return sorted(out)
    return [axis(dim, ndim)]


def broadcast(a, b):
    if a is b or a == b:
        return a
    la, lb = len(a), len(b)
    if lb == 0:
        return a
    if la == 0:
        return b
    n = la if la > lb else lb
    out = []
    for i in range(-1, -n - 1, -1):
        x = a[i] if i >= -la else 1
        y = b[i] if i >= -lb else 1
        if y == 1:
            out.append(x)
        elif x == 1 or x == y:
            out.append(y)
        else:
            raise RuntimeError(
                "The size of tensor a (%s) must match the size of tensor b (%s) at non-singleton dimension %d"
                % (x, y, n + i)
            )
    out.reverse()
    return Size(out)


def broadcast_shapes(*shapes):
    out = Size()
    for i, s in enumerate(shapes):
        s = Size((s,)) if isinstance(s, int) else Size(s)
        try:
            out = broadcast(out, s)
        except RuntimeError:
            k = 1
            while s[-k] == 1 or out[-k] == 1 or s[-k] == out[-k]:
                k += 1
            raise RuntimeError(
                "Attempting to broadcast a dimension of length %s at -%d! Mismatching argument at index %d had %s; but expected shape should be broadcastable to %s"
                % (s[-k], k, i, tuple(s), dims_text(out))
            ) from None
    return out


def reduced(shape, dims, keepdim):
    if keepdim:
        return Size([1 if i in dims else d for i, d in enumerate(shape)])
    return Size([d for i, d in enumerate(shape) if i not in dims])


def _parts(dims):
    """The product of the plain numbers, and the other dimensions."""
    n = 1
    others = []
    for d in dims:
        if d.__class__ is int:
            n = n * d
        else:
            others.append(d)
    return n, others


def resolve_view(shape, wanted):
    """The shape that `view`/`reshape` to `wanted` gives, with -1 worked out."""
    hole = -1
    known = []
    for i, d in enumerate(wanted):
        if d == -1:
            if hole >= 0:
                raise RuntimeError("only one dimension can be inferred")
            hole = i
        elif d < 0:
            raise RuntimeError(
                "invalid shape dimension %s at index %d of shape %s" % (d, i, dims_text(wanted))
            )
        else:
            known.append(d)
    n, others = _parts(shape)
    k, symbols = _parts(known)
    for d in symbols:  # what is on both sides says nothing
        for i in range(len(others)):
            if others[i] is d or others[i] == d:
                del others[i]
                break
        else:
            k = k * d
    if hole < 0:
        if k != n or others:
            if product(known) != product(shape):
                raise RuntimeError(
                    "shape '%s' is invalid for input of size %s"
                    % (dims_text(wanted), product(shape))
                )
        return wanted if wanted.__class__ is Size else Size(wanted)
    if k == 0:
        if n == 0:
            raise RuntimeError(
                "cannot reshape tensor of 0 elements into shape %s because the unspecified dimension size -1 can be any value and is ambiguous"
                % dims_text(wanted)
            )
        raise RuntimeError(
            "shape '%s' is invalid for input of size %s" % (dims_text(wanted), product(shape))
        )
    if n % k == 0:
        rest = n // k
        for d in others:
            rest = d if rest.__class__ is int and rest == 1 else rest * d
    else:
        for d in others:
            n = n * d
        if n % k != 0:
            raise RuntimeError(
                "shape '%s' is invalid for input of size %s" % (dims_text(wanted), product(shape))
            )
        rest = n // k
    out = list(wanted)
    out[hole] = rest
    return Size(out)


def view_strides(shape, strides, wanted):
    """Strides of a view of another shape, or None where only a copy has it."""
    if product(shape) == 0:
        return contiguous_strides(wanted)
    # runs of dimensions that lie one within another, from the last
    out = [0] * len(wanted)
    v = len(wanted) - 1
    if not shape:
        return tuple([1] * len(wanted))
    base = strides[-1]
    run = 1
    in_view = 1
    for i in range(len(shape) - 1, -1, -1):
        run = run * shape[i]
        if i == 0 or (shape[i - 1] != 1 and strides[i - 1] != run * base):
            while v >= 0 and (in_view < run or wanted[v] == 1):
                out[v] = in_view * base
                in_view = in_view * wanted[v]
                v -= 1
            if in_view != run:
                return None
            if i > 0:
                base = strides[i - 1]
                run = 1
                in_view = 1
    return tuple(out) if v == -1 else None


def positions(shape, strides, offset):
    """Where the elements lie in memory, in row order."""
    out = [offset]
    for d, s in zip(shape, strides):
        steps = range(0, d * s, s) if s else [0] * d
        out = [p + k for p in out for k in steps]
    return out


def indices(shape):
    """All index tuples in row order."""
    out = [()]
    for d in shape:
        steps = range(d)
        out = [p + (k,) for p in out for k in steps]
    return out


def sliced(size, key):
    """start, length, step of a slice over a dimension."""
    step = key.step
    if step is None:
        step = 1
    elif step <= 0:
        raise ValueError("step must be greater than zero")
    start, stop = key.start, key.stop
    if start is None:
        start = 0
    else:
        start = whole(start)
        if start < 0:
            start = start + size
            if start < 0:
                start = 0
        elif start > size:
            start = size
    if stop is None:
        stop = size
    else:
        stop = whole(stop)
        if stop < 0:
            stop = stop + size
            if stop < 0:
                stop = 0
        elif stop > size:
            stop = size
    n = stop - start
    if n <= 0:
        return start, 0, step
    if step == 1:
        return start, n, 1
    return start, (n + step - 1) // step, step


def whole(v):
    """A tensor of one element as its number; anything else as it is."""
    if v.__class__ is int:
        return v
    item = getattr(v, "item", None)
    return item() if item is not None else v
