# Causal prefill with a paged KV cache; a cached prefix is in the pages.
# The last page of a sequence holds kv_last_page_len tokens.
# The cache is e4m3 with a factor for all keys and one for all values; OUTPUT is the output's dtype.
# A query head's sink is one more logit of its softmax, without a value: it joins the sum alone.
# lse is the base-2 logarithm of the sum of exponentials, the sink's included. An empty sequence gives 0 and the sink.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant
OUTPUT = torch.bfloat16  # kdex:constant


# kdex:include parts/attend_sinks.py


@torch.no_grad()
def run(q, k_cache, v_cache, qo_indptr, kv_indptr, kv_indices, kv_last_page_len, sm_scale, k_scale, v_scale, sinks):
    total_q, num_qo_heads, head_dim = q.shape
    num_pages, page_size, num_kv_heads, _ = k_cache.shape
    assert total_q == int(qo_indptr[-1])
    output = torch.zeros((total_q, num_qo_heads, head_dim), dtype=OUTPUT, device=q.device)
    lse = torch.zeros((total_q, num_qo_heads), dtype=torch.float32, device=q.device)
    for b in range(qo_indptr.shape[0] - 1):
        first, end = int(qo_indptr[b]), int(qo_indptr[b + 1])
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = 0 if pages.numel() == 0 else (pages.numel() - 1) * page_size + int(kv_last_page_len[b])
        k = k_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        v = v_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        # The mask is aligned at the end: the last query sees the last key.
        positions = torch.arange(end - first, device=q.device) + (length - (end - first))
        o, l = attend(q[first:end], k, v, positions, sm_scale * k_scale, sinks)
        output[first:end] = (o * v_scale).to(OUTPUT)
        lse[first:end] = l
    return output, lse
