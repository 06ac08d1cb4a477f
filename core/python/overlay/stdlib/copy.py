# copy: shallow and deep copies; plain containers are copied by the machine (_kdex.deepcopy).
import _kdex


class Error(Exception):
    pass


error = Error
_atomic = frozenset(
    (
        int,
        float,
        bool,
        str,
        bytes,
        type,
        type(None),
        type(...),
        type(NotImplemented),
        range,
        type(len),
        type(lambda: 0),
        property,
        slice,
    )
)


def _slots(cls):
    out = []
    for c in cls.__mro__:
        s = c.__dict__.get("__slots__", ())
        for n in (s,) if isinstance(s, str) else s:
            if n not in ("__dict__", "__weakref__"):
                out.append(
                    "_" + c.__name__.lstrip("_") + n
                    if n.startswith("__") and not n.endswith("__")
                    else n
                )
    return out


def _rebuild(x, cls, memo):
    deep = memo is not None
    f = (lambda v: deepcopy(v, memo)) if deep else (lambda v: v)
    if hasattr(cls, "__getnewargs_ex__"):
        a, k = x.__getnewargs_ex__()
        y = cls.__new__(cls, *f(a), **f(k))
    elif hasattr(cls, "__getnewargs__"):
        y = cls.__new__(cls, *f(x.__getnewargs__()))
    else:
        for base in (tuple, frozenset, str, bytes, int, float):
            if isinstance(x, base):
                v = base(x)
                y = base.__new__(
                    cls,
                    tuple([f(i) for i in v])
                    if base is tuple
                    else frozenset([f(i) for i in v])
                    if base is frozenset
                    else v,
                )
                break
        else:
            if isinstance(x, BaseException):
                y = cls.__new__(cls, *f(x.args))
                y.args = f(x.args)
            else:
                y = cls.__new__(cls)
    if deep:
        memo[id(x)] = y
    getstate = getattr(cls, "__getstate__", None)
    if getstate is not None and getstate is not getattr(object, "__getstate__", None):
        state = f(x.__getstate__())
    else:
        d = getattr(x, "__dict__", None)
        # The arguments that a module was made with (kdex keeps them) are what they were, not a copy.
        state = {k: v if k == "_kdex_call" else f(v) for k, v in d.items()} if d else None
        named = _slots(cls)
        if named:
            extra = {}
            for n in named:
                try:
                    extra[n] = f(getattr(x, n))
                except AttributeError:
                    pass
            if hasattr(cls, "__setstate__"):
                state = (state, extra)
            else:
                for n, v in extra.items():
                    object.__setattr__(y, n, v)
    if state is not None:
        if hasattr(cls, "__setstate__"):
            y.__setstate__(state)
        elif isinstance(state, tuple) and len(state) == 2:
            if state[0]:
                y.__dict__.update(state[0])
            for n, v in (state[1] or {}).items():
                setattr(y, n, v)
        else:
            y.__dict__.update(state)
    if isinstance(x, list):
        for v in list.__iter__(x):
            y.append(f(v))
    elif isinstance(x, dict):
        for k, v in dict.items(x):
            y[f(k)] = f(v)
    elif isinstance(x, set):
        y.update([f(v) for v in set.__iter__(x)])
    return y


def _reduced(x, cls, memo):
    """The object that x's own __reduce_ex__ or __reduce__ describes, or None where it has neither."""
    r = None
    for name in ("__reduce_ex__", "__reduce__"):
        m = getattr(cls, name, None)
        if m is not None and m is not getattr(object, name, None):
            r = x.__reduce_ex__(4) if name == "__reduce_ex__" else x.__reduce__()
            break
    if r is None:
        return None
    if isinstance(r, str):
        return (x,)
    f = (lambda v: deepcopy(v, memo)) if memo is not None else (lambda v: v)
    y = r[0](*f(r[1]))
    if len(r) > 2 and r[2] is not None:
        state = f(r[2])
        if hasattr(y, "__setstate__"):
            y.__setstate__(state)
        else:
            y.__dict__.update(state)
    if len(r) > 3 and r[3] is not None:
        for v in r[3]:
            y.append(f(v))
    if len(r) > 4 and r[4] is not None:
        for k, v in r[4]:
            y[f(k)] = f(v)
    return (y,)


def copy(x):
    cls = type(x)
    if cls in _atomic or isinstance(x, type):
        return x
    if cls is list or cls is dict or cls is set:
        return x.copy()
    if cls is tuple or cls is frozenset:
        return x
    m = getattr(cls, "__copy__", None)
    if m is not None:
        return m(x)
    r = _reduced(x, cls, None)
    return _rebuild(x, cls, None) if r is None else r[0]


def deepcopy(x, memo=None, _nil=[]):
    return _kdex.deepcopy(x, {} if memo is None else memo, _deepcopy_other)


def _deepcopy_other(x, memo):
    """The copy of what is no plain container and not in memo yet."""
    cls = type(x)
    if cls in _atomic or isinstance(x, type):
        return x
    if cls is frozenset:
        y = frozenset([deepcopy(v, memo) for v in x])
    elif isinstance(x, _method):
        y = _method(x.__func__, deepcopy(x.__self__, memo))
    else:
        m = getattr(x, "__deepcopy__", None)
        if m is not None:
            y = m(memo)
        elif isinstance(x, _module) or cls.__module__ == "re":
            y = x
        else:
            y = _reduced(x, cls, memo)
            y = _rebuild(x, cls, memo) if y is None else y[0]
    if y is not x:
        memo[id(x)] = y
        memo.setdefault(id(memo), []).append(x)
    return y


class _M:
    def m(self):
        pass


_method = type(_M().m)
_module = type(__import__("builtins"))
