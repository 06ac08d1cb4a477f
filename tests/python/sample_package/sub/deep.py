from ..b import bump, X as ex
from .. import b as bb

__all__ = ["public", "bump"]
public = ex + bb.Y
_private = 1
hidden = 2
