# Decode with a paged KV cache: one query a sequence sees all keys of its pages.
# FlashInfer's own form: no kv_last_page_len, so every page counts as full.
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant


# kdex:include parts/attend.py


@torch.no_grad()
def run(q, k_cache, v_cache, kv_indptr, kv_indices, sm_scale, return_lse):
    batch_size, num_qo_heads, head_dim = q.shape
    num_pages, page_size, num_kv_heads, _ = k_cache.shape
    assert kv_indptr.shape[0] == batch_size + 1
    output = torch.zeros((batch_size, num_qo_heads, head_dim), dtype=q.dtype, device=q.device)
    lse = torch.full((batch_size, num_qo_heads), -math.inf, dtype=torch.float32, device=q.device)
    for b in range(batch_size):
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = pages.numel() * page_size
        k = k_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        v = v_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        position = torch.tensor([length - 1], device=q.device)
        o, l = attend(q[b : b + 1], k, v, position, sm_scale)
        output[b] = o[0].to(q.dtype)
        lse[b] = l[0]
    return output, lse
