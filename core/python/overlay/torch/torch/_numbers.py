# Scalar functions behind the element-by-element operations.
import math as _math
from operator import (
    add as _add,
    and_ as _and,
    eq as _eq,
    floordiv as _int_floordiv,
    ge as _ge,
    gt as _gt,
    invert as _invert,
    le as _le,
)
from operator import (
    lt as _lt,
    mul as _mul,
    ne as _ne,
    neg as _neg,
    not_ as _not,
    or_ as _or,
    sub as _sub,
    xor as _xor,
)


def _div(a, b):
    if b == 0:
        if a.__class__ is complex or b.__class__ is complex:
            return complex(_math.nan, _math.nan)
        return (
            _math.nan
            if a == 0 or a != a
            else (_math.inf if (a > 0) == (_math.copysign(1, b) > 0) else -_math.inf)
        )
    return a / b


def _floordiv(a, b):
    if b == 0:
        if a.__class__ is int and b.__class__ is int:
            raise RuntimeError("ZeroDivisionError")
        return _div(a, b)
    return _int_floordiv(a, b)


def _truncdiv(a, b):
    if b == 0:
        return _floordiv(a, b)
    if a.__class__ is int and b.__class__ is int:
        q = abs(a) // abs(b)
        return q if (a >= 0) == (b > 0) else -q
    return float(_math.trunc(a / b))


def _mod(a, b):
    if b == 0:
        if a.__class__ is int and b.__class__ is int:
            raise RuntimeError("ZeroDivisionError")
        return _math.nan
    return a % b


def _fmod(a, b):
    if b == 0:
        return _mod(a, b)
    if a.__class__ is int and b.__class__ is int:
        r = abs(a) % abs(b)
        return r if a >= 0 else -r
    return _math.fmod(a, b)


def _pow(a, b):
    if a.__class__ is int and b.__class__ is int and b < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    if a == 0 and b < 0:
        return _math.inf
    r = a**b
    return _math.nan if r.__class__ is complex and a.__class__ is not complex else r


def _lshift(a, b):
    return a << b if b >= 0 else 0


def _rshift(a, b):
    return a >> b if b >= 0 else 0


def _logical_and(a, b):
    return a != 0 and b != 0


def _logical_or(a, b):
    return a != 0 or b != 0


def _logical_xor(a, b):
    return (a != 0) != (b != 0)


def _maximum(a, b):
    return a if a != a or a > b else b


def _minimum(a, b):
    return a if a != a or a < b else b


def _logaddexp(a, b):
    m = max(a, b)
    return m + _math.log(_math.exp(a - m) + _math.exp(b - m))


def _ldexp(a, b):
    return a * 2.0**b


def _exp2(x):
    return 2.0**x


def _log(x):
    return _math.log(x) if x != 0 else -_math.inf


def _log2(x):
    return _math.log2(x) if x != 0 else -_math.inf


def _log10(x):
    return _math.log10(x) if x != 0 else -_math.inf


def _rsqrt(x):
    return 1.0 / _math.sqrt(x) if x != 0 else _math.inf


def _reciprocal(x):
    return _div(1.0, x)


def _sigmoid(x):
    return 1.0 / (1.0 + _math.exp(-x)) if x > -700 else 0.0


def _logit(x):
    return _math.log(x / (1.0 - x))


def _floor(x):
    return x if x.__class__ is not float or x - x != 0 else float(_math.floor(x))


def _ceil(x):
    return x if x.__class__ is not float or x - x != 0 else float(_math.ceil(x))


def _trunc(x):
    return x if x.__class__ is not float or x - x != 0 else float(_math.trunc(x))


def _round(x):
    return x if x.__class__ is not float or x - x != 0 else float(round(x))


def _frac(x):
    return x - _math.trunc(x)


def _sign(x):
    return (x > 0) - (x < 0)


def _square(x):
    return x * x


def _relu(x):
    return x if x > 0 else 0


def _isnan(x):
    return x != x


def _isinf(x):
    return x == _math.inf or x == -_math.inf


def _isfinite(x):
    return x - x == 0


def _isneginf(x):
    return x == -_math.inf


def _isposinf(x):
    return x == _math.inf


def _signbit(x):
    return _math.copysign(1, x) < 0


def _angle(x):
    return _math.atan2(x.imag, x.real)


def _conj(x):
    return x.conjugate()


def _count(values):
    return len([v for v in values if v != 0])


def _unknown_value(x):
    return None
