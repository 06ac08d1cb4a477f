# Rotary position embedding of queries and keys from a table of cosines and sines; the first half of
# a table row is the cosines. Only the first rotary_dim elements of a head turn.
import torch

NEOX = True  # kdex:constant


def turn(x, cos, sin, rotary_dim):
    out = x.to(torch.float32).clone()
    if NEOX:  # an element turns with the one half a rotary width away
        a, b = slice(0, rotary_dim // 2), slice(rotary_dim // 2, rotary_dim)
    else:  # an element turns with its neighbour
        a, b = slice(0, rotary_dim, 2), slice(1, rotary_dim, 2)
    first, second = out[:, :, a].clone(), out[:, :, b].clone()
    out[:, :, a] = first * cos - second * sin
    out[:, :, b] = second * cos + first * sin
    return out.to(x.dtype)


@torch.no_grad()
def run(q, k, cos_sin_cache, positions):
    rotary_dim = cos_sin_cache.shape[1]
    row = cos_sin_cache[positions.to(torch.long)].to(torch.float32).unsqueeze(1)
    cos, sin = row[:, :, : rotary_dim // 2], row[:, :, rotary_dim // 2 :]
    return turn(q, cos, sin, rotary_dim), turn(k, cos, sin, rotary_dim)
