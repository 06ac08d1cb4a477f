def route(routing_logits, routing_bias, routed_scaling_factor):
    """DeepSeek's routing: sigmoid scores, groups by their two best biased scores, then the best experts."""
    tokens, num_experts = routing_logits.shape
    score = 1.0 / (1.0 + torch.exp(-routing_logits.to(torch.float32)))
    biased = score + routing_bias.to(torch.float32).reshape(1, num_experts)
    if N_GROUP > 1:
        grouped = biased.reshape(tokens, N_GROUP, num_experts // N_GROUP)
        best_two = torch.sort(grouped, dim=2, descending=True).values[:, :, :2].sum(dim=2)
        kept = torch.sort(best_two, dim=1, descending=True, stable=True).indices[:, :TOPK_GROUP]
        open_group = torch.zeros((tokens, N_GROUP), dtype=torch.bool, device=score.device)
        open_group.scatter_(1, kept, True)
        is_open = open_group.reshape(tokens, N_GROUP, 1).expand_as(grouped).reshape(tokens, num_experts)
        biased = torch.where(is_open, biased, torch.full_like(biased, float("-inf")))
    ids = torch.sort(biased, dim=1, descending=True, stable=True).indices[:, :TOP_K]
    chosen = score.gather(1, ids)
    weights = chosen / (chosen.sum(dim=1, keepdim=True) + 1e-20) * routed_scaling_factor
    return ids, weights
