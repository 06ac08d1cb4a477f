# compressed_tensors.quantization: what one group of layers is quantized to.
from enum import Enum
from typing import Any, Dict, List, Optional, Union

from compressed_tensors.config import CompressionFormat
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class QuantizationType(str, Enum):
    INT = "int"
    FLOAT = "float"


class QuantizationStrategy(str, Enum):
    TENSOR = "tensor"
    CHANNEL = "channel"
    GROUP = "group"
    BLOCK = "block"
    TOKEN = "token"
    TENSOR_GROUP = "tensor_group"
    ATTN_HEAD = "attn_head"


class DynamicType(str, Enum):
    LOCAL = "local"


class ActivationOrdering(str, Enum):
    """Two orders, each under two names that compare as equal."""

    GROUP = "group"
    WEIGHT = "weight"
    DYNAMIC = "dynamic"
    STATIC = "static"

    @staticmethod
    def get_aliases():
        return {"dynamic": "group", "static": "weight"}

    def __eq__(self, other):
        aliases = self.get_aliases()
        other = other.value if isinstance(other, ActivationOrdering) else other
        return aliases.get(self.value, self.value) == aliases.get(other, other)

    def __hash__(self):
        return hash(self.get_aliases().get(self.value, self.value))


class QuantizationStatus(str, Enum):
    INITIALIZED = "initialized"
    CALIBRATION = "calibration"
    FROZEN = "frozen"
    COMPRESSED = "compressed"


def _lower(kind, value):
    return kind(value.lower()) if isinstance(value, str) else value


class QuantizationArgs(BaseModel, use_enum_values=True):
    """Bits, type and granularity of one tensor's quantization."""

    num_bits: int = 8
    type: QuantizationType = QuantizationType.INT
    symmetric: bool = True
    group_size: Optional[int] = None
    strategy: Optional[QuantizationStrategy] = None
    block_structure: Optional[List[int]] = None
    dynamic: Union[DynamicType, bool] = False
    actorder: Union[ActivationOrdering, bool, None] = None
    scale_dtype: Any = None
    zp_dtype: Any = None
    observer: Optional[str] = None
    observer_kwargs: Dict[str, Any] = Field(default_factory=dict)

    model_config = ConfigDict(extra="forbid")

    @field_validator("type", mode="before")
    def _type(cls, value):
        return _lower(QuantizationType, value)

    @field_validator("strategy", mode="before")
    def _strategy(cls, value):
        return _lower(QuantizationStrategy, value)

    @field_validator("dynamic", mode="before")
    def _dynamic(cls, value):
        return _lower(DynamicType, value)

    @field_validator("actorder", mode="before")
    def _actorder(cls, value):
        if isinstance(value, bool):
            return ActivationOrdering.GROUP if value else None
        return _lower(ActivationOrdering, value)

    @field_validator("group_size", mode="before")
    def _group_size(cls, value):
        if value is not None and value < -1:
            raise ValueError(
                f"Invalid group size {value}. Use group_size > 0 for strategy='group' and group_size = -1 for 'channel'"
            )
        return value

    @field_validator("block_structure", mode="before")
    def _block_structure(cls, value):
        if value is None:
            return value
        given = value
        if isinstance(value, str):
            parts = value.split("x")
            value = [int(p) for p in parts] if all(p.strip().isdigit() for p in parts) else None
        if (
            not isinstance(value, (list, tuple))
            or len(value) != 2
            or not all(isinstance(n, int) and n > 0 for n in value)
        ):
            raise ValueError(
                f"Invalid block_structure '{given if value is None else value}'. Must be a list of positive ints [rows, cols]."
            )
        return list(value)

    @model_validator(mode="after")
    def _agree(self):
        S = QuantizationStrategy
        grouped = (S.GROUP, S.TENSOR_GROUP)
        strategy, size = self.strategy, self.group_size
        if strategy is None:
            strategy = (
                S.TENSOR
                if size is None
                else S.GROUP
                if size > 0
                else S.CHANNEL
                if size == -1
                else None
            )
            if strategy is None:
                raise ValueError(
                    f"Invalid group size {size}. Use group_size > 0 for strategy='group' and group_size = -1 for 'channel'"
                )
        if strategy == S.TOKEN and not self.dynamic:
            raise ValueError("Cannot perform static token quantization, please use `dynamic=True`")
        if strategy in grouped and (size is None or size <= 0):
            raise ValueError(
                f"strategy {strategy} requires group_size to be set to a positive value"
            )
        if size is not None and size > 0 and strategy not in grouped:
            raise ValueError("group_size requires strategy to be set to 'group'")
        if strategy == S.BLOCK and self.block_structure is None:
            raise ValueError(f"Block strategy requires block structure\n{self}")
        if strategy != S.BLOCK and self.block_structure is not None:
            raise ValueError(f"Block structure requires block strategy\n{self}")
        if self.actorder == ActivationOrdering.GROUP and strategy not in grouped:
            raise ValueError(
                "Must use group or tensor_group quantization strategy in order to apply group activation ordering"
            )
        if self.dynamic:
            able = (S.TOKEN, S.TENSOR, S.TENSOR_GROUP, S.GROUP)
            if strategy not in able:
                raise ValueError(f"One of {able} must be used for dynamic quant.")
            if self.dynamic == DynamicType.LOCAL and strategy != S.TENSOR_GROUP:
                raise ValueError("local is only supported for strategy tensor_group")
            if self.dynamic is True:
                self.observer = None
            elif self.observer is None:
                self.observer = "minmax"
        elif self.observer is None:
            self.observer = "memoryless_minmax"
        self.strategy = strategy
        if self.zp_dtype is None:
            import torch

            self.zp_dtype = (
                torch.float8_e4m3fn
                if self.num_bits == 4 and self.type == QuantizationType.FLOAT
                else self.pytorch_dtype()
            )
        return self

    def pytorch_dtype(self):
        import torch

        if self.type == QuantizationType.FLOAT:
            if self.num_bits != 8:
                raise NotImplementedError("Only num_bits in (8) are supported")
            return torch.float8_e4m3fn
        return (
            torch.int8
            if self.num_bits <= 8
            else torch.int16
            if self.num_bits <= 16
            else torch.int32
        )


class QuantizationScheme(BaseModel, use_enum_values=True):
    """What the layers that `targets` names are quantized to."""

    targets: List[str]
    weights: Optional[QuantizationArgs] = None
    input_activations: Optional[QuantizationArgs] = None
    output_activations: Optional[QuantizationArgs] = None
    format: Optional[CompressionFormat] = None

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _agree(self):
        S = QuantizationStrategy
        inputs, outputs = self.input_activations, self.output_activations
        if inputs is not None:
            if inputs.strategy not in (S.TOKEN, S.TENSOR, S.GROUP, S.TENSOR_GROUP, S.ATTN_HEAD):
                raise NotImplementedError(
                    f"Using {inputs.strategy} strategy is not supported for activation quantization"
                )
            if inputs.actorder is not None:
                raise ValueError("Cannot apply actorder to input activations")
        if outputs is not None and outputs.actorder is not None:
            raise ValueError("Cannot apply actorder to output activations")
        if self.format == CompressionFormat.mixed_precision:
            raise ValueError("mixed-precision cannot be set as a format for a QuantizationScheme")
        return self


class QuantizationConfig(BaseModel):
    """The groups of a model and the layers that are in none."""

    config_groups: Dict[str, QuantizationScheme]
    quant_method: str = "compressed-tensors"
    kv_cache_scheme: Optional[QuantizationArgs] = None
    format: str = "fakequant"
    quantization_status: QuantizationStatus = QuantizationStatus.INITIALIZED
    global_compression_ratio: Optional[float] = None
    ignore: Optional[List[str]] = Field(default_factory=list)
    run_compressed: Any = None

    def to_dict(self):
        return self.model_dump()
