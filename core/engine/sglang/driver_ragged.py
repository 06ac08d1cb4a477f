# What routing and grouped products of ragged batches give back: the words of triton_kernels' table
# beside those of driver_results. Shapes alone, no kernel's values.
from driver_tensors import ceil_div, empty

ROWS = 16  # of the smallest block that a ragged batch is cut into
BLOCKS = 4  # sizes of blocks: 16, 32, 64, 128 rows


class Packed:
    """A tensor as the library sees it: values of four bits lie two in a byte, its layout may be the
    hardware's. `operand` is what a kernel is given."""

    def __init__(self, operand, dtype=None, shape=None):
        self.operand = operand
        self.dtype = operand.dtype if dtype is None else dtype
        self.shape = list(operand.shape) if shape is None else shape
        if shape is None and isinstance(dtype, str):  # packed along the axis that lies together
            self.shape[list(operand.stride()).index(1)] *= 2
        self.ndim = len(self.shape)

    def laid_out(self, layout):
        """The bytes of weights [..., K, N] and of their scales [..., K / 32, N] in the order that
        Hopper's tensor cores load; other devices take them as they are."""
        import torch

        if torch.cuda.get_device_capability()[0] != 9:
            return self
        *outer, k, n = self.shape
        if layout == "values":
            shape = [*outer, ceil_div(k // 2, 64) * 64 * 4, ceil_div(n, 256) * 256 // 4]
        else:
            shape = [*outer, ceil_div(k, 2) * 2 * 32, ceil_div(n, 256) * 256 // 32]
        return Packed(empty(shape, self.operand.dtype), self.dtype, self.shape)


class Routed:
    """Chosen experts of each row, and how the choices lie when they are sorted by expert."""

    def __init__(self, vals, indx, mask_metadata):
        self.vals, self.indx, self.mask_metadata = vals, indx, mask_metadata


class Sorted:
    def __init__(self, experts, choices):
        import torch

        self.col_sum = empty([experts], torch.int32)
        self.row_sorted_indx = empty([choices], torch.int32)
        self.col_sorted_indx = empty([choices], torch.int32)


class Ragged:
    """Sizes and offsets of an expert's rows, and the blocks that they are cut into."""

    def __init__(self, slice_sizes, rows):
        import torch

        slices = slice_sizes.shape[0]
        blocks = rows if rows <= slices else slices - 1 - (slices - rows - 1) // ROWS
        self.slice_sizes = slice_sizes
        self.slice_offs = empty([slices + 1], torch.int32)
        self.block_offs_data = empty([BLOCKS, slices + 1], torch.int32)
        self.block_schedule_data = empty([BLOCKS, blocks], torch.int32)
        self.n_slices = slices


def routed(x, k):
    import torch

    rows, experts = x.shape
    return Routed(
        empty([rows, k], x.dtype), empty([rows, k], torch.int16), Sorted(experts, rows * k)
    )


def ragged(slice_sizes, rows):
    return Ragged(slice_sizes, rows)


def ragged_product(a, b, gather, scatter, activation):
    """[rows, N]; a gather or a scatter says how many rows, a gated activation halves N."""
    rows = a.shape[-2]
    for index in (gather, scatter):
        rows = rows if index is None else index.shape[0]
    width = b.shape[-1] // (1 if activation is None else activation.specs.reduction_n)
    return empty([rows, width], a.dtype)


def scales_of(precision):
    return None if precision is None else precision.b_mx_scale


def upcast(tensor, dtype, axis):
    """Values of the type that a packed tensor stands for; FP4 lies two in a byte along axis."""
    import torch

    shape = list(tensor.shape)
    shape[axis] *= 2 if tensor.dtype == torch.uint8 else 1
    return empty(shape, dtype)


def downcast(x, dtype, axis):
    """The values and a byte of scale for each 32 of them along axis."""
    import torch

    values, scales = list(x.shape), list(x.shape)
    values[axis] //= 2 if dtype == torch.uint8 else 1
    scales[axis] = ceil_div(scales[axis], 32)
    return (empty(values, dtype), empty(scales, torch.uint8))


RAGGED = (Packed, routed, ragged, ragged_product, scales_of, upcast, downcast)
