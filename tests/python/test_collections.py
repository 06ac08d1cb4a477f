# collections and collections.abc.
from checks import assert_eq, assert_raises, finish
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


d = defaultdict(list)
d["a"].append(1)
d["b"]
assert_eq(str(d), "defaultdict(<class 'list'>, {'a': [1], 'b': []})")
assert_eq(dict(d), {"a": [1], "b": []})
assert_eq(d.get("zz"), None)
assert_eq("zz" in d, False)
assert_eq(d.default_factory is list, True)
assert_eq(defaultdict(int, x=1)["q"], 0)
assert_eq(defaultdict(lambda: "z")["m"], "z")
assert_eq(isinstance(d, dict), True)
assert_eq(d == {"a": [1], "b": []}, True)
assert_eq(str(d.copy()), "defaultdict(<class 'list'>, {'a': [1], 'b': []})")
assert_eq(type(d.copy()).__name__, "defaultdict")
assert_raises(KeyError, "'k'", lambda: defaultdict()["k"])
assert_raises(TypeError, "first argument must be callable or None", defaultdict, 3)
dd = defaultdict(lambda: defaultdict(int))
dd["a"]["b"] += 1
assert_eq({k: dict(v) for k, v in dd.items()}, {"a": {"b": 1}})
assert_eq(str(defaultdict(None, {1: 2})), "defaultdict(None, {1: 2})")
assert_eq(
    str(defaultdict(int, {"a": 1}) | {"b": 2}), "defaultdict(<class 'int'>, {'a': 1, 'b': 2})"
)
o = OrderedDict([("a", 1), ("b", 2)])
o["c"] = 3
o.move_to_end("a")
o.move_to_end("c", last=False)
assert_eq(str(o), "OrderedDict([('c', 3), ('b', 2), ('a', 1)])")
assert_eq(list(o), ["c", "b", "a"])
assert_eq(o.popitem(), ("a", 1))
assert_eq(o.popitem(last=False), ("c", 3))
assert_eq(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), False)
assert_eq(OrderedDict(a=1) == {"a": 1}, True)
assert_eq(list(reversed(OrderedDict(x=1, y=2))), ["y", "x"])
assert_eq(isinstance(o, dict), True)
assert_eq(repr(OrderedDict()), "OrderedDict()")
assert_eq(list(OrderedDict({"k": 1}).items()), [("k", 1)])
assert_eq(str(OrderedDict(a=1).copy()), "OrderedDict([('a', 1)])")
assert_raises(KeyError, "'dictionary is empty'", lambda: OrderedDict().popitem())
assert_raises(KeyError, "'zz'", o.move_to_end, "zz")
c = Counter("abracadabra")
assert_eq(str(c), "Counter({'a': 5, 'b': 2, 'r': 2, 'c': 1, 'd': 1})")
assert_eq(c["a"], 5)
assert_eq(c["zz"], 0)
assert_eq(c.most_common(2), [("a", 5), ("b", 2)])
assert_eq(sorted(c.elements())[:3], ["a", "a", "a"])
assert_eq(sum(c.values()), 11)
assert_eq(c.total(), 11)
assert_eq(str(Counter(a=1) + Counter(a=2, b=1)), "Counter({'a': 3, 'b': 1})")
assert_eq(str(Counter(a=3) - Counter(a=1)), "Counter({'a': 2})")
assert_eq(str(Counter(a=1, b=2) & Counter(a=3)), "Counter({'a': 1})")
assert_eq(str(Counter(a=1) | Counter(a=2)), "Counter({'a': 2})")
assert_eq(str(+Counter(a=-1, b=1)), "Counter({'b': 1})")
assert_eq(str(Counter()), "Counter()")
assert_eq(Counter([1, 1, 2]).most_common(), [(1, 2), (2, 1)])
c.update("aa")
c.subtract("b")
assert_eq(c["a"], 7)
assert_eq(c["b"], 1)
del c["a"]
del c["nope"]
assert_eq("a" in c, False)
assert_eq(dict(Counter({"x": 2})), {"x": 2})
q = deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
assert_eq(str(q), "deque([0, 2, 3], maxlen=3)")
assert_eq(q[0], 0)
assert_eq(q[-1], 3)
assert_eq(len(q), 3)
assert_eq(q.maxlen, 3)
assert_eq(list(reversed(q)), [3, 2, 0])
assert_eq(2 in q, True)
assert_eq(q.pop(), 3)
assert_eq(q.popleft(), 0)
assert_eq(str(q), "deque([2], maxlen=3)")
q.extend([7, 8])
q.extendleft([9])
q.rotate(1)
assert_eq(str(q), "deque([7, 9, 2], maxlen=3)")
assert_eq(q.count(9), 1)
assert_eq(q.index(9), 1)
assert_eq(deque("ab") == deque("ab"), True)
assert_eq(str(deque()), "deque([])")
assert_eq(bool(deque()), False)
assert_eq(str(deque([1]) + deque([2])), "deque([1, 2])")
assert_eq(str(q.copy()), "deque([7, 9, 2], maxlen=3)")
assert_eq(list(deque(range(5), 2)), [3, 4])
q.clear()
assert_raises(IndexError, "pop from an empty deque", q.pop)
assert_raises(IndexError, "pop from an empty deque", q.popleft)
assert_raises(IndexError, "deque index out of range", lambda: q[0])
u = deque([1, 2])
u.remove(1)
u.reverse()
u.insert(0, 5)
u[1] = 9
del u[0]
assert_eq(str(u), "deque([9])")
assert_eq(isinstance(u, collections.abc.Sequence), True)
assert_eq(deque([1, 2]) < deque([1, 3]), True)
P = namedtuple("P", "x y")
p = P(1, y=2)
assert_eq(str(p), "P(x=1, y=2)")
assert_eq(p.x, 1)
assert_eq(p[1], 2)
assert_eq(p._asdict(), {"x": 1, "y": 2})
assert_eq(str(p._replace(x=5)), "P(x=5, y=2)")
assert_eq(P._fields, ("x", "y"))
assert_eq(p == (1, 2), True)
assert_eq(str(P._make([3, 4])), "P(x=3, y=4)")
assert_eq(isinstance(p, tuple), True)
assert_eq(P.__name__, "P")
assert_eq(p + (3,), (1, 2, 3))
assert_eq(str(sorted([P(2, 1), P(1, 5)])), "[P(x=1, y=5), P(x=2, y=1)]")
assert_eq(hash(p) == hash((1, 2)), True)
assert_eq(P.__doc__, "P(x, y)")
assert_eq({p: 1}[(1, 2)], 1)
assert_eq([*p], [1, 2])
assert_raises(TypeError, "P.__new__() missing 1 required positional argument: 'y'", P, 1)
assert_raises(TypeError, "P.__new__() takes 3 positional arguments but 4 were given", P, 1, 2, 3)
assert_raises(TypeError, "P.__new__() got an unexpected keyword argument 'z'", P, 1, z=2)
assert_raises(ValueError, "Got unexpected field names: ['q']", p._replace, q=1)
assert_raises(TypeError, "Expected 2 arguments, got 1", P._make, [1])
assert_raises(ValueError, "Encountered duplicate field name: 'a'", namedtuple, "Q", "a a")
assert_raises(
    ValueError, "Type names and field names cannot be a keyword: 'class'", namedtuple, "Q", "class"
)
assert_raises(
    ValueError, "Field names cannot start with an underscore: '_a'", namedtuple, "Q", "_a"
)
Q = namedtuple("Q", ["a", "b", "c"], defaults=[8, 9])
assert_eq(str(Q(1)), "Q(a=1, b=8, c=9)")
assert_eq(Q._field_defaults, {"b": 8, "c": 9})
assert_eq(namedtuple("R", "a class", rename=True)._fields, ("a", "_1"))


class PS(P):
    __slots__ = ()

    def norm(self):
        return self.x + self.y

    def __new__(cls, x, y=10):
        return super().__new__(cls, x, y)


assert_eq(str(PS(1)), "PS(x=1, y=10)")
assert_eq(PS(1).norm(), 11)
assert_eq(PS(1) == P(1, 10), True)
assert_eq(str(PS(3)._replace(y=1)), "PS(x=3, y=1)")
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
assert_eq(m["a"], 1)
assert_eq(m["b"], 3)
assert_eq(sorted(m), ["a", "b"])
assert_eq(len(m), 2)
assert_eq("b" in m, True)
assert_eq(m.get("z"), None)
assert_eq(m.new_child({"a": 0})["a"], 0)
assert_eq(m.maps, [{"a": 1}, {"a": 2, "b": 3}])
assert_eq(m.parents["a"], 2)
assert_eq(dict(m), {"a": 1, "b": 3})
m["b"] = 9
assert_eq(m.maps, [{"a": 1, "b": 9}, {"a": 2, "b": 3}])
assert_raises(KeyError, "'q'", lambda: m["q"])


class UD(UserDict):
    def __setitem__(self, k, v):
        super().__setitem__(k.upper(), v)

    def __missing__(self, k):
        return "miss"


u = UD(a=1)
u.update(b=2)
u["c"] = 3
assert_eq(str(u), "{'A': 1, 'B': 2, 'C': 3}")
assert_eq(u["A"], 1)
assert_eq(u["q"], "miss")
assert_eq(u.data, {"A": 1, "B": 2, "C": 3})
assert_eq(len(u), 3)
assert_eq(list(u), ["A", "B", "C"])
assert_eq("A" in u, True)
assert_eq(u.get("A"), 1)
assert_eq(u.pop("B"), 2)
assert_eq(isinstance(u, dict), False)
assert_eq(isinstance(u, collections.abc.MutableMapping), True)
assert_eq(u.setdefault("z", 1), "miss")
assert_eq(u == {"A": 1, "C": 3, "Z": 1}, False)
assert_eq(dict(u), {"A": 1, "C": 3})
assert_eq(str(u.copy()), "{'A': 1, 'C': 3}")
assert_eq(str(u.items()), "ItemsView({'A': 1, 'C': 3})")


class UL(UserList):
    pass


l = UL([1, 2])
l.append(3)
assert_eq(str(l), "[1, 2, 3]")
assert_eq(l[0], 1)
assert_eq(str(l[1:]), "[2, 3]")
assert_eq(str(l + [4]), "[1, 2, 3, 4]")
assert_eq(len(l), 3)
assert_eq(2 in l, True)
assert_eq(list(l), [1, 2, 3])
assert_eq(l == [1, 2, 3], True)
assert_eq(isinstance(l[:1], UL), True)
abc = collections.abc
assert_eq(
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
    ],
    [True, True, True, False, True, True, False, True, True, False, False],
)
assert_eq(
    [
        isinstance({}, t)
        for t in (abc.Mapping, abc.MutableMapping, abc.Sequence, abc.Collection, abc.Iterable)
    ],
    [True, True, False, True, True],
)
assert_eq(
    [isinstance("s", t) for t in (abc.Sequence, abc.Hashable, abc.MutableSequence, abc.ByteString)],
    [True, True, False, False],
)
assert_eq([isinstance({1}, t) for t in (abc.Set, abc.MutableSet)], [True, True])
assert_eq(isinstance(frozenset(), abc.Set), True)
assert_eq(isinstance({}.keys(), abc.KeysView), True)
assert_eq(isinstance({}.items(), abc.ItemsView), True)
assert_eq(isinstance((i for i in []), abc.Generator), True)
assert_eq(isinstance(iter([]), abc.Iterator), True)
assert_eq(isinstance(len, abc.Callable), True)
assert_eq(isinstance(3, abc.Hashable), True)
assert_eq(isinstance([], abc.Hashable), False)
assert_eq(isinstance(range(3), abc.Sequence), True)
assert_eq(isinstance((), abc.Sequence), True)
assert_eq(isinstance(b"", abc.Sequence), True)
assert_eq(issubclass(dict, abc.Mapping), True)
assert_eq(issubclass(list, abc.Mapping), False)
assert_eq(isinstance(3, abc.Iterable), False)


class Dk:
    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __contains__(self, x):
        return False

    def __call__(self):
        pass


assert_eq(isinstance(Dk(), abc.Iterable), True)
assert_eq(isinstance(Dk(), abc.Sized), True)
assert_eq(isinstance(Dk(), abc.Collection), True)
assert_eq(isinstance(Dk(), abc.Sequence), False)
assert_eq(callable(Dk()), True)
assert_eq(isinstance(Dk(), abc.Callable), True)
assert_eq(isinstance(Dk(), abc.Iterator), False)


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
assert_eq(mm["a"], 1)
assert_eq(list(mm.keys()), ["a", "b"])
assert_eq(list(mm.values()), [1, 2])
assert_eq(list(mm.items()), [("a", 1), ("b", 2)])
assert_eq(mm.get("q", 0), 0)
assert_eq("a" in mm, True)
assert_eq(dict(mm), {"a": 1, "b": 2})
assert_eq({**mm}, {"a": 1, "b": 2})
assert_eq(mm == {"a": 1, "b": 2}, True)
assert_eq(mm != {}, True)
assert_eq(len(mm.keys()), 2)
assert_eq((lambda **k: k)(**mm), {"a": 1, "b": 2})
assert_eq(isinstance(mm, abc.Mapping), True)
assert_eq(sorted(mm.keys() | {"z"}), ["a", "b", "z"])
assert_raises(TypeError, "unhashable type: 'Mp'", hash, mm)


class MM(Mp, abc.MutableMapping):
    def __setitem__(self, k, v):
        self.d[k] = v

    def __delitem__(self, k):
        del self.d[k]


x = MM({})
x["a"] = 1
x.update({"b": 2}, c=3)
assert_eq(x.pop("a"), 1)
assert_eq(x.setdefault("z", 0), 0)
assert_eq(x.popitem(), ("b", 2))
assert_eq(dict(x), {"c": 3, "z": 0})
assert_eq(x.get("b"), None)
x.clear()
assert_eq(len(x), 0)
assert_raises(KeyError, "'q'", x.pop, "q")
assert_eq(x.pop("q", "dflt"), "dflt")


class Sq(abc.Sequence):
    def __getitem__(self, i):
        return [10, 20, 30][i]

    def __len__(self):
        return 3


assert_eq(list(Sq()), [10, 20, 30])
assert_eq(20 in Sq(), True)
assert_eq(Sq().index(30), 2)
assert_eq(Sq().count(10), 1)
assert_eq(list(reversed(Sq())), [30, 20, 10])
assert_eq([*Sq()][1:], [20, 30])


class St(abc.Set):
    def __init__(self, it):
        self.s = list(dict.fromkeys(it))

    def __contains__(self, x):
        return x in self.s

    def __iter__(self):
        return iter(self.s)

    def __len__(self):
        return len(self.s)


assert_eq(sorted(St([1, 2]) | St([3])), [1, 2, 3])
assert_eq(sorted(St([1, 2]) & {2}), [2])
assert_eq(sorted(St([1, 2]) - {1}), [2])
assert_eq(St([1]) <= St([1, 2]), True)
assert_eq(St([1]) == {1}, True)
assert_eq(St([1]).isdisjoint([2]), True)


class Abs(abc.Iterator):
    pass


assert_raises(TypeError, "Can't instantiate abstract class Abs with abstract method __next__", Abs)


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
assert_eq(ms.l, [4, 3, 1])
assert_eq(ms.pop(), 1)
assert_eq(ms.pop(0), 4)
assert_eq(list(ms), [3])


class Virt:
    pass


abc.Sequence.register(Virt)
assert_eq(isinstance(Virt(), abc.Sequence), True)
assert_eq(issubclass(Virt, abc.Collection), True)

finish(207)
