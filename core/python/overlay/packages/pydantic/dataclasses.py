# pydantic.dataclasses: the standard decorator; fields are not converted.
from dataclasses import dataclass as _plain


def dataclass(cls=None, /, *, config=None, **kw):
    return _plain(cls, **kw) if cls is not None else lambda c: _plain(c, **kw)
