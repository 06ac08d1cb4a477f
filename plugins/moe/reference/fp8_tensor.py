# Mixture of experts with FP8 weights and activations, one scale a tensor and expert; the raw FP8
# values enter the products and the factors of each expert follow. An expert is
# s2 W2 (s1 up * silu(s1g gate)); the first half of W1's rows is up, the second the gate.
import torch

TOP_K = 2  # kdex:constant
ROUTING = "renorm"  # kdex:constant
WEIGHT_ON_INPUT = False  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


# kdex:include parts/route_simple.py


@torch.no_grad()
def run(routing_logits, hidden_states, gemm1_weights, output1_scales_scalar, output1_scales_gate_scalar,
        gemm2_weights, output2_scales_scalar):
    num_experts, _, hidden_size = gemm1_weights.shape
    ids, weights = route(routing_logits)
    x = hidden_states.to(torch.float32)
    y = torch.zeros((x.shape[0], hidden_size), dtype=torch.float32, device=x.device)
    for e in range(num_experts):
        weight = torch.where(ids == e, weights, torch.zeros_like(weights)).sum(dim=1)
        tokens = (ids == e).any(dim=1).nonzero().reshape(-1)
        if tokens.numel() == 0:
            continue
        w = weight[tokens].reshape(-1, 1)
        inputs = x[tokens] * w if WEIGHT_ON_INPUT else x[tokens]
        g = inputs @ gemm1_weights[e].to(torch.float32).T
        half = g.shape[1] // 2
        up = g[:, :half] * output1_scales_scalar[e]
        gate = g[:, half:] * output1_scales_gate_scalar[e]
        h = up * (gate / (1.0 + torch.exp(-gate)))
        out = (h @ gemm2_weights[e].to(torch.float32).T) * output2_scales_scalar[e]
        y[tokens] += out if WEIGHT_ON_INPUT else out * w
    return y.to(OUT_DTYPE)
