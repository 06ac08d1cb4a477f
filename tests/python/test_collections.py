# collections and collections.abc.
import collections, collections.abc
from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserDict,
    UserList,
    defaultdict,
    deque,
    namedtuple,
)


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


d = defaultdict(list)
d["a"].append(1)
d["b"]
print(
    d,
    dict(d),
    d.get("zz"),
    "zz" in d,
    d.default_factory is list,
    defaultdict(int, x=1)["q"],
    defaultdict(lambda: "z")["m"],
    isinstance(d, dict),
    d == {"a": [1], "b": []},
    d.copy(),
    type(d.copy()).__name__,
)
err(lambda: defaultdict()["k"])
err(defaultdict, 3)
dd = defaultdict(lambda: defaultdict(int))
dd["a"]["b"] += 1
print(
    {k: dict(v) for k, v in dd.items()},
    defaultdict(None, {1: 2}),
    defaultdict(int, {"a": 1}) | {"b": 2},
)
o = OrderedDict([("a", 1), ("b", 2)])
o["c"] = 3
o.move_to_end("a")
o.move_to_end("c", last=False)
print(
    o,
    list(o),
    o.popitem(),
    o.popitem(last=False),
    OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1),
    OrderedDict(a=1) == {"a": 1},
    list(reversed(OrderedDict(x=1, y=2))),
    isinstance(o, dict),
    repr(OrderedDict()),
    list(OrderedDict({"k": 1}).items()),
    OrderedDict(a=1).copy(),
)
err(lambda: OrderedDict().popitem())
err(o.move_to_end, "zz")
c = Counter("abracadabra")
print(
    c,
    c["a"],
    c["zz"],
    c.most_common(2),
    sorted(c.elements())[:3],
    sum(c.values()),
    c.total(),
    Counter(a=1) + Counter(a=2, b=1),
    Counter(a=3) - Counter(a=1),
    Counter(a=1, b=2) & Counter(a=3),
    Counter(a=1) | Counter(a=2),
    +Counter(a=-1, b=1),
    Counter(),
    Counter([1, 1, 2]).most_common(),
)
c.update("aa")
c.subtract("b")
print(c["a"], c["b"])
del c["a"]
del c["nope"]
print("a" in c, dict(Counter({"x": 2})))
q = deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
print(q, q[0], q[-1], len(q), q.maxlen, list(reversed(q)), 2 in q, q.pop(), q.popleft(), q)
q.extend([7, 8])
q.extendleft([9])
q.rotate(1)
print(
    q,
    q.count(9),
    q.index(9),
    deque("ab") == deque("ab"),
    deque(),
    bool(deque()),
    deque([1]) + deque([2]),
    q.copy(),
    list(deque(range(5), 2)),
)
q.clear()
err(q.pop)
err(q.popleft)
err(lambda: q[0])
u = deque([1, 2])
u.remove(1)
u.reverse()
u.insert(0, 5)
u[1] = 9
del u[0]
print(u, isinstance(u, collections.abc.Sequence), deque([1, 2]) < deque([1, 3]))
P = namedtuple("P", "x y")
p = P(1, y=2)
print(
    p,
    p.x,
    p[1],
    p._asdict(),
    p._replace(x=5),
    P._fields,
    p == (1, 2),
    P._make([3, 4]),
    isinstance(p, tuple),
    P.__name__,
    p + (3,),
    sorted([P(2, 1), P(1, 5)]),
    hash(p) == hash((1, 2)),
    P.__doc__,
    {p: 1}[(1, 2)],
    [*p],
)
err(P, 1)
err(P, 1, 2, 3)
err(P, 1, z=2)
err(p._replace, q=1)
err(P._make, [1])
err(namedtuple, "Q", "a a")
err(namedtuple, "Q", "class")
err(namedtuple, "Q", "_a")
Q = namedtuple("Q", ["a", "b", "c"], defaults=[8, 9])
print(Q(1), Q._field_defaults, namedtuple("R", "a class", rename=True)._fields)


class PS(P):
    __slots__ = ()

    def norm(self):
        return self.x + self.y

    def __new__(cls, x, y=10):
        return super().__new__(cls, x, y)


print(PS(1), PS(1).norm(), PS(1) == P(1, 10), PS(3)._replace(y=1))
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
print(
    m["a"],
    m["b"],
    sorted(m),
    len(m),
    "b" in m,
    m.get("z"),
    m.new_child({"a": 0})["a"],
    m.maps,
    m.parents["a"],
    dict(m),
)
m["b"] = 9
print(m.maps)
err(lambda: m["q"])


class UD(UserDict):
    def __setitem__(self, k, v):
        super().__setitem__(k.upper(), v)

    def __missing__(self, k):
        return "miss"


u = UD(a=1)
u.update(b=2)
u["c"] = 3
print(
    u,
    u["A"],
    u["q"],
    u.data,
    len(u),
    list(u),
    "A" in u,
    u.get("A"),
    u.pop("B"),
    isinstance(u, dict),
    isinstance(u, collections.abc.MutableMapping),
    u.setdefault("z", 1),
    u == {"A": 1, "C": 3, "Z": 1},
    dict(u),
    u.copy(),
    u.items(),
)


class UL(UserList):
    pass


l = UL([1, 2])
l.append(3)
print(l, l[0], l[1:], l + [4], len(l), 2 in l, list(l), l == [1, 2, 3], isinstance(l[:1], UL))
abc = collections.abc
print(
    [
        isinstance([], t)
        for t in (
            abc.Iterable,
            abc.Sequence,
            abc.MutableSequence,
            abc.Mapping,
            abc.Sized,
            abc.Container,
            abc.Hashable,
            abc.Collection,
            abc.Reversible,
            abc.Iterator,
            abc.Callable,
        )
    ]
)
print(
    [
        isinstance({}, t)
        for t in (abc.Mapping, abc.MutableMapping, abc.Sequence, abc.Collection, abc.Iterable)
    ],
    [isinstance("s", t) for t in (abc.Sequence, abc.Hashable, abc.MutableSequence, abc.ByteString)],
    [isinstance({1}, t) for t in (abc.Set, abc.MutableSet)],
    isinstance(frozenset(), abc.Set),
    isinstance({}.keys(), abc.KeysView),
    isinstance({}.items(), abc.ItemsView),
    isinstance((i for i in []), abc.Generator),
    isinstance(iter([]), abc.Iterator),
    isinstance(len, abc.Callable),
    isinstance(3, abc.Hashable),
    isinstance([], abc.Hashable),
    isinstance(range(3), abc.Sequence),
    isinstance((), abc.Sequence),
    isinstance(b"", abc.Sequence),
    issubclass(dict, abc.Mapping),
    issubclass(list, abc.Mapping),
    isinstance(3, abc.Iterable),
)


class Dk:
    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __contains__(self, x):
        return False

    def __call__(self):
        pass


print(
    isinstance(Dk(), abc.Iterable),
    isinstance(Dk(), abc.Sized),
    isinstance(Dk(), abc.Collection),
    isinstance(Dk(), abc.Sequence),
    callable(Dk()),
    isinstance(Dk(), abc.Callable),
    isinstance(Dk(), abc.Iterator),
)


class Mp(abc.Mapping):
    def __init__(self, d):
        self.d = d

    def __getitem__(self, k):
        return self.d[k]

    def __iter__(self):
        return iter(self.d)

    def __len__(self):
        return len(self.d)


mm = Mp({"a": 1, "b": 2})
print(
    mm["a"],
    list(mm.keys()),
    list(mm.values()),
    list(mm.items()),
    mm.get("q", 0),
    "a" in mm,
    dict(mm),
    {**mm},
    mm == {"a": 1, "b": 2},
    mm != {},
    len(mm.keys()),
    (lambda **k: k)(**mm),
    isinstance(mm, abc.Mapping),
    sorted(mm.keys() | {"z"}),
)
err(hash, mm)


class MM(Mp, abc.MutableMapping):
    def __setitem__(self, k, v):
        self.d[k] = v

    def __delitem__(self, k):
        del self.d[k]


x = MM({})
x["a"] = 1
x.update({"b": 2}, c=3)
print(x.pop("a"), x.setdefault("z", 0), x.popitem(), dict(x), x.get("b"))
x.clear()
print(len(x))
err(x.pop, "q")
print(x.pop("q", "dflt"))


class Sq(abc.Sequence):
    def __getitem__(self, i):
        return [10, 20, 30][i]

    def __len__(self):
        return 3


print(list(Sq()), 20 in Sq(), Sq().index(30), Sq().count(10), list(reversed(Sq())), [*Sq()][1:])


class St(abc.Set):
    def __init__(self, it):
        self.s = list(dict.fromkeys(it))

    def __contains__(self, x):
        return x in self.s

    def __iter__(self):
        return iter(self.s)

    def __len__(self):
        return len(self.s)


print(
    sorted(St([1, 2]) | St([3])),
    sorted(St([1, 2]) & {2}),
    sorted(St([1, 2]) - {1}),
    St([1]) <= St([1, 2]),
    St([1]) == {1},
    St([1]).isdisjoint([2]),
)


class Abs(abc.Iterator):
    pass


err(Abs)


class Ms(abc.MutableSequence):
    def __init__(self):
        self.l = []

    def __getitem__(self, i):
        return self.l[i]

    def __setitem__(self, i, v):
        self.l[i] = v

    def __delitem__(self, i):
        del self.l[i]

    def __len__(self):
        return len(self.l)

    def insert(self, i, v):
        self.l.insert(i, v)


ms = Ms()
ms.append(1)
ms.extend([2, 3])
ms += [4]
ms.reverse()
ms.remove(2)
print(ms.l, ms.pop(), ms.pop(0), list(ms))


class Virt:
    pass


abc.Sequence.register(Virt)
print(isinstance(Virt(), abc.Sequence), issubclass(Virt, abc.Collection))
