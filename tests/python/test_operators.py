# Operator methods: reflected operands, NotImplemented, in-place fallback, rich comparison, truth, containers, callables.
from checks import assert_eq, assert_noted, assert_raises, finish, note


class V:
    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f"V({self.v})"

    def __add__(self, o):
        return V(self.v + o.v) if isinstance(o, V) else NotImplemented

    def __radd__(self, o):
        return ("radd", o, self.v)

    def __iadd__(self, o):
        self.v += o if isinstance(o, int) else o.v
        return self

    def __sub__(self, o):
        return ("sub", o)

    def __mul__(self, o):
        return NotImplemented

    def __neg__(self):
        return V(-self.v)

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "inv"

    def __abs__(self):
        return abs(self.v)

    def __eq__(self, o):
        return self.v == o.v if isinstance(o, V) else NotImplemented

    def __lt__(self, o):
        return self.v < o.v if isinstance(o, V) else NotImplemented

    def __bool__(self):
        return self.v != 0

    def __len__(self):
        return 7

    def __int__(self):
        return self.v

    def __float__(self):
        return self.v + 0.5

    def __index__(self):
        return self.v

    def __call__(self, *a):
        return a

    def __getitem__(self, k):
        return ("get", k)

    def __setitem__(self, k, v):
        note("set", k, v)

    def __delitem__(self, k):
        note("del", k)

    def __contains__(self, x):
        return x == self.v

    def __matmul__(self, o):
        return "matmul"

    def __rmatmul__(self, o):
        return "rmatmul"

    def __pow__(self, o, m=None):
        return ("pow", o, m)

    def __rpow__(self, o):
        return ("rpow", o)

    def __floordiv__(self, o):
        return "fdiv"

    def __rfloordiv__(self, o):
        return "rfdiv"

    def __divmod__(self, o):
        return "divmod"

    def __round__(self, n=None):
        return ("round", n)

    def __lshift__(self, o):
        return "<<"

    def __rrshift__(self, o):
        return "r>>"

    def __and__(self, o):
        return "&"

    def __ror__(self, o):
        return "r|"

    def __hash__(self):
        return hash(self.v)

    def __reversed__(self):
        return iter("rev")

    def __iter__(self):
        return iter([self.v])

    def __str__(self):
        return "str"

    def __dir__(self):
        return ["z", "a"]


a, b = V(1), V(2)
assert_eq(str(a + b), "str")
assert_eq(5 + a, ("radd", 5, 1))
assert_eq(a - 3, ("sub", 3))
assert_eq(str(-a), "str")
assert_eq(+a, "pos")
assert_eq(~a, "inv")
assert_eq(abs(V(-4)), 4)
assert_eq(a == V(1), True)
assert_eq(a != b, True)
assert_eq(a < b, True)
assert_eq(a > b, False)
assert_eq(bool(V(0)), False)
assert_eq(not a, False)
assert_eq(len(a), 7)
assert_eq(int(b), 2)
assert_eq(float(b), 2.5)
assert_eq(a(1, 2), (1, 2))
assert_eq(a["k"], ("get", "k"))
assert_eq(str(a[1:2, ...]), "('get', (slice(1, 2, None), Ellipsis))")
assert_eq(1 in a, True)
assert_eq(5 in a, False)
assert_eq(a @ 3, "matmul")
assert_eq(3 @ a, "rmatmul")
assert_eq(a**2, ("pow", 2, None))
assert_eq(2**a, ("rpow", 2))
assert_eq(pow(a, 2, 3), ("pow", 2, 3))
assert_eq(a // 1, "fdiv")
assert_eq(1 // a, "rfdiv")
assert_eq(divmod(a, 1), "divmod")
assert_eq(round(a), ("round", None))
assert_eq(round(a, 2), ("round", 2))
assert_eq(a << 1, "<<")
assert_eq(1 >> a, "r>>")
assert_eq(a & 1, "&")
assert_eq(1 | a, "r|")
assert_eq(list(reversed(a)), ["r", "e", "v"])
assert_eq(list(a), [1])
assert_eq([0, 10, 20][b], 20)
assert_eq(str(a), "str")
assert_eq(dir(a), ["a", "z"])
assert_eq(range(5)[V(2)], 2)
assert_eq("abc"[a], "b")
assert_eq([1, 2, 3][a:], [2, 3])
a["x"] = 1
assert_noted(("set", "x", "1"))
del a["y"]
assert_noted(("del", "y"))
a["n"] += "z" if False else ("t",)
assert_noted(("set", "n", "('get', 'n', 't')"))
c = a
c += 5
assert_eq(c is a, True)
assert_eq(str(a), "str")
a += b
assert_eq(str(a), "str")
assert_raises(TypeError, "unsupported operand type(s) for *: 'V' and 'int'", lambda: a * 2)
assert_raises(TypeError, "unsupported operand type(s) for *: 'V' and 'V'", lambda: a * b)
assert_raises(TypeError, "unsupported operand type(s) for +: 'V' and 'str'", lambda: a + "x")
assert_raises(TypeError, "'<' not supported between instances of 'V' and 'int'", lambda: a < 3)
assert_raises(TypeError, "'<=' not supported between instances of 'V' and 'V'", lambda: a <= b)
assert_raises(TypeError, "unsupported operand type(s) for /: 'V' and 'int'", lambda: a / 2)
assert_raises(TypeError, "unsupported operand type(s) for >>: 'V' and 'int'", lambda: a >> 1)
assert_eq(a == 3, False)
assert_eq(a != 3, True)
assert_eq(3 == a, False)


def isub():
    x = V(1)
    x -= 2
    return x


assert_eq(isub(), ("sub", 2))


def imul():
    x = V(1)
    x *= 2


assert_raises(TypeError, "unsupported operand type(s) for *=: 'V' and 'int'", imul)


class R(V):
    def __radd__(self, o):
        return ("R.radd", o)

    def __gt__(self, o):
        return "R.gt"


assert_eq(str(V(1) + R(2)), "('R.radd', V(1))")
assert_eq(V(1) < R(2), "R.gt")
assert_eq(str(R(1) + R(2)), "str")


class Cmp:
    def __init__(self, n):
        self.n = n

    def __eq__(self, o):
        note("eq", self.n)
        return NotImplemented

    def __lt__(self, o):
        note("lt", self.n)
        return NotImplemented

    def __gt__(self, o):
        note("gt", self.n)
        return True


x, y = Cmp("x"), Cmp("y")
assert_eq(x == y, False)
assert_eq(x != y, True)
assert_eq(x < y, True)
assert_noted(
    ("eq", "x"),
    ("eq", "y"),
    ("eq", "x"),
    ("eq", "y"),
    ("lt", "x"),
    ("gt", "y"),
)
assert_raises(TypeError, "'<=' not supported between instances of 'Cmp' and 'Cmp'", lambda: x <= y)


class Ne:
    def __ne__(self, o):
        return "ne"


assert_eq(Ne() != 1, "ne")
assert_eq(Ne() == 1, False)


class Tr:
    def __len__(self):
        return 0


assert_eq(bool(Tr()), False)
assert_eq("yes" if Tr() else "no", "no")
assert_eq(not Tr(), True)


class BadBool:
    def __bool__(self):
        return 3


assert_raises(TypeError, "__bool__ should return bool, returned int", lambda: bool(BadBool()))


class BadLen:
    def __len__(self):
        return -1


assert_raises(ValueError, "__len__() should return >= 0", lambda: len(BadLen()))


class BadLen2:
    def __len__(self):
        return "x"


assert_raises(TypeError, "'str' object cannot be interpreted as an integer", lambda: len(BadLen2()))


class BadHash:
    def __hash__(self):
        return "x"


assert_raises(TypeError, "__hash__ method should return an integer", lambda: hash(BadHash()))


class IterOnly:
    def __iter__(self):
        return iter([1, 2])


assert_eq(2 in IterOnly(), True)
assert_eq(5 in IterOnly(), False)
assert_eq([*IterOnly()], [1, 2])
assert_raises(TypeError, "object of type 'IterOnly' has no len()", lambda: len(IterOnly()))
assert_raises(TypeError, "'IterOnly' object is not subscriptable", lambda: IterOnly()[0])
assert_raises(TypeError, "'IterOnly' object is not reversible", lambda: reversed(IterOnly()))


class Chain:
    def __init__(self, n):
        self.n = n

    def __lt__(self, o):
        note("cmp", self.n, o.n)
        return self.n < o.n


assert_eq(Chain(1) < Chain(2) < Chain(3), True)
assert_noted(
    ("cmp", "1", "2"),
    ("cmp", "2", "3"),
)
assert_eq(Chain(3) < Chain(2) < Chain(9), False)
assert_noted(("cmp", "3", "2"))


class RichVal:
    def __eq__(self, o):
        return [1, 2]

    def __lt__(self, o):
        return "less"


assert_eq(RichVal() == 1, [1, 2])
assert_eq(RichVal() < 1, "less")
assert_eq(1 > RichVal(), "less")
assert_eq(RichVal() in [5], True)
assert_eq([RichVal()] == [3], True)


class InstDunder:
    pass


i = InstDunder()
i.__len__ = lambda: 5
i.__call__ = lambda: 1
assert_raises(TypeError, "object of type 'InstDunder' has no len()", lambda: len(i))
assert_raises(TypeError, "'InstDunder' object is not callable", lambda: i())


class Ctx:
    def __enter__(self):
        return self

    def __exit__(self, *a):
        return None


with Ctx() as cc:
    assert_eq(type(cc).__name__, "Ctx")


class GetItemStr:
    def __getitem__(self, k):
        if isinstance(k, slice):
            return (k.start, k.stop, k.step)
        return k


g = GetItemStr()
assert_eq(g[1:], (1, None, None))
assert_eq(g[:2], (None, 2, None))
assert_eq(g[::3], (None, None, 3))
assert_eq(g["a"], "a")
assert_eq(g[1, 2], (1, 2))
assert_eq(g[None], None)


class AugAttr:
    def __init__(self):
        self.log = []

    def __setattr__(self, k, v):
        object.__setattr__(self, k, v)
        if k != "log":
            self.log.append((k, v))


o = AugAttr()
o.n = 1
o.n += 1
o.l = [1]
o.l += [2]
assert_eq(o.log, [("n", 1), ("n", 2), ("l", [1, 2]), ("l", [1, 2])])


class Desc:
    def __get__(self, i, c):
        return 10

    def __set__(self, i, v):
        note("desc set", v)


class HasDesc:
    d = Desc()


h = HasDesc()
h.d += 5
assert_noted(("desc set", "15"))
assert_eq(h.d, 10)


class Num(int):
    def __add__(self, o):
        return Num(int(self) + int(o))

    __radd__ = __add__

    def __repr__(self):
        return f"Num({int(self)})"


assert_eq(str(Num(1) + 2), "Num(3)")
assert_eq(str(3 + Num(4)), "Num(7)")
assert_eq(str(sum([Num(1), Num(2)])), "Num(3)")
assert_eq(Num(2) * 3, 6)
assert_eq(-Num(2), -2)
assert_eq(Num(5) // 2, 2)
assert_eq(Num(3) == 3, True)
assert_eq(Num(3) < 4, True)
assert_eq({3: "x"}[Num(3)], "x")
assert_eq(f"{Num(3)}", "Num(3)")
assert_eq(str(Num(3)), "Num(3)")
assert_eq(str(max(Num(1), Num(2))), "Num(2)")
assert_eq([10, 20, 30][Num(1)], 20)
assert_eq(abs(Num(-1)), 1)
assert_eq(int(Num(7)), 7)
assert_eq(float(Num(7)), 7.0)
assert_eq(Num(6) / 4, 1.5)
assert_eq(Num(6) % 4, 2)
assert_eq(divmod(Num(7), 2), (3, 1))
assert_eq(Num(2) ** 3, 8)
assert_eq(2 ** Num(3), 8)
assert_eq(Num(1) | 6, 7)
assert_eq(bool(Num(0)), False)
assert_eq(hash(Num(9)) == hash(9), True)
assert_eq(isinstance(Num(1), int), True)
assert_eq(str(range(Num(3))), "range(0, 3)")


class Fl(float):
    pass


class St(str):
    def __add__(self, o):
        return St("+".join([str(self), o]))

    def __eq__(self, o):
        return False

    __hash__ = str.__hash__


assert_eq(Fl(1.5) + 1, 2.5)
assert_eq(str(Fl(2.0)), "2.0")
assert_eq(repr(Fl(2.5)), "2.5")
assert_eq(str(St("a") + "b"), "a+b")
assert_eq(St("a") == "a", False)
assert_eq("a" == St("a"), False)
assert_eq(St("a") in ["a"], False)
assert_eq(f"{St('q'):>3}", "  q")
assert_eq(St("x").upper(), "X")
assert_eq(type(St("x").upper()).__name__, "str")
assert_eq(St("x") != "x", False)


class Li(list):
    def append(self, x):
        super().append(x * 2)

    def __len__(self):
        return 99

    def __iter__(self):
        return iter(["iter"])

    def __contains__(self, x):
        return True


li = Li([1])
li.append(2)
assert_eq(str(li), "[1, 4]")
assert_eq(len(li), 99)
assert_eq(list(li), ["iter"])
assert_eq([*li], ["iter"])
assert_eq(55 in li, True)
assert_eq(bool(Li()), True)
assert_eq(li[1], 4)
assert_eq(li + [3], [1, 4, 3])
assert_eq(li == [1, 4], True)
assert_eq(type(li + [3]).__name__, "list")
assert_eq(type(li[:]).__name__, "list")
assert_eq(list.__len__(li), 2)
assert_eq(sorted(li), ["iter"])


class Di(dict):
    def __setitem__(self, k, v):
        super().__setitem__(k, v + 1)

    def __getitem__(self, k):
        return ("got", super().__getitem__(k))

    def keys(self):
        return ["fake"]


di = Di(a=1)
di["b"] = 1
di.update(c=1)
assert_eq(str(di), "{'a': 1, 'b': 2, 'c': 1}")
assert_eq(di["a"], ("got", 1))
assert_eq(di.get("a"), 1)
assert_eq({**di} if False else "", "")
assert_eq(list(di), ["a", "b", "c"])
assert_eq(len(di), 3)
assert_eq("b" in di, True)
assert_eq(di.pop("a"), 1)
assert_eq(di.setdefault("q", 5), 5)
assert_eq(str(di), "{'b': 2, 'c': 1, 'q': 5}")

finish(189)
