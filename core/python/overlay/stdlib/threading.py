# threading: one thread; locks are always free, threads that are started do not run.


class _Lock:
    def __init__(self):
        self._n = 0

    def acquire(self, blocking=True, timeout=-1):
        self._n += 1
        return True

    def release(self):
        if not self._n:
            raise RuntimeError("release unlocked lock")
        self._n -= 1

    def locked(self):
        return self._n > 0

    def __enter__(self):
        self._n += 1
        return True

    def __exit__(self, *exc):
        self._n -= 1

    def __deepcopy__(self, memo):
        raise TypeError("cannot pickle '_thread.lock' object")


class Lock(_Lock):
    pass


class RLock(_Lock):
    pass


LockType = Lock
allocate_lock = Lock


class Condition(_Lock):
    def __init__(self, lock=None):
        super().__init__()

    def wait(self, timeout=None):
        return True

    def wait_for(self, predicate, timeout=None):
        return predicate()

    def notify(self, n=1):
        pass

    def notify_all(self):
        pass


class Event:
    def __init__(self):
        self._flag = False

    def is_set(self):
        return self._flag

    isSet = is_set

    def set(self):
        self._flag = True

    def clear(self):
        self._flag = False

    def wait(self, timeout=None):
        return self._flag


class Semaphore(_Lock):
    def __init__(self, value=1):
        super().__init__()


class BoundedSemaphore(Semaphore):
    pass


class Barrier:
    def __init__(self, parties, action=None, timeout=None):
        self.parties = parties

    def wait(self, timeout=None):
        return 0


class local:
    pass


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        self._target, self.name, self._args, self._kwargs, self.daemon = (
            target,
            name or "Thread-1",
            args,
            kwargs or {},
            bool(daemon),
        )
        self.ident = self.native_id = None
        self._started = False

    def start(self):
        self._started = True

    def run(self):
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def join(self, timeout=None):
        pass

    def is_alive(self):
        return False

    def getName(self):
        return self.name

    def setName(self, name):
        self.name = name

    def setDaemon(self, d):
        self.daemon = d


class Timer(Thread):
    def __init__(self, interval, function, args=None, kwargs=None):
        super().__init__(target=function, args=args or (), kwargs=kwargs)
        self.interval = interval

    def cancel(self):
        pass


class _MainThread(Thread):
    pass


_main = _MainThread(name="MainThread")


def current_thread():
    return _main


main_thread = currentThread = current_thread


def get_ident():
    return 1


get_native_id = get_ident


def active_count():
    return 1


def enumerate():
    return [_main]


def settrace(f):
    pass


def setprofile(f):
    pass


def stack_size(n=0):
    return 0


TIMEOUT_MAX = 9223372036.0
excepthook = None
ThreadError = RuntimeError
