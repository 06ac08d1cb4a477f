# FlashInfer's own form of a mixture of experts with FP8 weights and activations in blocks of 128, DeepSeek's routing,
# with shared experts among the rows.
# The scale of the activations is stored block first, token last.
# An expert is W2 (act(gate) * up); the first half of W1's rows is up, the second the gate.
import torch

TOP_K = 2  # kdex:constant
N_GROUP = 1  # kdex:constant
TOPK_GROUP = 1  # kdex:constant
SHARED = 1  # kdex:constant
WEIGHT_ON_INPUT = False  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


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


def dequantize(weight, scale):
    """FP8 [r, c] times a float32 scale for every 128 x 128 block."""
    r = torch.arange(weight.shape[0], device=weight.device) // 128
    c = torch.arange(weight.shape[1], device=weight.device) // 128
    return weight.to(torch.float32) * scale[r][:, c]


def mix(x, ids, weights, expert_w1, expert_w2, rows, hidden_size, offset, alpha, beta, limit):
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
        gate = torch.minimum(g[:, half:], limit[row])  # the second half is the gate
        up = torch.maximum(torch.minimum(g[:, :half], limit[row]), -limit[row])
        h = gate / (1.0 + torch.exp(-alpha[row] * gate)) * (up + beta[row])
        out = h @ expert_w2(row).T
        y[tokens] += out if WEIGHT_ON_INPUT and not shared else out * w
    return y


@torch.no_grad()
def run(num_fused_shared_experts, routing_logits, routing_bias, hidden_states, hidden_states_scale, gemm1_weights,
        gemm1_weights_scale, gemm1_alpha, gemm1_beta, gemm1_clamp_limit, gemm2_weights, gemm2_weights_scale, top_k, n_group, topk_group, local_expert_offset, routed_scaling_factor):
    rows, _, hidden_size = gemm1_weights.shape
    given = (int(top_k), int(n_group), int(topk_group), int(num_fused_shared_experts))
    assert given == (TOP_K, N_GROUP, TOPK_GROUP, SHARED)
    ids, weights = route(routing_logits, routing_bias, routed_scaling_factor)
    block = torch.arange(hidden_size, device=hidden_states.device) // 128
    x = hidden_states.to(torch.float32) * hidden_states_scale[block].T
    y = mix(x, ids, weights, lambda e: dequantize(gemm1_weights[e], gemm1_weights_scale[e]),
            lambda e: dequantize(gemm2_weights[e], gemm2_weights_scale[e]), rows, hidden_size,
            int(local_expert_offset),
            gemm1_alpha, gemm1_beta, gemm1_clamp_limit)
    return y.to(OUT_DTYPE)
