# Causal prefill of absorbed latent attention over a paged latent cache: the value is the latent itself.
# Pages hold one token.
# A query sees WINDOW_LEFT keys before its own (-1: all); a tanh caps the logits at LOGIT_CAP (0: none).
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant


# kdex:include parts/attend_limited.py


@torch.no_grad()
def run(q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr, kv_indptr, kv_indices, sm_scale):
    total_q, num_qo_heads, head_dim_ckv = q_nope.shape
    num_pages, page_size, _ = ckv_cache.shape
    assert total_q == int(qo_indptr[-1])
    output = torch.zeros((total_q, num_qo_heads, head_dim_ckv), dtype=q_nope.dtype, device=q_nope.device)
    lse = torch.full((total_q, num_qo_heads), -math.inf, dtype=torch.float32, device=q_nope.device)
    for b in range(qo_indptr.shape[0] - 1):
        first, end = int(qo_indptr[b]), int(qo_indptr[b + 1])
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = pages.numel()
        ckv = ckv_cache[pages].reshape(-1, head_dim_ckv)[:length]
        kpe = kpe_cache[pages].reshape(-1, kpe_cache.shape[2])[:length]
        # The mask is aligned at the end: the last query sees the last key.
        positions = torch.arange(end - first, device=q_nope.device) + (length - (end - first))
        o, l = attend(q_nope[first:end], q_pe[first:end], ckv, kpe, positions, sm_scale)
        output[first:end] = o.to(q_nope.dtype)
        lse[first:end] = l
    return output, lse
