# multiprocessing: one process; processes that are started do not run.
import builtins as _builtins
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore, Thread
from queue import Queue, SimpleQueue, Queue as JoinableQueue


class ProcessError(Exception):
    pass


class AuthenticationError(ProcessError):
    pass


TimeoutError = _builtins.TimeoutError


class Process(Thread):
    exitcode = None
    pid = 1
    sentinel = 0

    def terminate(self):
        pass

    kill = close = terminate


_current = Process(name="MainProcess")


def current_process():
    return _current


def parent_process():
    return None


def active_children():
    return []


def cpu_count():
    return 1


def freeze_support():
    pass


_method = ["fork"]


def get_start_method(allow_none=False):
    return _method[0]


def set_start_method(method, force=False):
    _method[0] = method


def get_all_start_methods():
    return ["fork", "spawn", "forkserver"]


def get_context(method=None):
    import sys

    return sys.modules["multiprocessing"]


class _Value:
    def __init__(self, typecode, value=0, *, lock=True):
        self.value = value

    def get_lock(self):
        return Lock()


Value = _Value


def Array(typecode, size_or_init, *, lock=True):
    return [0] * size_or_init if isinstance(size_or_init, int) else list(size_or_init)


def Pipe(duplex=True):
    raise PermissionError(1, "Operation not permitted")


Manager = Pipe


class Pool:
    def __init__(self, processes=None, initializer=None, initargs=(), *args):
        pass

    def map(self, f, it, chunksize=None):
        return [f(x) for x in it]

    def starmap(self, f, it, chunksize=None):
        return [f(*x) for x in it]

    def imap(self, f, it, chunksize=1):
        return iter(self.map(f, it))

    imap_unordered = imap

    def apply(self, f, args=(), kwds={}):
        return f(*args, **kwds)

    def close(self):
        pass

    terminate = join = close

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass
