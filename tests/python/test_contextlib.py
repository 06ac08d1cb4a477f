# contextlib and the with statement.
import contextlib, io
from contextlib import (
    AbstractContextManager,
    ContextDecorator,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    redirect_stdout,
    suppress,
)


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


@contextmanager
def cm(n, swallow=False):
    "cm doc"
    print("enter", n)
    try:
        yield n * 2
    except ValueError as e:
        print("saw", e)
        if not swallow:
            raise
    finally:
        print("exit", n)


with cm(1) as v:
    print(v)


def raising(swallow):
    with cm(2, swallow):
        raise ValueError("boom")
    return "swallowed"


err(raising, False)
err(raising, True)
print(cm.__name__, cm.__doc__)


@cm(5)
def decorated(x):
    return x + 1


print(decorated(1), decorated(2))


@contextmanager
def no_yield():
    if False:
        yield


def ny():
    with no_yield():
        pass


err(ny)


@contextmanager
def two_yields():
    yield 1
    yield 2


def ty():
    with two_yields():
        pass


err(ty)


@contextmanager
def reraise():
    try:
        yield
    except KeyError as e:
        raise RuntimeError("converted") from e


def rr():
    with reraise():
        raise KeyError("k")


try:
    rr()
except RuntimeError as e:
    print(repr(e), repr(e.__cause__))


def early():
    for i in range(3):
        with cm(i):
            if i == 1:
                return i


print(early())
with suppress(KeyError, IndexError):
    {}["x"]
with suppress(Exception):
    raise ValueError


def notsup():
    with suppress(KeyError):
        raise ValueError("through")


err(notsup)
with nullcontext() as n:
    print(n)
with nullcontext(5) as n:
    print(n)


class Cl:
    def close(self):
        print("closed")


with closing(Cl()) as c:
    print(type(c).__name__)
with ExitStack() as st:
    print(st.enter_context(cm("a")), st.enter_context(cm("b")))
    st.callback(print, "callback", 1)
    st.push(lambda *a: print("pushed", a[0]))
    print("body")


def es():
    with ExitStack() as st:
        st.enter_context(cm("outer", True))
        st.enter_context(nullcontext())
        raise ValueError("es")
    return "done"


err(es)
st = ExitStack()
st.enter_context(cm("late"))
moved = st.pop_all()
st.close()
print("before")
moved.close()


class CD(ContextDecorator):
    def __enter__(self):
        print("cd in")
        return self

    def __exit__(self, *a):
        print("cd out")
        return False


@CD()
def cdf():
    return "cdf"


print(cdf())
buf = io.StringIO()
with redirect_stdout(buf):
    print("captured")
print(repr(buf.getvalue()))


class ACM(AbstractContextManager):
    def __exit__(self, *a):
        print("acm exit")
        return None


with ACM() as a:
    print(isinstance(a, AbstractContextManager))
print(isinstance(nullcontext(), AbstractContextManager), issubclass(Cl, AbstractContextManager))


class M:
    def __init__(self):
        self.depth = 0

    @contextmanager
    def scope(self):
        self.depth += 1
        try:
            yield self
        finally:
            self.depth -= 1


m = M()
with m.scope() as a, m.scope():
    print(m.depth, a is m)
print(m.depth)
flag = {"on": False}


@contextmanager
def setting(key, value):
    old = flag[key]
    flag[key] = value
    try:
        yield
    finally:
        flag[key] = old


with setting("on", True):
    print(flag)
print(flag)
