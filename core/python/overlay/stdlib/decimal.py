# decimal: exact decimal numbers; division to 28 digits. Contexts are accepted and not applied.
from fractions import Fraction as _F

ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN, ROUND_UP, ROUND_FLOOR, ROUND_CEILING = (
    "ROUND_HALF_UP",
    "ROUND_HALF_EVEN",
    "ROUND_DOWN",
    "ROUND_UP",
    "ROUND_FLOOR",
    "ROUND_CEILING",
)


class DecimalException(ArithmeticError):
    pass


class InvalidOperation(DecimalException):
    pass


class Decimal:
    """coefficient * 10**exponent"""

    def __init__(self, value="0", context=None):
        if isinstance(value, Decimal):
            self._c, self._e = value._c, value._e
        elif isinstance(value, int):
            self._c, self._e = value, 0
        elif isinstance(value, float):
            n, d = value.as_integer_ratio()
            k = d.bit_length() - 1
            self._c, self._e = n * 5**k, -k
        else:
            try:
                m, _, e = value.strip().lower().partition("e")
                i, _, f = m.partition(".")
                self._c, self._e = int(i + f), int(e or 0) - len(f)
            except (ValueError, AttributeError):
                raise InvalidOperation(f"invalid decimal: {value!r}") from None

    def _make(self, c, e):
        d = Decimal(c)
        d._e = e
        return d

    def _with(self, o):
        if not isinstance(o, (int, Decimal)):
            return None
        o = Decimal(o)
        e = min(self._e, o._e)
        return self._c * 10 ** (self._e - e), o._c * 10 ** (o._e - e), e

    def __add__(self, o):
        t = self._with(o)
        return NotImplemented if t is None else self._make(t[0] + t[1], t[2])

    __radd__ = __add__

    def __sub__(self, o):
        t = self._with(o)
        return NotImplemented if t is None else self._make(t[0] - t[1], t[2])

    def __rsub__(self, o):
        return Decimal(o) - self

    def __mul__(self, o):
        if not isinstance(o, (int, Decimal)):
            return NotImplemented
        o = Decimal(o)
        return self._make(self._c * o._c, self._e + o._e)

    __rmul__ = __mul__

    def _fraction(self):
        return _F(self._c) * _F(10) ** self._e

    def __truediv__(self, o):
        if not isinstance(o, (int, Decimal)):
            return NotImplemented
        q = self._fraction() / Decimal(o)._fraction()
        e = 0
        while q.denominator != 1 and e > -28:
            q, e = q * 10, e - 1
        return self._make(round(q), e)

    def __neg__(self):
        return self._make(-self._c, self._e)

    def __abs__(self):
        return self._make(abs(self._c), self._e)

    def __float__(self):
        return float(self._fraction())

    def __int__(self):
        return int(self._fraction())

    def __bool__(self):
        return self._c != 0

    def __hash__(self):
        return hash(self._fraction())

    def __eq__(self, o):
        if isinstance(o, float):
            return self._fraction() == _F(o)
        t = self._with(o)
        return NotImplemented if t is None else t[0] == t[1]

    def __lt__(self, o):
        return self._fraction() < (o._fraction() if isinstance(o, Decimal) else o)

    def __le__(self, o):
        return self._fraction() <= (o._fraction() if isinstance(o, Decimal) else o)

    def __gt__(self, o):
        return self._fraction() > (o._fraction() if isinstance(o, Decimal) else o)

    def __ge__(self, o):
        return self._fraction() >= (o._fraction() if isinstance(o, Decimal) else o)

    def quantize(self, exp, rounding=None, context=None):
        e = Decimal(exp)._e
        return self._make(round(self._fraction() / _F(10) ** e), e)

    def __str__(self):
        s, sign = str(abs(self._c)), "-" if self._c < 0 else ""
        if self._e >= 0:
            return (
                sign + s + "0" * self._e
                if self._e == 0
                else f"{sign}{s[0]}{'.' + s[1:] if s[1:] else ''}E+{self._e + len(s) - 1}"
            )
        s = s.rjust(-self._e + 1, "0")
        return f"{sign}{s[: self._e]}.{s[self._e :]}"

    def __repr__(self):
        return f"Decimal('{self}')"


class Context:
    prec = 28

    def __init__(self, **kw):
        self.__dict__.update(kw)


_context = Context()


def getcontext():
    return _context


def localcontext(ctx=None):
    from contextlib import nullcontext

    return nullcontext(ctx or _context)
