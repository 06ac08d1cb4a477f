# traceback: the last line of a report; frames stay in the machine's own report.
import sys as _sys


def format_exception_only(exc, value=None, **kw):
    v = exc if isinstance(exc, BaseException) else value
    t = type(v)
    name = (
        t.__qualname__
        if t.__module__ in ("builtins", "__main__")
        else f"{t.__module__}.{t.__qualname__}"
    )
    s = str(v)
    return [f"{name}: {s}\n" if s else f"{name}\n"]


def format_exception(exc, value=None, tb=None, limit=None, chain=True, **kw):
    return ["Traceback (most recent call last):\n", *format_exception_only(exc, value)]


def format_exc(limit=None, chain=True):
    e = _sys.exc_info()[1]
    return "NoneType: None\n" if e is None else "".join(format_exception(e))


def print_exc(limit=None, file=None, chain=True):
    (file or _sys.stderr).write(format_exc())


def print_exception(exc, value=None, tb=None, limit=None, file=None, chain=True):
    (file or _sys.stderr).write("".join(format_exception(exc, value)))


def print_stack(f=None, limit=None, file=None):
    pass


def format_stack(f=None, limit=None):
    return []


def extract_stack(f=None, limit=None):
    return []


extract_tb = format_tb = extract_stack
print_tb = print_stack


def format_list(entries):
    return []


def walk_tb(tb):
    return iter(())


walk_stack = walk_tb


class TracebackException:
    def __init__(self, exc_type, exc_value, exc_traceback, **kw):
        self._e = exc_value

    @classmethod
    def from_exception(cls, exc, **kw):
        return cls(type(exc), exc, None)

    def format(self, **kw):
        return iter(format_exception(self._e))
