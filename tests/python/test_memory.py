# Values that are dropped by the gigabyte, and values that must survive it: what a program still
# reaches is never taken back, wherever it is kept.
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
print([next(g) for g in generators[:3]], generators[3].send(None))
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
print(length(kept_chain))
print([next(g) for g in generators[:3]], generators[4].send(None), generators[0].send("sent"))
print(read(), slots.a, slots.b)
print(next(items), sum(1 for _ in items), list(views)[-1])
print(next(zipped), len(list(zipped)))
print(big[0] % 10**9, big[1] % 10**9)
print(partial(["b"]))
print(copied == original, copied["deep"][2999] is original["deep"][2999], len(copied["text"]))
copied["deep"][0]["x"][1].append(3)
print(original["deep"][0], copied["deep"][0])
print(weird[(1, "t")], weird[Node].value, cached(1) is first)


def sort_key(pair):
    churn(2)
    return pair[0]


print(sorted([[str(i), i] for i in (5, 3, 9, 1)], key=sort_key))
print(max([[3], [8], [5]], key=lambda v: (churn(2), v[0])[1]))
print({k: (churn(2), [k])[1] for k in "abc"})
print("%s %s" % ((churn(2), "left")[1], [str(1)]), f"{[churn(2), 'format'][1]}")


class Raises:
    def __getattr__(self, name):
        churn(2)
        raise AttributeError(name + " of " + str([1, 2]))


try:
    Raises().missing
except AttributeError as e:
    churn(2)
    print(e, e.args)


def many(*args, **kwargs):
    churn(2)
    return args, kwargs


print(many(*[[i] for i in range(12)], **{f"k{i}": [i] for i in range(4)}))
abandoned = [counter(3) for _ in range(300)]
for g in abandoned:
    next(g)
del abandoned, g
churn(200)
print(sum(1 for _ in range(200) for _ in [next(counter(2))]))
