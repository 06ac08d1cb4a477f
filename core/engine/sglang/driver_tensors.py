# Tensors of the device, as drivers make them.


def empty(shape, dtype):
    import torch

    return torch.empty(tuple(shape), dtype=dtype, device="cuda")


def on_device(*shape, dtype=None):
    """Without a type: 64-bit integers, as a batch's indices and lengths are."""
    import torch

    return empty(shape, torch.int64 if dtype is None else dtype)


def ceil_div(a, b):
    return (a + b - 1) // b
