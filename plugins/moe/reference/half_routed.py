# Mixture of experts with 16-bit weights, routing computed before.
# An expert is W2 (act(gate) * up); the first half of W1's rows is up, the second the gate.
import math

import torch

SHARED = 0  # kdex:constant
ACTIVATION = "silu"  # kdex:constant
WEIGHT_ON_INPUT = False  # kdex:constant
OUT_DTYPE = torch.bfloat16  # kdex:constant


# kdex:include parts/activate.py


# kdex:include parts/mix.py


@torch.no_grad()
def run(topk_ids, topk_weights, hidden_states, gemm1_weights, gemm2_weights, local_expert_offset):
    rows, _, hidden_size = gemm1_weights.shape
    assert tuple(gemm2_weights.shape[:2]) == (rows, hidden_size)
    ids, weights = topk_ids.to(torch.long), topk_weights.to(torch.float32)
    x = hidden_states.to(torch.float32)
    y = mix(x, ids, weights, lambda e: gemm1_weights[e].to(torch.float32),
            lambda e: gemm2_weights[e].to(torch.float32), rows, hidden_size, int(local_expert_offset))
    return y.to(OUT_DTYPE)
