# Rotary position embedding of queries and keys from a table whose rows hold the cosines of a
# position, then its sines. The first rotary_dim elements of a head turn, in float32, rounded once.
import torch

IS_NEOX = True  # kdex:constant


def turned(x, cos, sin, rotary_dim):
    out = x.to(torch.float32)
    if IS_NEOX:  # an element turns with the one half a rotary width away
        a, b = slice(0, rotary_dim // 2), slice(rotary_dim // 2, rotary_dim)
    else:  # an element turns with its neighbour
        a, b = slice(0, rotary_dim, 2), slice(1, rotary_dim, 2)
    first, second = out[:, :, a].clone(), out[:, :, b].clone()
    out = out.clone()
    out[:, :, a] = first * cos - second * sin
    out[:, :, b] = first * sin + second * cos
    return out.to(x.dtype)


@torch.no_grad()
def run(q, k, cos_sin_cache, positions):
    rotary_dim = cos_sin_cache.shape[1]
    row = cos_sin_cache[positions.to(torch.long)].unsqueeze(1)
    cos, sin = row[:, :, : rotary_dim // 2], row[:, :, rotary_dim // 2 :]
    return turned(q, cos, sin, rotary_dim), turned(k, cos, sin, rotary_dim)
