# base64.
_STD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def b64encode(s, altchars=None):
    out = []
    for i in range(0, len(s), 3):
        c = s[i : i + 3]
        n = int.from_bytes(c + b"\0" * (3 - len(c)), "big")
        out.append(
            "".join([_STD[n >> k & 63] for k in (18, 12, 6, 0)][: len(c) + 1]) + "=" * (3 - len(c))
        )
    t = "".join(out)
    if altchars:
        t = t.replace("+", chr(altchars[0])).replace("/", chr(altchars[1]))
    return t.encode()


def b64decode(s, altchars=None, validate=False):
    t = s if isinstance(s, str) else bytes(s).decode("ascii")
    if altchars:
        t = t.replace(chr(altchars[0]), "+").replace(chr(altchars[1]), "/")
    t = "".join([c for c in t if c in _STD])
    if len(t) % 4 == 1:
        from binascii import Error

        raise Error(
            "Invalid base64-encoded string: number of data characters cannot be 1 more than a multiple of 4"
        )
    out = bytearray()
    for i in range(0, len(t), 4):
        c = t[i : i + 4]
        n = 0
        for x in c:
            n = n << 6 | _STD.index(x)
        n <<= 6 * (4 - len(c))
        out += n.to_bytes(3, "big")[: len(c) - 1]
    return bytes(out)


standard_b64encode, standard_b64decode = b64encode, b64decode


def urlsafe_b64encode(s):
    return b64encode(s, b"-_")


def urlsafe_b64decode(s):
    return b64decode(s, b"-_")


encodebytes, decodebytes = b64encode, b64decode


def b16encode(s):
    return s.hex().upper().encode()


def b16decode(s, casefold=False):
    return bytes.fromhex(s if isinstance(s, str) else s.decode())
