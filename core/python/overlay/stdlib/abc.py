# abc: abstract classes and virtual subclasses. object.__new__ itself refuses a class whose
# __abstractmethods__ is not empty; this file only computes that set.


def abstractmethod(f):
    f.__isabstractmethod__ = True
    return f


class abstractclassmethod(classmethod):
    __isabstractmethod__ = True

    def __init__(self, f):
        f.__isabstractmethod__ = True
        super().__init__(f)


class abstractstaticmethod(staticmethod):
    __isabstractmethod__ = True

    def __init__(self, f):
        f.__isabstractmethod__ = True
        super().__init__(f)


class abstractproperty(property):
    __isabstractmethod__ = True


_generation = [0]
_token = 0


class ABCMeta(type):
    def __new__(mcls, name, bases, namespace, /, **kw):
        cls = super().__new__(mcls, name, bases, namespace, **kw)
        cls.__abc_impl__ = ([], {})
        update_abstractmethods(cls, True)
        return cls

    def register(cls, sub):
        if not isinstance(sub, type):
            raise TypeError("Can only register classes")
        if cls in sub.__mro__:
            return sub
        if sub in cls.__mro__:
            raise RuntimeError("Refusing to create an inheritance cycle")
        cls.__abc_impl__[0].append(sub)
        _generation[0] += 1
        return sub

    def __instancecheck__(cls, inst):
        sub = inst.__class__
        if cls in sub.__mro__:
            return True
        return cls.__subclasscheck__(sub)

    def __subclasscheck__(cls, sub):
        if not isinstance(sub, type):
            raise TypeError("issubclass() arg 1 must be a class")
        cache = cls.__abc_impl__[1]
        hit = cache.get(sub)
        if hit is not None and hit[1] == _generation[0]:
            return hit[0]
        r = _is_subclass(cls, sub)
        cache[sub] = (r, _generation[0])
        return r


def _is_subclass(cls, sub):
    ok = cls.__subclasshook__(sub)
    if ok is not NotImplemented:
        return bool(ok)
    if cls in sub.__mro__:
        return True
    for r in cls.__abc_impl__[0]:
        if issubclass(sub, r):
            return True
    for c in type.__subclasses__(cls):
        if issubclass(sub, c):
            return True
    return False


def update_abstractmethods(cls, own=False):
    if not own and not hasattr(cls, "__abstractmethods__"):
        return cls
    names = []
    for n, v in list(cls.__dict__.items()):
        if getattr(v, "__isabstractmethod__", False) is True:
            names.append(n)
    for b in cls.__bases__:
        for n in getattr(b, "__abstractmethods__", ()):
            if (
                n not in names
                and getattr(getattr(cls, n, None), "__isabstractmethod__", False) is True
            ):
                names.append(n)
    cls.__abstractmethods__ = frozenset(names)
    return cls


class ABC(metaclass=ABCMeta):
    __slots__ = ()


def get_cache_token():
    return _generation[0]
