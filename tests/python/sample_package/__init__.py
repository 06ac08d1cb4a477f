"""Package doc."""

from __future__ import annotations
from typing import TYPE_CHECKING
from .a import A, helper as _helper
from . import b
from .sub import deep

if TYPE_CHECKING:
    from .nothing import Nope
__all__ = ["A", "b", "lazy_value", "deep"]
__version__ = "1.2"
_lazy = {"lazy_value": "c", "Other": "c"}


def __getattr__(name):
    if name in _lazy:
        import importlib

        m = importlib.import_module("." + _lazy[name], __name__)
        v = getattr(m, name)
        globals()[name] = v
        return v
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)


REG = {}


def register(n):
    def deco(c):
        REG[n] = c
        return c

    return deco
