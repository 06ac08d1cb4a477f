# struct: pack, unpack and calcsize; native sizes are those of 64-bit Linux.
import _kdex


class error(Exception):
    pass


_SIZE = {
    "x": 1,
    "c": 1,
    "b": 1,
    "B": 1,
    "?": 1,
    "h": 2,
    "H": 2,
    "i": 4,
    "I": 4,
    "l": 8,
    "L": 8,
    "q": 8,
    "Q": 8,
    "n": 8,
    "N": 8,
    "P": 8,
    "e": 2,
    "f": 4,
    "d": 8,
    "s": 1,
    "p": 1,
}
_STD = {"l": 4, "L": 4}


def _items(fmt):
    if isinstance(fmt, bytes):
        fmt = fmt.decode()
    native, little, i = True, True, 0
    if fmt[:1] in ("<", ">", "!", "=", "@"):
        native, little, i = fmt[0] == "@", fmt[0] not in ">!", 1
    out, count, at = [], "", 0
    for c in fmt[i:]:
        if c.isdigit():
            count += c
            continue
        if c.isspace():
            continue
        if c not in _SIZE:
            raise error("bad char in struct format")
        n = int(count) if count else 1
        size = _SIZE[c] if native else _STD.get(c, _SIZE[c])
        if native and c not in "xcbB?sp":
            at += -at % size
        if c in "sp":
            out.append((c, n, at))
            at += n
        else:
            for _ in range(n):
                if c != "x":
                    out.append((c, size, at))
                at += size
        count = ""
    return out, at, little


def calcsize(fmt):
    return _items(fmt)[1]


def pack(fmt, *values):
    items, total, little = _items(fmt)
    if len(items) != len(values):
        raise error(f"pack expected {len(items)} items for packing (got {len(values)})")
    buf = bytearray(total)
    order = "little" if little else "big"
    for (c, n, at), v in zip(items, values):
        if c in "sp":
            d = bytes(v)[:n]
            d += b"\0" * (n - len(d))
        elif c == "c":
            d = bytes(v)
        elif c == "?":
            d = b"\1" if v else b"\0"
        elif c in "efd":
            d = _kdex.float_pack(float(v), n, little)
        else:
            signed = c.islower()
            v = v.__index__() if hasattr(v, "__index__") else None
            if v is None:
                raise error("required argument is not an integer")
            lo, hi = (-(1 << 8 * n - 1), (1 << 8 * n - 1) - 1) if signed else (0, (1 << 8 * n) - 1)
            if not lo <= v <= hi:
                raise error(f"'{c}' format requires {lo} <= number <= {hi}")
            d = v.to_bytes(n, order, signed=signed)
        buf[at : at + n] = d
    return bytes(buf)


def unpack_from(fmt, data, offset=0):
    items, total, little = _items(fmt)
    data = bytes(data)[offset : offset + total]
    if len(data) < total:
        raise error(f"unpack_from requires a buffer of at least {total + offset} bytes")
    out, order = [], "little" if little else "big"
    for c, n, at in items:
        d = data[at : at + n]
        if c in "spc":
            out.append(d)
        elif c == "?":
            out.append(d != b"\0")
        elif c in "efd":
            out.append(_kdex.float_unpack(d, little))
        else:
            out.append(int.from_bytes(d, order, signed=c.islower()))
    return tuple(out)


def unpack(fmt, data):
    n = calcsize(fmt)
    if len(data) != n:
        raise error(f"unpack requires a buffer of {n} bytes")
    return unpack_from(fmt, data)


def iter_unpack(fmt, data):
    n = calcsize(fmt)
    for i in range(0, len(data), n):
        yield unpack_from(fmt, data, i)


def pack_into(fmt, buffer, offset, *values):
    d = pack(fmt, *values)
    buffer[offset : offset + len(d)] = d


class Struct:
    def __init__(self, fmt):
        self.format, self.size = fmt, calcsize(fmt)

    def pack(self, *v):
        return pack(self.format, *v)

    def unpack(self, data):
        return unpack(self.format, data)

    def unpack_from(self, data, offset=0):
        return unpack_from(self.format, data, offset)
