# Integers of any size, floats, division and modulo signs, rounding, bit operations, conversions, math.
import math


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


for a in (7, -7):
    for b in (2, -2, 3, -3):
        print(
            a, b, a // b, a % b, divmod(a, b), a / b, math.fmod(a, b), a // float(b), a % float(b)
        )
big = 2**100
print(
    big,
    -big,
    big + 1,
    big * big,
    big // 3,
    -big // 3,
    big % 7,
    -big % 7,
    big - big,
    big >> 90,
    -big >> 99,
    1 << 70,
    big & 0xFF00,
    big | 1,
    big ^ 1,
    ~big,
)
print(-1 & big, -5 & 3, -5 | 2, -5 ^ 3, ~5, 5 & -2, (-big) & (big - 1), (-big) | 5, (-3) ^ big)
print(
    10**30 // 10**15,
    10**30 / 10**15,
    10**30 % 999999937,
    (10**30 + 1) // -(10**10),
    divmod(-(10**25), 10**10),
    3**100,
    pow(3, 100, 7),
    pow(2, -1, 7),
    pow(2, 0.5),
    2**-2,
    (-2) ** 3,
    -(2**2),
    0**0,
    0.0**0,
    (-8) ** 2,
)
print(
    2**63,
    2**63 - 1,
    -(2**63),
    -(2**63) - 1,
    (2**63 - 1) + 1,
    (-(2**63)) - 1,
    (-(2**63)) * -1,
    -(-(2**63)),
    abs(-(2**63)),
    2**62 * 2,
    2**32 * 2**32,
    3037000500**2,
    (2**63) // -1,
    -(2**63) // -1,
    -(2**63) % -1,
)
print(
    9223372036854775807 * 9223372036854775807,
    12345678901234567890 % 1000,
    int("123456789012345678901234567890"),
    int("-0b101", 2),
    int("0xff", 16),
    int("ff", 16),
    int("0o17", 0),
    int("  42\n"),
    int("1_000"),
    int(3.99),
    int(-3.99),
    int(True),
    int("z", 36),
    int(1e20),
    int(b"12"),
)
print(
    big == float(big),
    big < 1e31,
    2**53 + 1 == float(2**53),
    2**53 + 1 > float(2**53),
    1 == 1.0,
    1 == True,
    0.1 + 0.2 == 0.3,
    float("nan") == float("nan"),
    float("inf") > 10**400,
    -float("inf") < -(10**400),
)
print(
    hash(1) == hash(1.0) == hash(True),
    hash(2**61 - 1),
    hash(-1),
    hash(2**61),
    hash(0.5) == hash(0.5),
    {1: "a", 1.0: "b", True: "c"},
    hash(2**100) == hash(float(2**100)),
    hash(-2),
    hash(float("inf")),
)
print(
    big.bit_length(),
    (0).bit_length(),
    (-5).bit_length(),
    (255).bit_count(),
    (10).to_bytes(2, "big"),
    (1000).to_bytes(2, "little"),
    int.from_bytes(b"\x01\x00", "big"),
    int.from_bytes(b"\xff", "big", signed=True),
    (-2).to_bytes(2, "big", signed=True),
    (5).as_integer_ratio(),
    (0.75).as_integer_ratio(),
    (5).real,
    (5).numerator,
    (2.0).is_integer(),
    (2.5).is_integer(),
    (3).conjugate(),
)
print(
    round(2.5),
    round(3.5),
    round(-2.5),
    round(2.675, 2),
    round(1234, -2),
    round(1250, -2),
    round(1350, -2),
    round(0.5),
    round(1.5),
    round(2.0),
    round(3),
    round(1e20),
    round(2.345, 1),
    round(5.015, 2),
    round(-0.4),
    type(round(2.0)).__name__,
    type(round(2.0, 0)).__name__,
    round(1.0, 0),
    round(15, -1),
    round(25, -1),
    round(True),
    round(12345.678, -2),
)
print(
    math.floor(-1.5),
    math.ceil(-1.5),
    math.trunc(-1.5),
    math.floor(1e20),
    math.ceil(2.0),
    math.sqrt(2),
    math.isqrt(10**20),
    math.gcd(12, 18),
    math.gcd(),
    math.gcd(0, 5),
    math.lcm(4, 6),
    math.prod([1, 2, 3]),
    math.prod([], start=5),
    math.log(8, 2),
    math.log2(8),
    math.log10(1000),
    math.log(math.e),
    math.exp(0),
    math.pow(2, 3),
    math.factorial(20),
    math.comb(5, 2),
    math.perm(5, 2),
    math.hypot(3, 4),
    math.copysign(1, -0.0),
    math.isclose(0.1 + 0.2, 0.3),
    math.isnan(float("nan")),
    math.isinf(1e400),
    math.isfinite(1),
    math.inf,
    math.degrees(math.pi),
    math.radians(180),
    math.fsum([0.1] * 10),
    math.modf(1.5),
    math.frexp(8.0),
    math.ldexp(0.5, 4),
    math.dist([0, 0], [3, 4]),
    math.tau == 2 * math.pi,
    math.log1p(0),
    math.sin(0),
    math.cos(0),
    math.atan2(1, 1),
    math.tanh(0),
    math.erf(0),
    math.cbrt(27) if hasattr(math, "cbrt") else 3.0,
)
err(math.sqrt, -1)
err(math.log, 0)
err(math.factorial, -1)
err(math.floor, float("nan"))
err(math.ceil, float("inf"))
err(math.sqrt, "a")
err(math.factorial, 1.5)
err(math.exp, 1000)
err(math.isqrt, -1)
print(
    0.1 + 0.2,
    1 / 3,
    2 / 3,
    10 / 2,
    7 // 2.0,
    -7 // 2.0,
    7.5 % 2,
    -7.5 % 2,
    7.5 % -2,
    divmod(7.5, 2),
    1e308 * 10,
    -1e308 * 10,
    1e-320,
    5 % 3.0,
    0.0 == -0.0,
    str(-0.0),
    1e16 + 1,
    2**0.5,
    4**0.5,
    8 ** (1 / 3),
    1.1 * 3,
    100 * 1.1,
    3 * 0.1,
)
print(
    True + True,
    True * 3,
    -True,
    ~True,
    True & False,
    True | 2,
    True ^ True,
    isinstance(True, int),
    True == 1,
    str(True),
    int(False),
    bool([]),
    bool("0"),
    bool(0.0),
    bool(None),
    not 1,
    not [],
    True / 2,
    sum([True, False, True]),
    True < 2,
    {True: 1}[1],
    [10, 20][True],
    type(True & False).__name__,
    type(True & 1).__name__,
    True // 1,
)
print(
    1 and 2,
    0 and 2,
    1 or 2,
    0 or "",
    None or [] or 3,
    not None,
    1 < 2 < 3,
    1 < 3 < 2,
    1 == 1.0 == True,
    3 > 2 > 1 != 5,
    1 if [] else 2,
    1 is 1,
    None is None,
    1 in [1.0],
    2 not in [1],
    not 1 == 2,
)
print(
    float("1e5"),
    float(" 2.5 "),
    float("-inf"),
    float("1_0.5"),
    float(3),
    float("nan") != float("nan"),
    float(True),
    float("Infinity"),
    float("+.5"),
    float(10**20),
    float("1e-400"),
    float("1e400"),
    (0.1).hex(),
    float.fromhex("0x1.8p1"),
)
err(lambda: float(10**400))
err(lambda: 10**400 / 3)
err(lambda: 1e300**2)
err(lambda: 2.0**10000)
err(lambda: int("1" + "0" * 5 + "x"))
err(lambda: 1 << -1)
err(lambda: (300).to_bytes(1, "big"))
err(lambda: (-1).to_bytes(1, "big"))
err(lambda: pow(2, 3, 0))
err(lambda: round(float("nan")))
err(lambda: 1.5 << 1)
err(lambda: 1 & 1.0)
err(lambda: complex("a") if False else (0).bit_length(1))
err(lambda: (-8) ** 0.5 if False else math.log(-1))
print(
    10**400 // 10**399,
    10**400 % 7,
    (10**400 + 1) / 10**400,
    10**20 / 10**18,
    (2**1000).bit_length(),
    len(str(7**500)),
    7**50,
    str(-(3**70)),
    99999999999999999999 * -1,
    18446744073709551616 // 4294967296,
    18446744073709551615 * 18446744073709551615,
    (10**40) // (10**20 + 7),
    (10**40) % (10**20 + 7),
    -(10**40) // (10**20 + 7),
    -(10**40) % (10**20 + 7),
)
print(
    int(10**22 / 3),
    10**22 // 3,
    hex(2**70),
    oct(-8),
    bin(10),
    hex(-255),
    bin(-5),
    hex(0),
    abs(-5),
    abs(-5.5),
    abs(-(2**70)),
    min(1, 1.0),
    max(1, 1.0),
    max(True, 1),
    sum([0.1] * 3),
    sum([1, 2.5]),
    sum([], 1.5),
    sum((1, 2), 10),
    divmod(-7, 2),
    divmod(7.0, -2),
    (5).__add__(3),
    (5).__add__("x"),
    (7).__rsub__(10),
    int.__mul__(3, 4),
)
print(1_000.5, 0x_FF, 1e5, 0xDEADBEEFCAFEBABE1234, 0b1111_0000, 00, 1e5, 3.0e2)
x = 5
x += 2
x -= 1
x *= 3
x //= 2
x **= 2
x %= 50
x <<= 2
x >>= 1
x |= 1
x &= 0xFF
x ^= 3
print(x)
x /= 4
print(x)
print(
    [i for i in range(10, 0, -3)],
    len(range(0, 10**12, 7)),
    10**11 in range(0, 10**12, 10),
    range(5)[-1],
    range(10)[2:8:3],
    range(3) == range(0, 3, 1),
    range(0) == range(5, 5),
    list(range(-3, 3, 2)),
    range(10).index(4),
    range(10).count(4),
    sum(range(101)),
    range(1, 10, 3).stop,
    hash(range(3)) == hash(range(3)),
    list(reversed(range(4))),
    3.0 in range(5),
    "a" in range(3),
    range(5, 0) == range(0),
    min(range(3, 9)),
    bool(range(0)),
)
err(lambda: range(5)[5])
err(lambda: range(3).index(9))
err(lambda: range("a"))
err(lambda: range(2.0))
print(
    (3).__class__,
    type(3.0),
    (1).__eq__(1.0),
    (1).__lt__("a"),
    (1.5).__eq__("a"),
    (3).__truediv__(2),
    (5).__floordiv__(2),
    (2).__pow__(3, 5),
    (2.5).__int__(),
    (3).__float__(),
    (3).__index__(),
    (0).__bool__(),
    (5).__divmod__(3),
    (1).__hash__(),
    (5).__neg__(),
    (2).__rpow__(3),
    (5).__ceil__(),
    (5.5).__floor__(),
    (5.5).__trunc__(),
    (5.5).__round__(),
    (3).__and__(1),
)
