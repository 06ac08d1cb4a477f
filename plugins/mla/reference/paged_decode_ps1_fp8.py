# Decode of absorbed latent attention over a paged latent cache: the value is the latent itself.
# Pages hold one token.
# The cache is e4m3, with a factor as keys and one as values; OUTPUT is the output's dtype.
# A query sees WINDOW_LEFT keys before its own (-1: all); a tanh caps the logits at LOGIT_CAP (0: none).
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant
OUTPUT = torch.bfloat16  # kdex:constant


# kdex:include parts/attend_limited.py


@torch.no_grad()
def run(q_nope, q_pe, ckv_cache, kpe_cache, kv_indptr, kv_indices, sm_scale, k_scale, v_scale):
    batch_size, num_qo_heads, head_dim_ckv = q_nope.shape
    num_pages, page_size, _ = ckv_cache.shape
    assert kv_indptr.shape[0] == batch_size + 1
    output = torch.zeros((batch_size, num_qo_heads, head_dim_ckv), dtype=OUTPUT, device=q_nope.device)
    lse = torch.full((batch_size, num_qo_heads), -math.inf, dtype=torch.float32, device=q_nope.device)
    for b in range(batch_size):
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = pages.numel()
        ckv = ckv_cache[pages].reshape(-1, head_dim_ckv)[:length]
        kpe = kpe_cache[pages].reshape(-1, kpe_cache.shape[2])[:length]
        position = torch.tensor([length - 1], device=q_nope.device)
        o, l = attend(q_nope[b : b + 1], q_pe[b : b + 1], ckv, kpe, position, sm_scale * k_scale)
        output[b] = (o[0] * v_scale).to(OUTPUT)
        lse[b] = l[0]
    return output, lse
