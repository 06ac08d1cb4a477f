# concurrent.futures: submitted work runs at once, in the caller.


class CancelledError(Exception):
    pass


class BrokenExecutor(RuntimeError):
    pass


class InvalidStateError(Exception):
    pass


import builtins as _builtins

TimeoutError = _builtins.TimeoutError

FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED = (
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "ALL_COMPLETED",
)


class Future:
    def __init__(self):
        self._result = self._exc = None
        self._done = False
        self._calls = []

    def set_result(self, v):
        self._result, self._done = v, True
        for f in self._calls:
            f(self)

    def set_exception(self, e):
        self._exc, self._done = e, True
        for f in self._calls:
            f(self)

    def result(self, timeout=None):
        if not self._done:
            raise TimeoutError()
        if self._exc is not None:
            raise self._exc
        return self._result

    def exception(self, timeout=None):
        return self._exc

    def done(self):
        return self._done

    def running(self):
        return False

    def cancel(self):
        return False

    def cancelled(self):
        return False

    def add_done_callback(self, f):
        if self._done:
            f(self)
        else:
            self._calls.append(f)

    def __class_getitem__(cls, k):
        return cls


class Executor:
    def __init__(self, max_workers=None, *args, initializer=None, initargs=(), **kw):
        self._max_workers = max_workers or 1
        if initializer is not None:
            initializer(*initargs)

    def submit(self, fn, /, *args, **kw):
        f = Future()
        try:
            f.set_result(fn(*args, **kw))
        except Exception as e:
            f.set_exception(e)
        return f

    def map(self, fn, *iterables, timeout=None, chunksize=1):
        return iter([fn(*a) for a in zip(*iterables)])

    def shutdown(self, wait=True, *, cancel_futures=False):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


class ThreadPoolExecutor(Executor):
    pass


class ProcessPoolExecutor(Executor):
    pass


def as_completed(fs, timeout=None):
    return iter(list(fs))


def wait(fs, timeout=None, return_when=ALL_COMPLETED):
    return set(fs), set()
