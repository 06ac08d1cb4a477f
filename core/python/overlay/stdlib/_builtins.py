# Builtins that are written in Python; the machine looks here before it says that a name is not defined.


class BaseExceptionGroup(BaseException):
    __module__ = "builtins"

    def __new__(cls, message, exceptions):
        if not isinstance(message, str):
            raise TypeError(f"argument 1 must be str, not {type(message).__name__}")
        exceptions = tuple(exceptions)
        if not exceptions:
            raise ValueError("second argument (exceptions) must be a non-empty sequence")
        for i, e in enumerate(exceptions):
            if not isinstance(e, BaseException):
                raise ValueError(f"Item {i} of second argument (exceptions) is not an exception")
        if cls is BaseExceptionGroup and all(isinstance(e, Exception) for e in exceptions):
            cls = ExceptionGroup
        self = BaseException.__new__(cls, message, exceptions)
        self.message = message
        self.exceptions = exceptions
        return self

    def __init__(self, message, exceptions):
        BaseException.__init__(self, message, exceptions)

    def __str__(self):
        n = len(self.exceptions)
        return f"{self.message} ({n} sub-exception{'s' if n != 1 else ''})"

    def derive(self, exceptions):
        return type(self)(self.message, exceptions)

    def split(self, condition):
        test = (
            condition
            if not isinstance(condition, (type, tuple))
            else lambda e: isinstance(e, condition)
        )
        if test(self):
            return self, None
        yes, no = [], []
        for e in self.exceptions:
            if isinstance(e, BaseExceptionGroup):
                y, n = e.split(condition)
                if y is not None:
                    yes.append(y)
                if n is not None:
                    no.append(n)
            else:
                (yes if test(e) else no).append(e)
        return self.derive(yes) if yes else None, self.derive(no) if no else None

    def subgroup(self, condition):
        return self.split(condition)[0]


class ExceptionGroup(BaseExceptionGroup, Exception):
    __module__ = "builtins"
    pass


def aiter(iterable):
    return type(iterable).__aiter__(iterable)


def anext(iterator, *default):
    return type(iterator).__anext__(iterator)


def _group_split(exc, types):
    """What an except* clause of these types takes of an exception, and the rest; either may be None."""
    for t in types if isinstance(types, tuple) else (types,):
        if not (isinstance(t, type) and issubclass(t, BaseException)):
            raise TypeError(
                "catching classes that do not inherit from BaseException is not allowed"
            )
        if issubclass(t, BaseExceptionGroup):
            raise TypeError(
                "catching ExceptionGroup with except* is not allowed. Use except instead."
            )
    if isinstance(exc, BaseExceptionGroup):
        return exc.split(types)
    return (BaseExceptionGroup("", [exc]), None) if isinstance(exc, types) else (None, exc)


def _group_join(exc, rest, raised):
    """What leaves a try statement after its except* clauses: the rest of the group and what the clauses raised."""

    def leaves(e):
        return (
            [x for y in e.exceptions for x in leaves(y)]
            if isinstance(e, BaseExceptionGroup)
            else [e]
        )

    own = leaves(exc)
    again = [e for e in raised if all(any(x is y for y in own) for x in leaves(e))]
    fresh = [e for e in raised if not any(e is x for x in again)]
    kept = ([rest] if rest is not None else []) + again
    if kept and isinstance(exc, BaseExceptionGroup):
        wanted = [x for e in kept for x in leaves(e)]
        kept = [exc.subgroup(lambda e: any(e is x for x in wanted))]
    if not fresh:
        return kept[0] if kept else None
    if not kept and len(fresh) == 1 and not isinstance(exc, BaseExceptionGroup):
        return fresh[0]
    return BaseExceptionGroup("", fresh + kept)


def _part(v):
    text = repr(float(v))
    return text[:-2] if text.endswith(".0") else text


class complex:
    __module__ = "builtins"
    __slots__ = ("real", "imag")

    def __new__(cls, real=0, imag=0):
        if isinstance(real, str):
            return _complex_text(cls, real)
        for v in (real, imag):
            if isinstance(v, (str, bytes)) or not any(
                hasattr(v, n) for n in ("__complex__", "__float__", "__index__")
            ):
                raise TypeError(
                    f"complex() first argument must be a string or a number, not '{type(v).__name__}'"
                )
        if not isinstance(real, complex) and hasattr(real, "__complex__"):
            real = real.__complex__()
        x, y = (real.real, real.imag) if isinstance(real, complex) else (float(real), 0.0)
        if isinstance(imag, complex):
            x, y = x - imag.imag, y + imag.real
        else:
            y += float(imag)
        if cls is complex and type(real) is complex and type(imag) is int and not imag:
            return real
        self = object.__new__(cls)
        object.__setattr__(self, "real", x)
        object.__setattr__(self, "imag", y)
        return self

    def __setattr__(self, name, value):
        if name in ("real", "imag"):
            raise AttributeError("readonly attribute")
        object.__setattr__(self, name, value)

    def __getnewargs__(self):
        return self.real, self.imag

    def __repr__(self):
        import math

        sign = "-" if math.copysign(1.0, self.imag) < 0 and self.imag == self.imag else "+"
        if self.real == 0 and math.copysign(1.0, self.real) > 0:
            return _part(self.imag) + "j"
        return "(" + _part(self.real) + (sign if sign == "+" else "") + _part(self.imag) + "j)"

    def __format__(self, spec):
        if not spec:
            return str(self)
        width = ""
        kind = spec[-1] if spec[-1].isalpha() else ""
        imag = format(self.imag, ("" if spec.startswith(("+", "-", " ")) else "+") + spec)
        del width, kind
        return format(self.real, spec) + (imag if imag[0] in "+-" else "+" + imag) + "j"

    def __hash__(self):
        return hash(self.real) if not self.imag else hash((self.real, self.imag))

    def __bool__(self):
        return bool(self.real or self.imag)

    def __complex__(self):
        return complex(self.real, self.imag)

    def __eq__(self, o):
        if isinstance(o, complex):
            return self.real == o.real and self.imag == o.imag
        return not self.imag and self.real == o if isinstance(o, (int, float)) else NotImplemented

    def __add__(self, o):
        o = _complex(o)
        return o if o is NotImplemented else complex(self.real + o.real, self.imag + o.imag)

    def __sub__(self, o):
        o = _complex(o)
        return o if o is NotImplemented else complex(self.real - o.real, self.imag - o.imag)

    def __mul__(self, o):
        o = _complex(o)
        return (
            o
            if o is NotImplemented
            else complex(
                self.real * o.real - self.imag * o.imag, self.real * o.imag + self.imag * o.real
            )
        )

    def __truediv__(self, o):
        o = _complex(o)
        if o is NotImplemented:
            return o
        if not o:
            raise ZeroDivisionError("complex division by zero")
        if abs(o.real) >= abs(o.imag):
            r = o.imag / o.real
            d = o.real + o.imag * r
            return complex((self.real + self.imag * r) / d, (self.imag - self.real * r) / d)
        r = o.real / o.imag
        d = o.real * r + o.imag
        return complex((self.real * r + self.imag) / d, (self.imag * r - self.real) / d)

    def __pow__(self, o, modulo=None):
        import math

        if modulo is not None:
            raise ValueError("complex modulo")
        o = _complex(o)
        if o is NotImplemented:
            return o
        if not o:
            return complex(1.0)
        if not self:
            if o.imag or o.real < 0:
                raise ZeroDivisionError("0.0 to a negative or complex power")
            return complex(0.0)
        if not o.imag and o.real == int(o.real) and -100 <= o.real <= 100:
            n, out, base = int(abs(o.real)), complex(1.0), self
            while n:
                if n & 1:
                    out = out * base
                base, n = base * base, n >> 1
            return complex(1.0) / out if o.real < 0 else out
        size, angle = abs(self), math.atan2(self.imag, self.real)
        length, at = size**o.real, angle * o.real
        if o.imag:
            length *= math.exp(-angle * o.imag)
            at += o.imag * math.log(size)
        return complex(length * math.cos(at), length * math.sin(at))

    __radd__ = __add__

    def __rsub__(self, o):
        return -self + o

    __rmul__ = __mul__

    def __rtruediv__(self, o):
        o = _complex(o)
        return o if o is NotImplemented else o / self

    def __rpow__(self, o, modulo=None):
        o = _complex(o)
        return o if o is NotImplemented else o**self

    def __neg__(self):
        return complex(-self.real, -self.imag)

    def __pos__(self):
        return self

    def __abs__(self):
        import math

        return math.hypot(self.real, self.imag)

    def conjugate(self):
        return complex(self.real, -self.imag)

    def __float__(self):
        raise TypeError("float() argument must be a string or a real number, not 'complex'")

    def __int__(self):
        raise TypeError(
            "int() argument must be a string, a bytes-like object or a real number, not 'complex'"
        )


def _complex(v):
    return (
        v
        if isinstance(v, complex)
        else complex(v)
        if isinstance(v, (int, float))
        else NotImplemented
    )


def _complex_text(cls, text):
    import re

    number = r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan"
    t = text.strip()
    if t.startswith("(") and t.endswith(")"):
        t = t[1:-1].strip()
    number = "(?:" + number + ")"
    m = re.fullmatch("(?i:(?P<i>[+-]?%s?)j)" % number, t) or re.fullmatch(
        "(?i:(?P<r>[+-]?%s)(?:(?P<i>[+-]%s?)j)?)" % (number, number), t
    )
    if m is None:
        raise ValueError("complex() arg is a malformed string")
    parts = m.groupdict()
    imag = parts["i"]
    imag = 0.0 if imag is None else float(imag + "1" if imag in ("", "+", "-") else imag)
    return cls(float(parts.get("r") or 0), imag)
