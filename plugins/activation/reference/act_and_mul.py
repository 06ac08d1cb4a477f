# An activation of the first half of each row, times the second half: both in float32, their product
# rounded once.
import math

import torch

FUNCTION = "silu"  # kdex:constant


def activated(x):
    if FUNCTION == "silu":
        return x / (1 + torch.exp(-x))
    if FUNCTION == "gelu":
        return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    cubic = x + 0.044715 * x * x * x  # gelu_tanh
    return x * 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * cubic))


@torch.no_grad()
def run(input):
    half = input.shape[1] // 2
    x = input.to(torch.float32)
    return (activated(x[:, :half]) * x[:, half:]).to(input.dtype)
