# array: a list with a type code.
_SIZE = {
    "b": 1,
    "B": 1,
    "u": 4,
    "h": 2,
    "H": 2,
    "i": 4,
    "I": 4,
    "l": 8,
    "L": 8,
    "q": 8,
    "Q": 8,
    "f": 4,
    "d": 8,
}


class array(list):
    def __init__(self, typecode, initializer=()):
        if typecode not in _SIZE:
            raise ValueError("bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)")
        super().__init__(initializer)
        self.typecode, self.itemsize = typecode, _SIZE[typecode]

    def tolist(self):
        return list(self)

    def fromlist(self, l):
        self.extend(l)

    def tobytes(self):
        import struct

        return struct.pack(f"<{len(self)}{self.typecode}", *self)

    def frombytes(self, data):
        import struct

        self.extend(struct.unpack(f"<{len(data) // self.itemsize}{self.typecode}", data))

    def buffer_info(self):
        return (0, len(self))

    def __repr__(self):
        return (
            f"array({self.typecode!r})" if not self else f"array({self.typecode!r}, {list(self)!r})"
        )

    def __getitem__(self, i):
        r = list.__getitem__(self, i)
        return array(self.typecode, r) if isinstance(i, slice) else r

    def __add__(self, o):
        return array(self.typecode, [*self, *o])

    def __mul__(self, n):
        return array(self.typecode, list(self) * n)

    def __reduce__(self):
        return array, (self.typecode, list(self))


ArrayType = array
typecodes = "bBuhHiIlLqQfd"
