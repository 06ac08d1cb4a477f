# Generators: send, throw, close, return value, yield from, delegation, coroutines without a loop.
from checks import assert_eq, assert_noted, assert_raises, finish, note


def count(n):
    i = 0
    while i < n:
        got = yield i
        if got is not None:
            i = got
        else:
            i += 1
    return "done"


g = count(5)
assert_eq(next(g), 0)
assert_eq(next(g), 1)
assert_eq(g.send(3), 3)
assert_eq(next(g), 4)
assert_raises(StopIteration, "done", next, g)
assert_raises(StopIteration, "", next, g)
assert_eq(next(g, "default"), "default")
assert_raises(
    TypeError, "can't send non-None value to a just-started generator", lambda: count(2).send(1)
)
try:
    g = count(0)
    next(g)
except StopIteration as e:
    assert_eq(e.value, "done")
    assert_eq(e.args, ("done",))

log = []


def careful():
    try:
        while True:
            try:
                x = yield len(log)
                log.append(x)
            except ValueError as e:
                log.append(f"caught {e}")
    except GeneratorExit:
        log.append("exit")
        raise
    finally:
        log.append("finally")


g = careful()
next(g)
g.send("a")
assert_eq(g.throw(ValueError("v")), 2)
g.close()
assert_eq(log, ["a", "caught v", "exit", "finally"])
g.close()
assert_raises(StopIteration, "", next, g)
g = careful()
next(g)
assert_raises(KeyError, "'k'", g.throw, KeyError("k"))
assert_eq(log[-1], "finally")
g = careful()
assert_raises(TypeError, "unstarted", g.throw, TypeError("unstarted"))
assert_raises(StopIteration, "", next, g)


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
next(g)
assert_raises(RuntimeError, "generator ignored GeneratorExit", g.close)


def stop_inside():
    yield 1
    raise StopIteration("x")


g = stop_inside()
next(g)
assert_raises(RuntimeError, "generator raised StopIteration", next, g)


def inner():
    r = yield 1
    note("inner got", r)
    try:
        r = yield 2
    except KeyError as e:
        note("inner caught", repr(e))
        r = "k"
    return ("ret", r)


def outer():
    v = yield from inner()
    note("outer has", v)
    yield from [10, 20]
    yield from (x * x for x in range(2))
    w = yield from count(1)
    yield w


g = outer()
assert_eq(next(g), 1)
assert_eq(g.send("hello"), 2)
assert_eq(g.throw(KeyError("z")), 10)
assert_eq(list(g), [20, 0, 1, 0, "done"])
assert_noted(
    ("inner got", "hello"),
    ("inner caught", "KeyError('z')"),
    ("outer has", "('ret', 'k')"),
)


def flatten(x):
    if isinstance(x, list):
        for y in x:
            yield from flatten(y)
    else:
        yield x


assert_eq(list(flatten([1, [2, [3, [4]], 5]])), [1, 2, 3, 4, 5])


def closer():
    try:
        yield from careful()
    finally:
        note("closer finally")


log.clear()
g = closer()
next(g)
g.close()
assert_noted(("closer finally",))
assert_eq(log, ["exit", "finally"])


def return_in_finally():
    try:
        yield 1
        raise ValueError("lost")
    finally:
        return "fin"


g = return_in_finally()
next(g)
try:
    next(g)
except StopIteration as e:
    # value
    assert_eq(e.value, "fin")

# generator expressions: scoping and laziness
n = 3
ge = (i * n for i in range(3))
n = 10
assert_eq(list(ge), [0, 10, 20])


def src():
    note("src evaluated")
    return [1, 2]


ge = (x for x in src())
assert_noted(("src evaluated",))
note("made")
assert_noted(("made",))
assert_eq(sum(ge), 3)
assert_eq(sum(ge), 0)
assert_eq(sum(x for x in range(4)), 6)
assert_eq(max((x for x in [3, 9, 2]), key=lambda v: -v), 2)
assert_eq(any(x > 2 for x in [1, 5]), True)
assert_eq(all(()), True)
assert_eq(sorted(x % 3 for x in range(5)), [0, 0, 1, 1, 2])
ge = ((i, j) for i in range(3) if i for j in range(i))
assert_eq(list(ge), [(1, 0), (2, 0), (2, 1)])
assert_eq(type(ge).__name__, "generator")
assert_eq(iter(ge) is ge, True)

# partial consumption, tuple unpacking from generators, star
a, *b = count(4)
assert_eq(a, 0)
assert_eq(b, [1, 2, 3])


def three():
    yield 1
    yield 2
    yield 3


assert_raises(
    TypeError,
    "<lambda>.<locals>.<lambda>() takes 2 positional arguments but 3 were given",
    lambda: (lambda x, y: 0)(*three()),
)


def unpack2():
    a, b = three()


assert_raises(ValueError, "too many values to unpack (expected 2)", unpack2)
assert_eq([*three(), *three()], [1, 2, 3, 1, 2, 3])
assert_eq({*three()}, {1, 2, 3})
assert_eq(dict(zip("abc", three())), {"a": 1, "b": 2, "c": 3})
assert_eq(list(zip(three(), three())), [(1, 1), (2, 2), (3, 3)])
it = iter(three())
assert_eq(list(zip(it, it)), [(1, 2)])
g = three()
for x in g:
    if x == 2:
        break
assert_eq(list(g), [3])


# reentrancy, exceptions through frames
def reenter():
    yield next(me)


me = reenter()
assert_raises(ValueError, "generator already executing", next, me)


def chain_exc():
    try:
        yield 1
    except ValueError as e:
        raise RuntimeError("wrapped") from e


g = chain_exc()
next(g)
try:
    g.throw(ValueError("orig"))
except RuntimeError as e:
    assert_eq(repr(e), "RuntimeError('wrapped')")
    assert_eq(repr(e.__cause__), "ValueError('orig')")


def deep(n):
    if n:
        yield from deep(n - 1)
    yield n


assert_eq(sum(deep(60)), 1830)
assert_eq(list(deep(3)), [0, 1, 2, 3])

# iter(callable, sentinel), __iter__ returning generator, __getitem__ protocol
vals = iter([1, 2, 0, 3])
assert_eq(list(iter(lambda: next(vals), 0)), [1, 2])
assert_eq(next(vals), 3)


class It:
    def __iter__(self):
        for i in range(3):
            yield i


assert_eq(list(It()), [0, 1, 2])
assert_eq(tuple(It()), (0, 1, 2))
assert_eq(2 in It(), True)
assert_eq([*It()], [0, 1, 2])
assert_eq(max(It()), 2)


class Seq:
    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return i * 10


assert_eq(list(Seq()), [0, 10, 20])
assert_eq(20 in Seq(), True)
assert_eq(list(reversed([1, 2])), [2, 1])
assert_eq([x for x in Seq()], [0, 10, 20])


class Rev:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return "abc"[i]


assert_eq(list(reversed(Rev())), ["c", "b", "a"])
assert_eq(list(Rev()) if False else "", "")
assert_raises(TypeError, "'int' object is not iterable", iter, 3)
assert_raises(TypeError, "'list' object is not an iterator", next, [1])


class BadIter:
    def __iter__(self):
        return 3


assert_raises(TypeError, "iter() returned non-iterator of type 'int'", iter, BadIter())


class NextOnly:
    def __init__(self):
        self.i = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.i += 1
        if self.i > 3:
            raise StopIteration
        return self.i


assert_eq(list(NextOnly()), [1, 2, 3])
assert_eq(sum(NextOnly()), 6)


# coroutines driven by hand
class Aw:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        got = yield ("wait", self.v)
        return got


async def co(x):
    a = await Aw(x)
    b = await Aw(a + 1)
    return a + b


async def top():
    return (await co(1)) * 2


c = top()
assert_eq(c.send(None), ("wait", 1))
assert_eq(c.send(10), ("wait", 11))
try:
    c.send(5)
except StopIteration as e:
    assert_eq(e.value, 30)


async def agen():
    for i in range(3):
        yield i


class ACM:
    async def __aenter__(self):
        note("aenter")
        return "res"

    async def __aexit__(self, *a):
        note("aexit", a[0])
        return True


async def use():
    r = [x async for x in agen()]
    async with ACM() as v:
        r.append(v)
        raise ValueError
    async for y in agen():
        r.append(y)
    return r


try:
    use().send(None)
except StopIteration as e:
    assert_eq(e.value, [0, 1, 2, "res", 0, 1, 2])
assert_noted(
    ("aenter",),
    ("aexit", "<class 'ValueError'>"),
)


def outer_nonlocal():
    total = 0

    def add():
        nonlocal total
        while True:
            v = yield total
            total += v

    a = add()
    next(a)
    a.send(5)
    a.send(6)
    return total


assert_eq(outer_nonlocal(), 11)
lam = lambda: (yield 5)
assert_eq(list(lam()), [5])

finish(88)
