# functools: wrappers, caches, partial application, dispatch on type.
import _kdex
from types import GenericAlias

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")
WRAPPER_UPDATES = ("__dict__",)


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    for a in assigned:
        try:
            setattr(wrapper, a, getattr(wrapped, a))
        except AttributeError:
            pass
    for a in updated:
        getattr(wrapper, a).update(getattr(wrapped, a, {}))
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    def apply(wrapper):
        return update_wrapper(wrapper, wrapped, assigned, updated)

    return apply


class partial:
    def __new__(cls, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError("the first argument must be callable")
        self = super().__new__(cls)
        if isinstance(func, partial):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords
        return self

    def __call__(self, /, *args, **keywords):
        if self.keywords:
            return self.func(*self.args, *args, **{**self.keywords, **keywords})
        return self.func(*self.args, *args, **keywords)

    def __repr__(self):
        parts = [
            repr(self.func),
            *map(repr, self.args),
            *(f"{k}={v!r}" for k, v in self.keywords.items()),
        ]
        return "functools.partial(" + ", ".join(parts) + ")"

    def __deepcopy__(self, memo):
        from copy import deepcopy

        return type(self)(self.func, *deepcopy(self.args, memo), **deepcopy(self.keywords, memo))

    __class_getitem__ = classmethod(GenericAlias)


class partialmethod:
    def __init__(self, func, /, *args, **keywords):
        if isinstance(func, partialmethod):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, obj, cls=None):
        f = self.func
        get = getattr(type(f), "__get__", None)
        if get is not None and obj is not None or isinstance(f, (classmethod, staticmethod)):
            return partial(f.__get__(obj, cls), *self.args, **self.keywords)
        if obj is None:
            args, keywords = self.args, self.keywords

            def method(inst, /, *a, **k):
                return f(inst, *args, *a, **{**keywords, **k})

            return method
        return partial(f, obj, *self.args, **self.keywords)


class _CacheInfo(tuple):
    hits = property(lambda self: self[0])
    misses = property(lambda self: self[1])
    maxsize = property(lambda self: self[2])
    currsize = property(lambda self: self[3])

    def __repr__(self):
        return "CacheInfo(hits=%r, misses=%r, maxsize=%r, currsize=%r)" % self


_absent = object()


def _make_key(args, kwds, typed):
    key = args
    if kwds:
        key = (args, tuple(kwds.items()))
    elif len(args) == 1 and type(args[0]) in (int, str) and not typed:
        return args[0]
    if typed:
        key = (key, tuple(map(type, args)), tuple(map(type, kwds.values())))
    elif not kwds:
        key = (args,)
    return key


def _cached(f, maxsize, typed):
    store = {}
    stats = _kdex.uncounted([0, 0])

    def wrapper(*args, **kwds):
        key = _make_key(args, kwds, typed)
        kept = store.get(key)
        if kept is not None:
            stats[0] += 1
            # The order matters once something has to go; before, a hit leaves the store as it is.
            if maxsize is not None and len(store) == maxsize > 1:
                del store[key]
                store[key] = kept
            # equal operands may come from elsewhere than those of the first call
            return _kdex.rerouted(kept[0], kept[1], (args, tuple(kwds.values())))
        stats[1] += 1
        r = f(*args, **kwds)
        if maxsize == 0:
            return r
        store[key] = (r, (args, tuple(kwds.values())))
        if maxsize is not None and len(store) > maxsize:
            del store[next(iter(store))]
        return r

    def cache_info():
        return _CacheInfo((stats[0], stats[1], maxsize, len(store)))

    def cache_clear():
        store.clear()
        stats[:] = [0, 0]

    update_wrapper(wrapper, f)
    wrapper.cache_info = cache_info
    wrapper.cache_clear = cache_clear
    wrapper.cache_parameters = lambda: {"maxsize": maxsize, "typed": typed}
    return wrapper


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _cached(maxsize, 128, False)
    if maxsize is not None and maxsize < 0:
        maxsize = 0
    return lambda f: _cached(f, maxsize, typed)


def cache(f):
    return _cached(f, None, False)


class cached_property:
    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        if self.attrname is None:
            self.attrname = name
        elif name != self.attrname:
            raise TypeError(
                f"Cannot assign the same cached_property to two different names ({self.attrname!r} and {name!r})."
            )

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        if self.attrname is None:
            raise TypeError(
                "Cannot use cached_property instance without calling __set_name__ on it."
            )
        d = obj.__dict__
        v = d.get(self.attrname, _absent)
        if v is _absent:
            v = self.func(obj)
            d[self.attrname] = v
        return v

    __class_getitem__ = classmethod(GenericAlias)


def reduce(function, iterable, initial=_absent, /):
    it = iter(iterable)
    if initial is _absent:
        initial = next(it, _absent)
        if initial is _absent:
            raise TypeError("reduce() of empty iterable with no initial value")
    for x in it:
        initial = function(initial, x)
    return initial


def cmp_to_key(cmp):
    class K:
        __slots__ = ("obj",)

        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, o):
            return cmp(self.obj, o.obj) < 0

        def __gt__(self, o):
            return cmp(self.obj, o.obj) > 0

        def __eq__(self, o):
            return cmp(self.obj, o.obj) == 0

        def __le__(self, o):
            return cmp(self.obj, o.obj) <= 0

        def __ge__(self, o):
            return cmp(self.obj, o.obj) >= 0

        __hash__ = None

    return K


def total_ordering(cls):
    roots = [
        op
        for op in ("__lt__", "__le__", "__gt__", "__ge__")
        if getattr(cls, op, None) is not getattr(object, op, None)
    ]
    if not roots:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    root = max(roots) if "__lt__" not in roots else "__lt__"

    def base(self, other):
        return getattr(type(self), root)(self, other)

    def derive(op):
        def method(self, other):
            r = base(self, other)
            if r is NotImplemented:
                return r
            if root in ("__lt__", "__gt__"):
                if op == {"__lt__": "__ge__", "__gt__": "__le__"}[root]:
                    return not r
                if op in ("__le__", "__ge__"):
                    return r or self == other
                return not r and self != other
            if op == {"__le__": "__gt__", "__ge__": "__lt__"}[root]:
                return not r
            if op in ("__lt__", "__gt__"):
                return r and self != other
            return not r or self == other

        method.__name__ = op
        return method

    for op in ("__lt__", "__le__", "__gt__", "__ge__"):
        if op not in roots:
            setattr(cls, op, derive(op))
    return cls


def _find_impl(cls, registry):
    for c in cls.__mro__:
        if c in registry and c is not object:
            return registry[c]
    best = None
    for t in registry:
        if t is not object and issubclass(cls, t) and (best is None or issubclass(t, best)):
            best = t
    return registry[best if best is not None else object]


def singledispatch(func):
    registry = {object: func}

    def dispatch(cls):
        return _find_impl(cls, registry)

    def register(cls, f=None):
        if f is None:
            if isinstance(cls, type) or hasattr(cls, "__args__"):
                return lambda g: register(cls, g)
            f = cls
            from typing import get_type_hints

            cls = next(iter(get_type_hints(f).values()))
        for c in getattr(cls, "__args__", (cls,)):
            registry[c] = f
        return f

    def wrapper(*args, **kw):
        if not args:
            raise TypeError(
                f"{getattr(func, '__name__', 'singledispatch function')} requires at least 1 positional argument"
            )
        return dispatch(args[0].__class__)(*args, **kw)

    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = registry
    wrapper._clear_cache = lambda: None
    return update_wrapper(wrapper, func)


class singledispatchmethod:
    def __init__(self, func):
        self.dispatcher = singledispatch(func)
        self.func = func

    def register(self, cls, method=None):
        return self.dispatcher.register(cls, method)

    def __get__(self, obj, cls=None):
        def method(*args, **kw):
            return self.dispatcher.dispatch(args[0].__class__).__get__(obj, cls)(*args, **kw)

        method.register = self.register
        return update_wrapper(method, self.func)
