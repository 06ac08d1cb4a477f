# What constructors do with small tensors: rotary tables, masks, slopes, permutations, numbers out of tensors.
import math
import torch
import torch.nn as nn, torch.nn.functional as F


def rope(dim, base, maxp, dtype):
    inv = 1.0 / base ** (torch.arange(0, dim, 2, dtype=torch.float) / dim)
    t = torch.arange(maxp, dtype=torch.float)
    f = torch.einsum("i,j -> ij", t, inv)
    c = torch.cat((f.cos(), f.sin()), dim=-1)
    return c.to(dtype)


a = rope(8, 10000, 16, torch.bfloat16)
print(a.shape, a.dtype, [round(v, 4) for v in a[3].tolist()])
b = rope(128, 10000, 4096, torch.bfloat16)
print(b.shape, b.dtype)


def yarn(n=4):
    lin = (torch.arange(n, dtype=torch.float32) - 1) / (3 - 1)
    return torch.clamp(lin, 0, 1)


print(yarn().tolist())


def slopes(n):
    p = 2 ** math.floor(math.log2(n))
    base = torch.tensor(2 ** (-(2 ** (-(math.log2(p) - 3)))), dtype=torch.float32)
    return torch.pow(base, torch.arange(1, 1 + p, dtype=torch.int32))


print([round(x, 5) for x in slopes(8).tolist()], slopes(8).dtype)
m = torch.full((3, 3), float("-inf")).triu(1)
print(m.tolist())
pos = torch.arange(16).expand((1, -1))
print(pos.shape, pos[0, 3].item())
w = torch.hann_window(400)
print(w.shape)
p = torch.zeros(4, 6)
d = torch.exp(torch.arange(0, 6, 2).float() * (-math.log(10000.0) / 6))
q = torch.arange(4).unsqueeze(1).float()
p[:, 0::2] = torch.sin(q * d)
p[:, 1::2] = torch.cos(q * d)
print([round(x, 4) for x in p[2].tolist()])
x = torch.tensor([[1, 2], [3, 4]])
x[x > 2] = 0
print(x.tolist())
x[0] += 5
print(x.tolist())
g = torch.arange(6).reshape(2, 3)
g[:, [0, 2]] = 9
print(g.tolist(), (g == 9).sum().item(), g.max().item(), int(g[0, 1]), float(g.float().mean()))
idx = torch.tensor([2, 0, 1])
print(
    torch.argsort(idx).tolist(),
    idx.tolist() == [2, 0, 1],
    torch.empty(3, dtype=torch.long).copy_(idx).tolist(),
)
inv = torch.empty_like(idx)
inv[idx] = torch.arange(3)
print(inv.tolist())
print(
    torch.cumsum(torch.tensor([0, 3, 4]), 0, dtype=torch.int32).dtype,
    torch.nn.functional.pad(torch.cumsum(torch.tensor([3, 4]), 0), (1, 0)).tolist(),
)
print(
    torch.tensor([1, 2, 3]).prod().item(),
    torch.tensor(3).item() + 1,
    range(torch.tensor(3)),
    [0] * torch.tensor(2),
    f"{torch.tensor(2.5):.1f}",
    max(torch.tensor(1), torch.tensor(2)),
)
print(
    torch.finfo(torch.float8_e4m3fn).max,
    torch.finfo(torch.bfloat16).tiny,
    torch.iinfo(torch.int8).min,
)
print(
    torch.zeros(2, 2).t().is_contiguous(),
    torch.zeros(2, 3).t().contiguous().stride(),
    torch.empty(2, 3).to(memory_format=torch.contiguous_format).stride(),
)
l = nn.Linear(2, 2)
l.weight.data.fill_(1)
l.bias.data.zero_()
print(
    l.weight.tolist(),
    l.weight.sum().item(),
    l.weight.data_ptr() == l.weight.data.data_ptr(),
    l.weight is l.weight,
)
l.weight.data = torch.zeros(3, 3)
print(l.weight.shape)
l.weight = nn.Parameter(torch.ones(1))
print(l.weight.tolist())
print(
    torch.ones(3).mul_(2).tolist(),
    torch.arange(3).float().div_(2).tolist(),
    torch.zeros(2).add_(1).tolist(),
)
s = torch.ones(4).split([1, 3])
s[0].fill_(7)
print(s[1].storage_offset(), s[0].item())
print(
    torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2])),
    torch.tensor([1.0]).isnan().any().item(),
    torch.is_nonzero(torch.tensor(1)),
    not torch.tensor(0),
)
