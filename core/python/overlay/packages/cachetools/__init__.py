# cachetools: caches of a bounded size, and functions that keep their results in one.
import collections
import functools

from cachetools import keys


class Cache(collections.OrderedDict):
    """The entry that goes first is the one that came first."""

    def __init__(self, maxsize, getsizeof=None):
        super().__init__()
        self._size, self._sizes = 0, {}
        self._maxsize, self._getsizeof = maxsize, getsizeof

    @staticmethod
    def getsizeof(value):
        return 1

    maxsize = property(lambda self: self._maxsize)
    currsize = property(lambda self: self._size)

    def _size_of(self, value):
        return self.getsizeof(value) if self._getsizeof is None else self._getsizeof(value)

    def __missing__(self, key):
        raise KeyError(key)

    def __setitem__(self, key, value):
        size = self._size_of(value)
        if size > self._maxsize:
            raise ValueError("value too large")
        if key in self:
            self._size -= self._sizes[key]
            del self._sizes[key]
        while self._size + size > self._maxsize:
            self.popitem()
        super().__setitem__(key, value)
        self._sizes[key] = size
        self._size += size

    def __delitem__(self, key):
        super().__delitem__(key)
        self._size -= self._sizes.pop(key)

    def pop(self, key, *default):
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        for key in self:
            value = super().__getitem__(key)
            del self[key]
            return key, value
        raise KeyError(type(self).__name__ + " is empty")


class FIFOCache(Cache):
    pass


class LRUCache(Cache):
    """The entry that goes first is the one that was not read or written for longest."""

    def __getitem__(self, key):
        value = super().__getitem__(key)
        self.move_to_end(key)
        return value

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.move_to_end(key)

    def get(self, key, default=None):
        return self[key] if key in self else default


class TTLCache(LRUCache):
    """Clocks stand still here: nothing grows old."""

    def __init__(self, maxsize, ttl, timer=None, getsizeof=None):
        super().__init__(maxsize, getsizeof)
        self.ttl = ttl


def cached(cache, key=keys.hashkey, lock=None, condition=None, info=False):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            if cache is None:
                return function(*args, **kwargs)
            k = key(*args, **kwargs)
            try:
                return cache[k]
            except KeyError:
                pass
            v = function(*args, **kwargs)
            try:
                cache[k] = v
            except ValueError:
                pass  # too large
            return v

        wrapper.cache, wrapper.cache_key, wrapper.cache_lock = cache, key, lock
        wrapper.cache_clear = lambda: cache.clear() if cache is not None else None
        return wrapper

    return decorator
