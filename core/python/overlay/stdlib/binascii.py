# binascii.


class Error(ValueError):
    pass


def hexlify(data, sep=None):
    return bytes(data).hex().encode()


def unhexlify(s):
    return bytes.fromhex(s if isinstance(s, str) else bytes(s).decode())


b2a_hex, a2b_hex = hexlify, unhexlify


def b2a_base64(data, *, newline=True):
    from base64 import b64encode

    return b64encode(data) + (b"\n" if newline else b"")


def a2b_base64(s):
    from base64 import b64decode

    return b64decode(s)


def crc32(data, value=0):
    c = value ^ 0xFFFFFFFF
    for b in data:
        c ^= b
        for _ in range(8):
            c = c >> 1 ^ 0xEDB88320 if c & 1 else c >> 1
    return c ^ 0xFFFFFFFF
