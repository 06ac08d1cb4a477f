# Mixture of experts with NVFP4 weights and activations, routing by the logits alone. The factors of each expert
# (products of the float32 scales of its tensors) follow the products. An expert is
# s2 W2 (s1 up * silu(s1g gate)); the first half of W1's rows is up, the second the gate.
import torch

TOP_K = 2  # kdex:constant
ROUTING = "renorm"  # kdex:constant
SHARED = 0  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


# kdex:include parts/route_simple.py


# kdex:include parts/dequantize_nvfp4.py


@torch.no_grad()
def run(routing_logits, hidden_states, hidden_states_scale, gemm1_weights, gemm1_weights_scale,
        gemm2_weights, gemm2_weights_scale, output1_scale_scalar, output1_scale_gate_scalar,
        output2_scale_scalar, local_expert_offset):
    rows, hidden_size = gemm2_weights.shape[:2]
    ids, weights = route(routing_logits)
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
