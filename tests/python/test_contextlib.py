# contextlib and the with statement.
from checks import assert_eq, assert_noted, assert_raises, finish, note
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


@contextmanager
def cm(n, swallow=False):
    "cm doc"
    note("enter", n)
    try:
        yield n * 2
    except ValueError as e:
        note("saw", e)
        if not swallow:
            raise
    finally:
        note("exit", n)


with cm(1) as v:
    assert_eq(v, 2)
assert_noted(
    ("enter", "1"),
    ("exit", "1"),
)


def raising(swallow):
    with cm(2, swallow):
        raise ValueError("boom")
    return "swallowed"


assert_raises(ValueError, "boom", raising, False)
assert_noted(
    ("enter", "2"),
    ("saw", "boom"),
    ("exit", "2"),
)
assert_eq(raising(True), "swallowed")
assert_noted(
    ("enter", "2"),
    ("saw", "boom"),
    ("exit", "2"),
)
assert_eq(cm.__name__, "cm")
assert_eq(cm.__doc__, "cm doc")


@cm(5)
def decorated(x):
    return x + 1


assert_eq(decorated(1), 2)
assert_eq(decorated(2), 3)
assert_noted(
    ("enter", "5"),
    ("exit", "5"),
    ("enter", "5"),
    ("exit", "5"),
)


@contextmanager
def no_yield():
    if False:
        yield


def ny():
    with no_yield():
        pass


assert_raises(RuntimeError, "generator didn't yield", ny)


@contextmanager
def two_yields():
    yield 1
    yield 2


def ty():
    with two_yields():
        pass


assert_raises(RuntimeError, "generator didn't stop", ty)


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
    assert_eq(repr(e), "RuntimeError('converted')")
    assert_eq(repr(e.__cause__), "KeyError('k')")


def early():
    for i in range(3):
        with cm(i):
            if i == 1:
                return i


assert_eq(early(), 1)
assert_noted(
    ("enter", "0"),
    ("exit", "0"),
    ("enter", "1"),
    ("exit", "1"),
)
with suppress(KeyError, IndexError):
    {}["x"]
with suppress(Exception):
    raise ValueError


def notsup():
    with suppress(KeyError):
        raise ValueError("through")


assert_raises(ValueError, "through", notsup)
with nullcontext() as n:
    assert_eq(n, None)
with nullcontext(5) as n:
    assert_eq(n, 5)


class Cl:
    def close(self):
        note("closed")


with closing(Cl()) as c:
    assert_eq(type(c).__name__, "Cl")
assert_noted(("closed",))
with ExitStack() as st:
    assert_eq(st.enter_context(cm("a")), "aa")
    assert_eq(st.enter_context(cm("b")), "bb")
    st.callback(note, "callback", 1)
    st.push(lambda *a: note("pushed", a[0]))
    note("body")
assert_noted(
    ("enter", "a"),
    ("enter", "b"),
    ("body",),
    ("pushed", "None"),
    ("callback", "1"),
    ("exit", "b"),
    ("exit", "a"),
)


def es():
    with ExitStack() as st:
        st.enter_context(cm("outer", True))
        st.enter_context(nullcontext())
        raise ValueError("es")
    return "done"


assert_eq(es(), "done")
assert_noted(
    ("enter", "outer"),
    ("saw", "es"),
    ("exit", "outer"),
)
st = ExitStack()
st.enter_context(cm("late"))
assert_noted(("enter", "late"))
moved = st.pop_all()
st.close()
note("before")
assert_noted(("before",))
moved.close()
assert_noted(("exit", "late"))


class CD(ContextDecorator):
    def __enter__(self):
        note("cd in")
        return self

    def __exit__(self, *a):
        note("cd out")
        return False


@CD()
def cdf():
    return "cdf"


assert_eq(cdf(), "cdf")
assert_noted(
    ("cd in",),
    ("cd out",),
)
buf = io.StringIO()
with redirect_stdout(buf):
    print("captured")
assert_eq(buf.getvalue(), "captured\n")


class ACM(AbstractContextManager):
    def __exit__(self, *a):
        note("acm exit")
        return None


with ACM() as a:
    assert_eq(isinstance(a, AbstractContextManager), True)
assert_noted(("acm exit",))
assert_eq(isinstance(nullcontext(), AbstractContextManager), True)
assert_eq(issubclass(Cl, AbstractContextManager), False)


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
    assert_eq(m.depth, 2)
    assert_eq(a is m, True)
assert_eq(m.depth, 0)
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
    assert_eq(flag, {"on": True})
assert_eq(flag, {"on": False})

finish(89)
