# A package that puts another object in its place; what stands under TYPE_CHECKING names a file that is not there.
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .misspelt import *
else:
    import importlib
    import sys
    import types

    class Lazy(types.ModuleType):
        _where = {"Wanted": "definition", "Second": "definition", "third": "other"}

        def __getattr__(self, name):
            if name in self._where:
                return getattr(importlib.import_module(__name__ + "." + self._where[name]), name)
            raise AttributeError(f"module {__name__} has no attribute {name}")

    _replaced = sys.modules[__name__]
    _lazy = Lazy(__name__)
    _lazy.__path__ = _replaced.__path__
    _lazy.__spec__ = __spec__
    sys.modules[__name__] = _lazy
