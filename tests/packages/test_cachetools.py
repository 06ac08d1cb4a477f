# cachetools 8.0.2: caches of a bounded size, and functions that keep their results in one.
import cachetools
from cachetools import Cache, LRUCache, cached, keys

lru = LRUCache(maxsize=2)
lru["a"], lru["b"] = 1, 2
print(lru["a"], lru.currsize, lru.maxsize)
lru["c"] = 3
print(sorted(lru), "b" in lru, lru.get("b"), lru.get("a"))
print(lru.pop("a"), sorted(lru), lru.currsize)
weighed = Cache(maxsize=5, getsizeof=len)
weighed["x"] = "aaa"
weighed["y"] = "bb"
print(sorted(weighed), weighed.currsize)
weighed["z"] = "c"
print(sorted(weighed), weighed.currsize)
try:
    weighed["w"] = "too large a value"
except ValueError as e:
    print(type(e).__name__, e)
try:
    weighed["none"]
except KeyError as e:
    print(type(e).__name__, e)

seen = []


@cached(cache={}, key=lambda x: x % 3)
def thirds(x):
    """Its text."""
    seen.append(x)
    return x * 10


print([thirds(i) for i in (1, 4, 2, 5, 3)], seen, thirds.__name__, thirds.__doc__)


@cached(LRUCache(maxsize=1))
def plus(a, b=0):
    seen.append((a, b))
    return a + b


print(plus(1), plus(1), plus(1, b=2), plus(1), seen[3:], len(plus.cache))
plus.cache_clear()
print(len(plus.cache), plus.cache_key is keys.hashkey, cachetools.keys is keys)
