# Mixture of experts with FP8 weights and activations in blocks of 128, routing computed before.
# The scale of the activations is stored block first, token last.
# An expert is W2 (act(gate) * up); the first half of W1's rows is up, the second the gate.
import math

import torch

SHARED = 0  # kdex:constant
ACTIVATION = "silu"  # kdex:constant
WEIGHT_ON_INPUT = False  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


def dequantize(weight, scale):
    """FP8 [r, c] times a float32 scale for every 128 x 128 block."""
    r = torch.arange(weight.shape[0], device=weight.device) // 128
    c = torch.arange(weight.shape[1], device=weight.device) // 128
    return weight.to(torch.float32) * scale[r][:, c]


def activate(gate):
    if ACTIVATION == "gelu":
        return 0.5 * gate * (1.0 + torch.erf(gate / math.sqrt(2.0)))
    if ACTIVATION == "gelu_tanh":
        inner = math.sqrt(2.0 / math.pi) * (gate + 0.044715 * gate * gate * gate)
        return 0.5 * gate * (1.0 + torch.tanh(inner))
    assert ACTIVATION == "silu"
    return gate / (1.0 + torch.exp(-gate))


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


@torch.no_grad()
def run(topk_ids, topk_weights, hidden_states, hidden_states_scale, gemm1_weights, gemm1_weights_scale,
        gemm2_weights, gemm2_weights_scale, local_expert_offset):
    rows, _, hidden_size = gemm1_weights.shape
    assert tuple(gemm2_weights.shape[:2]) == (rows, hidden_size)
    ids, weights = topk_ids.to(torch.long), topk_weights.to(torch.float32)
    block = torch.arange(hidden_size, device=hidden_states.device) // 128
    x = hidden_states.to(torch.float32) * hidden_states_scale[block].T
    y = mix(x, ids, weights, lambda e: dequantize(gemm1_weights[e], gemm1_weights_scale[e]),
            lambda e: dequantize(gemm2_weights[e], gemm2_weights_scale[e]), rows, hidden_size, int(local_expert_offset))
    return y.to(OUT_DTYPE)
