"""What else computes the family's norms: torch, and FlashInfer where it is installed."""

import torch


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    eps, offset = case.constants.get("EPS", 1e-5), case.constants.get("WEIGHT_OFFSET", 0.0)
    fused = "residual" in case.inputs
    if not fused and offset == 0 and case.inputs["hidden_states"].dim() == 2:
        yield "torch", torch.__version__, plain(eps)
    try:
        import flashinfer
    except ImportError:
        return
    if case.inputs["weight"].dtype != case.inputs["hidden_states"].dtype:
        return
    norm = flashinfer.norm
    if offset == 0 or offset == 1:
        kernel = {
            (False, 0): norm.rmsnorm,
            (False, 1): norm.gemma_rmsnorm,
            (True, 0): norm.fused_add_rmsnorm,
            (True, 1): norm.gemma_fused_add_rmsnorm,
        }[fused, int(offset)]
        yield (
            "FlashInfer",
            flashinfer.__version__,
            in_place(kernel, eps, case) if fused else out_of(kernel, eps),
        )


def plain(eps):
    def prepare(t):
        x, weight = t["hidden_states"], t["weight"].to(t["hidden_states"].dtype)
        out = [torch.nn.functional.rms_norm(x, x.shape[-1:], weight, eps)]

        def run():
            out[0] = torch.nn.functional.rms_norm(x, x.shape[-1:], weight, eps)

        return run, out

    return prepare


def out_of(kernel, eps):
    def prepare(t):
        out = torch.empty_like(t["hidden_states"])
        return lambda: kernel(t["hidden_states"], t["weight"], eps, out=out), [out]

    return prepare


def in_place(kernel, eps, case):
    def prepare(t):
        outputs = [t["hidden_states"], t["residual"]][: len(case.outputs)]
        return lambda: kernel(t["hidden_states"], t["residual"], t["weight"], eps), outputs

    return prepare
