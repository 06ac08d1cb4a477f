# compressed_tensors.config: how tensors are packed in files.
from enum import Enum


class CompressionFormat(str, Enum):
    dense = "dense"
    sparse_bitmask = "sparse-bitmask"
    sparse_24_bitmask = "sparse-24-bitmask"
    int_quantized = "int-quantized"
    float_quantized = "float-quantized"
    naive_quantized = "naive-quantized"
    pack_quantized = "pack-quantized"
    marlin_24 = "marlin-24"
    mixed_precision = "mixed-precision"
    nvfp4_pack_quantized = "nvfp4-pack-quantized"
    mxfp4_pack_quantized = "mxfp4-pack-quantized"
    mxfp8_quantized = "mxfp8-quantized"


class SparsityStructure(Enum):
    TWO_FOUR = "2:4"
    UNSTRUCTURED = "unstructured"
    ZERO_ZERO = "0:0"

    @classmethod
    def _missing_(cls, value):
        if value is None:
            return cls.UNSTRUCTURED
        if isinstance(value, str):
            for member in cls:
                if member.value == value.lower():
                    return member
        return None


class SparsityCompressionConfig:
    def __init__(
        self,
        format=None,
        targets=None,
        ignore=None,
        global_sparsity=0.0,
        sparsity_structure="unstructured",
        **extra,
    ):
        self.format, self.targets, self.ignore = format, targets, ignore
        self.global_sparsity, self.sparsity_structure = global_sparsity, sparsity_structure
        self.__dict__.update(extra)

    @classmethod
    def model_validate(cls, given):
        return given if isinstance(given, cls) else cls(**given)
