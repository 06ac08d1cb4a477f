def attend(q, k, v, positions, sm_scale, sinks):
    """One sequence. q [nq, Hq, D], k and v [nk, Hkv, D], sinks [Hq]; positions[i]: the last key that query i sees.
    A head's sink joins the softmax's sum as one more logit, which has no value."""
    nq, num_qo_heads, head_dim = q.shape
    nk, num_kv_heads, _ = k.shape
    group = num_qo_heads // num_kv_heads
    out = torch.zeros((nq, num_qo_heads, head_dim), dtype=torch.float32, device=q.device)
    lse = sinks.to(torch.float32).expand(nq, num_qo_heads) / math.log(2.0)
    if nq == 0 or nk == 0:
        return out, lse
    lse = lse.clone()
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
        sink = sinks[h].to(torch.float32)
        top = torch.maximum(z.max(dim=1, keepdim=True).values, sink)
        weights = torch.exp(z - top)
        total = weights.sum(dim=1, keepdim=True) + torch.exp(sink - top)
        out[:, h] = (weights @ vh) / total
        lse[:, h] = (torch.log(total) + top).reshape(nq) / math.log(2.0)
    return out, lse
