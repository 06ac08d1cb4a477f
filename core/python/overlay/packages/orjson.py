# orjson: JSON to and from bytes, on the json of this library.
import json as _json

JSONDecodeError = _json.JSONDecodeError
JSONEncodeError = TypeError
(
    OPT_APPEND_NEWLINE,
    OPT_INDENT_2,
    OPT_NON_STR_KEYS,
    OPT_SERIALIZE_NUMPY,
    OPT_SORT_KEYS,
    OPT_STRICT_INTEGER,
) = 1024, 1, 4, 16, 32, 64
(
    OPT_NAIVE_UTC,
    OPT_OMIT_MICROSECONDS,
    OPT_PASSTHROUGH_DATACLASS,
    OPT_PASSTHROUGH_DATETIME,
    OPT_PASSTHROUGH_SUBCLASS,
) = 2, 8, 2048, 512, 256
OPT_SERIALIZE_DATACLASS = OPT_SERIALIZE_UUID = 0
OPT_UTC_Z = 128


def loads(text):
    if isinstance(text, (bytes, bytearray, memoryview)):
        text = bytes(text).decode("utf-8")
    elif not isinstance(text, str):
        raise JSONDecodeError("Input must be bytes, bytearray, memoryview, or str", "", 0)
    return _json.loads(text)


def _plain(value):
    import dataclasses
    import enum

    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError("Type is not JSON serializable: " + type(value).__name__)


def dumps(value, default=None, option=None):
    option = option or 0

    def other(v):
        try:
            return _plain(v)
        except TypeError:
            if default is None:
                raise
            return default(v)

    text = _json.dumps(
        value,
        ensure_ascii=False,
        default=other,
        sort_keys=bool(option & OPT_SORT_KEYS),
        indent=2 if option & OPT_INDENT_2 else None,
        separators=(",", ": ") if option & OPT_INDENT_2 else (",", ":"),
    )
    return (text + ("\n" if option & OPT_APPEND_NEWLINE else "")).encode("utf-8")
