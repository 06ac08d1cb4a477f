"""What else computes the family's attention: FlashInfer where it is installed."""

import torch


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    t = case.inputs
    if "sinks" in t or t["q"].dtype not in (torch.bfloat16, torch.float16):
        return
    paged, prefill = "k_cache" in t, "qo_indptr" in t
    if paged and t["k_cache"].dtype != t["q"].dtype:
        return
    try:
        import flashinfer
    except ImportError:
        return
    for backend in ("fa3", "fa2") if prefill else ("tensor cores",):
        yield (
            f"FlashInfer {backend}",
            flashinfer.__version__,
            attention(case, flashinfer, backend, paged, prefill),
        )


def attention(case, flashinfer, backend, paged, prefill):
    limits = dict(
        window_left=case.constants.get("WINDOW_LEFT", -1),
        logits_soft_cap=case.constants.get("LOGIT_CAP", 0.0) or None,
        sm_scale=case.inputs["sm_scale"],
    )

    def prepare(t):
        space = torch.empty(384 << 20, dtype=torch.uint8, device="cuda")
        q = t["q"]
        kinds = dict(q_data_type=q.dtype, kv_data_type=q.dtype, **limits)
        heads, width = q.shape[1], q.shape[2]
        if not paged:
            w = flashinfer.BatchPrefillWithRaggedKVCacheWrapper(space, "NHD", backend=backend)
            w.plan(
                t["qo_indptr"],
                t["kv_indptr"],
                heads,
                t["k"].shape[1],
                width,
                head_dim_vo=t["v"].shape[2],
                causal=True,
                **kinds,
            )
            return held(lambda: w.run(q, t["k"], t["v"], return_lse=True))
        page, groups = t["k_cache"].shape[1], t["k_cache"].shape[2]
        last = t.get("kv_last_page_len")
        if last is None:
            last = torch.ones(t["kv_indptr"].numel() - 1, dtype=torch.int32, device="cuda")
        rows = (t["kv_indptr"], t["kv_indices"], last, heads, groups, width, page)
        if prefill:
            w = flashinfer.BatchPrefillWithPagedKVCacheWrapper(space, "NHD", backend=backend)
            w.plan(t["qo_indptr"], *rows, causal=True, **kinds)
        else:
            w = flashinfer.BatchDecodeWithPagedKVCacheWrapper(space, "NHD", use_tensor_cores=True)
            w.plan(*rows, **kinds)
        return held(lambda: w.run(q, (t["k_cache"], t["v_cache"]), return_lse=True))

    return prepare


def held(call):
    """The call and its first output; that of a replayed graph lies where the first call's does not."""
    out = [None]

    def run():
        out[0] = call()[0]

    return run, out
