# Adds the residual, then root-mean-square normalization of each row; the sum is kept in float32
# and not rounded before the normalization. The sum itself is not an output of this form.
import torch

EPS = 1e-6  # kdex:constant
WEIGHT_OFFSET = 0.0  # kdex:constant


@torch.no_grad()
def run(hidden_states, residual, weight):
    rows, width = hidden_states.shape
    assert tuple(residual.shape) == (rows, width)
    assert tuple(weight.shape) == (width,)
    x = hidden_states.to(torch.float32) + residual.to(torch.float32)
    mean_square = (x * x).sum(dim=1, keepdim=True) / width
    scale = weight.to(torch.float32) + WEIGHT_OFFSET
    y = x / torch.sqrt(mean_square + EPS) * scale
    return y.to(hidden_states.dtype)
