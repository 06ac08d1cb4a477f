# weakref: nothing is ever collected in the machine, so a weak reference is a plain one.
from collections.abc import MutableMapping, MutableSet


class ReferenceType:
    __slots__ = ("_o", "__callback__")

    def __init__(self, o, callback=None):
        self._o, self.__callback__ = o, callback

    def __call__(self):
        return self._o

    def __eq__(self, other):
        return isinstance(other, ReferenceType) and self._o == other._o

    def __hash__(self):
        return hash(self._o)

    def __class_getitem__(cls, k):
        return cls


ref = KeyedRef = ReferenceType


class WeakMethod(ReferenceType):
    pass


def proxy(o, callback=None):
    return o


def getweakrefcount(o):
    return 0


def getweakrefs(o):
    return []


class WeakValueDictionary(dict):
    def valuerefs(self):
        return [ref(v) for v in self.values()]

    def copy(self):
        return type(self)(self)


class WeakKeyDictionary(MutableMapping):
    def __init__(self, d=None):
        self.data = {}
        if d:
            self.update(d)

    def __getitem__(self, k):
        return self.data[ref(k)]

    def __setitem__(self, k, v):
        self.data[ref(k)] = v

    def __delitem__(self, k):
        del self.data[ref(k)]

    def __iter__(self):
        return iter([r() for r in self.data])

    def __len__(self):
        return len(self.data)

    def __contains__(self, k):
        return ref(k) in self.data


class WeakSet(MutableSet):
    def __init__(self, data=()):
        self.data = {}
        for x in data:
            self.data[ref(x)] = None

    def add(self, x):
        self.data[ref(x)] = None

    def discard(self, x):
        self.data.pop(ref(x), None)

    def __contains__(self, x):
        return ref(x) in self.data

    def __iter__(self):
        return iter([r() for r in self.data])

    def __len__(self):
        return len(self.data)

    def update(self, other):
        for x in other:
            self.add(x)


class finalize:
    atexit = True

    def __init__(self, obj, func, /, *args, **kw):
        self._info = (obj, func, args, kw)

    @property
    def alive(self):
        return self._info is not None

    def __call__(self):
        i, self._info = self._info, None
        if i is not None:
            return i[1](*i[2], **i[3])

    def detach(self):
        i, self._info = self._info, None
        return i

    def peek(self):
        return self._info
