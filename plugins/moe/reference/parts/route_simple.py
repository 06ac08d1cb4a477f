def route(routing_logits):
    """Expert numbers and weights of each token; ROUTING says how the weights come from the logits."""
    logits = routing_logits.to(torch.float32)
    ids = torch.sort(logits, dim=1, descending=True, stable=True).indices[:, :TOP_K]
    best = logits.gather(1, ids)
    top = logits.max(dim=1, keepdim=True).values
    if ROUTING == "renorm":  # softmax over the chosen logits
        e = torch.exp(best - top)
        return ids, e / e.sum(dim=1, keepdim=True)
    if ROUTING == "default":  # softmax over all logits, not normalized again
        return ids, torch.exp(best - top) / torch.exp(logits - top).sum(dim=1, keepdim=True)
    s = 1.0 / (1.0 + torch.exp(-best))
    if ROUTING == "sigmoid_renorm":
        return ids, s / s.sum(dim=1, keepdim=True)
    assert ROUTING in ("sigmoid", "llama4")
    return ids, s
