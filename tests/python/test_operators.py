# Operator methods: reflected operands, NotImplemented, in-place fallback, rich comparison, truth, containers, callables.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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
        print("set", k, v)

    def __delitem__(self, k):
        print("del", k)

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
print(
    a + b,
    5 + a,
    a - 3,
    -a,
    +a,
    ~a,
    abs(V(-4)),
    a == V(1),
    a != b,
    a < b,
    a > b,
    bool(V(0)),
    not a,
    len(a),
    int(b),
    float(b),
    a(1, 2),
    a["k"],
    a[1:2, ...],
    1 in a,
    5 in a,
    a @ 3,
    3 @ a,
    a**2,
    2**a,
    pow(a, 2, 3),
    a // 1,
    1 // a,
    divmod(a, 1),
    round(a),
    round(a, 2),
    a << 1,
    1 >> a,
    a & 1,
    1 | a,
    list(reversed(a)),
    list(a),
    [0, 10, 20][b],
    str(a),
    dir(a),
    range(5)[V(2)],
    "abc"[a],
    [1, 2, 3][a:],
)
a["x"] = 1
del a["y"]
a["n"] += "z" if False else ("t",)
c = a
c += 5
print(c is a, a)
a += b
print(a)
err(lambda: a * 2)
err(lambda: a * b)
err(lambda: a + "x")
err(lambda: a < 3)
err(lambda: a <= b)
err(lambda: a / 2)
err(lambda: a >> 1)
print(a == 3, a != 3, 3 == a)


def isub():
    x = V(1)
    x -= 2
    return x


print(isub())


def imul():
    x = V(1)
    x *= 2


err(imul)


class R(V):
    def __radd__(self, o):
        return ("R.radd", o)

    def __gt__(self, o):
        return "R.gt"


print(V(1) + R(2), V(1) < R(2), R(1) + R(2))


class Cmp:
    def __init__(self, n):
        self.n = n

    def __eq__(self, o):
        print("eq", self.n)
        return NotImplemented

    def __lt__(self, o):
        print("lt", self.n)
        return NotImplemented

    def __gt__(self, o):
        print("gt", self.n)
        return True


x, y = Cmp("x"), Cmp("y")
print(x == y, x != y, x < y)
err(lambda: x <= y)


class Ne:
    def __ne__(self, o):
        return "ne"


print(Ne() != 1, Ne() == 1)


class Tr:
    def __len__(self):
        return 0


print(bool(Tr()), "yes" if Tr() else "no", not Tr())


class BadBool:
    def __bool__(self):
        return 3


err(lambda: bool(BadBool()))


class BadLen:
    def __len__(self):
        return -1


err(lambda: len(BadLen()))


class BadLen2:
    def __len__(self):
        return "x"


err(lambda: len(BadLen2()))


class BadHash:
    def __hash__(self):
        return "x"


err(lambda: hash(BadHash()))


class IterOnly:
    def __iter__(self):
        return iter([1, 2])


print(2 in IterOnly(), 5 in IterOnly(), [*IterOnly()])
err(lambda: len(IterOnly()))
err(lambda: IterOnly()[0])
err(lambda: reversed(IterOnly()))


class Chain:
    def __init__(self, n):
        self.n = n

    def __lt__(self, o):
        print("cmp", self.n, o.n)
        return self.n < o.n


print(Chain(1) < Chain(2) < Chain(3))
print(Chain(3) < Chain(2) < Chain(9))


class RichVal:
    def __eq__(self, o):
        return [1, 2]

    def __lt__(self, o):
        return "less"


print(RichVal() == 1, RichVal() < 1, 1 > RichVal(), RichVal() in [5], [RichVal()] == [3])


class InstDunder:
    pass


i = InstDunder()
i.__len__ = lambda: 5
i.__call__ = lambda: 1
err(lambda: len(i))
err(lambda: i())


class Ctx:
    def __enter__(self):
        return self

    def __exit__(self, *a):
        return None


with Ctx() as cc:
    print(type(cc).__name__)


class GetItemStr:
    def __getitem__(self, k):
        if isinstance(k, slice):
            return (k.start, k.stop, k.step)
        return k


g = GetItemStr()
print(g[1:], g[:2], g[::3], g["a"], g[1, 2], g[None])


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
print(o.log)


class Desc:
    def __get__(self, i, c):
        return 10

    def __set__(self, i, v):
        print("desc set", v)


class HasDesc:
    d = Desc()


h = HasDesc()
h.d += 5
print(h.d)


class Num(int):
    def __add__(self, o):
        return Num(int(self) + int(o))

    __radd__ = __add__

    def __repr__(self):
        return f"Num({int(self)})"


print(
    Num(1) + 2,
    3 + Num(4),
    sum([Num(1), Num(2)]),
    Num(2) * 3,
    -Num(2),
    Num(5) // 2,
    Num(3) == 3,
    Num(3) < 4,
    {3: "x"}[Num(3)],
    f"{Num(3)}",
    str(Num(3)),
    max(Num(1), Num(2)),
    [10, 20, 30][Num(1)],
    abs(Num(-1)),
    int(Num(7)),
    float(Num(7)),
    Num(6) / 4,
    Num(6) % 4,
    divmod(Num(7), 2),
    Num(2) ** 3,
    2 ** Num(3),
    Num(1) | 6,
    bool(Num(0)),
    hash(Num(9)) == hash(9),
    isinstance(Num(1), int),
    range(Num(3)),
)


class Fl(float):
    pass


class St(str):
    def __add__(self, o):
        return St("+".join([str(self), o]))

    def __eq__(self, o):
        return False

    __hash__ = str.__hash__


print(
    Fl(1.5) + 1,
    Fl(2.0),
    repr(Fl(2.5)),
    St("a") + "b",
    St("a") == "a",
    "a" == St("a"),
    St("a") in ["a"],
    f"{St('q'):>3}",
    St("x").upper(),
    type(St("x").upper()).__name__,
    St("x") != "x",
)


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
print(
    li,
    len(li),
    list(li),
    [*li],
    55 in li,
    bool(Li()),
    li[1],
    li + [3],
    li == [1, 4],
    type(li + [3]).__name__,
    type(li[:]).__name__,
    list.__len__(li),
    sorted(li),
)


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
print(
    di,
    di["a"],
    di.get("a"),
    {**di} if False else "",
    list(di),
    len(di),
    "b" in di,
    di.pop("a"),
    di.setdefault("q", 5),
    di,
)
