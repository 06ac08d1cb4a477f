# contextlib: context managers from generators, suppression, stacks, redirection.
import abc
import sys
from types import MethodType, GenericAlias
from functools import wraps


class AbstractContextManager(abc.ABC):
    __class_getitem__ = classmethod(GenericAlias)

    def __enter__(self):
        return self

    @abc.abstractmethod
    def __exit__(self, t, v, tb):
        return None

    @classmethod
    def __subclasshook__(cls, C):
        if cls is AbstractContextManager:
            return (
                any("__enter__" in b.__dict__ for b in C.__mro__)
                and any("__exit__" in b.__dict__ for b in C.__mro__)
                or NotImplemented
            )
        return NotImplemented


class AbstractAsyncContextManager(abc.ABC):
    __class_getitem__ = classmethod(GenericAlias)

    async def __aenter__(self):
        return self

    @abc.abstractmethod
    async def __aexit__(self, t, v, tb):
        return None


class ContextDecorator:
    def _recreate_cm(self):
        return self

    def __call__(self, func):
        @wraps(func)
        def inner(*args, **kw):
            with self._recreate_cm():
                return func(*args, **kw)

        return inner


class AsyncContextDecorator:
    def _recreate_cm(self):
        return self

    def __call__(self, func):
        @wraps(func)
        async def inner(*args, **kw):
            async with self._recreate_cm():
                return await func(*args, **kw)

        return inner


class _GeneratorContextManager(ContextDecorator):
    def __init__(self, func, args, kwds):
        self.gen = func(*args, **kwds)
        self.func, self.args, self.kwds = func, args, kwds
        self.__doc__ = func.__doc__

    def _recreate_cm(self):
        return self.__class__(self.func, self.args, self.kwds)

    def __enter__(self):
        try:
            return next(self.gen)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None

    def __exit__(self, typ, value, traceback):
        if typ is None:
            try:
                next(self.gen)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        if value is None:
            value = typ()
        try:
            self.gen.throw(value)
        except StopIteration as exc:
            return exc is not value
        except RuntimeError as exc:
            if exc is value:
                return False
            if isinstance(value, StopIteration) and exc.__cause__ is value:
                return False
            raise
        except BaseException as exc:
            if exc is not value:
                raise
            return False
        raise RuntimeError("generator didn't stop after throw()")


# AbstractContextManager's own hook answers isinstance for these.
def contextmanager(func):
    @wraps(func)
    def helper(*args, **kwds):
        return _GeneratorContextManager(func, args, kwds)

    return helper


class _AsyncGeneratorContextManager(AsyncContextDecorator):
    def __init__(self, func, args, kwds):
        self.gen = func(*args, **kwds)
        self.func, self.args, self.kwds = func, args, kwds

    def _recreate_cm(self):
        return self.__class__(self.func, self.args, self.kwds)

    async def __aenter__(self):
        try:
            return await self.gen.__anext__()
        except StopAsyncIteration:
            raise RuntimeError("generator didn't yield") from None

    async def __aexit__(self, typ, value, traceback):
        if typ is None:
            try:
                await self.gen.__anext__()
            except StopAsyncIteration:
                return False
            raise RuntimeError("generator didn't stop")
        try:
            await self.gen.athrow(value)
        except StopAsyncIteration as exc:
            return exc is not value
        except BaseException as exc:
            if exc is not value:
                raise
            return False
        raise RuntimeError("generator didn't stop after athrow()")


def asynccontextmanager(func):
    @wraps(func)
    def helper(*args, **kwds):
        return _AsyncGeneratorContextManager(func, args, kwds)

    return helper


class closing(AbstractContextManager):
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *exc):
        self.thing.close()


class suppress:
    def __init__(self, *exceptions):
        self._exceptions = exceptions

    def __enter__(self):
        pass

    def __exit__(self, t, v, tb):
        return t is not None and issubclass(t, self._exceptions)


class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result

    def __exit__(self, *exc):
        pass

    async def __aenter__(self):
        return self.enter_result

    async def __aexit__(self, *exc):
        pass


class _Redirect:
    _stream = None

    def __init__(self, target):
        self._target = target
        self._old = []

    def __enter__(self):
        self._old.append(getattr(sys, self._stream))
        setattr(sys, self._stream, self._target)
        return self._target

    def __exit__(self, *exc):
        setattr(sys, self._stream, self._old.pop())


class redirect_stdout(_Redirect):
    _stream = "stdout"


class redirect_stderr(_Redirect):
    _stream = "stderr"


class chdir:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        raise PermissionError(1, "Operation not permitted", self.path)

    def __exit__(self, *exc):
        pass


class ExitStack:
    def __init__(self):
        self._callbacks = []

    def pop_all(self):
        new = type(self)()
        new._callbacks = self._callbacks
        self._callbacks = []
        return new

    def push(self, exit):
        m = getattr(type(exit), "__exit__", None)
        self._callbacks.append(exit if m is None else MethodType(m, exit))
        return exit

    def enter_context(self, cm):
        cls = type(cm)
        try:
            enter, leave = cls.__enter__, cls.__exit__
        except AttributeError:
            raise TypeError(
                f"'{cls.__module__}.{cls.__qualname__}' object does not support the context manager protocol"
            ) from None
        r = enter(cm)
        self._callbacks.append(MethodType(leave, cm))
        return r

    def callback(self, f, /, *args, **kw):
        def call(t, v, tb):
            f(*args, **kw)

        call.__wrapped__ = f
        self._callbacks.append(call)
        return f

    def close(self):
        self.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, t, v, tb):
        original, pending, swallowed = v, None, False
        while self._callbacks:
            cb = self._callbacks.pop()
            try:
                if cb(t, v, tb):
                    swallowed, pending = True, None
                    t = v = tb = None
            except BaseException as e:
                pending = e
                t, v, tb = type(e), e, e.__traceback__
        if pending is not None:
            raise pending
        return original is not None and swallowed


class AsyncExitStack(ExitStack):
    async def enter_async_context(self, cm):
        cls = type(cm)
        r = await cls.__aenter__(cm)
        self._callbacks.append(MethodType(cls.__aexit__, cm))
        return r

    def push_async_callback(self, f, /, *args, **kw):
        async def call(t, v, tb):
            await f(*args, **kw)

        self._callbacks.append(call)
        return f

    async def __aenter__(self):
        return self

    async def __aexit__(self, t, v, tb):
        original, swallowed = v, False
        while self._callbacks:
            cb = self._callbacks.pop()
            r = cb(t, v, tb)
            if hasattr(r, "__await__"):
                r = await r
            if r:
                swallowed = True
                t = v = tb = None
        return original is not None and swallowed

    async def aclose(self):
        await self.__aexit__(None, None, None)
