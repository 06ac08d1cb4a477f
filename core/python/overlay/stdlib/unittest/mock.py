# unittest.mock: patch and a plain mock.
import importlib


class _Default:
    def __repr__(self):
        return "sentinel.DEFAULT"


DEFAULT = _Default()


class Mock:
    def __init__(self, spec=None, return_value=DEFAULT, side_effect=None, **kw):
        self.__dict__.update(kw)
        self.__dict__["return_value"] = return_value
        self.__dict__["side_effect"] = side_effect
        self.__dict__["call_count"] = 0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        m = self.__dict__[name] = type(self)()
        return m

    def __call__(self, *args, **kw):
        self.__dict__["call_count"] += 1
        e = self.__dict__["side_effect"]
        if isinstance(e, type) and issubclass(e, BaseException) or isinstance(e, BaseException):
            raise e
        if e is not None:
            return e(*args, **kw)
        if self.__dict__["return_value"] is DEFAULT:
            self.__dict__["return_value"] = type(self)()
        return self.__dict__["return_value"]


class MagicMock(Mock):
    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


class _Patch:
    def __init__(self, find, name, new, kw):
        self._find, self._name, self._new, self._kw = find, name, new, kw

    def __enter__(self):
        self._target = self._find()
        d = getattr(self._target, "__dict__", {})
        self._local = self._name in d
        self._old = getattr(self._target, self._name, DEFAULT)
        new = MagicMock(**self._kw) if self._new is DEFAULT else self._new
        setattr(self._target, self._name, new)
        return new

    def __exit__(self, *exc):
        if self._local:
            setattr(self._target, self._name, self._old)
        else:
            delattr(self._target, self._name)

    start = __enter__

    def stop(self):
        self.__exit__()

    def __call__(self, f):
        from functools import wraps

        @wraps(f)
        def run(*a, **k):
            with self:
                return f(*a, **k)

        return run


class _Patcher:
    def __call__(self, target, new=DEFAULT, **kw):
        mod, _, name = target.rpartition(".")
        return _Patch(lambda: _find(mod), name, new, kw)

    def object(self, target, attribute, new=DEFAULT, **kw):
        return _Patch(lambda: target, attribute, new, kw)

    def dict(self, in_dict, values=(), clear=False, **kw):
        return _PatchDict(in_dict, values, clear, kw)


def _find(path):
    try:
        return importlib.import_module(path)
    except ImportError:
        head, _, name = path.rpartition(".")
        if not head:
            raise
        return getattr(_find(head), name)


class _PatchDict:
    def __init__(self, d, values, clear, kw):
        self._d, self._values, self._clear = d, {**dict(values), **kw}, clear

    def __enter__(self):
        d = self._d if not isinstance(self._d, str) else _find(self._d)
        self._target, self._old = d, dict(d)
        if self._clear:
            d.clear()
        d.update(self._values)
        return d

    def __exit__(self, *exc):
        self._target.clear()
        self._target.update(self._old)


patch = _Patcher()
