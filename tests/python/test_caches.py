# What a machine that remembers lookups, copies tables whole and raises without unwinding must still do right.
import builtins


# names of a class change after they were looked up through a class below it
class A:
    x = 1

    def m(self):
        return "A.m"


class B(A):
    pass


class C(B):
    pass


class D(C, A):
    pass


d = D()
print(d.x, d.m(), D.x)
B.x = 2
print(d.x, D.x, A.x)
A.m = lambda self: "patched"
print(d.m(), super(C, d).m())
del B.x
print(d.x, hasattr(d, "y"))
A.y = property(lambda self: "y of " + type(self).__name__)
print(d.y, hasattr(d, "y"))
type.__setattr__(C, "y", 7)
print(d.y, B().y)
del C.y
print(d.y)
A.__getattr__ = lambda self, n: "made " + n
print(d.nothing, getattr(d, "zero", 0), hasattr(d, "q"))
del A.__getattr__
print(hasattr(d, "nothing"), getattr(d, "zero", 0))
A.__getattribute__ = lambda self, n: "all " + n
print(d.x, d.m)
del A.__getattribute__
print(d.x)
D.__bases__


class Meta(type):
    def __call__(cls, *a):
        return ("called", cls.__name__, a)


class WithMeta(metaclass=Meta):
    pass


print(WithMeta(1))


class Hidden:
    def __getattribute__(self, n):
        if n == "secret":
            raise AttributeError("no " + n)
        return object.__getattribute__(self, n)

    def m(self):
        return "m"


h = Hidden()
print(h.m(), hasattr(h, "secret"), getattr(h, "secret", "default"))
try:
    h.secret
except AttributeError as e:
    print("AttributeError:", e)
try:
    h.other
except AttributeError as e:
    print("AttributeError:", e, e.name, e.obj is h)
try:
    h.gone()
except AttributeError as e:
    print("AttributeError:", e)


class Fallback:
    def __getattr__(self, n):
        if n.startswith("a"):
            return n.upper()
        raise AttributeError(n)

    @property
    def broken(self):
        raise AttributeError("inside")


f = Fallback()
print(f.abc, getattr(f, "b", None), hasattr(f, "b"), hasattr(f, "broken"))
try:
    f.broken
except AttributeError as e:
    print("AttributeError:", e)


class Claims:
    @property
    def __class__(self):
        return int


print(
    isinstance(Claims(), int),
    isinstance(Claims(), Claims),
    isinstance(d, (int, str)),
    isinstance(d, A),
)


# names of a module and of the builtins
def reads():
    return value


try:
    reads()
except NameError as e:
    print(e)
value = 1
print(reads())
value = 2
print(reads())
del value
try:
    reads()
except NameError as e:
    print(e)
globals()["value"] = 3
print(reads())


def length(x):
    return len(x)


print(length("abc"))
len = lambda x: "own"
print(length("abc"))
other_name = 1
del len
print(length("abc"))
builtins.len, kept = (lambda x: "patched"), len
print(length("abc"))
builtins.len = kept
print(length("abc"))


# tables that are copied whole, with and without holes
s = set(range(20))
for k in range(0, 20, 3):
    s.discard(k)
t = set(s)
t.add("new")
t.discard(1)
print(sorted(map(str, s)), sorted(map(str, t)), len(s), len(t))
fz = frozenset(t)
print(len(fz), "new" in fz, 1 in fz, fz == t, hash(fz) == hash(frozenset(list(t))))
e = set()
e.update(t)
e.add("more")
print(len(e), len(t), "more" in t)
e.clear()
print(e, 2 in e)
e |= {"a"}
print(e)
keys = {"k%d" % i: i for i in range(12)}
for i in range(0, 12, 2):
    del keys["k%d" % i]
copy = dict(keys)
copy["k0"] = 0
copy.pop("k1")
print(keys, copy, {**keys, "z": 1}, keys.copy() == keys)
u = {}
u.update(keys)
u["k3"] = "three"
print(keys["k3"], u["k3"], list(u))
print(
    {1, 2, 3} - {2},
    {1, 2, 3} & {2, 9},
    {1} | {2},
    {1, 2} ^ {2, 3},
    set() - {1},
    {1} - set(),
    set() | {4},
    set() & {1},
)
it = iter(s)
next(it)
s.update([100])
try:
    next(it)
except RuntimeError as x:
    print(x)
e2 = set()
it = iter(e2)
e2.update([1, 2])
try:
    print(next(it))
except (RuntimeError, StopIteration) as x:
    print(type(x).__name__)
mixed = {"a": 1}
mixed[1] = "one"
mixed["b" + "c"] = 2
mixed[(1, 2)] = 3
print(mixed["bc"], mixed["a"], mixed[1.0], mixed.get("bcd"), "bc" in mixed, mixed[(1, 2)])


class Text(str):
    def __eq__(self, o):
        return str.__eq__(self, o) or o == "alias"

    __hash__ = str.__hash__


names = {"plain": 1, Text("odd"): 2}
print(names["plain"], names["odd"], names.get("none"))


def kw(**k):
    return k


print(kw(**{"a" + str(i): i for i in range(3)}), kw(**dict([("x" * 2, 1)])))


# exceptions on every way out of a block
def ways(n):
    out = []
    try:
        try:
            if n == 0:
                raise ValueError("body")
            if n == 1:
                return out + ["returned"]
            out.append("body")
            if n == 5:
                raise KeyError("first")
        except ValueError as e:
            out.append("except " + str(e))
            if n == 0:
                raise TypeError("from handler") from e
        else:
            out.append("else")
            if n == 2:
                raise IndexError("else")
        finally:
            out.append("finally")
            if n == 3:
                raise OSError("finally")
            if n == 4:
                return out
    except (TypeError, IndexError, OSError) as e:
        out.append(
            type(e).__name__ + " " + str(e) + " " + repr(e.__cause__) + " " + repr(e.__context__)
        )
    return out


for n in range(5):
    print(n, ways(n))
try:
    ways(5)
except KeyError as e:
    print("KeyError", e, e.__context__)


def swallow():
    for i in range(3):
        try:
            raise ValueError(i)
        finally:
            if i == 1:
                break
            continue
    return i


print(swallow())


class Ctx:
    def __init__(self, eat):
        self.eat = eat

    def __enter__(self):
        return self

    def __exit__(self, t, v, tb):
        print("exit", t and t.__name__, v)
        if self.eat == "raise":
            raise RuntimeError("in exit")
        return self.eat


def within(eat):
    with Ctx(eat), Ctx(False):
        raise ValueError("in with")
    return "went on"


print(within(True))
for eat in (False, "raise"):
    try:
        within(eat)
    except Exception as e:
        print(type(e).__name__, e, repr(e.__context__))


def again():
    try:
        1 / 0
    except ZeroDivisionError:
        raise


def lines():
    return again()


try:
    lines()
except ZeroDivisionError as e:
    print(type(e).__name__, e, e.__context__)


class Count:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration("over")
        self.n -= 1
        return self.n


print(list(Count(3)), sum(Count(4)), [x for x in Count(2)], next(Count(0), "none"))


def gen():
    try:
        yield 1
        raise LookupError("from generator")
    finally:
        print("closed")


g = gen()
print(next(g))
try:
    next(g)
except LookupError as e:
    print(e)
print([x for x in (lambda: (y * 2 for y in range(3)))()])


def stop():
    yield 1
    raise StopIteration


try:
    list(stop())
except RuntimeError as e:
    print(e, repr(e.__cause__))


class Deep:
    def __getattr__(self, n):
        return getattr(self, n + "x") if len(n) < 5 else fail(n)


def fail(n):
    raise AttributeError("deep " + n)


print(hasattr(Deep(), "a"), getattr(Deep(), "b", "none"))


class Body:
    try:
        raise ValueError("in class")
    except ValueError as e:
        caught = str(e)


print(Body.caught, hasattr(Body, "e"))
try:

    class Bad:
        raise KeyError("class body")
except KeyError as e:
    print(e)
print(
    [getattr(1, "real"), getattr(1, "imagx", "no")],
    (lambda: [][0:1])(),
    (lambda *a, **k: (a, k))(1, *[2], x=3, **{"y": 4}),
)
try:
    (lambda: undefined_name)()
except NameError as e:
    print(e)
