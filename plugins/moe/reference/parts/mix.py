def mix(x, ids, weights, expert_w1, expert_w2, rows, hidden_size, offset):
    """Sum over this rank's experts; expert row l is global expert offset + l. The last SHARED rows
    take every token with weight 1."""
    y = torch.zeros((x.shape[0], hidden_size), dtype=torch.float32, device=x.device)
    for row in range(rows):
        shared = row >= rows - SHARED
        weight = torch.where(ids == row + offset, weights, torch.zeros_like(weights)).sum(dim=1)
        picked = (ids == row + offset).any(dim=1)
        if shared:
            weight, picked = torch.ones_like(weight), torch.ones_like(picked)
        tokens = picked.nonzero().reshape(-1)
        if tokens.numel() == 0:
            continue
        w = weight[tokens].reshape(-1, 1)
        inputs = x[tokens] * w if WEIGHT_ON_INPUT and not shared else x[tokens]
        g = inputs @ expert_w1(row).T
        half = g.shape[1] // 2
        h = activate(g[:, half:]) * g[:, :half]  # the second half is the gate
        out = h @ expert_w2(row).T
        y[tokens] += out if WEIGHT_ON_INPUT and not shared else out * w
    return y
