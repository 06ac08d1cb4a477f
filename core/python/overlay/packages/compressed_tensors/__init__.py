# compressed_tensors: the names and records by which a checkpoint describes its quantization.
from compressed_tensors.config import (
    CompressionFormat,
    SparsityCompressionConfig,
    SparsityStructure,
)

__version__ = "0.18.0"
