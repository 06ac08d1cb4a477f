# Causal prefill of latent attention in its expanded form: every head has its own key and value,
# the key wider than the value. Keys and values are packed, sequence after sequence.
# A query sees WINDOW_LEFT keys before its own (-1: all); a tanh caps the logits at LOGIT_CAP (0: none).
# lse is the base-2 logarithm of the sum of exponentials. An empty sequence gives 0 and -inf.
import math

import torch

WINDOW_LEFT = -1  # kdex:constant
LOGIT_CAP = 0.0  # kdex:constant


@torch.no_grad()
def run(q, k, v, qo_indptr, kv_indptr, sm_scale):
    total_q, num_qo_heads, qk_dim = q.shape
    total_kv, num_kv_heads, vo_dim = v.shape
    assert num_qo_heads == num_kv_heads and k.shape[2] == qk_dim
    assert total_q == int(qo_indptr[-1]) and total_kv == int(kv_indptr[-1])
    output = torch.zeros((total_q, num_qo_heads, vo_dim), dtype=q.dtype, device=q.device)
    lse = torch.full((total_q, num_qo_heads), -math.inf, dtype=torch.float32, device=q.device)
    for b in range(qo_indptr.shape[0] - 1):
        q0, q1 = int(qo_indptr[b]), int(qo_indptr[b + 1])
        k0, k1 = int(kv_indptr[b]), int(kv_indptr[b + 1])
        nq, nk = q1 - q0, k1 - k0
        if nq == 0 or nk == 0:
            continue
        # The mask is aligned at the end: the last query sees the last key.
        last = torch.arange(nq, device=q.device).reshape(nq, 1) + (nk - nq)
        keys = torch.arange(nk, device=q.device).reshape(1, nk)
        seen = keys <= last
        if WINDOW_LEFT >= 0:
            seen = seen & (keys >= last - WINDOW_LEFT)
        for h in range(num_qo_heads):
            z = (q[q0:q1, h].to(torch.float32) @ k[k0:k1, h].to(torch.float32).T) * sm_scale
            if LOGIT_CAP > 0:
                z = LOGIT_CAP * torch.tanh(z / LOGIT_CAP)
            z = torch.where(seen, z, torch.full_like(z, -math.inf))
            top = z.max(dim=1, keepdim=True).values
            top = torch.where(torch.isinf(top), torch.zeros_like(top), top)
            weights = torch.exp(z - top)
            total = weights.sum(dim=1, keepdim=True)
            mean = (weights @ v[k0:k1, h].to(torch.float32)) / total
            output[q0:q1, h] = torch.where(total > 0, mean, torch.zeros_like(mean)).to(q.dtype)
            lse[q0:q1, h] = (torch.log(total) + top).reshape(nq) / math.log(2.0)
    return output, lse
