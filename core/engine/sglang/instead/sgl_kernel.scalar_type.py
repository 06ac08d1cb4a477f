# The number formats of packed weights, which Marlin's checks compare: the package's own class computes their names from these fields.
from enum import Enum
from typing import NamedTuple


class NanRepr(Enum):
    NONE = 0
    IEEE_754 = 1
    EXTD_RANGE_MAX_MIN = 2


class ScalarType(NamedTuple):
    exponent: int  # bits; 0 for an integer
    mantissa: int  # bits without the sign
    signed: bool
    bias: int = 0  # stored value = value + bias
    finite: bool = False
    nan_repr: NanRepr = NanRepr.IEEE_754

    @property
    def size_bits(self):
        return self.exponent + self.mantissa + int(self.signed)

    @property
    def id(self):
        packed, at = 0, 0
        for value, bits in (
            (self.exponent, 8),
            (self.mantissa, 8),
            (self.signed, 1),
            (self.bias, 32),
            (self.finite, 1),
            (self.nan_repr.value, 8),
        ):
            packed |= (int(value) & (1 << bits) - 1) << at
            at += bits
        return packed

    def is_signed(self):
        return self.signed

    def is_floating_point(self):
        return self.exponent != 0

    def is_integer(self):
        return self.exponent == 0

    def has_bias(self):
        return self.bias != 0

    def has_infs(self):
        return not self.finite

    def has_nans(self):
        return self.nan_repr != NanRepr.NONE

    def is_ieee_754(self):
        return self.nan_repr == NanRepr.IEEE_754 and not self.finite

    def __str__(self):
        if self.is_integer():
            return f"{'' if self.signed else 'u'}int{self.size_bits}" + (
                f"b{self.bias}" if self.bias else ""
            )
        ieee = self.is_ieee_754()
        return (
            f"float{self.size_bits}_e{self.exponent}m{self.mantissa}"
            + ("f" if self.finite and not ieee else "")
            + ("n" if self.has_nans() and not ieee else "")
        )

    def __repr__(self):
        return "ScalarType." + str(self)


class scalar_types:
    int4 = ScalarType(0, 3, True)
    uint4 = ScalarType(0, 4, False)
    int8 = ScalarType(0, 7, True)
    uint8 = ScalarType(0, 8, False)
    float8_e4m3fn = ScalarType(4, 3, True, 0, True, NanRepr.EXTD_RANGE_MAX_MIN)
    float8_e5m2 = ScalarType(5, 2, True)
    float16_e8m7 = bfloat16 = ScalarType(8, 7, True)
    float16_e5m10 = float16 = ScalarType(5, 10, True)
    float6_e3m2f = ScalarType(3, 2, True, 0, True, NanRepr.NONE)
    float4_e2m1f = ScalarType(2, 1, True, 0, True, NanRepr.NONE)
    uint2b2 = ScalarType(0, 2, False, 2)
    uint3b4 = ScalarType(0, 3, False, 4)
    uint4b8 = ScalarType(0, 4, False, 8)
    uint8b128 = ScalarType(0, 8, False, 128)
