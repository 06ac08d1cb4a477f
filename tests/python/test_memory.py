# Values that are dropped by the gigabyte, and values that must survive it: what a program still
# reaches is never taken back, wherever it is kept.
from checks import assert_eq, finish
import copy
import functools


def churn(megabytes):
    """Makes garbage of many shapes."""
    for i in range(megabytes * 8):
        block = [str(i)] * 4000
        {"key": block, i: (i, block)}
        "x" * 100000


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


class Slotted:
    __slots__ = ("a", "b")


def chain(n):
    node = None
    for i in range(n):
        node = Node([i, str(i)], node)
    return node


def length(node):
    n = 0
    while node is not None:
        assert node.value == [node.value[0], str(node.value[0])]
        n += 1
        node = node.next
    return n


def counter(n):
    kept = {"at": [0]}
    for i in range(n):
        kept["at"].append(str(i) * 3)
        received = yield kept["at"][-1]
        if received:
            kept["at"].append(received)
    yield len(kept["at"])


def closure():
    hidden = ["in", "a", "cell"]

    def read():
        return hidden

    return read


kept_chain = chain(20000)
generators = [counter(5) for _ in range(50)]
assert_eq([next(g) for g in generators[:3]], ["000", "000", "000"])
assert_eq(generators[3].send(None), "000")
read = closure()
slots = Slotted()
slots.a, slots.b = ["slot"], {"slot": [1.5]}
views = {str(i): [i] for i in range(1000)}
items = iter(views.items())
next(items)
zipped = zip((str(i) for i in range(100)), map(lambda i: [i], range(100)))
next(zipped)
big = [7**300, -(3**200)]
partial = functools.partial(lambda a, b, c: [a, b, c], ["a"], c={"c"})
original = {"deep": [{"x": (1, [2])} for _ in range(3000)], "text": "t" * 1000}
copied = copy.deepcopy(original)
weird = {(1, "t"): frozenset([("u", 2)]), Node: Node(["class key"])}


@functools.lru_cache(maxsize=None)
def cached(n):
    return ["cached", n, str(n)]


first = cached(1)

churn(1500)
assert_eq(length(kept_chain), 20000)
assert_eq([next(g) for g in generators[:3]], ["111", "111", "111"])
assert_eq(generators[4].send(None), "000")
assert_eq(generators[0].send("sent"), "222")
assert_eq(read(), ["in", "a", "cell"])
assert_eq(slots.a, ["slot"])
assert_eq(slots.b, {"slot": [1.5]})
assert_eq(next(items), ("1", [1]))
assert_eq(sum(1 for _ in items), 998)
assert_eq(list(views)[-1], "999")
assert_eq(next(zipped), ("1", [1]))
assert_eq(len(list(zipped)), 98)
assert_eq(big[0] % 10**9, 584180001)
assert_eq(big[1] % 10**9, 300955999)
assert_eq(partial(["b"]), [["a"], ["b"], {"c"}])
assert_eq(copied == original, True)
assert_eq(copied["deep"][2999] is original["deep"][2999], False)
assert_eq(len(copied["text"]), 1000)
copied["deep"][0]["x"][1].append(3)
assert_eq(original["deep"][0], {"x": (1, [2])})
assert_eq(copied["deep"][0], {"x": (1, [2, 3])})
assert_eq(weird[(1, "t")], frozenset({("u", 2)}))
assert_eq(weird[Node].value, ["class key"])
assert_eq(cached(1) is first, True)


def sort_key(pair):
    churn(2)
    return pair[0]


assert_eq(
    sorted([[str(i), i] for i in (5, 3, 9, 1)], key=sort_key),
    [["1", 1], ["3", 3], ["5", 5], ["9", 9]],
)
assert_eq(max([[3], [8], [5]], key=lambda v: (churn(2), v[0])[1]), [8])
assert_eq({k: (churn(2), [k])[1] for k in "abc"}, {"a": ["a"], "b": ["b"], "c": ["c"]})
assert_eq("%s %s" % ((churn(2), "left")[1], [str(1)]), "left ['1']")
assert_eq(f"{[churn(2), 'format'][1]}", "format")


class Raises:
    def __getattr__(self, name):
        churn(2)
        raise AttributeError(name + " of " + str([1, 2]))


try:
    Raises().missing
except AttributeError as e:
    churn(2)
    assert_eq(str(e), "missing of [1, 2]")
    assert_eq(e.args, ("missing of [1, 2]",))


def many(*args, **kwargs):
    churn(2)
    return args, kwargs


assert_eq(
    many(*[[i] for i in range(12)], **{f"k{i}": [i] for i in range(4)}),
    (
        ([0], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11]),
        {"k0": [0], "k1": [1], "k2": [2], "k3": [3]},
    ),
)
abandoned = [counter(3) for _ in range(300)]
for g in abandoned:
    next(g)
del abandoned, g
churn(200)
assert_eq(sum(1 for _ in range(200) for _ in [next(counter(2))]), 200)

finish(34)
