# triton.backends.compiler.
from dataclasses import dataclass


@dataclass(frozen=True)
class GPUTarget:
    """What is compiled for: `arch` of CUDA as a number (90), threads of a warp."""

    backend: str
    arch: object
    warp_size: int
