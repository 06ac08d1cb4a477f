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
