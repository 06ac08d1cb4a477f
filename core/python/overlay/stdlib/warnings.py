# warnings: nothing is shown; the interface is whole.
import contextlib as _contextlib

filters = []


def warn(message, category=None, stacklevel=1, source=None, **kw):
    for rec in _recorders:
        rec.append(
            WarningMessage(
                message if isinstance(message, Warning) else (category or UserWarning)(message),
                category or (type(message) if isinstance(message, Warning) else UserWarning),
            )
        )


def warn_explicit(message, category, filename, lineno, *a, **kw):
    warn(message, category)


_recorders = []


class WarningMessage:
    def __init__(self, message, category, filename="", lineno=0, file=None, line=None, source=None):
        self.message, self.category, self.filename, self.lineno = (
            message,
            category,
            filename,
            lineno,
        )


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    pass


def simplefilter(action, category=Warning, lineno=0, append=False):
    pass


def resetwarnings():
    pass


def formatwarning(message, category, filename, lineno, line=None):
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def showwarning(message, category, filename, lineno, file=None, line=None):
    pass


class catch_warnings:
    def __init__(
        self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False
    ):
        self._log = [] if record else None

    def __enter__(self):
        if self._log is not None:
            _recorders.append(self._log)
        return self._log

    def __exit__(self, *exc):
        if self._log is not None:
            _recorders.remove(self._log)


class deprecated:
    def __init__(self, message, /, *, category=DeprecationWarning, stacklevel=1):
        self.message = message

    def __call__(self, arg):
        arg.__deprecated__ = self.message
        return arg
