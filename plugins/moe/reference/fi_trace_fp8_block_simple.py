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


# kdex:include parts/route_simple.py


# kdex:include parts/dequantize_fp8.py


# kdex:include parts/activate.py


# kdex:include parts/mix.py.in


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
