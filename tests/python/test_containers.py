# Lists, tuples, dicts, sets: methods, ordering, slices, comparison, mutation, sorting, copying.
from checks import assert_eq, assert_noted, assert_raises, finish, note


l = [3, 1, 2]
l.append(5)
l.extend((7, 8))
l.insert(1, 9)
l.insert(-1, 10)
l.insert(100, 11)
l.insert(-100, 0)
assert_eq(l, [0, 3, 9, 1, 2, 5, 7, 10, 8, 11])
assert_eq(l.pop(), 11)
assert_eq(l.pop(0), 0)
assert_eq(l.pop(-2), 10)
assert_eq(l.index(9), 1)
assert_eq(l.index(2, 2), 3)
assert_eq(l.count(1), 1)
assert_eq(l, [3, 9, 1, 2, 5, 7, 8])
l.remove(9)
l.reverse()
assert_eq(l, [8, 7, 5, 2, 1, 3])
l.sort()
assert_eq(l, [1, 2, 3, 5, 7, 8])
assert_eq(l.copy() is l, False)
assert_eq(l.copy() == l, True)
l.clear()
assert_eq(l, [])
l = list(range(10))
assert_eq(l[2:5], [2, 3, 4])
assert_eq(l[::3], [0, 3, 6, 9])
assert_eq(l[::-1], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
assert_eq(l[-3:], [7, 8, 9])
assert_eq(l[:-8], [0, 1])
assert_eq(l[8:2:-2], [8, 6, 4])
assert_eq(l[5:100], [5, 6, 7, 8, 9])
assert_eq(l[slice(1, 4)], [1, 2, 3])
assert_eq(l[-1], 9)
assert_eq(l[True], 1)
l[2:5] = ["a"]
assert_eq(l, [0, 1, "a", 5, 6, 7, 8, 9])
l[1:1] = [7, 7]
assert_eq(l, [0, 7, 7, 1, "a", 5, 6, 7, 8, 9])
l[::2] = [0] * len(l[::2])
assert_eq(l, [0, 7, 0, 1, 0, 5, 0, 7, 0, 9])
del l[1:3]
assert_eq(l, [0, 1, 0, 5, 0, 7, 0, 9])
del l[::2]
assert_eq(l, [1, 5, 7, 9])
l[:] = [1]
assert_eq(l, [1])
l[5:] = "xy"
assert_eq(l, [1, "x", "y"])
del l[-1]
assert_eq(l, [1, "x"])
l += (4,)
l *= 2
assert_eq(l, [1, "x", 4, 1, "x", 4])


def ext():
    a = [1, 2, 3, 4]
    a[::2] = [1]
    return a


assert_raises(ValueError, "attempt to assign sequence of size 1 to extended slice of size 2", ext)


def sl():
    a = [1]
    a[0:1] = 5


assert_raises(TypeError, "can only assign an iterable", sl)
a = b = [1]
a += [2]
assert_eq(b, [1, 2])
assert_eq(a is b, True)
a = a + [3]
assert_eq(b, [1, 2])
assert_eq(a is b, False)
t = (1,)
u = t
t += (2,)
assert_eq(u, (1,))
assert_eq(t, (1, 2))


def tup_iadd():
    t = ([1],)
    try:
        t[0].extend([2])
        t[0] += [3]
    finally:
        note(t)


assert_raises(TypeError, "'tuple' object does not support item assignment", tup_iadd)
assert_noted(("([1, 2, 3],)",))
assert_eq([1, 2] + [3], [1, 2, 3])
assert_eq([0] * 3, [0, 0, 0])
assert_eq(2 * [1, 2], [1, 2, 1, 2])
assert_eq([1, 2] == [1, 2], True)
assert_eq([1, 2] < [1, 3], True)
assert_eq([1] < [1, 0], True)
assert_eq([] < [0], True)
assert_eq([1, "a"] == [1, "a"], True)
assert_eq((1, 2) < (1, 2, 0), True)
assert_eq((2,) > (1, 9), True)
assert_eq([1] != [1.0], False)
assert_eq([[1]] * 2, [[1], [1]])
assert_eq((1, 2).count(1), 1)
assert_eq((1, 2).index(2), 1)
assert_eq((1,) * 3, (1, 1, 1))
assert_eq(() == (), True)
assert_eq((1) == 1, True)
assert_eq(tuple([1]) + (2,), (1, 2))
g = [[0] * 2] * 2
g[0][0] = 1
assert_eq(g, [[1, 0], [1, 0]])
g = [[0] * 2 for _ in range(2)]
g[0][0] = 1
assert_eq(g, [[1, 0], [0, 0]])
assert_eq(sorted([3, 1, 2], reverse=True), [3, 2, 1])
assert_eq(sorted("bca"), ["a", "b", "c"])
assert_eq(sorted({"b": 1, "a": 2}), ["a", "b"])
assert_eq(sorted([(1, "b"), (1, "a"), (0, "z")]), [(0, "z"), (1, "a"), (1, "b")])
assert_eq(sorted(["bb", "a", "ccc"], key=len, reverse=True), ["ccc", "bb", "a"])
assert_eq(sorted([1, -1, 2, -2], key=abs), [1, -1, 2, -2])
assert_eq(sorted([1, -1, 2, -2], key=abs, reverse=True), [2, -2, 1, -1])
assert_eq(sorted([True, 0, 2]), [0, True, 2])
assert_eq(sorted([[2], [1, 5], [1]]), [[1], [1, 5], [2]])
assert_eq(sorted([0.5, 1, -1]), [-1, 0.5, 1])
assert_eq(sorted((c for c in "hello"), key=lambda c: (-ord(c), c)), ["o", "l", "l", "h", "e"])
recs = [("a", 2), ("b", 1), ("c", 2), ("d", 1)]
assert_eq(sorted(recs, key=lambda r: r[1]), [("b", 1), ("d", 1), ("a", 2), ("c", 2)])
assert_eq(sorted(recs, key=lambda r: r[1], reverse=True), [("a", 2), ("c", 2), ("b", 1), ("d", 1)])
assert_eq(sorted(recs, key=lambda r: (-r[1], r[0])), [("a", 2), ("c", 2), ("b", 1), ("d", 1)])


class Lt:
    def __init__(self, v):
        self.v = v

    def __lt__(self, o):
        return self.v < o.v

    def __repr__(self):
        return f"L{self.v}"


assert_eq(str(sorted([Lt(3), Lt(1), Lt(2)])), "[L1, L2, L3]")
assert_eq(str(max([Lt(1), Lt(2)], key=lambda x: x.v)), "L2")
assert_eq(str(sorted([Lt(2), Lt(1)], reverse=True)), "[L2, L1]")
assert_raises(
    TypeError,
    "'>' not supported between instances of 'object' and 'object'",
    lambda: max([object(), object()]),
)
ls = [1, 2, 3, 4]
for v in ls:
    if v == 2:
        ls.remove(v)
assert_eq(ls, [1, 3, 4])
out = []
grow = [1]
for v in grow:
    out.append(v)
    if len(grow) < 4:
        grow.append(v + 1)
assert_eq(out, [1, 2, 3, 4])
assert_eq(list(enumerate("ab", 1)), [(1, "a"), (2, "b")])
assert_eq(list(zip([1, 2], "abc")), [(1, "a"), (2, "b")])
assert_eq(list(zip()), [])
assert_eq(list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])), [4, 6])
assert_eq(list(filter(None, [0, 1, "", "a"])), [1, "a"])
assert_eq(list(filter(lambda v: v > 1, [1, 2, 3])), [2, 3])
assert_eq(list(reversed([1, 2])), [2, 1])
assert_eq(any([0, 1]), True)
assert_eq(all([1, 0]), False)
assert_eq(all([]), True)
assert_eq(any([]), False)
assert_eq(list(zip(*[(1, 2), (3, 4)])), [(1, 3), (2, 4)])
assert_raises(
    ValueError,
    "zip() argument 2 is longer than argument 1",
    lambda: list(zip([1], [1, 2], strict=True)),
)
assert_raises(
    ValueError,
    "zip() argument 2 is shorter than argument 1",
    lambda: list(zip([1, 2], [1], strict=True)),
)
assert_eq(list(zip([1], [2], strict=True)), [(1, 2)])

d = {"b": 1, "a": 2}
d["c"] = 3
d["b"] = 10
assert_eq(d, {"b": 10, "a": 2, "c": 3})
assert_eq(list(d), ["b", "a", "c"])
assert_eq(list(d.values()), [10, 2, 3])
assert_eq(list(d.items()), [("b", 10), ("a", 2), ("c", 3)])
assert_eq(str(d.keys()), "dict_keys(['b', 'a', 'c'])")
assert_eq(str(d.values()), "dict_values([10, 2, 3])")
assert_eq(str(d.items()), "dict_items([('b', 10), ('a', 2), ('c', 3)])")
assert_eq(len(d), 3)
del d["b"]
d["b"] = 0
assert_eq(d, {"a": 2, "c": 3, "b": 0})
assert_eq(d.pop("a"), 2)
assert_eq(d.pop("zz", None), None)
assert_eq(d.get("q"), None)
assert_eq(d.get("q", 5), 5)
assert_eq(d.setdefault("n", []), [])
assert_eq(d.setdefault("n", 3), [])
assert_eq(d, {"c": 3, "b": 0, "n": []})
d["n"].append(1)
assert_eq(d, {"c": 3, "b": 0, "n": [1]})
assert_eq(d.popitem(), ("n", [1]))
assert_eq("c" in d, True)
assert_eq("x" not in d, True)
d.update({"x": 1}, y=2)
d.update([("z", 3)])
d.update()
assert_eq(d, {"c": 3, "b": 0, "x": 1, "y": 2, "z": 3})
assert_eq(d | {"x": 9}, {"c": 3, "b": 0, "x": 9, "y": 2, "z": 3})
assert_eq({"x": 0} | d, {"x": 1, "c": 3, "b": 0, "y": 2, "z": 3})
d |= {"w": 1}
assert_eq(d, {"c": 3, "b": 0, "x": 1, "y": 2, "z": 3, "w": 1})
d |= [("v", 2)]
assert_eq(d, {"c": 3, "b": 0, "x": 1, "y": 2, "z": 3, "w": 1, "v": 2})
assert_eq(d == dict(reversed(list(d.items()))), True)
assert_eq(d.copy() == d, True)
assert_eq(dict([("a", 1)]), {"a": 1})
assert_eq(dict(a=1, b=2), {"a": 1, "b": 2})
assert_eq(dict({"a": 1}, b=3), {"a": 1, "b": 3})
assert_eq(dict(zip("ab", [1, 2])), {"a": 1, "b": 2})
assert_eq(dict.fromkeys("ab"), {"a": None, "b": None})
assert_eq(dict.fromkeys([1, 2], []), {1: [], 2: []})
assert_eq({**d, "x": "over"}, {"c": 3, "b": 0, "x": "over", "y": 2, "z": 3, "w": 1, "v": 2})
assert_eq(dict(), {})
assert_eq({1: 2, 1.0: 3}, {1: 3})
assert_eq({(1, 2): "t"}[1, 2], "t")
assert_eq({None: 1}[None], 1)
assert_eq({True: "y"}.get(1), "y")
assert_eq(list(reversed({"a": 1, "b": 2})), ["b", "a"])
assert_eq(
    sorted(d.items(), key=lambda kv: -kv[1]),
    [("c", 3), ("z", 3), ("y", 2), ("v", 2), ("x", 1), ("w", 1), ("b", 0)],
)
assert_eq(max(d, key=d.get), "c")
assert_eq({v: k for k, v in {"a": 1}.items()}, {1: "a"})
assert_eq({"a": 1} == {"a": 1.0}, True)
assert_eq({"a": 1} != {"a": 2}, True)
assert_eq("a" in {"a": 1}.keys(), True)
assert_eq(1 in {"a": 1}.values(), True)
assert_eq(("a", 1) in {"a": 1}.items(), True)
assert_eq({"a": 1}.keys() & {"a", "b"}, {"a"})
assert_eq(sorted({"a": 1}.keys() | {"b"}), ["a", "b"])
assert_eq({"a": 1, "b": 2}.keys() - {"a"}, {"b"})
assert_eq({"a": 1}.items() == {"a": 1}.items(), True)
assert_eq({"a": 1}.keys() == {"a"}, True)
assert_eq(len({"a": 1}.items()), 1)
ks = {"a": 1}.keys()
dd = {"a": 1}
kv = dd.keys()
dd["b"] = 2
assert_eq(str(kv), "dict_keys(['a', 'b'])")
assert_eq(list(kv), ["a", "b"])
assert_eq(dd.items().__len__(), 2)


def mut():
    d = {1: 1}
    for k in d:
        d[k + 1] = 1


assert_raises(RuntimeError, "dictionary changed size during iteration", mut)


def mut2():
    d = {1: 1, 2: 2}
    for k in list(d):
        del d[k]
    return d


assert_eq(mut2(), {})
nested = {"a": {"b": [1, {"c": 2}]}}
assert_eq(nested["a"]["b"][1]["c"], 2)
nested["a"]["b"][1]["c"] += 5
assert_eq(nested, {"a": {"b": [1, {"c": 7}]}})


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
assert_eq(str(kd), "{K(1): 'b'}")
assert_eq(kd[Key(1)], "b")
assert_eq(Key(1) in kd, True)
assert_eq(Key(2) in kd, False)
assert_eq(len({Key(1), Key(1), Key(2)}), 2)
assert_eq([Key(1)].index(Key(1)), 0)
assert_eq(Key(3) in [Key(3)], True)
assert_eq([Key(1)].count(Key(1)), 1)


class EqOnly:
    def __eq__(self, o):
        return True


assert_raises(TypeError, "unhashable type: 'EqOnly'", lambda: hash(EqOnly()))
assert_eq(EqOnly.__hash__, None)
assert_eq(EqOnly() == 5, True)
assert_eq(5 == EqOnly(), True)
assert_eq(EqOnly() != 3, False)
assert_eq(7 in [EqOnly()], True)
nan = float("nan")
assert_eq(nan in [nan], True)
assert_eq([nan] == [nan], True)
assert_eq(nan == nan, False)
assert_eq({nan: 1}[nan], 1)
assert_eq([nan].index(nan), 0)

s = {3, 1, 2}
assert_eq(sorted(s), [1, 2, 3])
assert_eq(len(s), 3)
assert_eq(2 in s, True)
assert_eq(sorted(s | {5}), [1, 2, 3, 5])
assert_eq(sorted(s & {1, 9}), [1])
assert_eq(sorted(s - {1}), [2, 3])
assert_eq(sorted(s ^ {1, 7}), [2, 3, 7])
assert_eq(s <= {1, 2, 3, 4}, True)
assert_eq(s < s, False)
assert_eq(s >= {1}, True)
assert_eq(s == {1, 2, 3}, True)
assert_eq(s.isdisjoint({9}), True)
assert_eq(s.issubset([1, 2, 3]), True)
assert_eq(s.issuperset([1]), True)
assert_eq({1} == frozenset([1]), True)
assert_eq(sorted(s.union([7], [8])), [1, 2, 3, 7, 8])
assert_eq(sorted(s.intersection([1, 2], [2])), [2])
assert_eq(sorted(s.difference([1], [2])), [3])
assert_eq(sorted(s.symmetric_difference([3, 4])), [1, 2, 4])
s.add(4)
s.discard(99)
s.discard(1)
s.update([7], (8,))
s |= {9}
s -= {9}
s &= {2, 3, 4, 7}
s ^= {2}
assert_eq(sorted(s), [3, 4, 7])
s.remove(3)
s.difference_update([4])
s.intersection_update([7, 5])
s.symmetric_difference_update([1])
assert_eq(sorted(s), [1, 7])
assert_eq(s.copy() == s, True)
s.clear()
assert_eq(s, set())
assert_eq(set(), set())
assert_eq(frozenset(), frozenset())
assert_eq(set("a"), {"a"})
assert_eq({*()}, set())
assert_eq(bool(set()), False)
assert_eq(type({}).__name__, "dict")
assert_eq(type({1}).__name__, "set")
assert_eq(frozenset([1, 2]) == {1, 2}, True)
assert_eq(hash(frozenset([1, 2])) == hash(frozenset([2, 1])), True)
assert_eq({frozenset([1]): "x"}[frozenset([1])], "x")
assert_eq(frozenset([1]) | {2} == {1, 2}, True)
assert_eq(type(frozenset([1]) | {2}).__name__, "frozenset")
assert_eq(type({1} | frozenset([2])).__name__, "set")
assert_eq({1, 1.0, True}, {1})
assert_eq(len({0, False, 0.0}), 1)
assert_eq(sorted({x % 3 for x in range(9)}), [0, 1, 2])
assert_eq({(1, 2), (1, 2)}, {(1, 2)})
assert_raises(TypeError, "unsupported operand type(s) for |: 'set' and 'list'", lambda: {1} | [2])
assert_raises(TypeError, "unsupported operand type(s) for +: 'set' and 'set'", lambda: {1} + {2})
assert_raises(
    AttributeError, "'frozenset' object has no attribute 'add'", lambda: frozenset().add(1)
)
assert_raises(
    TypeError, "'<' not supported between instances of 'set' and 'list'", lambda: {1} < [1]
)
assert_raises(TypeError, "'set' object is not subscriptable", lambda: {1}[0])
assert_raises(TypeError, "'int' object is not iterable", lambda: set(1))
assert_raises(
    TypeError, "'<' not supported between instances of 'dict' and 'dict'", lambda: {1: 1} < {2: 2}
)
assert_raises(TypeError, "'int' object is not iterable", lambda: {}.fromkeys(3))
assert_raises(
    TypeError, "dict() got multiple values for keyword argument 'a'", lambda: dict(a=1, **{"a": 2})
)
assert_raises(
    TypeError, "sort() takes no positional arguments", lambda: [1, 2, 3].sort(lambda a: a)
)
assert_raises(
    TypeError,
    "'<' not supported between instances of 'NoneType' and 'int'",
    lambda: sorted([1, None]),
)
assert_raises(
    TypeError, "'<' not supported between instances of 'dict' and 'dict'", lambda: sorted([{}, {}])
)
assert_raises(KeyError, "'b'", lambda: {"a": 1}["b"]["c"])
assert_raises(TypeError, "insert expected 2 arguments, got 1", lambda: [3].insert(1))
assert_raises(TypeError, "'int' object is not iterable", lambda: [].extend(1))
assert_raises(TypeError, "'int' object is not iterable", lambda: {}.update(1))
assert_raises(
    TypeError,
    "cannot convert dictionary update sequence element #0 to a sequence",
    lambda: {}.update([1]),
)
assert_raises(TypeError, "setdefault expected at least 1 argument, got 0", lambda: {}.setdefault())
assert_raises(IndexError, "tuple index out of range", lambda: (1, 2)[2])
assert_raises(TypeError, "can't multiply sequence by non-int of type 'str'", lambda: [0] * "a")
assert_raises(TypeError, "'list' object is not a mapping", lambda: {**[1]})
assert_raises(TypeError, "Value after * must be an iterable, not int", lambda: [*3])


class Idx:
    def __index__(self):
        return 1


assert_eq([1, 2, 3][Idx()], 2)
assert_eq("abc"[Idx() :], "bc")
assert_eq(list(range(5))[: Idx() + 2] if hasattr(Idx, "__add__") else "", "")
assert_eq([0] * Idx(), [0])
assert_eq(range(5)[Idx()], 1)
assert_eq(hex(Idx()), "0x1")
assert_eq(bytes(Idx()), b"\x00")


class Slicer:
    def __getitem__(self, k):
        return k


assert_eq(str(Slicer()[1:2]), "slice(1, 2, None)")
assert_eq(str(Slicer()[1:2, ::3]), "(slice(1, 2, None), slice(None, None, 3))")
assert_eq(Slicer()[...], Ellipsis)
assert_eq(str(Slicer()[:, None]), "(slice(None, None, None), None)")
assert_eq(Slicer()[()], ())
assert_eq(Slicer()["a"], "a")
assert_eq(str(Slicer()[-1:]), "slice(-1, None, None)")
assert_eq(Slicer()[1, 2], (1, 2))
assert_eq(slice(1, 10, 2).indices(5), (1, 5, 2))
assert_eq(slice(None, None, -1).indices(4), (3, -1, -1))
assert_eq(slice(1, 2) == slice(1, 2), True)
assert_eq(slice(5).stop, 5)
import copy

deep = {"a": [1, [2]], "t": (1, [3])}
sh = copy.copy(deep)
dp = copy.deepcopy(deep)
deep["a"][1].append(9)
deep["t"][1].append(8)
assert_eq(sh, {"a": [1, [2, 9]], "t": (1, [3, 8])})
assert_eq(dp, {"a": [1, [2]], "t": (1, [3])})
assert_eq(sh["a"] is deep["a"], True)
assert_eq(dp["a"] is deep["a"], False)
assert_eq(list(iter([1, 2])), [1, 2])
assert_eq(next(iter({"k": 1})), "k")
assert_eq(list({}.items()), [])
assert_eq([*{"a": 1}], ["a"])
assert_eq({**{}}, {})
assert_eq([[]], [[]])
assert_eq([()], [()])
assert_eq(((),), ((),))
assert_eq([None] * 2, [None, None])
assert_eq(list("ab") + list((1,)), ["a", "b", 1])
assert_eq((lambda: ([], {}, ()))(), ([], {}, ()))
assert_eq([i for i in [[1, 2], [3]] for i in i], [1, 2, 3])
x = [1, 2, 3]
x[0], x[-1] = x[-1], x[0]
assert_eq(x, [3, 2, 1])
x[x.index(2)] = "two"
assert_eq(x, [3, "two", 1])
i, x[i if False else 0] = 1, 5
assert_eq(i, 1)
assert_eq(x, [5, "two", 1])

finish(278)
