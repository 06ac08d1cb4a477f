# What kernels give back where values are packed: FP4, MXFP8, experts of both, the CuTe DSL's types.
# Tables name these functions beside those of driver_results; shapes alone, no kernel's values.
from driver_tensors import ceil_div, empty


def experts(hidden, top_k, finalized, out=None):
    """What experts give, summed over the choices of a token or, not yet summed, a row for each
    choice with the weights and the places of the rows. FP4 values lie two in a byte."""
    import torch

    rows = hidden.shape[0]
    width = hidden.shape[1] * (2 if hidden.dtype == torch.uint8 else 1)
    if finalized:
        return out if out is not None else empty([rows, width], torch.bfloat16)
    weights = empty([rows, top_k], torch.bfloat16)
    places = empty([rows * top_k], torch.int32)
    return [empty([rows * top_k, width], torch.bfloat16), weights, places]


def fp4_scales(input, block, swizzled):
    """Scales of a quantization to FP4, a byte each: rows and columns are padded where swizzled."""
    import torch

    rows = input.numel() // input.shape[-1]
    columns = input.shape[-1] // block
    if swizzled:
        rows, columns = ceil_div(rows, 128) * 128, ceil_div(columns, 4) * 4
    return empty([rows, columns], torch.uint8)


def mxfp8(input, swizzled, alignment):
    """FP8 values and a byte of scale for each 32 of a row, flat; the row is padded to alignment."""
    import torch

    rows = input.numel() // input.shape[-1]
    columns = ceil_div(input.shape[-1], alignment) * alignment
    scales = columns // 32
    size = rows * scales
    if swizzled:
        size = ceil_div(rows, 128) * 128 * ceil_div(scales, 4) * 4
    values = empty([*input.shape[:-1], columns], torch.float8_e4m3fn)
    return (values, empty([size], torch.uint8))


def interleaved(scales):
    """Scales of FP4 values in the order of a product's tiles, flat; rows and columns are padded."""
    *outer, rows, columns = scales.shape
    size = ceil_div(rows, 128) * 128 * ceil_div(columns, 4) * 4
    for n in outer:
        size = size * n
    return empty([size], scales.dtype)


def capability():
    """The device's compute capability, (major, minor)."""
    import torch

    return torch.cuda.get_device_capability()


def cutlass_type(name):
    """The numeric type of the CuTe DSL by the name of a framework's."""
    import cutlass

    for found in cutlass.NUMERIC:
        if found.framework == name:
            return found
    raise KeyError(name)


FORMATS = (experts, fp4_scales, mxfp8, interleaved, capability, cutlass_type)
