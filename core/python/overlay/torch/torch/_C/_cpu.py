# The host's instruction sets.
from torch.cpu import (
    _is_amx_tile_supported,
    _is_avx2_supported,
    _is_avx512_supported,
    _is_avx512_vnni_supported,
)  # noqa: F401


def __getattr__(name):
    return _real("torch._C._cpu", name)


from torch._real import attribute as _real  # noqa: E402
