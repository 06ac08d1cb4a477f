"""What else computes the family's activations: FlashInfer where it is installed."""

import torch


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    try:
        import flashinfer
    except ImportError:
        return
    kernel = {
        "silu": flashinfer.silu_and_mul,
        "gelu": flashinfer.gelu_and_mul,
        "gelu_tanh": flashinfer.gelu_tanh_and_mul,
    }[case.constants["FUNCTION"]]

    def prepare(t):
        x = t["input"]
        out = torch.empty(x.shape[0], x.shape[1] // 2, dtype=x.dtype, device="cuda")
        return lambda: kernel(x, out=out), [out]

    if case.inputs["input"].shape[1] % 16 == 0:
        yield "FlashInfer", flashinfer.__version__, prepare
