# Generators: send, throw, close, return value, yield from, delegation, coroutines without a loop.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except BaseException as e:
        print(type(e).__name__ + ":", e)


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
print(next(g), next(g), g.send(3), next(g))
err(next, g)
err(next, g)
print(next(g, "default"))
err(lambda: count(2).send(1))
try:
    g = count(0)
    next(g)
except StopIteration as e:
    print(e.value, e.args)

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
print(g.throw(ValueError("v")))
g.close()
print(log)
g.close()
err(next, g)
g = careful()
next(g)
err(g.throw, KeyError("k"))
print(log[-1])
g = careful()
err(g.throw, TypeError("unstarted"))
err(next, g)


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
next(g)
err(g.close)


def stop_inside():
    yield 1
    raise StopIteration("x")


g = stop_inside()
next(g)
err(next, g)


def inner():
    r = yield 1
    print("inner got", r)
    try:
        r = yield 2
    except KeyError as e:
        print("inner caught", repr(e))
        r = "k"
    return ("ret", r)


def outer():
    v = yield from inner()
    print("outer has", v)
    yield from [10, 20]
    yield from (x * x for x in range(2))
    w = yield from count(1)
    yield w


g = outer()
print(next(g), g.send("hello"), g.throw(KeyError("z")), list(g))


def flatten(x):
    if isinstance(x, list):
        for y in x:
            yield from flatten(y)
    else:
        yield x


print(list(flatten([1, [2, [3, [4]], 5]])))


def closer():
    try:
        yield from careful()
    finally:
        print("closer finally")


log.clear()
g = closer()
next(g)
g.close()
print(log)


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
    print("value", e.value)

# generator expressions: scoping and laziness
n = 3
ge = (i * n for i in range(3))
n = 10
print(list(ge))


def src():
    print("src evaluated")
    return [1, 2]


ge = (x for x in src())
print("made")
print(sum(ge), sum(ge))
print(
    sum(x for x in range(4)),
    max((x for x in [3, 9, 2]), key=lambda v: -v),
    any(x > 2 for x in [1, 5]),
    all(()),
    sorted(x % 3 for x in range(5)),
)
ge = ((i, j) for i in range(3) if i for j in range(i))
print(list(ge))
print(type(ge).__name__, iter(ge) is ge)

# partial consumption, tuple unpacking from generators, star
a, *b = count(4)
print(a, b)


def three():
    yield 1
    yield 2
    yield 3


err(lambda: (lambda x, y: 0)(*three()))


def unpack2():
    a, b = three()


err(unpack2)
print([*three(), *three()], {*three()}, dict(zip("abc", three())), list(zip(three(), three())))
it = iter(three())
print(list(zip(it, it)))
g = three()
for x in g:
    if x == 2:
        break
print(list(g))


# reentrancy, exceptions through frames
def reenter():
    yield next(me)


me = reenter()
err(next, me)


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
    print(repr(e), repr(e.__cause__))


def deep(n):
    if n:
        yield from deep(n - 1)
    yield n


print(sum(deep(60)), list(deep(3)))

# iter(callable, sentinel), __iter__ returning generator, __getitem__ protocol
vals = iter([1, 2, 0, 3])
print(list(iter(lambda: next(vals), 0)), next(vals))


class It:
    def __iter__(self):
        for i in range(3):
            yield i


print(list(It()), tuple(It()), 2 in It(), [*It()], max(It()))


class Seq:
    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return i * 10


print(list(Seq()), 20 in Seq(), list(reversed([1, 2])), [x for x in Seq()])


class Rev:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return "abc"[i]


print(list(reversed(Rev())), list(Rev()) if False else "")
err(iter, 3)
err(next, [1])


class BadIter:
    def __iter__(self):
        return 3


err(iter, BadIter())


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


print(list(NextOnly()), sum(NextOnly()))


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
print(c.send(None), c.send(10))
try:
    c.send(5)
except StopIteration as e:
    print(e.value)


async def agen():
    for i in range(3):
        yield i


class ACM:
    async def __aenter__(self):
        print("aenter")
        return "res"

    async def __aexit__(self, *a):
        print("aexit", a[0])
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
    print(e.value)


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


print(outer_nonlocal())
lam = lambda: (yield 5)
print(list(lam()))
