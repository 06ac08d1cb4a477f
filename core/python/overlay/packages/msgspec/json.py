# msgspec.json.
import json as _json
from msgspec import DecodeError, convert, to_builtins


def encode(obj, *, enc_hook=None, order=None):
    return _json.dumps(
        to_builtins(obj, enc_hook=enc_hook), separators=(",", ":"), ensure_ascii=False
    ).encode()


def decode(buf, *, type=None, strict=True, dec_hook=None):
    try:
        v = _json.loads(buf if isinstance(buf, str) else bytes(buf))
    except ValueError as e:
        raise DecodeError(f"JSON is malformed: {e}") from None
    return v if type is None else convert(v, type, strict=strict, dec_hook=dec_hook)


class Encoder:
    def __init__(self, *, enc_hook=None, **kw):
        self.enc_hook = enc_hook

    def encode(self, obj):
        return encode(obj, enc_hook=self.enc_hook)


class Decoder:
    def __init__(self, type=None, *, strict=True, dec_hook=None, **kw):
        self.type, self.strict, self.dec_hook = type, strict, dec_hook

    def decode(self, buf):
        return decode(buf, type=self.type, strict=self.strict, dec_hook=self.dec_hook)

    def __class_getitem__(cls, k):
        return cls
