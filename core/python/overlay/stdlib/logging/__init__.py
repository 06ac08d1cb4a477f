# logging: the whole interface, no output; handlers that a program adds do get its records.
import sys as _sys
import _kdex

CRITICAL = FATAL = 50
ERROR = 40
WARNING = WARN = 30
INFO = 20
DEBUG = 10
NOTSET = 0
_names = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}
_levels = {
    "CRITICAL": 50,
    "FATAL": 50,
    "ERROR": 40,
    "WARNING": 30,
    "WARN": 30,
    "INFO": 20,
    "DEBUG": 10,
    "NOTSET": 0,
}
raiseExceptions = True
logThreads = logProcesses = logMultiprocessing = True
BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"
_disabled = [0]


def getLevelName(level):
    r = _names.get(level)
    if r is None:
        r = _levels.get(level)
    return f"Level {level}" if r is None else r


def getLevelNamesMapping():
    return dict(_levels)


def addLevelName(level, name):
    _names[level] = name
    _levels[name] = level


def _check(level):
    if isinstance(level, int):
        return level
    if isinstance(level, str):
        if level not in _levels:
            raise ValueError(f"Unknown level: {level!r}")
        return _levels[level]
    raise TypeError(f"Level not an integer or a valid string: {level!r}")


class LogRecord:
    def __init__(
        self, name, level, pathname, lineno, msg, args, exc_info, func=None, sinfo=None, **kw
    ):
        if args and len(args) == 1 and isinstance(args[0], dict) and args[0]:
            args = args[0]
        self.name, self.msg, self.args, self.levelno, self.levelname = (
            name,
            msg,
            args,
            level,
            getLevelName(level),
        )
        self.pathname, self.lineno, self.exc_info, self.funcName, self.stack_info = (
            pathname,
            lineno,
            exc_info,
            func,
            sinfo,
        )
        self.filename, self.module, self.exc_text = pathname.rsplit("/", 1)[-1], "", None
        self.created = self.msecs = self.relativeCreated = 0.0
        self.thread, self.threadName, self.process, self.processName = (
            1,
            "MainThread",
            1,
            "MainProcess",
        )

    def getMessage(self):
        m = str(self.msg)
        return m % self.args if self.args else m


_factory = [LogRecord]


def getLogRecordFactory():
    return _factory[0]


def setLogRecordFactory(f):
    _factory[0] = f


def makeLogRecord(d):
    r = LogRecord(None, 0, "", 0, "", (), None)
    r.__dict__.update(d)
    return r


class Formatter:
    default_time_format = "%Y-%m-%d %H:%M:%S"
    default_msec_format = "%s,%03d"
    converter = None

    def __init__(self, fmt=None, datefmt=None, style="%", validate=True, *, defaults=None):
        self._fmt, self.datefmt, self._style_name, self._defaults = (
            fmt or "%(message)s",
            datefmt,
            style,
            defaults,
        )

    def formatTime(self, record, datefmt=None):
        return ""

    def formatException(self, ei):
        return f"{ei[0].__name__}: {ei[1]}" if ei and ei[0] else ""

    def formatStack(self, s):
        return s

    def usesTime(self):
        return "asctime" in self._fmt

    def formatMessage(self, record):
        d = {**(self._defaults or {}), **record.__dict__}
        if self._style_name == "{":
            return self._fmt.format(**d)
        if self._style_name == "$":
            from string import Template

            return Template(self._fmt).substitute(**d)
        return self._fmt % d

    def format(self, record):
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        return self.formatMessage(record)


class Filter:
    def __init__(self, name=""):
        self.name = name

    def filter(self, record):
        n = self.name
        return not n or record.name == n or record.name.startswith(n + ".")


class Filterer:
    def __init__(self):
        self.filters = []

    def addFilter(self, f):
        if f not in self.filters:
            self.filters.append(f)

    def removeFilter(self, f):
        if f in self.filters:
            self.filters.remove(f)

    def filter(self, record):
        for f in self.filters:
            if not (f.filter(record) if hasattr(f, "filter") else f(record)):
                return False
        return True


def _caller(stacklevel):
    """File and line of the code that logs."""
    n = 1
    while _kdex.caller_module(n) == __name__:
        n += 1
    n += stacklevel - 1
    return _kdex.caller_globals(n).get("__file__") or "", _kdex.caller_line(n)


class Handler(Filterer):
    def __init__(self, level=NOTSET):
        super().__init__()
        self.level = _check(level)
        self.formatter = self.name = self.lock = None

    def setLevel(self, level):
        self.level = _check(level)

    def setFormatter(self, f):
        self.formatter = f

    def format(self, record):
        return (self.formatter or Formatter()).format(record)

    def emit(self, record):
        pass

    def handle(self, record):
        r = self.filter(record)
        if r:
            self.emit(record)
        return r

    def handleError(self, record):
        pass

    def createLock(self):
        pass

    def acquire(self):
        pass

    def release(self):
        pass

    def flush(self):
        pass

    def close(self):
        pass

    def get_name(self):
        return self.name

    def set_name(self, name):
        self.name = name


class NullHandler(Handler):
    def handle(self, record):
        pass


class StreamHandler(Handler):
    terminator = "\n"

    def __init__(self, stream=None):
        super().__init__()
        self.stream = _sys.stderr if stream is None else stream

    def emit(self, record):
        if not getattr(self.stream, "_native", False):
            self.stream.write(self.format(record) + self.terminator)

    def setStream(self, stream):
        old, self.stream = self.stream, stream
        return old


class FileHandler(StreamHandler):
    def __init__(self, filename, mode="a", encoding=None, delay=False, errors=None):
        super().__init__()
        self.baseFilename = filename

    def emit(self, record):
        pass


class PlaceHolder:
    pass


class Logger(Filterer):
    def __init__(self, name, level=NOTSET):
        super().__init__()
        self.name, self.level, self.parent, self.propagate, self.handlers, self.disabled = (
            name,
            _check(level),
            None,
            True,
            [],
            False,
        )

    @property
    def manager(self):
        return _manager

    @property
    def root(self):
        return root

    def setLevel(self, level):
        self.level = _check(level)

    def getEffectiveLevel(self):
        l = self
        while l is not None:
            if l.level:
                return l.level
            l = l.parent
        return NOTSET

    def isEnabledFor(self, level):
        return not self.disabled and _disabled[0] < level and level >= self.getEffectiveLevel()

    def getChild(self, suffix):
        return getLogger(suffix if self.name == "root" else self.name + "." + suffix)

    def _log(self, level, msg, args, exc_info=None, extra=None, stack_info=False, stacklevel=1):
        l = self
        while l is not None:
            if l.handlers:
                break
            l = l.parent if l.propagate else None
        if l is None:
            return
        if exc_info and not isinstance(exc_info, (tuple, BaseException)):
            exc_info = _sys.exc_info()
        file, line = _caller(stacklevel)
        r = _factory[0](self.name, level, file, line, msg, args, exc_info)
        if extra:
            r.__dict__.update(extra)
        self.handle(r)

    def makeRecord(
        self, name, level, fn, lno, msg, args, exc_info, func=None, extra=None, sinfo=None
    ):
        return _factory[0](name, level, fn, lno, msg, args, exc_info, func)

    def findCaller(self, stack_info=False, stacklevel=1):
        return "", 0, "", None

    def handle(self, record):
        if not self.disabled and self.filter(record):
            self.callHandlers(record)

    def callHandlers(self, record):
        l = self
        while l is not None:
            for h in l.handlers:
                if record.levelno >= h.level:
                    h.handle(record)
            l = l.parent if l.propagate else None

    def debug(self, msg, *args, **kw):
        if self.handlers_reachable(10):
            self._log(10, msg, args, **kw)

    def info(self, msg, *args, **kw):
        if self.handlers_reachable(20):
            self._log(20, msg, args, **kw)

    def warning(self, msg, *args, **kw):
        if self.handlers_reachable(30):
            self._log(30, msg, args, **kw)

    warn = warning

    def error(self, msg, *args, **kw):
        if self.handlers_reachable(40):
            self._log(40, msg, args, **kw)

    def exception(self, msg, *args, exc_info=True, **kw):
        if self.handlers_reachable(40):
            self._log(40, msg, args, exc_info=exc_info, **kw)

    def critical(self, msg, *args, **kw):
        if self.handlers_reachable(50):
            self._log(50, msg, args, **kw)

    fatal = critical

    def log(self, level, msg, *args, **kw):
        if not isinstance(level, int):
            raise TypeError("level must be an integer")
        if self.handlers_reachable(level):
            self._log(level, msg, args, **kw)

    def handlers_reachable(self, level):
        return _any_handler[0] and self.isEnabledFor(level)

    def addHandler(self, h):
        _any_handler[0] = True
        if h not in self.handlers:
            self.handlers.append(h)

    def removeHandler(self, h):
        if h in self.handlers:
            self.handlers.remove(h)

    def hasHandlers(self):
        l = self
        while l is not None:
            if l.handlers:
                return True
            l = l.parent if l.propagate else None
        return False

    def __repr__(self):
        return f"<{type(self).__name__} {self.name} ({getLevelName(self.getEffectiveLevel())})>"

    def __deepcopy__(self, memo):
        return self


_any_handler = [False]


class RootLogger(Logger):
    def __init__(self, level):
        super().__init__("root", level)


root = RootLogger(WARNING)
Logger_class = [Logger]


class Manager:
    def __init__(self):
        self.loggerDict = {}
        self.disable = 0
        self.root = root

    def getLogger(self, name):
        l = self.loggerDict.get(name)
        if l is None:
            l = self.loggerDict[name] = Logger_class[0](name)
            parent = root
            i = name.rfind(".")
            while i > 0:
                p = self.loggerDict.get(name[:i])
                if p is not None:
                    parent = p
                    break
                i = name.rfind(".", 0, i)
            l.parent = parent
            for n, c in self.loggerDict.items():
                if n.startswith(name + ".") and c.parent is parent:
                    c.parent = l
        return l

    def setLoggerClass(self, k):
        Logger_class[0] = k


_manager = Manager()


def getLogger(name=None):
    if not name or name == "root":
        return root
    if not isinstance(name, str):
        raise TypeError("A logger name must be a string")
    return _manager.getLogger(name)


def getLoggerClass():
    return Logger_class[0]


def setLoggerClass(k):
    Logger_class[0] = k


class LoggerAdapter:
    def __init__(self, logger, extra=None):
        self.logger, self.extra = logger, extra

    def process(self, msg, kw):
        kw["extra"] = self.extra
        return msg, kw

    def log(self, level, msg, *args, **kw):
        if self.isEnabledFor(level):
            msg, kw = self.process(msg, kw)
            self.logger.log(level, msg, *args, **kw)

    def debug(self, msg, *a, **k):
        self.log(10, msg, *a, **k)

    def info(self, msg, *a, **k):
        self.log(20, msg, *a, **k)

    def warning(self, msg, *a, **k):
        self.log(30, msg, *a, **k)

    warn = warning

    def error(self, msg, *a, **k):
        self.log(40, msg, *a, **k)

    def exception(self, msg, *a, exc_info=True, **k):
        self.log(40, msg, *a, exc_info=exc_info, **k)

    def critical(self, msg, *a, **k):
        self.log(50, msg, *a, **k)

    def isEnabledFor(self, level):
        return self.logger.isEnabledFor(level)

    def setLevel(self, level):
        self.logger.setLevel(level)

    def getEffectiveLevel(self):
        return self.logger.getEffectiveLevel()

    def hasHandlers(self):
        return self.logger.hasHandlers()

    @property
    def name(self):
        return self.logger.name


def debug(msg, *a, **k):
    root.debug(msg, *a, **k)


def info(msg, *a, **k):
    root.info(msg, *a, **k)


def warning(msg, *a, **k):
    root.warning(msg, *a, **k)


warn = warning


def error(msg, *a, **k):
    root.error(msg, *a, **k)


def exception(msg, *a, exc_info=True, **k):
    root.exception(msg, *a, exc_info=exc_info, **k)


def critical(msg, *a, **k):
    root.critical(msg, *a, **k)


fatal = critical


def log(level, msg, *a, **k):
    root.log(level, msg, *a, **k)


def basicConfig(**kw):
    if kw.get("force"):
        root.handlers.clear()
    if not root.handlers:
        for h in kw.get("handlers") or [StreamHandler(kw.get("stream"))]:
            h.setFormatter(
                h.formatter
                or Formatter(
                    kw.get("format", BASIC_FORMAT), kw.get("datefmt"), kw.get("style", "%")
                )
            )
            root.addHandler(h)
    if kw.get("level") is not None:
        root.setLevel(kw["level"])


def disable(level=CRITICAL):
    _disabled[0] = level


def captureWarnings(capture):
    pass


def shutdown(handlerList=()):
    pass


lastResort = None
