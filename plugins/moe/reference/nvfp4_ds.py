# Mixture of experts with NVFP4 weights and activations, DeepSeek's routing. The factors of each expert
# (products of the float32 scales of its tensors) follow the products. An expert is
# s2 W2 (s1 up * silu(s1g gate)); the first half of W1's rows is up, the second the gate.
import torch

TOP_K = 2  # kdex:constant
N_GROUP = 1  # kdex:constant
TOPK_GROUP = 1  # kdex:constant
SHARED = 0  # kdex:constant
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


def dequantize(packed, scale):
    """NVFP4: two 4-bit floats in a byte, the earlier one in the low half; an FP8 scale for every 16."""
    code = packed.view(torch.uint8).to(torch.long)
    code = torch.stack((code & 15, code >> 4), dim=-1).reshape(packed.shape[0], -1)
    magnitude = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], device=packed.device)[code & 7]
    value = torch.where(code >= 8, -magnitude, magnitude)
    block = torch.arange(value.shape[1], device=packed.device) // 16
    return value * scale.to(torch.float32)[:, block]


@torch.no_grad()
def run(routing_logits, routing_bias, hidden_states, hidden_states_scale, gemm1_weights, gemm1_weights_scale,
        gemm2_weights, gemm2_weights_scale, output1_scale_scalar, output1_scale_gate_scalar,
        output2_scale_scalar, local_expert_offset, routed_scaling_factor):
    rows, hidden_size = gemm2_weights.shape[:2]
    ids, weights = route(routing_logits, routing_bias, routed_scaling_factor)
    x = dequantize(hidden_states, hidden_states_scale)
    y = torch.zeros((x.shape[0], hidden_size), dtype=torch.float32, device=x.device)
    for row in range(rows):
        expert = row + int(local_expert_offset)
        weight = torch.where(ids == expert, weights, torch.zeros_like(weights)).sum(dim=1)
        picked = (ids == expert).any(dim=1)
        if row >= rows - SHARED:  # a shared expert takes every token with weight 1
            weight, picked = torch.ones_like(weight), torch.ones_like(picked)
        tokens = picked.nonzero().reshape(-1)
        if tokens.numel() == 0:
            continue
        g = x[tokens] @ dequantize(gemm1_weights[row], gemm1_weights_scale[row]).T
        half = g.shape[1] // 2
        up = g[:, :half] * output1_scale_scalar[row]
        gate = g[:, half:] * output1_scale_gate_scalar[row]
        h = up * (gate / (1.0 + torch.exp(-gate)))
        out = (h @ dequantize(gemm2_weights[row], gemm2_weights_scale[row]).T) * output2_scale_scalar[row]
        y[tokens] += out * weight[tokens].reshape(-1, 1)
    return y.to(OUT_DTYPE)
