# numpy: dtypes, and arrays of plain numbers as configuration code and constructors use them (sizes,
# schedules, tables). Data is a flat list in row order; no strides, no views: a slice is a copy.
import math as _math

pi, e, inf, nan = _math.pi, _math.e, _math.inf, _math.nan
Inf, NaN, newaxis = inf, nan, None
__version__ = "2.1.0"


class generic:
    pass


class number(generic):
    pass


class integer(number):
    pass


class signedinteger(integer):
    pass


class unsignedinteger(integer):
    pass


class floating(number):
    pass


def _int_type(name, bits, signed):
    def __new__(cls, v=0):
        v = int(v)
        if not signed:
            return int.__new__(cls, v % 2**bits)
        return int.__new__(cls, (v + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1))

    base = signedinteger if signed else unsignedinteger
    return type(
        name,
        (int, base),
        {
            "__new__": __new__,
            "itemsize": bits // 8,
            "dtype": property(lambda s: dtype(type(s))),
            "item": lambda s: int(s),
            "__repr__": lambda s: f"np.{name}({int(s)})",
            "__str__": lambda s: int.__repr__(s),
            "__module__": "numpy",
        },
    )


def _float_type(name, bits):
    return type(
        name,
        (float, floating),
        {
            "itemsize": bits // 8,
            "dtype": property(lambda s: dtype(type(s))),
            "item": lambda s: float(s),
            "__repr__": lambda s: f"np.{name}({float(s)!r})",
            "__str__": lambda s: float.__repr__(s),
            "__module__": "numpy",
        },
    )


int8, int16, int32, int64 = [_int_type(f"int{b}", b, True) for b in (8, 16, 32, 64)]
uint8, uint16, uint32, uint64 = [_int_type(f"uint{b}", b, False) for b in (8, 16, 32, 64)]
float16, float32, float64 = [_float_type(f"float{b}", b) for b in (16, 32, 64)]
intp = int_ = longlong = int64
single, double, half = float32, float64, float16
ubyte, byte = uint8, int8


class bool_(generic):
    itemsize = 1

    def __new__(cls, v=False):
        return bool(v)


class complex64(generic):
    itemsize = 8


class complex128(generic):
    itemsize = 16


class str_(str, generic):
    itemsize = 4


class object_(generic):
    itemsize = 8


_BY_NAME = {
    **{
        t.__name__: t
        for t in (
            int8,
            int16,
            int32,
            int64,
            uint8,
            uint16,
            uint32,
            uint64,
            float16,
            float32,
            float64,
            complex64,
            complex128,
        )
    },
    "bool": bool_,
    "int": int64,
    "float": float64,
    "object": object_,
    "f4": float32,
    "f8": float64,
    "f2": float16,
    "i4": int32,
    "i8": int64,
    "u1": uint8,
    "O": object_,
}


class dtype:
    def __new__(cls, t=None):
        if isinstance(t, dtype):
            return t
        self = object.__new__(cls)
        if t is None:
            t = float64
        if isinstance(t, str):
            k = t.lstrip("<>=|")
            if k not in _BY_NAME:
                raise TypeError(f"data type {t!r} not understood")
            t = _BY_NAME[k]
        self.type = {
            int: int64,
            float: float64,
            bool: bool_,
            object: object_,
            str: str_,
            complex: complex128,
        }.get(t, t)
        return self

    @property
    def name(self):
        return "bool" if self.type is bool_ else self.type.__name__.rstrip("_")

    itemsize = property(lambda s: s.type.itemsize)
    kind = property(
        lambda s: (
            "b"
            if s.type is bool_
            else "u"
            if issubclass(s.type, unsignedinteger)
            else "i"
            if issubclass(s.type, integer)
            else "f"
            if issubclass(s.type, floating)
            else "O"
        )
    )

    def __eq__(self, o):
        try:
            return self.type is dtype(o).type
        except TypeError:
            return False

    def __hash__(self):
        return hash(self.type)

    def __repr__(self):
        return f"dtype('{self.name}')"

    def __str__(self):
        return self.name


class finfo:
    _F = {
        "float16": (65504.0, 0.0009765625, 6.103515625e-05),
        "float32": (3.4028234663852886e38, 1.1920928955078125e-07, 1.1754943508222875e-38),
        "float64": (1.7976931348623157e308, 2.220446049250313e-16, 2.2250738585072014e-308),
    }

    def __init__(self, t):
        self.dtype = dtype(t)
        self.max, self.eps, self.tiny = self._F[self.dtype.name]
        self.min, self.smallest_normal, self.bits = -self.max, self.tiny, self.dtype.itemsize * 8


class iinfo:
    def __init__(self, t):
        d = dtype(t)
        self.bits = d.itemsize * 8
        self.min, self.max = (
            (0, 2**self.bits - 1)
            if d.kind == "u"
            else (-(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1)
        )


def _flatten(x):
    """(flat list, shape) of nested lists."""
    if isinstance(x, ndarray):
        return list(x._d), x.shape
    if isinstance(x, (list, tuple, range)):
        parts = [_flatten(v) for v in x]
        if not parts:
            return [], (0,)
        for p in parts:
            if p[1] != parts[0][1]:
                raise ValueError(
                    "setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 dimensions."
                )
        return [v for p in parts for v in p[0]], (len(parts), *parts[0][1])
    if hasattr(x, "__iter__") and not isinstance(x, (str, bytes)):
        return _flatten(list(x))
    if isinstance(x, number):
        x = x.item()
    return [x], ()


def _kind_of(values):
    if all([isinstance(v, bool) for v in values]) and values:
        return bool_
    if all([isinstance(v, int) for v in values]) and values:
        return int64
    if all([isinstance(v, (int, float)) for v in values]):
        return float64
    return object_


def _binary(cls, name, f):
    def op(self, o):
        if isinstance(o, (list, tuple)):
            o = array(o)
        if isinstance(o, ndarray):
            a, b = _broadcast(self, o)
            d = [f(x, y) for x, y in zip(a._d, b._d)]
            return ndarray(d, a.shape, _kind_of(d))
        d = [f(x, o) for x in self._d]
        return ndarray(d, self.shape, _kind_of(d))

    def rop(self, o):
        d = [f(o, x) for x in self._d]
        return ndarray(d, self.shape, _kind_of(d))

    setattr(cls, f"__{name}__", op)
    if name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
        setattr(cls, f"__r{name}__", rop)


_OPS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "pow": lambda a, b: a**b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def _with_operators(cls):
    for name, f in _OPS.items():
        _binary(cls, name, f)
    cls.__hash__ = None
    return cls


@_with_operators
class ndarray:
    def __init__(self, data, shape, dt):
        self._d, self.shape, self.dtype = data, tuple(shape), dtype(dt)

    ndim = property(lambda s: len(s.shape))
    size = property(lambda s: len(s._d))
    itemsize = property(lambda s: s.dtype.itemsize)
    nbytes = property(lambda s: s.size * s.itemsize)

    @property
    def T(self):
        return self.transpose()

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def _scalar(self, v):
        t = self.dtype.type
        return t(v) if issubclass(t, (int, float)) else v

    def _row(self, i):
        n = self.shape[0]
        if not -n <= i < n:
            raise IndexError(f"index {i} is out of bounds for axis 0 with size {n}")
        i %= n
        rest = self.shape[1:]
        if not rest:
            return self._scalar(self._d[i])
        k = _math.prod(rest)
        return ndarray(self._d[i * k : (i + 1) * k], rest, self.dtype)

    def __getitem__(self, key):
        if not isinstance(key, tuple):
            key = (key,)
        if not key:
            return self
        k, rest = key[0], key[1:]
        if k is None:
            return (
                self[rest].reshape(1, *self[rest].shape)
                if rest
                else ndarray(self._d, (1, *self.shape), self.dtype)
            )
        if k is ...:
            return self[(slice(None),) * (self.ndim - len(rest)) + rest]
        if isinstance(k, ndarray) and k.dtype == bool_:
            k = [i for i, v in enumerate(k._d) if v]
        if isinstance(k, slice):
            k = list(range(*k.indices(self.shape[0])))
        elif isinstance(k, ndarray):
            k = [int(v) for v in k._d]
        if isinstance(k, (list, range)):
            rows = [self._row(i)[rest] if rest else self._row(i) for i in k]
            if not rows:
                return ndarray([], (0, *self.shape[1:]), self.dtype)
            d, s = _flatten(rows)
            return ndarray(d, s, self.dtype)
        r = self._row(k.__index__())
        return r[rest] if rest else r

    def __setitem__(self, key, value):
        if isinstance(key, slice):
            idx = list(range(*key.indices(self.shape[0])))
        elif isinstance(key, (list, ndarray)):
            keys = array(key)
            if keys.dtype == bool_:
                idx = [i for i, v in enumerate(keys._d) if v]
            else:
                idx = [int(v) for v in keys._d]
        else:
            idx = [key.__index__()]
        k = _math.prod(self.shape[1:])
        d, s = _flatten(value)
        need = len(idx) * k
        if not need:
            return
        d = d * need if len(d) == 1 else d * (need // len(d)) if need % len(d) == 0 else d
        for n, i in enumerate(idx):
            i %= self.shape[0]
            self._d[i * k : (i + 1) * k] = d[n * k : (n + 1) * k]

    def __iter__(self):
        for i in range(len(self)):
            yield self._row(i)

    def tolist(self):
        if not self.shape:
            return self._d[0]
        return (
            [v.tolist() if isinstance(v, ndarray) else v for v in self]
            if self.ndim > 1
            else list(self._d)
        )

    def item(self, *a):
        if not a and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self._d[a[0] if a else 0]

    def astype(self, t, **kw):
        t = dtype(t)
        f = (
            int
            if issubclass(t.type, int)
            else float
            if issubclass(t.type, float)
            else bool
            if t.type is bool_
            else (lambda v: v)
        )
        return ndarray([f(v) for v in self._d], self.shape, t)

    def copy(self):
        return ndarray(list(self._d), self.shape, self.dtype)

    def reshape(self, *shape):
        shape = (
            list(shape[0])
            if len(shape) == 1 and isinstance(shape[0], (tuple, list))
            else list(shape)
        )
        if -1 in shape:
            known = -_math.prod(shape)
            shape[shape.index(-1)] = self.size // known if known else 0
        if _math.prod(shape) != self.size:
            raise ValueError(f"cannot reshape array of size {self.size} into shape {tuple(shape)}")
        return ndarray(list(self._d), shape, self.dtype)

    def flatten(self):
        return self.reshape(-1)

    ravel = flatten

    def transpose(self, *axes):
        return transpose(
            self,
            (list(axes[0]) if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes)
            or None,
        )

    def swapaxes(self, first, second):
        return swapaxes(self, first, second)

    def squeeze(self, axis=None):
        return squeeze(self, axis)

    def repeat(self, repeats, axis=None):
        return repeat(self, repeats, axis)

    def clip(self, min=None, max=None, **kw):
        return clip(self, min, max)

    def _reduce(self, f, axis):
        if axis is None or self.ndim == 1:
            v = f(self._d)
            return (float64 if isinstance(v, float) else int64)(v) if not isinstance(v, bool) else v
        axis %= self.ndim
        if axis == 0:
            k = _math.prod(self.shape[1:])
            d = [f(self._d[i::k]) for i in range(k)]
            return ndarray(d, self.shape[1:], _kind_of(d))
        d, s = _flatten([r._reduce(f, axis - 1) for r in self])
        return ndarray(d, s, _kind_of(d))

    def sum(self, axis=None, **kw):
        return self._reduce(sum, axis)

    def prod(self, axis=None, **kw):
        return self._reduce(_math.prod, axis)

    def max(self, axis=None, **kw):
        return self._reduce(max, axis)

    def min(self, axis=None, **kw):
        return self._reduce(min, axis)

    def mean(self, axis=None, **kw):
        return self._reduce(lambda d: sum(d) / len(d), axis)

    def all(self, axis=None):
        return all(self._d)

    def any(self, axis=None):
        return any(self._d)

    def argmax(self, axis=None):
        return self._d.index(max(self._d))

    def argmin(self, axis=None):
        return self._d.index(min(self._d))

    def cumsum(self, axis=None, **kw):
        out, t = [], 0
        for v in self._d:
            t += v
            out.append(t)
        return ndarray(out, (len(out),), self.dtype)

    def __bool__(self):
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
        return bool(self._d[0])

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __index__(self):
        return int(self.item())

    def __repr__(self):
        return f"array({self.tolist()!r})"

    def __contains__(self, v):
        return v in self._d

    def __neg__(self):
        return ndarray([-v for v in self._d], self.shape, self.dtype)

    def __abs__(self):
        return ndarray([abs(v) for v in self._d], self.shape, self.dtype)


def _broadcast(a, b):
    n = max(a.ndim, b.ndim)
    sa, sb = (1,) * (n - a.ndim) + a.shape, (1,) * (n - b.ndim) + b.shape
    out = []
    for x, y in zip(sa, sb):
        if x != y and 1 not in (x, y):
            raise ValueError(
                f"operands could not be broadcast together with shapes {a.shape} {b.shape} "
            )
        out.append(y if x == 1 else x)
    return _grow(a, sa, out), _grow(b, sb, out)


def _grow(a, shape, out):
    d = a._d
    for i in reversed(range(len(out))):
        if shape[i] != out[i]:
            k = _math.prod(out[i + 1 :])
            d = [v for j in range(0, len(d), k) for _ in range(out[i]) for v in d[j : j + k]]
    return ndarray(list(d), out, a.dtype)


def array(x, dtype=None, copy=True, **kw):
    d, s = _flatten(x)
    a = ndarray(d, s, x.dtype if isinstance(x, ndarray) else _kind_of(d))
    return a if dtype is None else a.astype(dtype)


asarray = ascontiguousarray = array


def _shape(s):
    return tuple(s) if isinstance(s, (tuple, list)) else (s.__index__(),)


def full(shape, fill_value, dtype=None):
    s = _shape(shape)
    return ndarray([fill_value] * _math.prod(s), s, dtype or _kind_of([fill_value]))


def zeros(shape, dtype=None, **kw):
    return full(shape, 0.0, dtype or float64).astype(dtype or float64)


def ones(shape, dtype=None, **kw):
    return full(shape, 1.0, dtype or float64).astype(dtype or float64)


empty = zeros


def zeros_like(a, dtype=None):
    return zeros(array(a).shape, dtype or array(a).dtype)


def ones_like(a, dtype=None):
    return ones(array(a).shape, dtype or array(a).dtype)


def eye(n, m=None, dtype=None):
    m = n if m is None else m
    return ndarray(
        [1.0 if i == j else 0.0 for i in range(n) for j in range(m)], (n, m), dtype or float64
    )


def arange(start, stop=None, step=1, dtype=None):
    if stop is None:
        start, stop = 0, start
    n = max(0, _math.ceil((stop - start) / step))
    d = [start + i * step for i in range(n)]
    a = ndarray(d, (n,), _kind_of(d) if d else int64)
    return a if dtype is None else a.astype(dtype)


def linspace(start, stop, num=50, endpoint=True, dtype=None, **kw):
    div = num - 1 if endpoint else num
    step = (stop - start) / div if div else 0.0
    d = [start + i * step for i in range(num)]
    if endpoint and num > 1:
        d[-1] = float(stop)
    a = ndarray([float(v) for v in d], (num,), float64)
    return a if dtype is None else a.astype(dtype)


def _map(f, kind=None):
    def run(x, *a, **kw):
        if isinstance(x, (ndarray, list, tuple)):
            v = array(x)
            d = [f(y) for y in v._d]
            return ndarray(d, v.shape, kind or _kind_of(d))
        r = f(x)
        return float64(r) if isinstance(r, float) else r

    return run


sqrt, exp, log, log2, log10, sin, cos, tan, tanh = [
    _map(f)
    for f in (
        lambda v: _math.sqrt(v) if v >= 0 else nan,
        _math.exp,
        lambda v: _math.log(v) if v > 0 else -inf if v == 0 else nan,
        lambda v: _math.log2(v) if v > 0 else -inf if v == 0 else nan,
        lambda v: _math.log10(v) if v > 0 else -inf if v == 0 else nan,
        _math.sin,
        _math.cos,
        _math.tan,
        _math.tanh,
    )
]
ceil, floor, absolute, square = (
    _map(lambda v: float(_math.ceil(v))),
    _map(lambda v: float(_math.floor(v))),
    _map(abs),
    _map(lambda v: v * v),
)
isnan, isinf, isfinite, sign = (
    _map(_math.isnan),
    _map(_math.isinf),
    _map(_math.isfinite),
    _map(lambda v: (v > 0) - (v < 0)),
)
abs_ = absolute


def prod(a, axis=None, **kw):
    return array(a).prod(axis)


def sum_(a, axis=None, **kw):
    return array(a).sum(axis)


def amax(a, axis=None, **kw):
    return array(a).max(axis)


def amin(a, axis=None, **kw):
    return array(a).min(axis)


def mean(a, axis=None, **kw):
    return array(a).mean(axis)


def cumsum(a, axis=None, **kw):
    return array(a).cumsum(axis)


def where(cond, x=None, y=None):
    c = array(cond)
    if x is None:
        return (array([i for i, v in enumerate(c._d) if v]),)
    fx = array(x)._d * (c.size if array(x).size == 1 else 1)
    fy = array(y)._d * (c.size if array(y).size == 1 else 1)
    d = [a if k else b for k, a, b in zip(c._d, fx, fy)]
    return ndarray(d, c.shape, _kind_of(d))


def round_(a, decimals=0):
    return _map(lambda v: round(v, decimals))(a)


def isscalar(x):
    return isinstance(x, (int, float, str, generic))


def issubdtype(a, b):
    return issubclass(dtype(a).type, b)


def array_equal(a, b):
    a, b = array(a), array(b)
    return a.shape == b.shape and a._d == b._d


def unique(a, **kw):
    d = sorted(set(array(a)._d))
    return ndarray(d, (len(d),), _kind_of(d))


def argsort(a, **kw):
    d = array(a)._d
    return array(sorted(range(len(d)), key=d.__getitem__))


def outer(a, b):
    a, b = array(a), array(b)
    return array([[x * y for y in b._d] for x in a._d])


def einsum(subscripts, *operands, **kw):
    """A sum of products; every index is walked, so it is for small operands."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    arrays = [array(o) for o in operands]
    sizes = {}
    for term, a in zip(terms, arrays):
        if len(term) != len(a.shape):
            raise ValueError("einstein sum subscripts string does not fit the operands")
        sizes.update(zip(term, a.shape))
    if not arrow:
        right = "".join(sorted(c for c in sizes if left.count(c) == 1))
    order = list(right) + [c for c in sizes if c not in right]
    at = dict.fromkeys(order, 0)
    strides = []
    for term, a in zip(terms, arrays):
        step, place = 1, {}
        for c, n in zip(reversed(term), reversed(a.shape)):
            place[c] = place.get(c, 0) + step
            step *= n
        strides.append(place)
    rows = 1
    for c in right:
        rows *= sizes[c]
    inner = [c for c in order if c not in right]
    out = []
    for row in range(rows):
        for c in reversed(right):
            row, at[c] = row // sizes[c], row % sizes[c]
        total, more = 0, 1
        for c in inner:
            more *= sizes[c]
        for k in range(more):
            for c in reversed(inner):
                k, at[c] = k // sizes[c], k % sizes[c]
            product = 1
            for a, place in zip(arrays, strides):
                where_ = 0
                for c, n in place.items():
                    where_ += at[c] * n
                product = product * a._d[where_]
            total = total + product
        out.append(total)
    return array(out).reshape(tuple(sizes[c] for c in right))


def ndim(a):
    return array(a).ndim


def shape(a):
    return array(a).shape


def lcm(a, b):
    return _math.lcm(a, b)


def gcd(a, b):
    return _math.gcd(a, b)


def _pairwise(f):
    def run(a, b, **kw):
        if not isinstance(a, (ndarray, list, tuple)) and not isinstance(b, (ndarray, list, tuple)):
            return f(a, b)
        a, b = array(a), array(b)
        a, b = _broadcast(a, b)
        return ndarray(
            [f(x, y) for x, y in zip(a._d, b._d)],
            a.shape,
            a.dtype if a.dtype.kind == "f" or b.dtype.kind != "f" else b.dtype,
        )

    return run


minimum, maximum = _pairwise(min), _pairwise(max)


def clip(a, low=None, high=None, **kw):
    a = a if low is None else maximum(a, low)
    return a if high is None else minimum(a, high)


from numpy._arrange import (
    array_split,
    atleast_1d,
    atleast_2d,
    broadcast_to,
    concatenate,
    diff,
    expand_dims,
    flip,
    hstack,
    meshgrid,
    moveaxis,  # noqa: E402
    pad,
    repeat,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
    tril,
    triu,
    unravel_index,
    vstack,
)

# Names that numpy had once; the rest of what is not here is unknown, not missing.
_GONE = frozenset(
    "int float complex object str long unicode bool8 float_ cfloat complex_ unicode_ string_ Infinity NINF PINF product cumproduct".split()
)


def __getattr__(name):
    alias = {
        "abs": absolute,
        "sum": sum_,
        "max": amax,
        "min": amin,
        "round": round_,
        "power": lambda a, b: array(a) ** b if isinstance(a, (ndarray, list, tuple)) else a**b,
        "bool": bool_,
    }
    if name in alias:
        return alias[name]
    if name in _GONE or name.startswith("_") or "float8" in name or name == "bfloat16":
        raise AttributeError(f"module 'numpy' has no attribute {name!r}")
    import _kdex

    return _kdex.unknown("numpy." + name)
