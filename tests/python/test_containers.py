# Lists, tuples, dicts, sets: methods, ordering, slices, comparison, mutation, sorting, copying.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


l = [3, 1, 2]
l.append(5)
l.extend((7, 8))
l.insert(1, 9)
l.insert(-1, 10)
l.insert(100, 11)
l.insert(-100, 0)
print(l)
print(l.pop(), l.pop(0), l.pop(-2), l.index(9), l.index(2, 2), l.count(1), l)
l.remove(9)
l.reverse()
print(l)
l.sort()
print(l, l.copy() is l, l.copy() == l)
l.clear()
print(l)
l = list(range(10))
print(l[2:5], l[::3], l[::-1], l[-3:], l[:-8], l[8:2:-2], l[5:100], l[slice(1, 4)], l[-1], l[True])
l[2:5] = ["a"]
print(l)
l[1:1] = [7, 7]
print(l)
l[::2] = [0] * len(l[::2])
print(l)
del l[1:3]
print(l)
del l[::2]
print(l)
l[:] = [1]
print(l)
l[5:] = "xy"
print(l)
del l[-1]
print(l)
l += (4,)
l *= 2
print(l)


def ext():
    a = [1, 2, 3, 4]
    a[::2] = [1]
    return a


err(ext)


def sl():
    a = [1]
    a[0:1] = 5


err(sl)
a = b = [1]
a += [2]
print(b, a is b)
a = a + [3]
print(b, a is b)
t = (1,)
u = t
t += (2,)
print(u, t)


def tup_iadd():
    t = ([1],)
    try:
        t[0].extend([2])
        t[0] += [3]
    finally:
        print(t)


err(tup_iadd)
print(
    [1, 2] + [3],
    [0] * 3,
    2 * [1, 2],
    [1, 2] == [1, 2],
    [1, 2] < [1, 3],
    [1] < [1, 0],
    [] < [0],
    [1, "a"] == [1, "a"],
    (1, 2) < (1, 2, 0),
    (2,) > (1, 9),
    [1] != [1.0],
    [[1]] * 2,
    (1, 2).count(1),
    (1, 2).index(2),
    (1,) * 3,
    () == (),
    (1) == 1,
    tuple([1]) + (2,),
)
g = [[0] * 2] * 2
g[0][0] = 1
print(g)
g = [[0] * 2 for _ in range(2)]
g[0][0] = 1
print(g)
print(
    sorted([3, 1, 2], reverse=True),
    sorted("bca"),
    sorted({"b": 1, "a": 2}),
    sorted([(1, "b"), (1, "a"), (0, "z")]),
    sorted(["bb", "a", "ccc"], key=len, reverse=True),
    sorted([1, -1, 2, -2], key=abs),
    sorted([1, -1, 2, -2], key=abs, reverse=True),
    sorted([True, 0, 2]),
    sorted([[2], [1, 5], [1]]),
    sorted([0.5, 1, -1]),
    sorted((c for c in "hello"), key=lambda c: (-ord(c), c)),
)
recs = [("a", 2), ("b", 1), ("c", 2), ("d", 1)]
print(
    sorted(recs, key=lambda r: r[1]),
    sorted(recs, key=lambda r: r[1], reverse=True),
    sorted(recs, key=lambda r: (-r[1], r[0])),
)


class Lt:
    def __init__(self, v):
        self.v = v

    def __lt__(self, o):
        return self.v < o.v

    def __repr__(self):
        return f"L{self.v}"


print(
    sorted([Lt(3), Lt(1), Lt(2)]),
    max([Lt(1), Lt(2)], key=lambda x: x.v),
    sorted([Lt(2), Lt(1)], reverse=True),
)
err(lambda: max([object(), object()]))
ls = [1, 2, 3, 4]
for v in ls:
    if v == 2:
        ls.remove(v)
print(ls)
out = []
grow = [1]
for v in grow:
    out.append(v)
    if len(grow) < 4:
        grow.append(v + 1)
print(out)
print(
    list(enumerate("ab", 1)),
    list(zip([1, 2], "abc")),
    list(zip()),
    list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])),
    list(filter(None, [0, 1, "", "a"])),
    list(filter(lambda v: v > 1, [1, 2, 3])),
    list(reversed([1, 2])),
    any([0, 1]),
    all([1, 0]),
    all([]),
    any([]),
    list(zip(*[(1, 2), (3, 4)])),
)
err(lambda: list(zip([1], [1, 2], strict=True)))
err(lambda: list(zip([1, 2], [1], strict=True)))
print(list(zip([1], [2], strict=True)))

d = {"b": 1, "a": 2}
d["c"] = 3
d["b"] = 10
print(d, list(d), list(d.values()), list(d.items()), d.keys(), d.values(), d.items(), len(d))
del d["b"]
d["b"] = 0
print(
    d,
    d.pop("a"),
    d.pop("zz", None),
    d.get("q"),
    d.get("q", 5),
    d.setdefault("n", []),
    d.setdefault("n", 3),
    d,
)
d["n"].append(1)
print(d, d.popitem(), "c" in d, "x" not in d)
d.update({"x": 1}, y=2)
d.update([("z", 3)])
d.update()
print(d, d | {"x": 9}, {"x": 0} | d)
d |= {"w": 1}
print(d)
d |= [("v", 2)]
print(d, d == dict(reversed(list(d.items()))), d.copy() == d)
print(
    dict([("a", 1)]),
    dict(a=1, b=2),
    dict({"a": 1}, b=3),
    dict(zip("ab", [1, 2])),
    dict.fromkeys("ab"),
    dict.fromkeys([1, 2], []),
    {**d, "x": "over"},
    dict(),
    {1: 2, 1.0: 3},
    {(1, 2): "t"}[1, 2],
    {None: 1}[None],
    {True: "y"}.get(1),
)
print(
    list(reversed({"a": 1, "b": 2})),
    sorted(d.items(), key=lambda kv: -kv[1]),
    max(d, key=d.get),
    {v: k for k, v in {"a": 1}.items()},
    {"a": 1} == {"a": 1.0},
    {"a": 1} != {"a": 2},
    "a" in {"a": 1}.keys(),
    1 in {"a": 1}.values(),
    ("a", 1) in {"a": 1}.items(),
    {"a": 1}.keys() & {"a", "b"},
    sorted({"a": 1}.keys() | {"b"}),
    {"a": 1, "b": 2}.keys() - {"a"},
    {"a": 1}.items() == {"a": 1}.items(),
    {"a": 1}.keys() == {"a"},
    len({"a": 1}.items()),
)
ks = {"a": 1}.keys()
dd = {"a": 1}
kv = dd.keys()
dd["b"] = 2
print(kv, list(kv), dd.items().__len__())


def mut():
    d = {1: 1}
    for k in d:
        d[k + 1] = 1


err(mut)


def mut2():
    d = {1: 1, 2: 2}
    for k in list(d):
        del d[k]
    return d


err(mut2)
nested = {"a": {"b": [1, {"c": 2}]}}
print(nested["a"]["b"][1]["c"])
nested["a"]["b"][1]["c"] += 5
print(nested)


class Key:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, o):
        return isinstance(o, Key) and self.v == o.v

    def __repr__(self):
        return f"K({self.v})"


kd = {Key(1): "a"}
kd[Key(1)] = "b"
print(
    kd,
    kd[Key(1)],
    Key(1) in kd,
    Key(2) in kd,
    len({Key(1), Key(1), Key(2)}),
    [Key(1)].index(Key(1)),
    Key(3) in [Key(3)],
    [Key(1)].count(Key(1)),
)


class EqOnly:
    def __eq__(self, o):
        return True


err(lambda: hash(EqOnly()))
print(EqOnly.__hash__, EqOnly() == 5, 5 == EqOnly(), EqOnly() != 3, 7 in [EqOnly()])
nan = float("nan")
print(nan in [nan], [nan] == [nan], nan == nan, {nan: 1}[nan], [nan].index(nan))

s = {3, 1, 2}
print(
    sorted(s),
    len(s),
    2 in s,
    sorted(s | {5}),
    sorted(s & {1, 9}),
    sorted(s - {1}),
    sorted(s ^ {1, 7}),
    s <= {1, 2, 3, 4},
    s < s,
    s >= {1},
    s == {1, 2, 3},
    s.isdisjoint({9}),
    s.issubset([1, 2, 3]),
    s.issuperset([1]),
    {1} == frozenset([1]),
    sorted(s.union([7], [8])),
    sorted(s.intersection([1, 2], [2])),
    sorted(s.difference([1], [2])),
    sorted(s.symmetric_difference([3, 4])),
)
s.add(4)
s.discard(99)
s.discard(1)
s.update([7], (8,))
s |= {9}
s -= {9}
s &= {2, 3, 4, 7}
s ^= {2}
print(sorted(s))
s.remove(3)
s.difference_update([4])
s.intersection_update([7, 5])
s.symmetric_difference_update([1])
print(sorted(s), s.copy() == s)
s.clear()
print(s, set(), frozenset(), set("a"), {*()}, bool(set()), type({}).__name__, type({1}).__name__)
print(
    frozenset([1, 2]) == {1, 2},
    hash(frozenset([1, 2])) == hash(frozenset([2, 1])),
    {frozenset([1]): "x"}[frozenset([1])],
    frozenset([1]) | {2} == {1, 2},
    type(frozenset([1]) | {2}).__name__,
    type({1} | frozenset([2])).__name__,
    {1, 1.0, True},
    len({0, False, 0.0}),
    sorted({x % 3 for x in range(9)}),
    {(1, 2), (1, 2)},
)
err(lambda: {1} | [2])
err(lambda: {1} + {2})
err(lambda: frozenset().add(1))
err(lambda: {1} < [1])
err(lambda: {1}[0])
err(lambda: set(1))
err(lambda: {1: 1} < {2: 2})
err(lambda: {}.fromkeys(3))
err(lambda: dict(a=1, **{"a": 2}))
err(lambda: [1, 2, 3].sort(lambda a: a))
err(lambda: sorted([1, None]))
err(lambda: sorted([{}, {}]))
err(lambda: {"a": 1}["b"]["c"])
err(lambda: [3].insert(1))
err(lambda: [].extend(1))
err(lambda: {}.update(1))
err(lambda: {}.update([1]))
err(lambda: {}.setdefault())
err(lambda: (1, 2)[2])
err(lambda: [0] * "a")
err(lambda: {**[1]})
err(lambda: [*3])


class Idx:
    def __index__(self):
        return 1


print(
    [1, 2, 3][Idx()],
    "abc"[Idx() :],
    list(range(5))[: Idx() + 2] if hasattr(Idx, "__add__") else "",
    [0] * Idx(),
    range(5)[Idx()],
    hex(Idx()),
    bytes(Idx()),
)


class Slicer:
    def __getitem__(self, k):
        return k


print(
    Slicer()[1:2],
    Slicer()[1:2, ::3],
    Slicer()[...],
    Slicer()[:, None],
    Slicer()[()],
    Slicer()["a"],
    Slicer()[-1:],
    Slicer()[1, 2],
    slice(1, 10, 2).indices(5),
    slice(None, None, -1).indices(4),
    slice(1, 2) == slice(1, 2),
    slice(5).stop,
)
import copy

deep = {"a": [1, [2]], "t": (1, [3])}
sh = copy.copy(deep)
dp = copy.deepcopy(deep)
deep["a"][1].append(9)
deep["t"][1].append(8)
print(sh, dp, sh["a"] is deep["a"], dp["a"] is deep["a"])
print(
    list(iter([1, 2])),
    next(iter({"k": 1})),
    list({}.items()),
    [*{"a": 1}],
    {**{}},
    [[]],
    [()],
    ((),),
    [None] * 2,
    list("ab") + list((1,)),
    (lambda: ([], {}, ()))(),
    [i for i in [[1, 2], [3]] for i in i],
)
x = [1, 2, 3]
x[0], x[-1] = x[-1], x[0]
print(x)
x[x.index(2)] = "two"
print(x)
i, x[i if False else 0] = 1, 5
print(i, x)
