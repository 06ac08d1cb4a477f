# Decode with a paged KV cache: one query a sequence sees all keys of its pages.
# Pages hold one token.
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant


def attend(q, k, v, positions, sm_scale):
    """One sequence. q [nq, Hq, D], k and v [nk, Hkv, D]; positions[i]: the last key that query i sees."""
    nq, num_qo_heads, head_dim = q.shape
    nk, num_kv_heads, _ = k.shape
    group = num_qo_heads // num_kv_heads
    out = torch.zeros((nq, num_qo_heads, head_dim), dtype=torch.float32, device=q.device)
    lse = torch.full((nq, num_qo_heads), -math.inf, dtype=torch.float32, device=q.device)
    if nq == 0 or nk == 0:
        return out, lse
    keys = torch.arange(nk, device=q.device).reshape(1, nk)
    seen = keys <= positions.reshape(nq, 1)
    if WINDOW_LEFT >= 0:
        seen = seen & (keys >= positions.reshape(nq, 1) - WINDOW_LEFT)
    for h in range(num_qo_heads):
        kh = k[:, h // group].to(torch.float32)
        vh = v[:, h // group].to(torch.float32)
        z = (q[:, h].to(torch.float32) @ kh.T) * sm_scale
        if LOGIT_CAP > 0:
            z = LOGIT_CAP * torch.tanh(z / LOGIT_CAP)
        z = torch.where(seen, z, torch.full_like(z, -math.inf))
        top = z.max(dim=1, keepdim=True).values
        top = torch.where(torch.isinf(top), torch.zeros_like(top), top)
        weights = torch.exp(z - top)
        total = weights.sum(dim=1, keepdim=True)
        out[:, h] = torch.where(total > 0, (weights @ vh) / total, torch.zeros_like(out[:, h]))
        lse[:, h] = (torch.log(total) + top).reshape(nq) / math.log(2.0)
    return out, lse


@torch.no_grad()
def run(q, k_cache, v_cache, kv_indptr, kv_indices, sm_scale):
    batch_size, num_qo_heads, head_dim = q.shape
    num_pages, page_size, num_kv_heads, _ = k_cache.shape
    assert kv_indptr.shape[0] == batch_size + 1
    output = torch.zeros((batch_size, num_qo_heads, head_dim), dtype=q.dtype, device=q.device)
    lse = torch.full((batch_size, num_qo_heads), -math.inf, dtype=torch.float32, device=q.device)
    for b in range(batch_size):
        pages = kv_indices[int(kv_indptr[b]) : int(kv_indptr[b + 1])].to(torch.long)
        length = pages.numel()
        k = k_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        v = v_cache[pages].reshape(-1, num_kv_heads, head_dim)[:length]
        position = torch.tensor([length - 1], device=q.device)
        o, l = attend(q[b : b + 1], k, v, position, sm_scale)
        output[b] = o[0].to(q.dtype)
        lse[b] = l[0]
    return output, lse
