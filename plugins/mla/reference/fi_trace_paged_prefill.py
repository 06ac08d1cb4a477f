# Causal prefill of absorbed latent attention over a paged latent cache: the value is the latent itself.
# Every page counts as full: this form has no kv_last_page_len. The scales are those of a quantized cache:
# one of the latent, one of each group of its values, one of the rotary part; 1 where the cache is not quantized.
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch


# kdex:include parts/attend.py


@torch.no_grad()
def run(q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr, kv_indptr, kv_indices, sm_scale, ckv_scale,
        ckv_scale_arr, kpe_scale, return_lse):
    total_q, num_qo_heads, head_dim_ckv = q_nope.shape
    num_pages, page_size, _ = ckv_cache.shape
    assert total_q == int(qo_indptr[-1])
    output = torch.zeros((total_q, num_qo_heads, head_dim_ckv), dtype=q_nope.dtype, device=q_nope.device)
    lse = torch.full((total_q, num_qo_heads), -math.inf, dtype=torch.float32, device=q_nope.device)
    for b in range(qo_indptr.shape[0] - 1):
        first, end = int(qo_indptr[b]), int(qo_indptr[b + 1])
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = pages.numel() * page_size
        group = ckv_scale_arr[pages].reshape(length, ckv_scale_arr.shape[2]).to(torch.float32)
        group = group.repeat_interleave(head_dim_ckv // group.shape[1], dim=1)
        ckv = ckv_cache[pages].reshape(length, head_dim_ckv).to(torch.float32) * group * ckv_scale
        kpe = kpe_cache[pages].reshape(length, kpe_cache.shape[2]).to(torch.float32) * kpe_scale
        # The mask is aligned at the end: the last query sees the last key.
        positions = torch.arange(end - first, device=q_nope.device) + (length - (end - first))
        o, l = attend(q_nope[first:end], q_pe[first:end], ckv, kpe, positions, sm_scale)
        output[first:end] = o.to(q_nope.dtype)
        lse[first:end] = l
    return output, lse
