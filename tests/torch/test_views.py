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


x = torch.arange(24).reshape(2, 3, 4)
y = torch.arange(6).view(2, 3)
for e in ("x.view(6, 4)", "x.view(-1)", "x.view(2, -1)", "x.view(5, -1)", "x.view(-1, -1)", "x.view(7)", "x.transpose(0, 1)", "x.transpose(0, 1).view(-1)",
          "x.transpose(0, 1).reshape(-1)", "x.transpose(1, 2).view(2, 2, 2, 3)", "x.permute(2, 0, 1)", "x.permute(0, 1)", "x.permute(0, 0, 1)",
          "x.flatten()", "x.flatten(1)", "x.flatten(0, 1)", "x.unflatten(2, (2, 2))", "x.unflatten(-1, (-1, 2))", "x.squeeze()", "x[:, :1].squeeze(1)", "x[:, :1].squeeze()",
          "x.unsqueeze(0)", "x.unsqueeze(-1)", "x.unsqueeze(5)", "x.transpose(0, 2).unsqueeze(1)", "y.t()", "x.t()", "y.T", "y.expand(3, 2, 3)", "y[:, :1].expand(2, 5)",
          "y.expand(2, 4)", "y.expand(-1, -1)", "y.expand(-1, 2, 3)", "y.expand(2)", "x.narrow(1, 1, 2)", "x.narrow(1, 2, 2)", "x.narrow(0, -1, 1)",
          "x.select(1, 2)", "x.select(1, 3)", "x.select(1, -1)", "x.split(2, 1)", "x.split([1, 2], 1)", "x.split([1, 1], 1)", "x.split(5, 2)", "x.chunk(2, 2)", "x.chunk(3, 2)",
          "x.chunk(5, 1)", "x.unbind(1)", "x.tensor_split(3, 2)", "x.tensor_split([1, 3], 2)", "x.diagonal()", "x.diagonal(1, 1, 2)", "x.unfold(2, 2, 1)",
          "x.as_strided((2, 2), (1, 2), 3)", "x.movedim(0, 2)", "x.swapaxes(0, 2)", "x.size()", "x.size(1)", "x.size(-4)", "x.dim()", "x.numel()", "x.is_contiguous()",
          "x.transpose(0, 1).is_contiguous()", "x.transpose(0, 1).contiguous()", "x[..., None]", "x[None]", "x[0]", "x[-1]", "x[2]", "x[0, 1]", "x[0, 1, 2]", "x[0, 1, 2, 3]",
          "x[:, 1]", "x[..., 1]", "x[1:, ::2, 1:3]", "x[:, -2:]", "x[5:]", "x[:, ::-1]", "x[torch.tensor([1, 0])]", "x[:, torch.tensor([2, 0])]", "x[[0, 1], [1, 2]]",
          "x[:, [0, 2]][:, :, [1]]", "x[torch.tensor([0, 1]), :, torch.tensor([1, 2])]", "x[x > 20]", "x[:, torch.tensor([True, False, True])]", "x[torch.tensor([True])]",
          "x[3.0]", "x[torch.tensor(1)]", "x[True]", "x[torch.tensor([5])]", "x[torch.tensor([0, 1, 0]), torch.tensor([0, 1])]", "y[torch.tensor([[0, 1], [1, 0]])]",
          "y.repeat(2, 1)", "y.repeat(2, 2, 1)", "y.repeat(2)", "y.repeat_interleave(2)", "y.repeat_interleave(2, 1)", "y.repeat_interleave(torch.tensor([1, 2]), 0)", "y.flip(0)", "y.flip(0, 1)",
          "y.roll(1, 1)", "y.roll(1)", "y.tril()", "y.triu(1)", "y.gather(1, torch.tensor([[0, 2], [1, 1]]))", "y.index_select(1, torch.tensor([2, 0]))", "y.masked_fill(y > 3, 0)",
          "y.masked_select(y > 3)", "torch.where(y > 2, y, -y)", "torch.where(y > 2)", "torch.cat([y, y])", "torch.cat([y, y], 1)", "torch.cat([y, y[:, :2]])", "torch.cat([])", "torch.cat([y, y[0]])",
          "torch.stack([y, y], 1)", "torch.stack([y, y[0]])", "torch.hstack([y, y])", "torch.vstack([y, y])", "y.cumsum(1)", "y.cumsum(0)", "y.sum(0)", "y.sum(1, keepdim=True)", "y.sum()",
          "y.max()", "y.max(1)", "y.min(0)", "y.argmax(1)", "y.argmax()", "y.topk(2, 1)", "y.topk(4, 1)", "y.sort(1, descending=True)", "y.argsort(1)", "y.unique()", "y.any()", "y.all(1)",
          "y.prod(1)", "y.float().mean(0)", "y.mean()", "y.amax(1)", "y.nonzero()", "y.count_nonzero()", "y.bincount()", "y[0].bincount()", "y.scatter(1, torch.tensor([[0], [1]]), 9)", "y @ y.t()", "y @ y",
          "y[0] @ y[1]", "y.T.contiguous()", "y.view(torch.uint8).shape", "y.float().view(torch.int64).shape", "y.clone().t().clone()", "torch.empty_like(x.transpose(0, 1)).stride()",
          "x.permute(2, 0, 1).clone().stride()", "x[:, :, ::2].clone().stride()", "x.expand(2, 2, 3, 4).contiguous().stride()", "x.ndim", "x.sum((0, 2))", "x.sum((0, 0))", "x.transpose(0, 5)",
          "torch.broadcast_shapes((2, 1), (3,))", "torch.broadcast_shapes((2, 4), (3,))", "y + x", "y + torch.ones(3)", "y + torch.ones(2)", "y + torch.ones(2, 1)", "torch.meshgrid(y[0], y[1], indexing='ij')",
          "torch.outer(y[0], y[1])", "torch.outer(y, y)", "torch.bucketize(y, torch.tensor([1, 3]))", "torch.searchsorted(torch.tensor([1, 3]), y, right=True)", "torch.isin(y, torch.tensor([1, 2]))",
          "y.clamp(1, 3)", "y.clamp(min=2)", "torch.diff(y)", "y.tolist()", "len(y)", "[int(v) for v in y[0]]", "bool(y[0, 0])", "bool(y)", "y.item()", "y[1, 2].item()", "3 in y", "y // 2", "y % 2", "y / 2", "-y", "y ** 2", "2 ** y", "1 - y",
          "y == 1", "y != y.t().t()", "(y > 1) & (y < 4)", "~(y > 1)", "y.bool()", "y.float().exp()", "y.float().sqrt()", "y.half() / 3", "y.bfloat16() / 3", "y.float() / 3", "y.double() / 3", "y.float().rsqrt()", "y.to(torch.uint8) - 3",
          "torch.tensor([1.5, -2.5, 3.5]).round()", "torch.tensor([1.5, -2.5]).int()", "torch.tensor([300]).to(torch.uint8)", "torch.tensor([300.0]).to(torch.float8_e4m3fn).float()", "torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e4m3fn).float()",
          "torch.tensor([0.1, 17.0, 1e-3]).to(torch.float8_e5m2).float()", "torch.tensor([0.1, 70000.0]).half()", "torch.tensor([0.1]).bfloat16().float()"):
    attempt(e, lambda: eval(e))

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
for e in ("m.item()", "m[0].item()", "m.tolist()", "m.cpu()", "m.to('cpu')", "bool(m)", "int(m[0])", "m + torch.zeros(3)", "m.data_ptr()", "m", "m.is_meta", "m[0]", "(m > 0).any()", "repr(m)"):
    attempt(e, lambda: (lambda r: tuple(r.shape) if isinstance(r, torch.Tensor) else r)(eval(e)))
a = torch.arange(6.0)
b = a[2:]
c = a.detach()
print(a.untyped_storage().nbytes(), b.storage_offset(), b.untyped_storage().data_ptr() == a.untyped_storage().data_ptr(), b.data_ptr() - a.data_ptr(), c.data_ptr() == a.data_ptr())
b.fill_(1)
print(a.tolist(), c.tolist())
print(a, a.long(), a.reshape(2, 3), torch.tensor(3), torch.tensor([True, False]), torch.tensor([0.5, 100.25]), torch.tensor([]), torch.ones(2, dtype=torch.float16), sep="\n")
print(torch.Size([2, 3]), repr(torch.Size([2, 3])), torch.Size([2, 3]).numel(), torch.Size([2, 3]) + (4,), torch.Size([2, 3])[1:], torch.Size([2]) == (2,), type(torch.Size([1, 2])[:1]).__name__)
