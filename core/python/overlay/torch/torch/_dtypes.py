# Element types: sizes, kinds, promotion, limits, and rounding of Python numbers to them.
import math as _math

import _kdex


class dtype:
    __module__ = "torch"

    def __init__(self, name, scalar_name, itemsize, kind, rank, is_signed):
        self._name = name
        self._scalar_name = scalar_name
        self.itemsize = itemsize
        self._kind = kind  # b bool, u unsigned, i signed, f float, c complex, 8 narrow float, q quantized, x bits
        self._rank = rank  # orders the types of a kind
        self.is_floating_point = kind == "f" or kind == "8"
        self.is_complex = kind == "c"
        self.is_signed = is_signed
        self._level = _LEVEL[kind]  # of the scalar rules: 0 bool, 1 integer, 2 float, 3 complex

    def __repr__(self):
        return "torch." + self._name

    __str__ = __repr__

    def __reduce__(self):
        return self._name

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self

    def to_real(self):
        return _REAL.get(self._name, self)

    def to_complex(self):
        c = _COMPLEX.get(self._name)
        if c is None:
            raise RuntimeError("Unknown Complex ScalarType for " + self._scalar_name)
        return c


_LEVEL = {"b": 0, "u": 1, "i": 1, "x": 1, "q": 1, "f": 2, "8": 2, "c": 3}

bool = dtype("bool", "Bool", 1, "b", 0, False)
uint8 = dtype("uint8", "Byte", 1, "u", 1, False)
int8 = dtype("int8", "Char", 1, "i", 1, True)
int16 = dtype("int16", "Short", 2, "i", 2, True)
int32 = dtype("int32", "Int", 4, "i", 3, True)
int64 = dtype("int64", "Long", 8, "i", 4, True)
uint16 = dtype("uint16", "UInt16", 2, "u", 2, False)
uint32 = dtype("uint32", "UInt32", 4, "u", 3, False)
uint64 = dtype("uint64", "UInt64", 8, "u", 4, False)
float16 = dtype("float16", "Half", 2, "f", 1, True)
bfloat16 = dtype("bfloat16", "BFloat16", 2, "f", 1, True)
float32 = dtype("float32", "Float", 4, "f", 2, True)
float64 = dtype("float64", "Double", 8, "f", 3, True)
complex32 = dtype("complex32", "ComplexHalf", 4, "c", 1, True)
complex64 = dtype("complex64", "ComplexFloat", 8, "c", 2, True)
complex128 = dtype("complex128", "ComplexDouble", 16, "c", 3, True)
bcomplex32 = dtype("bcomplex32", "ComplexBFloat16", 4, "c", 1, True)
float8_e5m2 = dtype("float8_e5m2", "Float8_e5m2", 1, "8", 0, True)
float8_e4m3fn = dtype("float8_e4m3fn", "Float8_e4m3fn", 1, "8", 0, True)
float8_e5m2fnuz = dtype("float8_e5m2fnuz", "Float8_e5m2fnuz", 1, "8", 0, True)
float8_e4m3fnuz = dtype("float8_e4m3fnuz", "Float8_e4m3fnuz", 1, "8", 0, True)
float8_e8m0fnu = dtype("float8_e8m0fnu", "Float8_e8m0fnu", 1, "8", 0, False)
float4_e2m1fn_x2 = dtype("float4_e2m1fn_x2", "Float4_e2m1fn_x2", 1, "8", 0, True)
qint8 = dtype("qint8", "QInt8", 1, "q", 0, True)
quint8 = dtype("quint8", "QUInt8", 1, "q", 0, False)
qint32 = dtype("qint32", "QInt32", 4, "q", 0, True)
quint4x2 = dtype("quint4x2", "QUInt4x2", 1, "q", 0, False)
quint2x4 = dtype("quint2x4", "QUInt2x4", 1, "q", 0, False)
bits1x8 = dtype("bits1x8", "Bits1x8", 1, "x", -1, False)
bits2x4 = dtype("bits2x4", "Bits2x4", 1, "x", -1, False)
bits4x2 = dtype("bits4x2", "Bits4x2", 1, "x", -1, False)
bits8 = dtype("bits8", "Bits8", 1, "x", -1, False)
bits16 = dtype("bits16", "Bits16", 2, "x", -1, False)
uint1 = dtype("uint1", "UInt1", 1, "x", 0, False)
uint2 = dtype("uint2", "UInt2", 1, "x", 0, False)
uint3 = dtype("uint3", "UInt3", 1, "x", 0, False)
uint4 = dtype("uint4", "UInt4", 1, "x", 0, False)
uint5 = dtype("uint5", "UInt5", 1, "x", 0, False)
uint6 = dtype("uint6", "UInt6", 1, "x", 0, False)
uint7 = dtype("uint7", "UInt7", 1, "x", 0, False)
int1 = dtype("int1", "Int1", 1, "x", 0, True)
int2 = dtype("int2", "Int2", 1, "x", 0, True)
int3 = dtype("int3", "Int3", 1, "x", 0, True)
int4 = dtype("int4", "Int4", 1, "x", 0, True)
int5 = dtype("int5", "Int5", 1, "x", 0, True)
int6 = dtype("int6", "Int6", 1, "x", 0, True)
int7 = dtype("int7", "Int7", 1, "x", 0, True)

_REAL = {"complex32": float16, "complex64": float32, "complex128": float64, "bcomplex32": bfloat16}
_COMPLEX = {
    "float16": complex32,
    "bfloat16": bcomplex32,
    "float32": complex64,
    "float64": complex128,
    "complex32": complex32,
    "complex64": complex64,
    "complex128": complex128,
    "bcomplex32": bcomplex32,
}

_state = {"default": float32}


def get_default_dtype():
    return _state["default"]


def set_default_dtype(d):
    if not isinstance(d, dtype):
        raise TypeError(
            "invalid dtype object: only floating-point types are supported as the default type"
        )
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _state["default"] = d


def default_complex():
    return _COMPLEX[_state["default"]._name]


def promote(a, b):
    """The type that holds both (both operands of the same priority)."""
    if a is b:
        return a
    ka, kb = a._kind, b._kind
    if ka == "q" or kb == "q":
        raise RuntimeError(
            "promoteTypes with quantized numbers is not handled yet; figure out what the correct rules should be, offending types: %s %s"
            % (a._scalar_name, b._scalar_name)
        )
    if a._rank < 0 or b._rank < 0:
        raise RuntimeError(
            "Promotion from %s and %s is unsupported." % (a._scalar_name, b._scalar_name)
        )
    if ka == "8" or kb == "8":
        raise RuntimeError(
            "Promotion for Float8 Types is not supported, attempted to promote %s and %s"
            % (a._scalar_name, b._scalar_name)
        )
    if ka == "x" or kb == "x" or (ka == "u" and a is not uint8) or (kb == "u" and b is not uint8):
        if ka == "f":
            return a
        if kb == "f":
            return b
        raise RuntimeError(
            "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote %s and %s"
            % (a._scalar_name, b._scalar_name)
        )
    if ka == "b":
        return b
    if kb == "b":
        return a
    if ka == "c" or kb == "c":
        if ka != kb:
            if kb == "c":
                a, b = b, a
            if b._kind != "f":
                return a
            b = _COMPLEX[b._name]
        if a._rank == 1 and b._rank == 1:
            return complex64 if a is not b else a
        return a if a._rank >= b._rank else b
    if ka == "f" or kb == "f":
        if ka != "f":
            return b
        if kb != "f":
            return a
        if a._rank == b._rank:
            return float32
        return a if a._rank > b._rank else b
    if ka == kb:
        return a if a._rank > b._rank else b
    if ka == "u":
        a, b = b, a
    return a if a._rank > 1 else int16


def promote_types(type1, type2):
    return promote(type1, type2)


def can_cast(from_, to):
    return from_._level <= to._level


def scalar_dtype(v):
    """The type that a Python number counts as."""
    c = v.__class__
    if c is float:
        return _state["default"]
    if c is int:
        return int64
    if c is _bool:
        return bool
    if isinstance(v, complex):
        return default_complex()
    if isinstance(v, _bool):
        return bool
    if isinstance(v, float):
        return _state["default"]
    return int64


_bool = True.__class__


class finfo:
    __module__ = "torch"

    def __init__(self, type=None):
        d = _state["default"] if type is None else type
        if not isinstance(d, dtype):
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.dtype'"
            )
        if d.is_complex:
            d = d.to_real()
        if not d.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        f = _FINFO.get(d._name)
        if f is None:
            raise RuntimeError("\"finfo\" not implemented for '%s'" % d._scalar_name)
        self.bits, self.min, self.max, self.eps, self.tiny, self.resolution = f
        self.smallest_normal = self.tiny
        self.dtype = d._name

    def __repr__(self):
        return (
            "finfo(resolution=%s, min=%s, max=%s, eps=%s, smallest_normal=%s, tiny=%s, dtype=%s)"
            % (
                _short(self.resolution),
                _short(self.min),
                _short(self.max),
                _short(self.eps),
                _short(self.tiny),
                _short(self.tiny),
                self.dtype,
            )
        )

    def __eq__(self, other):
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)


def _short(x):
    s = "%g" % x
    return s


_FINFO = {
    "float64": (
        64,
        -1.7976931348623157e308,
        1.7976931348623157e308,
        2.220446049250313e-16,
        2.2250738585072014e-308,
        1e-15,
    ),
    "float32": (
        32,
        -3.4028234663852886e38,
        3.4028234663852886e38,
        1.1920928955078125e-07,
        1.1754943508222875e-38,
        1e-06,
    ),
    "float16": (16, -65504.0, 65504.0, 0.0009765625, 6.103515625e-05, 0.001),
    "bfloat16": (
        16,
        -3.3895313892515355e38,
        3.3895313892515355e38,
        0.0078125,
        1.1754943508222875e-38,
        0.01,
    ),
    "float8_e4m3fn": (8, -448.0, 448.0, 0.125, 0.015625, 1.0),
    "float8_e5m2": (8, -57344.0, 57344.0, 0.25, 6.103515625e-05, 1.0),
    "float8_e4m3fnuz": (8, -240.0, 240.0, 0.125, 0.0078125, 1.0),
    "float8_e5m2fnuz": (8, -57344.0, 57344.0, 0.125, 3.0517578125e-05, 1.0),
    "float8_e8m0fnu": (
        8,
        5.877471754111438e-39,
        1.7014118346046923e38,
        1.0,
        5.877471754111438e-39,
        1.0,
    ),
}


class iinfo:
    __module__ = "torch"

    def __init__(self, type):
        if isinstance(type, dtype) and type._kind == "b":
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if not isinstance(type, dtype) or type._kind not in "ui":
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
            )
        bits = type.itemsize * 8
        self.bits = bits
        if type._kind == "i":
            self.min, self.max = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        else:
            self.min, self.max = 0, 2**bits - 1
        self.dtype = type._name

    def __repr__(self):
        return "iinfo(min=%s, max=%s, dtype=%s)" % (_short(self.min), _short(self.max), self.dtype)

    def __eq__(self, other):
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)


# mantissa bits, least exponent, largest value, what lies beyond it
_NARROW = {
    "float8_e4m3fn": (3, -6, 448.0, _math.nan),
    "float8_e5m2": (2, -14, 57344.0, _math.inf),
    "float8_e4m3fnuz": (3, -7, 240.0, _math.nan),
    "float8_e5m2fnuz": (2, -15, 57344.0, _math.nan),
    "bfloat16": (7, -126, 3.3895313892515355e38, _math.inf),
}


def _round_narrow(x, mantissa, least, largest, beyond):
    if x == 0 or x != x:
        return x
    if _math.isinf(x):
        return (
            x
            if beyond != beyond and False
            else (_math.copysign(beyond, x) if beyond == beyond else beyond)
        )
    e = _math.frexp(x)[1] - 1
    if e < least:
        e = least
    step = _math.ldexp(1.0, e - mantissa)
    y = round(x / step) * step
    if y > largest or y < -largest:
        return _math.copysign(beyond, x) if beyond == beyond else beyond
    return y


def rounder(d):
    """A function that takes a Python number to the nearest value of the type; None where nothing is to do."""
    k = d._kind
    if k == "f":
        if d is float32:
            return _to_float32
        if d is float64:
            return float
        if d is float16:
            return _to_float16
        return _to_bfloat16
    if k == "i" or k == "u":
        bits = d.itemsize * 8
        span, low = 2**bits, (2 ** (bits - 1) if k == "i" else 0)
        high = span - low

        def wrap(x):
            if x.__class__ is float and (x != x or _math.isinf(x)):
                return -low if bits == 64 and k == "i" else 0
            x = int(x)
            if -low <= x < high:
                return x
            return (x + low) % span - low

        return wrap
    if k == "b":
        return _bool
    if k == "8":
        how = _NARROW.get(d._name)
        if how is None:
            return float
        return lambda x: _round_narrow(float(x), how[0], how[1], how[2], how[3])
    if k == "c":
        return _to_complex64 if d is complex64 else complex
    return int


def _to_float32(x):
    try:
        return _kdex.float_unpack(_kdex.float_pack(float(x), 4, True), True)
    except OverflowError:
        return _math.copysign(_math.inf, x)


def _to_float16(x):
    try:
        return _kdex.float_unpack(_kdex.float_pack(float(x), 2, True), True)
    except OverflowError:
        return _math.copysign(_math.inf, x)


def _to_bfloat16(x):
    return _round_narrow(float(x), 7, -126, 3.3895313892515355e38, _math.inf)


def _to_complex64(x):
    x = complex(x)
    if _kdex.is_unknown(x):
        return x
    return complex(_to_float32(x.real), _to_float32(x.imag))
