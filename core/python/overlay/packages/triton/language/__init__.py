# triton.language: only inside kernels, which are not run.
import _kdex


class constexpr:
    def __init__(self, value=None):
        self.value = value.value if isinstance(value, constexpr) else value

    def __repr__(self):
        return f"constexpr[{self.value}]"

    def __index__(self):
        return self.value.__index__()

    def __bool__(self):
        return bool(self.value)

    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, constexpr) else other)

    def __hash__(self):
        return hash(self.value)


class dtype:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "triton.language." + self.name

    def __str__(self):
        return self.name

    def __eq__(self, other):
        return isinstance(other, dtype) and self.name == other.name

    def __hash__(self):
        return hash(self.name)


int1, int8, int16, int32, int64 = (
    dtype("int1"),
    dtype("int8"),
    dtype("int16"),
    dtype("int32"),
    dtype("int64"),
)
uint8, uint16, uint32, uint64 = dtype("uint8"), dtype("uint16"), dtype("uint32"), dtype("uint64")
float16, bfloat16, float32, float64 = dtype("fp16"), dtype("bf16"), dtype("fp32"), dtype("fp64")
float8e4nv, float8e5, float8e4b8, float8e5b16, float8e4b15 = (
    dtype("fp8e4nv"),
    dtype("fp8e5"),
    dtype("fp8e4b8"),
    dtype("fp8e5b16"),
    dtype("fp8e4b15"),
)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'triton.language' has no attribute {name!r}")
    return _kdex.unknown("triton.language." + name)
