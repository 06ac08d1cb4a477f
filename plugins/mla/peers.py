"""What else computes latent attention: FlashInfer where it is installed."""

import torch


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    t, c = case.inputs, case.constants
    limited = c.get("WINDOW_LEFT", -1) >= 0 or c.get("LOGIT_CAP", 0)
    queries = t.get("q_nope", t.get("q"))
    if limited or "ckv_scale" in t or queries.dtype != torch.bfloat16:
        return
    if "ckv_cache" in t and t["ckv_cache"].dtype != torch.bfloat16:
        return
    try:
        import flashinfer
    except ImportError:
        return
    for backend in ("fa3", "fa2"):
        make = paged if "ckv_cache" in t else ragged
        yield f"FlashInfer {backend}", flashinfer.__version__, make(case, flashinfer, backend)


def paged(case, flashinfer, backend):
    def prepare(t):
        space = torch.empty(384 << 20, dtype=torch.uint8, device="cuda")
        q, page = t["q_nope"], t["ckv_cache"].shape[1]
        pages = t["kv_indptr"].diff()
        last = t.get("kv_last_page_len")
        lengths = pages if last is None else (pages - 1).clamp(min=0) * page + last
        count = t["kv_indptr"].numel()
        rows = t.get("qo_indptr")
        if rows is None:
            rows = torch.arange(count, dtype=torch.int32, device="cuda")
        w = flashinfer.mla.BatchMLAPagedAttentionWrapper(space, backend=backend)
        w.plan(
            rows,
            t["kv_indptr"],
            t["kv_indices"],
            lengths.int(),
            q.shape[1],
            q.shape[2],
            t["q_pe"].shape[2],
            page,
            "qo_indptr" in t,
            t["sm_scale"],
            q.dtype,
            q.dtype,
        )
        caches = t["ckv_cache"], t["kpe_cache"]
        return held(lambda: w.run(q, t["q_pe"], *caches, return_lse=True))

    return prepare


def ragged(case, flashinfer, backend):
    def prepare(t):
        space = torch.empty(384 << 20, dtype=torch.uint8, device="cuda")
        q, k, v = t["q"], t["k"], t["v"]
        w = flashinfer.BatchPrefillWithRaggedKVCacheWrapper(space, "NHD", backend=backend)
        w.plan(
            t["qo_indptr"],
            t["kv_indptr"],
            q.shape[1],
            k.shape[1],
            q.shape[2],
            head_dim_vo=v.shape[2],
            causal=True,
            sm_scale=t["sm_scale"],
            q_data_type=q.dtype,
            kv_data_type=q.dtype,
        )
        return held(lambda: w.run(q, k, v, return_lse=True))

    return prepare


def held(call):
    """The call and its first output."""
    out = [None]

    def run():
        out[0] = call()[0]

    return run, out
