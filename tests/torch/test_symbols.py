# [facts] Dimensions that are objects, not numbers: shapes are worked out with their own operators.
import torch
import torch.nn as nn
import torch.nn.functional as F


class Dim:
    """A size with a name; `like` is a number that decides comparisons."""

    def __init__(self, name, like):
        self.name, self.like = name, like

    def __repr__(self):
        return self.name

    def _with(self, sign, other, like, turned=False):
        a, b = (other, self) if turned else (self, other)
        return Dim("(%s%s%s)" % (a, sign, b), like)

    def __add__(self, o):
        return self if o.__class__ is int and o == 0 else self._with("+", o, self.like + _like(o))

    __radd__ = __add__

    def __sub__(self, o):
        return self if o.__class__ is int and o == 0 else self._with("-", o, self.like - _like(o))

    def __rsub__(self, o):
        return self._with("-", o, _like(o) - self.like, True)

    def __mul__(self, o):
        return self if o.__class__ is int and o == 1 else self._with("*", o, self.like * _like(o))

    __rmul__ = __mul__

    def __floordiv__(self, o):
        return self if o.__class__ is int and o == 1 else self._with("//", o, self.like // _like(o))

    def __rfloordiv__(self, o):
        return self._with("//", o, _like(o) // self.like, True)

    def __mod__(self, o):
        return self.like % _like(o)

    def __rmod__(self, o):
        return _like(o) % self.like

    def __neg__(self):
        return Dim("-" + self.name, -self.like)

    def __eq__(self, o):
        return self.name == o.name if isinstance(o, Dim) else False

    def __ne__(self, o):
        return not self == o

    def __lt__(self, o):
        return self.like < _like(o)

    def __le__(self, o):
        return self.like <= _like(o)

    def __gt__(self, o):
        return self.like > _like(o)

    def __ge__(self, o):
        return self.like >= _like(o)

    def __hash__(self):
        return hash(self.name)


def _like(v):
    return v.like if isinstance(v, Dim) else v


def attempt(name, f):
    try:
        r = f()
        print(name, [tuple(t.shape) for t in r] if isinstance(r, (tuple, list)) else tuple(r.shape))
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


n, h = Dim("n", 1000), Dim("h", 64)
x = torch.empty(n, 4096, dtype=torch.bfloat16, device="meta")
attempt("linear", lambda: nn.Linear(4096, 1024, device="meta", dtype=torch.bfloat16)(x))
attempt("split", lambda: x.split([1024, 3072], dim=-1))
attempt("chunk", lambda: x.chunk(2, -1))
attempt("heads", lambda: x.view(-1, 32, 128))
attempt("heads2", lambda: x.view(n, 32, 128).transpose(0, 1))
attempt("back", lambda: x.view(n, 32, 128).flatten(1))
attempt("reshape", lambda: x.view(n, 32, 128).reshape(-1, 4096))
attempt("flat", lambda: x.reshape(-1))
attempt("single", lambda: x[:, 0].reshape(n))
attempt("slice", lambda: x[..., :64])
attempt("rows", lambda: x[:1])
attempt("row", lambda: x[0])
attempt("none", lambda: x[:, None, :])
attempt("add", lambda: x + x)
attempt("broadcast", lambda: x * torch.empty(4096, dtype=torch.bfloat16, device="meta"))
attempt("column", lambda: x * torch.empty(n, 1, dtype=torch.bfloat16, device="meta"))
attempt("mismatch", lambda: x + torch.empty(h, 4096, dtype=torch.bfloat16, device="meta"))
attempt("matmul", lambda: x @ x.t())
attempt("bmm", lambda: torch.bmm(torch.empty(32, n, 128), torch.empty(32, 128, h)))
attempt(
    "einsum",
    lambda: torch.einsum("nhd,hdl->nhl", torch.empty(n, 32, 128), torch.empty(32, 128, 512)),
)
attempt("cat", lambda: torch.cat([x, x], dim=-1))
attempt("cat2", lambda: torch.cat([torch.empty(n, 2), torch.empty(h, 2)]))
attempt("stack", lambda: torch.stack([x, x]))
attempt("softmax", lambda: x.float().softmax(-1))
attempt("topk", lambda: x.topk(8, -1))
attempt("sum", lambda: x.sum(-1, keepdim=True))
attempt("mean", lambda: x.float().pow(2).mean(-1, keepdim=True))
attempt("norm", lambda: F.rms_norm(x, (4096,)))
attempt("embedding", lambda: F.embedding(torch.empty(n, dtype=torch.int64), torch.empty(100, 64)))
attempt("arange", lambda: torch.arange(n))
attempt("zeros", lambda: torch.zeros(n, 2) + 1)
attempt("full", lambda: torch.full((n,), 3).cumsum(0))
attempt("like", lambda: torch.empty_like(x))
attempt("expand", lambda: torch.empty(1, 4).expand(n, 4))
attempt("expand1", lambda: torch.empty(1).expand(n))
attempt("where", lambda: torch.where(x > 0, x, 0.0))
attempt("gather", lambda: x.gather(1, torch.zeros(n, 8, dtype=torch.int64)))
attempt("index", lambda: x[torch.zeros(h, dtype=torch.int64)])
attempt("pad", lambda: F.pad(x, (0, 64)))
attempt(
    "conv",
    lambda: nn.Conv1d(64, 64, 4, groups=64, padding=3, device="meta")(
        torch.empty(1, 64, n, device="meta")
    ),
)
attempt("unbind", lambda: x.view(n, 2, 2048).unbind(1))
attempt("repeat", lambda: torch.empty(n, 2).repeat(1, 3))
attempt("param", lambda: nn.Parameter(torch.empty(h, 4)))
x2 = torch.zeros(n, 4)
x2[:, 0] = 1
x2.fill_(3)
print(
    x2.numel(), x2.stride(), x2.is_contiguous(), x2[0, 0].item(), x.stride(), x.t().is_contiguous()
)
