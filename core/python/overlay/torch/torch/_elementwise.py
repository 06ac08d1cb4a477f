# Element-by-element operations: shape by broadcasting, type by promotion, values where they are known.
import math as _math

import _kdex
from torch._dtypes import bool as _bool_type
from torch._dtypes import (
    default_complex,
    float32,
    float64,
    get_default_dtype,
    int64,
    promote,
    rounder,
    scalar_dtype,
)
from torch._shapes import broadcast, contiguous_strides, positions, product
from torch._storage import Memory

KNOWN = 4096  # the most elements that values are worked out for
_plain = (int, float, bool, complex)


def blank(shape, dtype, device):
    """A tensor without known values; `shape` is a Size, `device` is placed."""
    t = _new(Tensor)
    t.shape = shape
    t.dtype = dtype
    t.device = device
    return t


_new = object.__new__


def filled(shape, dtype, device, value):
    t = blank(shape, dtype, device)
    if device.type != "meta":
        m = t._memory = Memory(product(shape), dtype, device)
        m.fill = value
    return t


def valued(shape, dtype, device, values):
    """`values` in row order, of the type already; None where they are not known."""
    t = blank(shape, dtype, device)
    if values is not None and device.type != "meta":
        m = t._memory = Memory(len(values), dtype, device)
        m.values = values
    return t


def fill_of(t):
    """The one number that all elements have, or None."""
    m = t._memory
    return m.fill if m is not None else None


def values_of(t):
    """The elements in row order, or None where they are not known or too many."""
    m = t._memory
    if m is None:
        return None
    if m.values is None:
        if m.fill is None:
            return None
        n = product(t.shape)
        if n.__class__ is not int or n > KNOWN:
            return None
        return [m.fill] * n
    shape = t.shape
    values = m.values
    strides = t._strides
    if strides is None:
        n = product(shape)
        if n == len(values) and not t._offset:
            return values if not m.holes or None not in values else None
        if n > KNOWN:
            return None
        values = values[t._offset : t._offset + n]
    elif product(shape) > KNOWN:
        return None
    else:
        values = [values[p] for p in positions(shape, strides, t._offset)]
    return values if not m.holes or None not in values else None


def same_device(a, b):
    if a.device == b.device:
        return a.device
    if not b.shape and b.device.type == "cpu":
        return a.device
    if not a.shape and a.device.type == "cpu":
        return b.device
    if a.device.type == "meta" or b.device.type == "meta":
        other = b.device if a.device.type == "meta" else a.device
        raise RuntimeError("Tensor on device %s is not on the expected device meta!" % other)
    raise RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, %s and %s!"
        % (a.device, b.device)
    )


def argument_device(a, b, name, method):
    """The device of a matrix product or another kernel that takes all arguments on one device."""
    if a.device == b.device:
        return a.device
    if a.device.type == "meta" or b.device.type == "meta":
        return same_device(a, b)
    on, other = (b, a) if a.device.type == "cuda" else (a, b)
    raise RuntimeError(
        "Expected all tensors to be on the same device, but got %s is on %s, different from other tensors on %s (when checking argument in method wrapper_CUDA_%s)"
        % (name if on is b else "self", on.device, other.device, method)
    )


def common_dtype(a, b):
    """The result type of two operands: tensors with dimensions before those without, those before numbers."""
    ta, tb = isinstance(a, Tensor), isinstance(b, Tensor)
    da = a.dtype if ta else scalar_dtype(a)
    db = b.dtype if tb else scalar_dtype(b)
    if da is db:
        return da
    pa = (2 if a.shape else 1) if ta else 0
    pb = (2 if b.shape else 1) if tb else 0
    if pa == pb:
        return promote(da, db)
    if pa < pb:
        da, db = db, da
    # the one of higher priority decides unless the other is of a higher level
    if db._level <= da._level:
        if da._kind == "8" and pa and pb:
            return promote(da, db)
        return da
    if db._level == 3:
        return da.to_complex() if da._level == 2 else db
    return promote(da, db)


def spread(values, shape, wanted):
    """Values of `shape` in row order, repeated to the broadcast shape."""
    if shape == wanted:
        return values
    if not shape:
        return values * product(wanted)
    strides = contiguous_strides(shape)
    pad = len(wanted) - len(shape)
    steps = [0] * pad + [0 if d == 1 else s for d, s in zip(shape, strides)]
    return [values[p] for p in positions(wanted, steps, 0)]


def unary(t, function, kind):
    """`kind`: 0 the type stays, 1 to floating point, 2 bool, 3 real part's type."""
    d = t.dtype
    if kind == 1 and d._level < 2:
        d = get_default_dtype()
    elif kind == 2:
        d = _bool_type
    elif kind == 3 and d._level == 3:
        d = d.to_real()
    m = t._memory
    if m is not None and (m.fill is not None or m.values is not None):
        to = rounder(d)
        if m.fill is not None:
            v = _try(function, m.fill)
            if v is not None:
                return filled(t.shape, d, t.device, to(v))
        else:
            values = values_of(t)
            if values is not None:
                out = [_try(function, v) for v in values]
                if None not in out:
                    return valued(t.shape, d, t.device, [to(v) for v in out])
    return blank(t.shape, d, t.device)


def _try(function, *args):
    try:
        return function(*args)
    except ValueError:
        return _math.nan
    except OverflowError:
        return _math.inf
    except (ZeroDivisionError, TypeError):
        return None


def binary(a, b, function, kind, name):
    """`kind`: 0 common type, 1 to floating point, 2 bool; 4, 5 and 6 as 0 for a subtraction, integers only, neither bool nor complex.
    `function` None: never valued."""
    if isinstance(a, Tensor):
        if isinstance(b, Tensor):
            sa, sb = a.shape, b.shape
            shape = sa if sa == sb else broadcast(sa, sb)
            device = a.device if a.device is b.device else same_device(a, b)
            d = a.dtype
            if d is not b.dtype:
                d = common_dtype(a, b)
        else:
            if b.__class__ not in _plain and not _number(b):
                return NotImplemented
            shape, device = a.shape, a.device
            d = a.dtype if b.__class__ is int and a.dtype._kind != "b" else common_dtype(a, b)
    else:
        if a.__class__ not in _plain and not _number(a):
            return NotImplemented
        shape, device = b.shape, b.device
        d = b.dtype if a.__class__ is int and b.dtype._kind != "b" else common_dtype(a, b)
    inner = d
    if kind == 1:
        if d._level < 2:
            inner = d = get_default_dtype()
    elif kind == 2:
        d = _bool_type
    elif kind > 3:
        _refuse(kind, d, device, name, a, b)
    if function is None or device.type == "meta":
        return blank(shape, d, device)
    out = computed(a, b, function, shape, d, inner, device)
    if kind == 2 and not shape and device.type == "cpu" and name in _signs:
        _note(_signs[name], a, b, out)
    return out


_signs = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def _note(sign, a, b, out):
    """A comparison of numbers that the host holds as tensors is one of the program's."""
    one, other, outcome = _operand(a)[0], _operand(b)[0], fill_of(out)
    if outcome is not None and one.__class__ is int and other.__class__ is int:
        _kdex.compared(sign, one, other, outcome)


def _number(v):
    """Subclasses of the number types, numpy's numbers, symbolic sizes, unknowns."""
    return isinstance(v, _plain) or (
        v is not None and v.__class__ not in _never and not hasattr(v, "__len__")
    )


_never = (str, bytes, list, tuple, dict, set)


def _refuse(kind, d, device, name, a, b):
    if kind == 4:
        bools = (isinstance(a, Tensor) and a.dtype is _bool_type) + (
            isinstance(b, Tensor) and b.dtype is _bool_type
        )
        if d is _bool_type and bools == 2:
            raise NotImplementedError(
                "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
            )
        if bools:
            raise NotImplementedError(
                "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return
    bad = d._level > 1 if kind == 5 else d._level == 0 or d._level == 3
    if (
        device.type == "meta"
        and (name == "lshift" or name == "rshift")
        and (bad or a.dtype is _bool_type)
    ):
        raise RuntimeError(
            "%s: Expected input tensor to have an integral dtype. Got %s" % (name, a.dtype)
        )
    if bad and device.type == "meta":
        if kind == 6 and name == "div_floor":
            raise RuntimeError("%s not supported for floor_divide" % d)
    elif bad:
        raise NotImplementedError(
            "\"%s_%s\" not implemented for '%s'" % (name, device.type, d._scalar_name)
        )


def computed(a, b, function, shape, d, inner, device):
    fa, va = _operand(a)
    if fa is None and va is None:
        return blank(shape, d, device)
    fb, vb = _operand(b)
    if fb is None and vb is None:
        return blank(shape, d, device)
    to = rounder(d)
    if fa is not None and fb is not None:
        v = _try(function, fa, fb)
        if v is None:
            return blank(shape, d, device)
        return filled(shape, d, device, to(v))
    n = product(shape)
    if n.__class__ is not int or n > KNOWN:
        return blank(shape, d, device)
    if inner._level == 2 and inner is not float64:
        ti = rounder(inner)
        if fb is not None:
            fb = ti(fb)
        if fa is not None:
            fa = ti(fa)
    if fb is not None:
        out = [_try(function, x, fb) for x in spread(va, a.shape, shape)]
    elif fa is not None:
        out = [_try(function, fa, y) for y in spread(vb, b.shape, shape)]
    else:
        out = [
            _try(function, x, y)
            for x, y in zip(spread(va, a.shape, shape), spread(vb, b.shape, shape))
        ]
    if None in out:
        return blank(shape, d, device)
    return valued(shape, d, device, [to(v) for v in out])


def _operand(v):
    """(the one number, None) or (None, the values)."""
    if isinstance(v, Tensor):
        m = v._memory
        if m is None:
            return None, None
        if m.fill is not None:
            return m.fill, None
        values = values_of(v)
        if values is not None and len(values) == 1:
            return values[0], None
        return None, values
    if isinstance(v, _plain):
        return v, None
    return None, None


def write(t, values):
    """Puts known values (row order, a list, or one number) into the memory of a view; None: they are not known."""
    m = t._memory
    if m is None:
        if values is None or t.device.type == "meta":
            return
        m = own_memory(t)
    if t.device.type == "meta":
        return
    n = product(t.shape)
    one = values.__class__ is not list and values is not None
    whole = n == m.length
    if values is not None:
        to = rounder(m.dtype)
        if one:
            values = to(values)
            if whole:
                m.forget()
                m.fill = values
                return
            if m.fill is not None and m.fill == values:
                return
            if n.__class__ is int and n <= KNOWN:
                values = [values] * n
            else:
                values = None
        else:
            values = [to(v) for v in values]
            if whole and t._strides is None:
                m.values = values
                m.fill = None
                m.holes = False
                return
    if values is None:
        m.forget()
        return
    store = m.writable()
    if store is None:
        if whole and m.length <= KNOWN:
            store = m.values = [0] * m.length
            m.fill = None
        else:
            m.forget()
            return
    strides = t._strides
    if strides is None:
        store[t._offset : t._offset + n] = values
        return
    k = 0
    for p in positions(t.shape, strides, t._offset):
        store[p] = values[k]
        k += 1


def own_memory(t):
    m = t._memory
    if m is None:
        n = product(t.shape)
        strides = t._strides
        if strides is not None and n != 0:
            n = 1
            for d, s in zip(t.shape, strides):
                n = n + (d - 1) * s
        m = t._memory = Memory(n, t.dtype, t.device)
    return m


from torch._tensor import Tensor  # noqa: E402  (Tensor's own module imports this one at its end)
