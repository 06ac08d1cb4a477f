# Views, shapes, strides and indexing, with values, and the errors.
import torch


def show(t):
    if isinstance(t, (tuple, list)):
        return "(" + ", ".join(show(x) for x in t) + ")"
    if not isinstance(t, torch.Tensor):
        return repr(t)
    v = t.tolist() if t.numel() <= 24 else "-"
    return "%s %s %s %s" % (tuple(t.shape), t.stride(), t.storage_offset(), v)


def attempt(name, f):
    try:
        print(name, show(f()))
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


def shape_or(r):
    return tuple(r.shape) if isinstance(r, torch.Tensor) else r


x = torch.arange(24).reshape(2, 3, 4)
y = torch.arange(6).view(2, 3)
attempt("x.view(6, 4)", lambda: x.view(6, 4))
attempt("x.view(-1)", lambda: x.view(-1))
attempt("x.view(2, -1)", lambda: x.view(2, -1))
attempt("x.view(5, -1)", lambda: x.view(5, -1))
attempt("x.view(-1, -1)", lambda: x.view(-1, -1))
attempt("x.view(7)", lambda: x.view(7))
attempt("x.transpose(0, 1)", lambda: x.transpose(0, 1))
attempt("x.transpose(0, 1).view(-1)", lambda: x.transpose(0, 1).view(-1))
attempt("x.transpose(0, 1).reshape(-1)", lambda: x.transpose(0, 1).reshape(-1))
attempt("x.transpose(1, 2).view(2, 2, 2, 3)", lambda: x.transpose(1, 2).view(2, 2, 2, 3))
attempt("x.permute(2, 0, 1)", lambda: x.permute(2, 0, 1))
attempt("x.permute(0, 1)", lambda: x.permute(0, 1))
attempt("x.permute(0, 0, 1)", lambda: x.permute(0, 0, 1))
attempt("x.flatten()", lambda: x.flatten())
attempt("x.flatten(1)", lambda: x.flatten(1))
attempt("x.flatten(0, 1)", lambda: x.flatten(0, 1))
attempt("x.unflatten(2, (2, 2))", lambda: x.unflatten(2, (2, 2)))
attempt("x.unflatten(-1, (-1, 2))", lambda: x.unflatten(-1, (-1, 2)))
attempt("x.squeeze()", lambda: x.squeeze())
attempt("x[:, :1].squeeze(1)", lambda: x[:, :1].squeeze(1))
attempt("x[:, :1].squeeze()", lambda: x[:, :1].squeeze())
attempt("x.unsqueeze(0)", lambda: x.unsqueeze(0))
attempt("x.unsqueeze(-1)", lambda: x.unsqueeze(-1))
attempt("x.unsqueeze(5)", lambda: x.unsqueeze(5))
attempt("x.transpose(0, 2).unsqueeze(1)", lambda: x.transpose(0, 2).unsqueeze(1))
attempt("y.t()", lambda: y.t())
attempt("x.t()", lambda: x.t())
attempt("y.T", lambda: y.T)
attempt("y.expand(3, 2, 3)", lambda: y.expand(3, 2, 3))
attempt("y[:, :1].expand(2, 5)", lambda: y[:, :1].expand(2, 5))
attempt("y.expand(2, 4)", lambda: y.expand(2, 4))
attempt("y.expand(-1, -1)", lambda: y.expand(-1, -1))
attempt("y.expand(-1, 2, 3)", lambda: y.expand(-1, 2, 3))
attempt("y.expand(2)", lambda: y.expand(2))
attempt("x.narrow(1, 1, 2)", lambda: x.narrow(1, 1, 2))
attempt("x.narrow(1, 2, 2)", lambda: x.narrow(1, 2, 2))
attempt("x.narrow(0, -1, 1)", lambda: x.narrow(0, -1, 1))
attempt("x.select(1, 2)", lambda: x.select(1, 2))
attempt("x.select(1, 3)", lambda: x.select(1, 3))
attempt("x.select(1, -1)", lambda: x.select(1, -1))
attempt("x.split(2, 1)", lambda: x.split(2, 1))
attempt("x.split([1, 2], 1)", lambda: x.split([1, 2], 1))
attempt("x.split([1, 1], 1)", lambda: x.split([1, 1], 1))
attempt("x.split(5, 2)", lambda: x.split(5, 2))
attempt("x.chunk(2, 2)", lambda: x.chunk(2, 2))
attempt("x.chunk(3, 2)", lambda: x.chunk(3, 2))
attempt("x.chunk(5, 1)", lambda: x.chunk(5, 1))
attempt("x.unbind(1)", lambda: x.unbind(1))
attempt("x.tensor_split(3, 2)", lambda: x.tensor_split(3, 2))
attempt("x.tensor_split([1, 3], 2)", lambda: x.tensor_split([1, 3], 2))
attempt("x.diagonal()", lambda: x.diagonal())
attempt("x.diagonal(1, 1, 2)", lambda: x.diagonal(1, 1, 2))
attempt("x.unfold(2, 2, 1)", lambda: x.unfold(2, 2, 1))
attempt("x.as_strided((2, 2), (1, 2), 3)", lambda: x.as_strided((2, 2), (1, 2), 3))
attempt("x.movedim(0, 2)", lambda: x.movedim(0, 2))
attempt("x.swapaxes(0, 2)", lambda: x.swapaxes(0, 2))
attempt("x.size()", lambda: x.size())
attempt("x.size(1)", lambda: x.size(1))
attempt("x.size(-4)", lambda: x.size(-4))
attempt("x.dim()", lambda: x.dim())
attempt("x.numel()", lambda: x.numel())
attempt("x.is_contiguous()", lambda: x.is_contiguous())
attempt("x.transpose(0, 1).is_contiguous()", lambda: x.transpose(0, 1).is_contiguous())
attempt("x.transpose(0, 1).contiguous()", lambda: x.transpose(0, 1).contiguous())
attempt("x[..., None]", lambda: x[..., None])
attempt("x[None]", lambda: x[None])
attempt("x[0]", lambda: x[0])
attempt("x[-1]", lambda: x[-1])
attempt("x[2]", lambda: x[2])
attempt("x[0, 1]", lambda: x[0, 1])
attempt("x[0, 1, 2]", lambda: x[0, 1, 2])
attempt("x[0, 1, 2, 3]", lambda: x[0, 1, 2, 3])
attempt("x[:, 1]", lambda: x[:, 1])
attempt("x[..., 1]", lambda: x[..., 1])
attempt("x[1:, ::2, 1:3]", lambda: x[1:, ::2, 1:3])
attempt("x[:, -2:]", lambda: x[:, -2:])
attempt("x[5:]", lambda: x[5:])
attempt("x[:, ::-1]", lambda: x[:, ::-1])
attempt("x[torch.tensor([1, 0])]", lambda: x[torch.tensor([1, 0])])
attempt("x[:, torch.tensor([2, 0])]", lambda: x[:, torch.tensor([2, 0])])
attempt("x[[0, 1], [1, 2]]", lambda: x[[0, 1], [1, 2]])
attempt("x[:, [0, 2]][:, :, [1]]", lambda: x[:, [0, 2]][:, :, [1]])
attempt(
    "x[torch.tensor([0, 1]), :, torch.tensor([1, 2])]",
    lambda: x[torch.tensor([0, 1]), :, torch.tensor([1, 2])],
)
attempt("x[x > 20]", lambda: x[x > 20])
attempt("x[:, torch.tensor([True, False, True])]", lambda: x[:, torch.tensor([True, False, True])])
attempt("x[torch.tensor([True])]", lambda: x[torch.tensor([True])])
attempt("x[3.0]", lambda: x[3.0])
attempt("x[torch.tensor(1)]", lambda: x[torch.tensor(1)])
attempt("x[True]", lambda: x[True])
attempt("x[torch.tensor([5])]", lambda: x[torch.tensor([5])])
attempt(
    "x[torch.tensor([0, 1, 0]), torch.tensor([0, 1])]",
    lambda: x[torch.tensor([0, 1, 0]), torch.tensor([0, 1])],
)
attempt("y[torch.tensor([[0, 1], [1, 0]])]", lambda: y[torch.tensor([[0, 1], [1, 0]])])
attempt("y.repeat(2, 1)", lambda: y.repeat(2, 1))
attempt("y.repeat(2, 2, 1)", lambda: y.repeat(2, 2, 1))
attempt("y.repeat(2)", lambda: y.repeat(2))
attempt("y.repeat_interleave(2)", lambda: y.repeat_interleave(2))
attempt("y.repeat_interleave(2, 1)", lambda: y.repeat_interleave(2, 1))
attempt(
    "y.repeat_interleave(torch.tensor([1, 2]), 0)",
    lambda: y.repeat_interleave(torch.tensor([1, 2]), 0),
)
attempt("y.flip(0)", lambda: y.flip(0))
attempt("y.flip(0, 1)", lambda: y.flip(0, 1))
attempt("y.roll(1, 1)", lambda: y.roll(1, 1))
attempt("y.roll(1)", lambda: y.roll(1))
attempt("y.tril()", lambda: y.tril())
attempt("y.triu(1)", lambda: y.triu(1))
attempt(
    "y.gather(1, torch.tensor([[0, 2], [1, 1]]))",
    lambda: y.gather(1, torch.tensor([[0, 2], [1, 1]])),
)
attempt("y.index_select(1, torch.tensor([2, 0]))", lambda: y.index_select(1, torch.tensor([2, 0])))
attempt("y.masked_fill(y > 3, 0)", lambda: y.masked_fill(y > 3, 0))
attempt("y.masked_select(y > 3)", lambda: y.masked_select(y > 3))
attempt("torch.where(y > 2, y, -y)", lambda: torch.where(y > 2, y, -y))
attempt("torch.where(y > 2)", lambda: torch.where(y > 2))
attempt("torch.cat([y, y])", lambda: torch.cat([y, y]))
attempt("torch.cat([y, y], 1)", lambda: torch.cat([y, y], 1))
attempt("torch.cat([y, y[:, :2]])", lambda: torch.cat([y, y[:, :2]]))
attempt("torch.cat([])", lambda: torch.cat([]))
attempt("torch.cat([y, y[0]])", lambda: torch.cat([y, y[0]]))
attempt("torch.stack([y, y], 1)", lambda: torch.stack([y, y], 1))
attempt("torch.stack([y, y[0]])", lambda: torch.stack([y, y[0]]))
attempt("torch.hstack([y, y])", lambda: torch.hstack([y, y]))
attempt("torch.vstack([y, y])", lambda: torch.vstack([y, y]))
attempt("y.cumsum(1)", lambda: y.cumsum(1))
attempt("y.cumsum(0)", lambda: y.cumsum(0))
attempt("y.sum(0)", lambda: y.sum(0))
attempt("y.sum(1, keepdim=True)", lambda: y.sum(1, keepdim=True))
attempt("y.sum()", lambda: y.sum())
attempt("y.max()", lambda: y.max())
attempt("y.max(1)", lambda: y.max(1))
attempt("y.min(0)", lambda: y.min(0))
attempt("y.argmax(1)", lambda: y.argmax(1))
attempt("y.argmax()", lambda: y.argmax())
attempt("y.topk(2, 1)", lambda: y.topk(2, 1))
attempt("y.topk(4, 1)", lambda: y.topk(4, 1))
attempt("y.sort(1, descending=True)", lambda: y.sort(1, descending=True))
attempt("y.argsort(1)", lambda: y.argsort(1))
attempt("y.unique()", lambda: y.unique())
attempt("y.any()", lambda: y.any())
attempt("y.all(1)", lambda: y.all(1))
attempt("y.prod(1)", lambda: y.prod(1))
attempt("y.float().mean(0)", lambda: y.float().mean(0))
attempt("y.mean()", lambda: y.mean())
attempt("y.amax(1)", lambda: y.amax(1))
attempt("y.nonzero()", lambda: y.nonzero())
attempt("y.count_nonzero()", lambda: y.count_nonzero())
attempt("y.bincount()", lambda: y.bincount())
attempt("y[0].bincount()", lambda: y[0].bincount())
attempt(
    "y.scatter(1, torch.tensor([[0], [1]]), 9)", lambda: y.scatter(1, torch.tensor([[0], [1]]), 9)
)
attempt("y @ y.t()", lambda: y @ y.t())
attempt("y @ y", lambda: y @ y)
attempt("y[0] @ y[1]", lambda: y[0] @ y[1])
attempt("y.T.contiguous()", lambda: y.T.contiguous())
attempt("y.view(torch.uint8).shape", lambda: y.view(torch.uint8).shape)
attempt("y.float().view(torch.int64).shape", lambda: y.float().view(torch.int64).shape)
attempt("y.clone().t().clone()", lambda: y.clone().t().clone())
attempt(
    "torch.empty_like(x.transpose(0, 1)).stride()",
    lambda: torch.empty_like(x.transpose(0, 1)).stride(),
)
attempt("x.permute(2, 0, 1).clone().stride()", lambda: x.permute(2, 0, 1).clone().stride())
attempt("x[:, :, ::2].clone().stride()", lambda: x[:, :, ::2].clone().stride())
attempt(
    "x.expand(2, 2, 3, 4).contiguous().stride()", lambda: x.expand(2, 2, 3, 4).contiguous().stride()
)
attempt("x.ndim", lambda: x.ndim)
attempt("x.sum((0, 2))", lambda: x.sum((0, 2)))
attempt("x.sum((0, 0))", lambda: x.sum((0, 0)))
attempt("x.transpose(0, 5)", lambda: x.transpose(0, 5))
attempt("torch.broadcast_shapes((2, 1), (3,))", lambda: torch.broadcast_shapes((2, 1), (3,)))
attempt("torch.broadcast_shapes((2, 4), (3,))", lambda: torch.broadcast_shapes((2, 4), (3,)))
attempt("y + x", lambda: y + x)
attempt("y + torch.ones(3)", lambda: y + torch.ones(3))
attempt("y + torch.ones(2)", lambda: y + torch.ones(2))
attempt("y + torch.ones(2, 1)", lambda: y + torch.ones(2, 1))
attempt(
    "torch.meshgrid(y[0], y[1], indexing='ij')", lambda: torch.meshgrid(y[0], y[1], indexing="ij")
)
attempt("torch.outer(y[0], y[1])", lambda: torch.outer(y[0], y[1]))
attempt("torch.outer(y, y)", lambda: torch.outer(y, y))
attempt(
    "torch.bucketize(y, torch.tensor([1, 3]))", lambda: torch.bucketize(y, torch.tensor([1, 3]))
)
attempt(
    "torch.searchsorted(torch.tensor([1, 3]), y, right=True)",
    lambda: torch.searchsorted(torch.tensor([1, 3]), y, right=True),
)
attempt("torch.isin(y, torch.tensor([1, 2]))", lambda: torch.isin(y, torch.tensor([1, 2])))
attempt("y.clamp(1, 3)", lambda: y.clamp(1, 3))
attempt("y.clamp(min=2)", lambda: y.clamp(min=2))
attempt("torch.diff(y)", lambda: torch.diff(y))
attempt("y.tolist()", lambda: y.tolist())
attempt("len(y)", lambda: len(y))
attempt("[int(v) for v in y[0]]", lambda: [int(v) for v in y[0]])
attempt("bool(y[0, 0])", lambda: bool(y[0, 0]))
attempt("bool(y)", lambda: bool(y))
attempt("y.item()", lambda: y.item())
attempt("y[1, 2].item()", lambda: y[1, 2].item())
attempt("3 in y", lambda: 3 in y)
attempt("y // 2", lambda: y // 2)
attempt("y % 2", lambda: y % 2)
attempt("y / 2", lambda: y / 2)
attempt("-y", lambda: -y)
attempt("y ** 2", lambda: y**2)
attempt("2 ** y", lambda: 2**y)
attempt("1 - y", lambda: 1 - y)
attempt("y == 1", lambda: y == 1)
attempt("y != y.t().t()", lambda: y != y.t().t())
attempt("(y > 1) & (y < 4)", lambda: (y > 1) & (y < 4))
attempt("~(y > 1)", lambda: ~(y > 1))
attempt("y.bool()", lambda: y.bool())
attempt("y.float().exp()", lambda: y.float().exp())
attempt("y.float().sqrt()", lambda: y.float().sqrt())
attempt("y.half() / 3", lambda: y.half() / 3)
attempt("y.bfloat16() / 3", lambda: y.bfloat16() / 3)
attempt("y.float() / 3", lambda: y.float() / 3)
attempt("y.double() / 3", lambda: y.double() / 3)
attempt("y.float().rsqrt()", lambda: y.float().rsqrt())
attempt("y.to(torch.uint8) - 3", lambda: y.to(torch.uint8) - 3)
attempt("torch.tensor([1.5, -2.5, 3.5]).round()", lambda: torch.tensor([1.5, -2.5, 3.5]).round())
attempt("torch.tensor([1.5, -2.5]).int()", lambda: torch.tensor([1.5, -2.5]).int())
attempt("torch.tensor([300]).to(torch.uint8)", lambda: torch.tensor([300]).to(torch.uint8))
attempt(
    "torch.tensor([300.0]).to(torch.float8_e4m3fn).float()",
    lambda: torch.tensor([300.0]).to(torch.float8_e4m3fn).float(),
)
attempt(
    "torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e4m3fn).float()",
    lambda: torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e4m3fn).float(),
)
attempt(
    "torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e5m2).float()",
    lambda: torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e5m2).float(),
)
attempt("torch.tensor([0.1, 70000.0]).half()", lambda: torch.tensor([0.1, 70000.0]).half())
attempt("torch.tensor([0.1]).bfloat16().float()", lambda: torch.tensor([0.1]).bfloat16().float())

z = torch.zeros(3, 4)
z[1] = 1
z[:, 2] = torch.arange(3)
z[0, 0] += 5
z[z == 1] = 7
v = z.view(-1)
v[11] = 9
w = z.t()
w[3, 0] = 4
z.narrow(1, 1, 1).fill_(2)
print(show(z))
z[[0, 2], [0, 1]] = torch.tensor([50.0, 60.0])
z.mul_(2).add_(1)
print(show(z), z.max().item(), z.sum().item())
attempt("set1", lambda: z.__setitem__((slice(None), 0), torch.zeros(4)))
attempt("set2", lambda: z.__setitem__(0, torch.zeros(2, 4)))
attempt("copy", lambda: z.copy_(torch.zeros(5)))
attempt("inplace", lambda: torch.zeros(3, dtype=torch.int64).add_(1.5))
attempt("inplace2", lambda: torch.zeros(3).add_(torch.zeros(2, 3)))
m = torch.empty(3, device="meta")
attempt("m.item()", lambda: shape_or(m.item()))
attempt("m[0].item()", lambda: shape_or(m[0].item()))
attempt("m.tolist()", lambda: shape_or(m.tolist()))
attempt("m.cpu()", lambda: shape_or(m.cpu()))
attempt("m.to('cpu')", lambda: shape_or(m.to("cpu")))
attempt("bool(m)", lambda: shape_or(bool(m)))
attempt("int(m[0])", lambda: shape_or(int(m[0])))
attempt("m + torch.zeros(3)", lambda: shape_or(m + torch.zeros(3)))
attempt("m.data_ptr()", lambda: shape_or(m.data_ptr()))
attempt("m", lambda: shape_or(m))
attempt("m.is_meta", lambda: shape_or(m.is_meta))
attempt("m[0]", lambda: shape_or(m[0]))
attempt("(m > 0).any()", lambda: shape_or((m > 0).any()))
attempt("repr(m)", lambda: shape_or(repr(m)))
a = torch.arange(6.0)
b = a[2:]
c = a.detach()
print(
    a.untyped_storage().nbytes(),
    b.storage_offset(),
    b.untyped_storage().data_ptr() == a.untyped_storage().data_ptr(),
    b.data_ptr() - a.data_ptr(),
    c.data_ptr() == a.data_ptr(),
)
b.fill_(1)
print(a.tolist(), c.tolist())
print(
    a,
    a.long(),
    a.reshape(2, 3),
    torch.tensor(3),
    torch.tensor([True, False]),
    torch.tensor([0.5, 100.25]),
    torch.tensor([]),
    torch.ones(2, dtype=torch.float16),
    sep="\n",
)
print(
    torch.Size([2, 3]),
    repr(torch.Size([2, 3])),
    torch.Size([2, 3]).numel(),
    torch.Size([2, 3]) + (4,),
    torch.Size([2, 3])[1:],
    torch.Size([2]) == (2,),
    type(torch.Size([1, 2])[:1]).__name__,
)
# What is written to a large tensor is not worked out, whichever rows it is.
large = torch.zeros(4, 1 << 14, 1 << 14, device="meta")
large[torch.tensor([0, 2], device="meta")] = 1.0
large[torch.tensor([[0], [3]]), :, torch.tensor([5, -1])] = torch.ones(2, 2, 1 << 14)
print(large.shape, large[torch.tensor([1, 1, 0])].shape)
