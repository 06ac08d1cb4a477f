# operator: the operators as functions.


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def truediv(a, b):
    return a / b


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def pow(a, b):
    return a**b


def matmul(a, b):
    return a @ b


def lshift(a, b):
    return a << b


def rshift(a, b):
    return a >> b


def and_(a, b):
    return a & b


def or_(a, b):
    return a | b


def xor(a, b):
    return a ^ b


def neg(a):
    return -a


def pos(a):
    return +a


def inv(a):
    return ~a


def not_(a):
    return not a


def truth(a):
    return True if a else False


def is_(a, b):
    return a is b


def is_not(a, b):
    return a is not b


def eq(a, b):
    return a == b


def ne(a, b):
    return a != b


def lt(a, b):
    return a < b


def le(a, b):
    return a <= b


def gt(a, b):
    return a > b


def ge(a, b):
    return a >= b


def contains(a, b):
    return b in a


def getitem(a, b):
    return a[b]


def delitem(a, b):
    del a[b]


def concat(a, b):
    return a + b


def countOf(a, b):
    return sum(1 for x in a if x is b or x == b)


def call(f, /, *a, **k):
    return f(*a, **k)


def abs(a):
    return a.__abs__()


def index(a):
    return a.__index__()


def setitem(a, b, c):
    a[b] = c


def indexOf(a, b):
    for i, x in enumerate(a):
        if x is b or x == b:
            return i
    raise ValueError("sequence.index(x): x not in sequence")


def length_hint(obj, default=0):
    try:
        return len(obj)
    except TypeError:
        return default


def iadd(a, b):
    a += b
    return a


def isub(a, b):
    a -= b
    return a


def imul(a, b):
    a *= b
    return a


def ior(a, b):
    a |= b
    return a


def iand(a, b):
    a &= b
    return a


def itruediv(a, b):
    a /= b
    return a


invert = inv
iconcat = iadd
__add__, __sub__, __mul__, __truediv__, __floordiv__, __mod__, __pow__ = (
    add,
    sub,
    mul,
    truediv,
    floordiv,
    mod,
    pow,
)
__lt__, __le__, __gt__, __ge__, __eq__, __ne__ = lt, le, gt, ge, eq, ne
__and__, __or__, __xor__, __not__, __neg__, __getitem__, __contains__ = (
    and_,
    or_,
    xor,
    not_,
    neg,
    getitem,
    contains,
)


class attrgetter:
    def __init__(self, attr, *attrs):
        self._attrs = tuple(a.split(".") for a in (attr, *attrs))

    def _one(self, obj, path):
        for p in path:
            obj = getattr(obj, p)
        return obj

    def __call__(self, obj):
        if len(self._attrs) == 1:
            return self._one(obj, self._attrs[0])
        return tuple(self._one(obj, p) for p in self._attrs)


class itemgetter:
    def __init__(self, item, *items):
        self._items = (item, *items)

    def __call__(self, obj):
        if len(self._items) == 1:
            return obj[self._items[0]]
        return tuple(obj[i] for i in self._items)


class methodcaller:
    def __init__(self, name, /, *args, **kw):
        self._name, self._args, self._kw = name, args, kw

    def __call__(self, obj):
        return getattr(obj, self._name)(*self._args, **self._kw)
