# secrets: the same numbers in every run.
from random import choice, randrange as randbelow, getrandbits as randbits, randbytes as _bytes


def token_bytes(n=32):
    return _bytes(n or 32)


def token_hex(n=32):
    return token_bytes(n).hex()


def token_urlsafe(n=32):
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(token_bytes(n)).rstrip(b"=").decode()


def compare_digest(a, b):
    return a == b
