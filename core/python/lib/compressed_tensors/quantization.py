# compressed_tensors.quantization: what one group of layers is quantized to.
from enum import Enum


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
    GROUP = "group"
    WEIGHT = "weight"
    DYNAMIC = "group"
    STATIC = "weight"


class QuantizationStatus(str, Enum):
    INITIALIZED = "initialized"
    CALIBRATION = "calibration"
    FROZEN = "frozen"
    COMPRESSED = "compressed"


class QuantizationArgs:
    """Bits, type and granularity of one tensor's quantization."""

    def __init__(self, num_bits=8, type=QuantizationType.INT, symmetric=True, group_size=None, strategy=None, block_structure=None,
                 dynamic=False, actorder=None, scale_dtype=None, zp_dtype=None, observer=None, observer_kwargs=None, **extra):
        self.num_bits = num_bits
        self.type = QuantizationType(type.lower() if isinstance(type, str) and not isinstance(type, Enum) else type)
        self.symmetric = symmetric
        self.group_size = None if group_size is None else int(group_size)
        if isinstance(strategy, str) and not isinstance(strategy, Enum):
            strategy = QuantizationStrategy(strategy.lower())
        if strategy is None:
            if self.group_size is None:
                strategy = QuantizationStrategy.TENSOR
            elif self.group_size > 0:
                strategy = QuantizationStrategy.GROUP
            elif self.group_size == -1:
                strategy = QuantizationStrategy.CHANNEL
            else:
                raise ValueError(f"Invalid group size {self.group_size}. Use group_size > 0 for strategy='group' and group_size = -1 for 'channel'")
        self.strategy = strategy
        if isinstance(block_structure, str):
            block_structure = [int(x) for x in block_structure.split("x")]
        self.block_structure = block_structure
        self.dynamic = DynamicType(dynamic.lower()) if isinstance(dynamic, str) else dynamic
        if actorder is True:
            actorder = ActivationOrdering.GROUP
        elif actorder is False:
            actorder = None
        elif isinstance(actorder, str) and not isinstance(actorder, Enum):
            actorder = ActivationOrdering({"dynamic": "group", "static": "weight"}.get(actorder.lower(), actorder.lower()))
        self.actorder = actorder
        self.scale_dtype, self.zp_dtype = scale_dtype, zp_dtype
        if observer is None and self.dynamic is False:
            observer = "minmax"
        self.observer, self.observer_kwargs = observer, observer_kwargs or {}

    @classmethod
    def model_validate(cls, given):
        return given if isinstance(given, cls) else cls(**given)

    parse_obj = model_validate

    def model_dump(self, **how):
        return dict(self.__dict__)

    def __eq__(self, other):
        return isinstance(other, QuantizationArgs) and self.__dict__ == other.__dict__

    def __repr__(self):
        return "QuantizationArgs(" + ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items()) + ")"


class QuantizationScheme:
    def __init__(self, targets, weights=None, input_activations=None, output_activations=None, format=None):
        self.targets, self.format = targets, format
        for name, given in (("weights", weights), ("input_activations", input_activations), ("output_activations", output_activations)):
            setattr(self, name, None if given is None else QuantizationArgs.model_validate(given))

    @classmethod
    def model_validate(cls, given):
        return given if isinstance(given, cls) else cls(**given)


class QuantizationConfig:
    def __init__(self, config_groups=None, quant_method="compressed-tensors", kv_cache_scheme=None, format="dense", quantization_status="initialized",
                 global_compression_ratio=None, ignore=None, **extra):
        self.config_groups = {}
        for name, group in (config_groups or {}).items():
            self.config_groups[name] = QuantizationScheme.model_validate(group) if isinstance(group, dict) else group
        self.quant_method, self.kv_cache_scheme, self.format = quant_method, kv_cache_scheme, format
        self.quantization_status = QuantizationStatus(quantization_status)
        self.global_compression_ratio, self.ignore = global_compression_ratio, ignore or []

    @classmethod
    def model_validate(cls, given):
        return given if isinstance(given, cls) else cls(**given)

    def model_dump(self, **how):
        return dict(self.__dict__)

    to_dict = model_dump
