# ipaddress: addresses only.


class AddressValueError(ValueError):
    pass


class _Address:
    def __init__(self, text, number, size):
        self._text, self._n, self._size = text, number, size

    @property
    def packed(self):
        return self._n.to_bytes(self._size, "big")

    is_loopback = property(lambda s: s._n >> 24 == 127 if s._size == 4 else s._n == 1)
    is_unspecified = property(lambda s: s._n == 0)
    is_private = property(
        lambda s: (
            s._size == 4
            and (s._n >> 24 in (10, 127) or s._n >> 20 == 0xAC1 or s._n >> 16 == 0xC0A8)
            or s._size == 16
            and s._n >> 121 == 0x7E
        )
    )
    is_link_local = property(
        lambda s: s._n >> 16 == 0xA9FE if s._size == 4 else s._n >> 118 == 0x3FA
    )
    is_multicast = property(lambda s: s._n >> 28 == 14 if s._size == 4 else s._n >> 120 == 255)
    version = property(lambda s: 4 if s._size == 4 else 6)

    def __int__(self):
        return self._n

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"{type(self).__name__}({self._text!r})"

    def __eq__(self, o):
        return isinstance(o, _Address) and self._n == o._n and self._size == o._size

    def __hash__(self):
        return hash((self._n, self._size))


class IPv4Address(_Address):
    def __init__(self, address):
        parts = str(address).split(".")
        if len(parts) != 4 or not all(
            p.isdigit()
            and p.isascii()
            and len(p) <= 3
            and int(p) < 256
            and (p == "0" or p[0] != "0")
            for p in parts
        ):
            raise AddressValueError(f"{address!r} is not an IPv4 address")
        n = 0
        for p in parts:
            n = n << 8 | int(p)
        super().__init__(str(address), n, 4)


class IPv6Address(_Address):
    def __init__(self, address):
        text = str(address).split("%")[0]
        bad = AddressValueError(f"{address!r} is not an IPv6 address")
        if text.count("::") > 1 or ":" not in text:
            raise bad
        head, gap, tail = text.partition("::")
        a, b = [[x for x in s.split(":")] if s else [] for s in (head, tail)]
        if b and "." in b[-1] or not gap and "." in a[-1]:
            last = b if b else a
            v4 = IPv4Address(last.pop())._n
            last += [f"{v4 >> 16:x}", f"{v4 & 65535:x}"]
        n = len(a) + len(b)
        if n > 8 or not gap and n != 8 or gap and n > 7:
            raise bad
        number = 0
        for w in a + ["0"] * (8 - n) + b:
            if not 1 <= len(w) <= 4 or any(c not in "0123456789abcdefABCDEF" for c in w):
                raise bad
            number = number << 16 | int(w, 16)
        super().__init__(text, number, 16)


def ip_address(address):
    for c in (IPv4Address, IPv6Address):
        try:
            return c(address)
        except AddressValueError:
            pass
    raise ValueError(f"{address!r} does not appear to be an IPv4 or IPv6 address")
