# FlashInfer's own form of a mixture of experts with FP8 weights and activations in blocks of 128, routing by the logits alone.
# The scale of the activations is stored block first, token last.
# An expert is W2 (act(gate) * up); the first half of W1's rows is up, the second the gate.
import math

import torch

TOP_K = 2  # kdex:constant
ROUTING = "renorm"  # kdex:constant
SHARED = 0  # kdex:constant
ACTIVATION = "silu"  # kdex:constant
WEIGHT_ON_INPUT = False  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


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
def run(routing_logits, routing_bias, hidden_states, hidden_states_scale, gemm1_weights, gemm1_weights_scale,
        gemm2_weights, gemm2_weights_scale, top_k, local_expert_offset, routed_scaling_factor):
    rows, _, hidden_size = gemm1_weights.shape
    assert int(top_k) == TOP_K
    ids, weights = route(routing_logits)
    block = torch.arange(hidden_size, device=hidden_states.device) // 128
    x = hidden_states.to(torch.float32) * hidden_states_scale[block].T
    y = mix(x, ids, weights, lambda e: dequantize(gemm1_weights[e], gemm1_weights_scale[e]),
            lambda e: dequantize(gemm2_weights[e], gemm2_weights_scale[e]), rows, hidden_size,
            int(local_expert_offset))
    return y.to(OUT_DTYPE)
