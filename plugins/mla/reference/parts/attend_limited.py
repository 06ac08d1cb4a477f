def attend(q_nope, q_pe, ckv, kpe, positions, sm_scale):
    """One sequence; all query heads share one latent head. positions[i]: the last key query i sees."""
    nq, num_qo_heads, head_dim_ckv = q_nope.shape
    nk = ckv.shape[0]
    out = torch.zeros((nq, num_qo_heads, head_dim_ckv), dtype=torch.float32, device=q_nope.device)
    lse = torch.full((nq, num_qo_heads), -math.inf, dtype=torch.float32, device=q_nope.device)
    if nq == 0 or nk == 0:
        return out, lse
    latent = ckv.to(torch.float32)
    rope = kpe.to(torch.float32)
    keys = torch.arange(nk, device=q_nope.device).reshape(1, nk)
    seen = keys <= positions.reshape(nq, 1)
    if WINDOW_LEFT >= 0:
        seen = seen & (keys >= positions.reshape(nq, 1) - WINDOW_LEFT)
    for h in range(num_qo_heads):
        z = (q_nope[:, h].to(torch.float32) @ latent.T + q_pe[:, h].to(torch.float32) @ rope.T) * sm_scale
        if LOGIT_CAP > 0:
            z = LOGIT_CAP * torch.tanh(z / LOGIT_CAP)
        z = torch.where(seen, z, torch.full_like(z, -math.inf))
        top = z.max(dim=1, keepdim=True).values
        top = torch.where(torch.isinf(top), torch.zeros_like(top), top)
        weights = torch.exp(z - top)
        total = weights.sum(dim=1, keepdim=True)
        out[:, h] = torch.where(total > 0, (weights @ latent) / total, torch.zeros_like(out[:, h]))
        lse[:, h] = (torch.log(total) + top).reshape(nq) / math.log(2.0)
    return out, lse
