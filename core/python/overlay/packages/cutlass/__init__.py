# cutlass (the CuTe DSL): its numeric types; kernels are not run here and what else it gives is
# unknown, but for plain arithmetic in cutlass.cute.
import _kdex


class Numeric:
    """A numeric type: its width in bits and a framework's name of it. A value stays a plain one."""

    width = 0
    framework = ""

    def __new__(cls, value=0):
        return value


def _numeric(name, width, framework=""):
    return type(name, (Numeric,), {"width": width, "framework": framework, "__module__": "cutlass"})


Float4E2M1FN = _numeric("Float4E2M1FN", 4, "float4_e2m1fn")
Float8E4M3FN = _numeric("Float8E4M3FN", 8, "float8_e4m3fn")
Float8E5M2 = _numeric("Float8E5M2", 8, "float8_e5m2")
Float8E8M0FNU = _numeric("Float8E8M0FNU", 8, "float8_e8m0fnu")
Float16 = _numeric("Float16", 16, "float16")
BFloat16 = _numeric("BFloat16", 16, "bfloat16")
TFloat32 = _numeric("TFloat32", 32)
Float32 = _numeric("Float32", 32, "float32")
Int8 = _numeric("Int8", 8, "int8")
Int16 = _numeric("Int16", 16, "int16")
Int32 = _numeric("Int32", 32, "int32")
Int64 = _numeric("Int64", 64, "int64")
Uint8 = _numeric("Uint8", 8, "uint8")
Uint32 = _numeric("Uint32", 32, "uint32")
Uint64 = _numeric("Uint64", 64, "uint64")
NUMERIC = (
    Float4E2M1FN,
    Float8E4M3FN,
    Float8E5M2,
    Float8E8M0FNU,
    Float16,
    BFloat16,
    TFloat32,
    Float32,
)
NUMERIC += (Int8, Int16, Int32, Int64, Uint8, Uint32, Uint64)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cutlass' has no attribute {name!r}")
    return _kdex.unknown("cutlass." + name)
