"""What else computes the family's products: cuBLAS through torch, DeepGEMM where it is installed."""

import torch


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    t = case.inputs
    if {"a", "b", "a_scale", "b_scale"} <= set(t):
        yield from block_scaled(case)
    elif "alpha" in t and torch.is_tensor(t["A"]) and t["A"].dtype == torch.float8_e4m3fn:
        if t["A"].shape[0] % 16 == 0:
            yield "cuBLAS", torch.__version__, tensor_scaled
    elif set(t) == {"A", "B"} and t["A"].dtype in (torch.bfloat16, torch.float16, torch.float32):
        yield "cuBLAS", torch.__version__, plain(case)


def plain(case):
    (c,), by_rows = case.outputs.values(), case.definition["inputs"]["B"][-1] == "K"

    def prepare(t):
        a, b, out = t["A"], t["B"], torch.empty_like(c)
        b = b.mT if by_rows else b
        product = torch.bmm if a.dim() == 3 else torch.mm
        return lambda: product(a, b, out=out), [out]

    return prepare


def tensor_scaled(t):
    a, blocks = t["A"], t["B"]
    b = blocks.permute(1, 0, 2).reshape(blocks.shape[1], -1).contiguous()
    alpha, one = torch.full((), t["alpha"], device="cuda"), torch.ones((), device="cuda")
    out = torch.empty(a.shape[0], b.shape[0], dtype=torch.bfloat16, device="cuda")

    def run():
        torch._scaled_mm(a, b.T, alpha, one, out_dtype=torch.bfloat16, out=out)

    return run, [out]


def block_scaled(case):
    def cublas(t):
        scale, out = t["a_scale"].T.contiguous().T, torch.empty_like(case.outputs["out"])

        def run():
            torch._scaled_mm(t["a"], t["b"].T, scale, t["b_scale"].T, out_dtype=out.dtype, out=out)

        return run, [out]

    if case.inputs["a"].shape[0] % 4 == 0 and case.outputs["out"].dtype == torch.bfloat16:
        yield "cuBLAS", torch.__version__, cublas
    try:
        import deep_gemm
    except ImportError:
        return

    def deep(t):
        scale = deep_gemm.get_mn_major_tma_aligned_tensor(t["a_scale"])
        out = torch.empty_like(case.outputs["out"])

        def run():
            deep_gemm.fp8_gemm_nt((t["a"], scale), (t["b"], t["b_scale"]), out)

        return run, [out]

    yield "DeepGEMM", getattr(deep_gemm, "__version__", ""), deep
