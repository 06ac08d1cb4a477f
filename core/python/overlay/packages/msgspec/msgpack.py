# msgspec.msgpack: the interface only; encoded bytes never leave the machine.
from msgspec import DecodeError


class Ext:
    def __init__(self, code, data):
        self.code, self.data = code, data


class Encoder:
    def __init__(self, *, enc_hook=None, **kw):
        self.enc_hook = enc_hook

    def encode(self, obj):
        raise DecodeError("msgpack is not available here")


class Decoder:
    def __init__(self, type=None, *, strict=True, dec_hook=None, ext_hook=None, **kw):
        self.type = type

    def decode(self, buf):
        raise DecodeError("msgpack is not available here")

    def __class_getitem__(cls, k):
        return cls


def encode(obj, **kw):
    raise DecodeError("msgpack is not available here")


decode = encode
