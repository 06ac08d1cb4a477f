# Root-mean-square normalization of each row, in float32, rounded once at the end.
import torch

EPS = 1e-6  # kdex:constant
WEIGHT_OFFSET = 0.0  # kdex:constant


@torch.no_grad()
def run(hidden_states, weight):
    rows, width = hidden_states.shape
    assert tuple(weight.shape) == (width,)
    x = hidden_states.to(torch.float32)
    mean_square = (x * x).sum(dim=1, keepdim=True) / width
    scale = weight.to(torch.float32) + WEIGHT_OFFSET
    y = x / torch.sqrt(mean_square + EPS) * scale
    return y.to(hidden_states.dtype)
