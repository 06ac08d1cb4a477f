# fractions.
import math
from numbers import Rational


class Fraction(Rational):
    def __new__(cls, numerator=0, denominator=None):
        self = object.__new__(cls)
        if denominator is None:
            if isinstance(numerator, str):
                a, _, b = numerator.strip().partition("/")
                try:
                    if b:
                        numerator, denominator = int(a), int(b)
                    elif "." in a or "e" in a or "E" in a:
                        m, _, e = a.lower().partition("e")
                        i, _, f = m.partition(".")
                        numerator, denominator = int(i + f), 10 ** len(f)
                        e = int(e or 0)
                        numerator, denominator = (
                            (numerator * 10**e, denominator)
                            if e >= 0
                            else (numerator, denominator * 10**-e)
                        )
                    else:
                        numerator, denominator = int(a), 1
                except ValueError:
                    raise ValueError(f"Invalid literal for Fraction: {numerator!r}") from None
            elif hasattr(numerator, "as_integer_ratio"):
                numerator, denominator = numerator.as_integer_ratio()
            else:
                raise TypeError("argument should be a string or a Rational instance")
        else:
            for v in (numerator, denominator):
                if not isinstance(v, (int, Fraction)):
                    raise TypeError("both arguments should be Rational instances")
            a, b = numerator.as_integer_ratio()
            c, d = denominator.as_integer_ratio()
            numerator, denominator = a * d, b * c
        if denominator == 0:
            raise ZeroDivisionError(f"Fraction({numerator}, 0)")
        g = math.gcd(numerator, denominator)
        if denominator < 0:
            g = -g
        self._n, self._d = numerator // g, denominator // g
        return self

    numerator = property(lambda s: s._n)
    denominator = property(lambda s: s._d)

    def as_integer_ratio(self):
        return self._n, self._d

    def limit_denominator(self, max_denominator=1000000):
        if self._d <= max_denominator:
            return Fraction(self)
        p0, q0, p1, q1, n, d = 0, 1, 1, 0, self._n, self._d
        while True:
            a = n // d
            q2 = q0 + a * q1
            if q2 > max_denominator:
                break
            p0, q0, p1, q1 = p1, q1, p0 + a * p1, q2
            n, d = d, n - a * d
        k = (max_denominator - q0) // q1
        b1, b2 = Fraction(p0 + k * p1, q0 + k * q1), Fraction(p1, q1)
        return b2 if abs(b2 - self) <= abs(b1 - self) else b1

    def __repr__(self):
        return f"Fraction({self._n}, {self._d})"

    def __str__(self):
        return str(self._n) if self._d == 1 else f"{self._n}/{self._d}"

    def _op(self, o, exact, real, swap=False):
        if isinstance(o, (int, Fraction)):
            o = Fraction(o)
            return exact(o, self) if swap else exact(self, o)
        if isinstance(o, float):
            return real(o, float(self)) if swap else real(float(self), o)
        return NotImplemented

    def __add__(self, o):
        return self._op(
            o, lambda a, b: Fraction(a._n * b._d + b._n * a._d, a._d * b._d), lambda a, b: a + b
        )

    __radd__ = __add__

    def __sub__(self, o):
        return self._op(
            o, lambda a, b: Fraction(a._n * b._d - b._n * a._d, a._d * b._d), lambda a, b: a - b
        )

    def __rsub__(self, o):
        return self._op(o, lambda a, b: a - b, lambda a, b: a - b, True)

    def __mul__(self, o):
        return self._op(o, lambda a, b: Fraction(a._n * b._n, a._d * b._d), lambda a, b: a * b)

    __rmul__ = __mul__

    def __truediv__(self, o):
        return self._op(o, lambda a, b: Fraction(a._n * b._d, a._d * b._n), lambda a, b: a / b)

    def __rtruediv__(self, o):
        return self._op(o, lambda a, b: a / b, lambda a, b: a / b, True)

    def __floordiv__(self, o):
        return self._op(o, lambda a, b: (a._n * b._d) // (a._d * b._n), lambda a, b: a // b)

    def __rfloordiv__(self, o):
        return self._op(o, lambda a, b: a // b, lambda a, b: a // b, True)

    def __mod__(self, o):
        return self._op(o, lambda a, b: a - b * (a // b), lambda a, b: a % b)

    def __pow__(self, o):
        if isinstance(o, int):
            return (
                Fraction(self._n**o, self._d**o) if o >= 0 else Fraction(self._d**-o, self._n**-o)
            )
        return float(self) ** o

    def __neg__(self):
        return Fraction(-self._n, self._d)

    def __pos__(self):
        return self

    def __abs__(self):
        return Fraction(abs(self._n), self._d)

    def __int__(self):
        return self._n // self._d if self._n >= 0 else -(-self._n // self._d)

    __trunc__ = __int__

    def __floor__(self):
        return self._n // self._d

    def __ceil__(self):
        return -(-self._n // self._d)

    def __round__(self, ndigits=None):
        if ndigits is None:
            f, r = divmod(self._n, self._d)
            return f if r * 2 < self._d or r * 2 == self._d and f % 2 == 0 else f + 1
        s = 10 ** abs(ndigits)
        return Fraction(round(self * s), s) if ndigits > 0 else Fraction(round(self / s) * s)

    def __float__(self):
        return self._n / self._d

    def __bool__(self):
        return self._n != 0

    def __hash__(self):
        return (
            hash(self._n)
            if self._d == 1
            else hash(float(self))
            if float(self).as_integer_ratio() == (self._n, self._d)
            else hash((self._n, self._d))
        )

    def __eq__(self, o):
        if isinstance(o, (int, Fraction)):
            a, b = o.as_integer_ratio()
            return self._n == a and self._d == b
        return float(self) == o if isinstance(o, float) else NotImplemented

    def _cmp(self, o, op):
        if isinstance(o, (int, Fraction)):
            a, b = o.as_integer_ratio()
            return op(self._n * b, a * self._d)
        return op(float(self), o) if isinstance(o, float) else NotImplemented

    def __lt__(self, o):
        return self._cmp(o, lambda a, b: a < b)

    def __le__(self, o):
        return self._cmp(o, lambda a, b: a <= b)

    def __gt__(self, o):
        return self._cmp(o, lambda a, b: a > b)

    def __ge__(self, o):
        return self._cmp(o, lambda a, b: a >= b)
