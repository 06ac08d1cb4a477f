# What a machine that remembers lookups, copies tables whole and raises without unwinding must still do right.
from checks import assert_eq, assert_noted, finish, note
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
assert_eq(d.x, 1)
assert_eq(d.m(), "A.m")
assert_eq(D.x, 1)
B.x = 2
assert_eq(d.x, 2)
assert_eq(D.x, 2)
assert_eq(A.x, 1)
A.m = lambda self: "patched"
assert_eq(d.m(), "patched")
assert_eq(super(C, d).m(), "patched")
del B.x
assert_eq(d.x, 1)
assert_eq(hasattr(d, "y"), False)
A.y = property(lambda self: "y of " + type(self).__name__)
assert_eq(d.y, "y of D")
assert_eq(hasattr(d, "y"), True)
type.__setattr__(C, "y", 7)
assert_eq(d.y, 7)
assert_eq(B().y, "y of B")
del C.y
assert_eq(d.y, "y of D")
A.__getattr__ = lambda self, n: "made " + n
assert_eq(d.nothing, "made nothing")
assert_eq(getattr(d, "zero", 0), "made zero")
assert_eq(hasattr(d, "q"), True)
del A.__getattr__
assert_eq(hasattr(d, "nothing"), False)
assert_eq(getattr(d, "zero", 0), 0)
A.__getattribute__ = lambda self, n: "all " + n
assert_eq(d.x, "all x")
assert_eq(d.m, "all m")
del A.__getattribute__
assert_eq(d.x, 1)
D.__bases__


class Meta(type):
    def __call__(cls, *a):
        return ("called", cls.__name__, a)


class WithMeta(metaclass=Meta):
    pass


assert_eq(WithMeta(1), ("called", "WithMeta", (1,)))


class Hidden:
    def __getattribute__(self, n):
        if n == "secret":
            raise AttributeError("no " + n)
        return object.__getattribute__(self, n)

    def m(self):
        return "m"


h = Hidden()
assert_eq(h.m(), "m")
assert_eq(hasattr(h, "secret"), False)
assert_eq(getattr(h, "secret", "default"), "default")
try:
    h.secret
except AttributeError as e:
    # AttributeError:
    assert_eq(str(e), "no secret")
try:
    h.other
except AttributeError as e:
    # AttributeError:
    assert_eq(str(e), "'Hidden' object has no attribute 'other'")
    assert_eq(e.name, "other")
    assert_eq(e.obj is h, True)
try:
    h.gone()
except AttributeError as e:
    # AttributeError:
    assert_eq(str(e), "'Hidden' object has no attribute 'gone'")


class Fallback:
    def __getattr__(self, n):
        if n.startswith("a"):
            return n.upper()
        raise AttributeError(n)

    @property
    def broken(self):
        raise AttributeError("inside")


f = Fallback()
assert_eq(f.abc, "ABC")
assert_eq(getattr(f, "b", None), None)
assert_eq(hasattr(f, "b"), False)
assert_eq(hasattr(f, "broken"), False)
try:
    f.broken
except AttributeError as e:
    # AttributeError:
    assert_eq(str(e), "broken")


class Claims:
    @property
    def __class__(self):
        return int


assert_eq(isinstance(Claims(), int), True)
assert_eq(isinstance(Claims(), Claims), True)
assert_eq(isinstance(d, (int, str)), False)
assert_eq(isinstance(d, A), True)


# names of a module and of the builtins
def reads():
    return value


try:
    reads()
except NameError as e:
    assert_eq(str(e), "name 'value' is not defined")
value = 1
assert_eq(reads(), 1)
value = 2
assert_eq(reads(), 2)
del value
try:
    reads()
except NameError as e:
    assert_eq(str(e), "name 'value' is not defined")
globals()["value"] = 3
assert_eq(reads(), 3)


def length(x):
    return len(x)


assert_eq(length("abc"), 3)
len = lambda x: "own"
assert_eq(length("abc"), "own")
other_name = 1
del len
assert_eq(length("abc"), 3)
builtins.len, kept = (lambda x: "patched"), len
assert_eq(length("abc"), "patched")
builtins.len = kept
assert_eq(length("abc"), 3)


# tables that are copied whole, with and without holes
s = set(range(20))
for k in range(0, 20, 3):
    s.discard(k)
t = set(s)
t.add("new")
t.discard(1)
assert_eq(
    sorted(map(str, s)), ["1", "10", "11", "13", "14", "16", "17", "19", "2", "4", "5", "7", "8"]
)
assert_eq(
    sorted(map(str, t)), ["10", "11", "13", "14", "16", "17", "19", "2", "4", "5", "7", "8", "new"]
)
assert_eq(len(s), 13)
assert_eq(len(t), 13)
fz = frozenset(t)
assert_eq(len(fz), 13)
assert_eq("new" in fz, True)
assert_eq(1 in fz, False)
assert_eq(fz == t, True)
assert_eq(hash(fz) == hash(frozenset(list(t))), True)
e = set()
e.update(t)
e.add("more")
assert_eq(len(e), 14)
assert_eq(len(t), 13)
assert_eq("more" in t, False)
e.clear()
assert_eq(e, set())
assert_eq(2 in e, False)
e |= {"a"}
assert_eq(e, {"a"})
keys = {"k%d" % i: i for i in range(12)}
for i in range(0, 12, 2):
    del keys["k%d" % i]
copy = dict(keys)
copy["k0"] = 0
copy.pop("k1")
assert_eq(keys, {"k1": 1, "k3": 3, "k5": 5, "k7": 7, "k9": 9, "k11": 11})
assert_eq(copy, {"k3": 3, "k5": 5, "k7": 7, "k9": 9, "k11": 11, "k0": 0})
assert_eq({**keys, "z": 1}, {"k1": 1, "k3": 3, "k5": 5, "k7": 7, "k9": 9, "k11": 11, "z": 1})
assert_eq(keys.copy() == keys, True)
u = {}
u.update(keys)
u["k3"] = "three"
assert_eq(keys["k3"], 3)
assert_eq(u["k3"], "three")
assert_eq(list(u), ["k1", "k3", "k5", "k7", "k9", "k11"])
assert_eq({1, 2, 3} - {2}, {1, 3})
assert_eq({1, 2, 3} & {2, 9}, {2})
assert_eq({1} | {2}, {1, 2})
assert_eq({1, 2} ^ {2, 3}, {1, 3})
assert_eq(set() - {1}, set())
assert_eq({1} - set(), {1})
assert_eq(set() | {4}, {4})
assert_eq(set() & {1}, set())
it = iter(s)
next(it)
s.update([100])
try:
    next(it)
except RuntimeError as x:
    assert_eq(str(x), "Set changed size during iteration")
e2 = set()
it = iter(e2)
e2.update([1, 2])
try:
    note(next(it))
except (RuntimeError, StopIteration) as x:
    assert_eq(type(x).__name__, "RuntimeError")
mixed = {"a": 1}
mixed[1] = "one"
mixed["b" + "c"] = 2
mixed[(1, 2)] = 3
assert_eq(mixed["bc"], 2)
assert_eq(mixed["a"], 1)
assert_eq(mixed[1.0], "one")
assert_eq(mixed.get("bcd"), None)
assert_eq("bc" in mixed, True)
assert_eq(mixed[(1, 2)], 3)


class Text(str):
    def __eq__(self, o):
        return str.__eq__(self, o) or o == "alias"

    __hash__ = str.__hash__


names = {"plain": 1, Text("odd"): 2}
assert_eq(names["plain"], 1)
assert_eq(names["odd"], 2)
assert_eq(names.get("none"), None)


def kw(**k):
    return k


assert_eq(kw(**{"a" + str(i): i for i in range(3)}), {"a0": 0, "a1": 1, "a2": 2})
assert_eq(kw(**dict([("x" * 2, 1)])), {"xx": 1})


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
    note(n, ways(n))
assert_noted(
    (
        "0",
        "['except body', 'finally', \"TypeError from handler ValueError('body') ValueError('body')\"]",
    ),
    ("1", "['returned']"),
    ("2", "['body', 'else', 'finally', 'IndexError else None None']"),
    ("3", "['body', 'else', 'finally', 'OSError finally None None']"),
    ("4", "['body', 'else', 'finally']"),
)
try:
    ways(5)
except KeyError as e:
    # KeyError
    assert_eq(str(e), "'first'")
    assert_eq(e.__context__, None)


def swallow():
    for i in range(3):
        try:
            raise ValueError(i)
        finally:
            if i == 1:
                break
            continue
    return i


assert_eq(swallow(), 1)


class Ctx:
    def __init__(self, eat):
        self.eat = eat

    def __enter__(self):
        return self

    def __exit__(self, t, v, tb):
        note("exit", t and t.__name__, v)
        if self.eat == "raise":
            raise RuntimeError("in exit")
        return self.eat


def within(eat):
    with Ctx(eat), Ctx(False):
        raise ValueError("in with")
    return "went on"


assert_eq(within(True), "went on")
assert_noted(
    ("exit", "ValueError", "in with"),
    ("exit", "ValueError", "in with"),
)
for eat in (False, "raise"):
    try:
        within(eat)
    except Exception as e:
        note(type(e).__name__, e, repr(e.__context__))
assert_noted(
    ("exit", "ValueError", "in with"),
    ("exit", "ValueError", "in with"),
    ("ValueError", "in with", "None"),
    ("exit", "ValueError", "in with"),
    ("exit", "ValueError", "in with"),
    ("RuntimeError", "in exit", "ValueError('in with')"),
)


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
    assert_eq(type(e).__name__, "ZeroDivisionError")
    assert_eq(str(e), "division by zero")
    assert_eq(e.__context__, None)


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


assert_eq(list(Count(3)), [2, 1, 0])
assert_eq(sum(Count(4)), 6)
assert_eq([x for x in Count(2)], [1, 0])
assert_eq(next(Count(0), "none"), "none")


def gen():
    try:
        yield 1
        raise LookupError("from generator")
    finally:
        note("closed")


g = gen()
assert_eq(next(g), 1)
try:
    next(g)
except LookupError as e:
    assert_eq(str(e), "from generator")
assert_noted(("closed",))
assert_eq([x for x in (lambda: (y * 2 for y in range(3)))()], [0, 2, 4])


def stop():
    yield 1
    raise StopIteration


try:
    list(stop())
except RuntimeError as e:
    assert_eq(str(e), "generator raised StopIteration")
    assert_eq(repr(e.__cause__), "StopIteration()")


class Deep:
    def __getattr__(self, n):
        return getattr(self, n + "x") if len(n) < 5 else fail(n)


def fail(n):
    raise AttributeError("deep " + n)


assert_eq(hasattr(Deep(), "a"), False)
assert_eq(getattr(Deep(), "b", "none"), "none")


class Body:
    try:
        raise ValueError("in class")
    except ValueError as e:
        caught = str(e)


assert_eq(Body.caught, "in class")
assert_eq(hasattr(Body, "e"), False)
try:

    class Bad:
        raise KeyError("class body")
except KeyError as e:
    assert_eq(str(e), "'class body'")
assert_eq([getattr(1, "real"), getattr(1, "imagx", "no")], [1, "no"])
assert_eq((lambda: [][0:1])(), [])
assert_eq((lambda *a, **k: (a, k))(1, *[2], x=3, **{"y": 4}), ((1, 2), {"x": 3, "y": 4}))
try:
    (lambda: undefined_name)()
except NameError as e:
    assert_eq(str(e), "name 'undefined_name' is not defined")

finish(154)
