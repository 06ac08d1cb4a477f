# asyncio: coroutines driven to their end in the caller; there is no event loop to wait on.
from threading import Lock as _Lock
from queue import Empty as QueueEmpty, Full as QueueFull
from concurrent.futures import Future as _Future, InvalidStateError
from inspect import iscoroutine, iscoroutinefunction

import builtins as _builtins

TimeoutError = _builtins.TimeoutError


class CancelledError(BaseException):
    pass


class Future(_Future):
    def __await__(self):
        if not self._done:
            yield self
        return self.result()


class Task(Future):
    pass


class _Async(_Lock):
    async def acquire(self):
        self._n += 1
        return True

    async def __aenter__(self):
        self._n += 1

    async def __aexit__(self, *exc):
        self._n -= 1


class Lock(_Async):
    pass


class Condition(_Async):
    def notify(self, n=1):
        pass

    notify_all = notify


class Semaphore(_Async):
    def __init__(self, value=1):
        super().__init__()


class Event:
    def __init__(self):
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        self._flag = True

    def clear(self):
        self._flag = False

    async def wait(self):
        return True


class Queue:
    def __init__(self, maxsize=0):
        self._items = []

    def put_nowait(self, x):
        self._items.append(x)

    async def put(self, x):
        self._items.append(x)

    def get_nowait(self):
        if not self._items:
            raise QueueEmpty
        return self._items.pop(0)

    async def get(self):
        return self.get_nowait()

    def qsize(self):
        return len(self._items)

    def empty(self):
        return not self._items

    def __class_getitem__(cls, k):
        return cls


def run(coro, *, debug=None):
    try:
        while True:
            coro.send(None)
    except StopIteration as e:
        return e.value


class AbstractEventLoop:
    def run_until_complete(self, coro):
        return run(coro)

    def create_task(self, coro, **kw):
        return create_task(coro)

    def create_future(self):
        return Future()

    def is_running(self):
        return False

    def is_closed(self):
        return False

    def close(self):
        pass

    stop = close

    def call_soon(self, f, *a):
        pass

    call_soon_threadsafe = call_soon

    def set_exception_handler(self, h):
        pass

    def add_signal_handler(self, s, f, *a):
        pass


_loop = AbstractEventLoop()


def get_event_loop():
    return _loop


new_event_loop = get_event_loop


def get_running_loop():
    raise RuntimeError("no running event loop")


def set_event_loop(loop):
    pass


def set_event_loop_policy(policy):
    pass


def create_task(coro, **kw):
    t = Task()
    try:
        t.set_result(run(coro))
    except Exception as e:
        t.set_exception(e)
    return t


ensure_future = create_task


def current_task(loop=None):
    return None


async def sleep(delay, result=None):
    return result


async def gather(*coros, return_exceptions=False):
    return [await c for c in coros]


async def wait_for(aw, timeout):
    return await aw


async def to_thread(f, /, *a, **k):
    return f(*a, **k)


async def wait(tasks, **kw):
    return set(tasks), set()


def run_coroutine_threadsafe(coro, loop):
    return create_task(coro)
