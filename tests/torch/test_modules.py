# Modules: classes, parameters in order, buffers, text, walks, state, hooks, errors.
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


def attempt(name, f):
    try:
        print(name, f())
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


def show(m):
    print(type(m).__module__, type(m).__name__, repr(m))
    print([(n, tuple(p.shape), str(p.dtype), p.requires_grad) for n, p in m.named_parameters()])
    print([(n, tuple(b.shape), str(b.dtype)) for n, b in m.named_buffers()])
    print([(n, type(c).__name__) for n, c in m.named_modules()])
    print(list(m.state_dict()))


def make(text, f):
    try:
        m = f()
    except Exception as e:
        print(text, type(e).__name__, str(e).split("\n")[0])
        return
    print(text)
    if isinstance(m, nn.Module):
        show(m)
    else:
        print(m)


make("nn.Linear(3, 4)", lambda: nn.Linear(3, 4))
make(
    "nn.Linear(3, 4, bias=False, dtype=torch.bfloat16)",
    lambda: nn.Linear(3, 4, bias=False, dtype=torch.bfloat16),
)
make("nn.Bilinear(2, 3, 4)", lambda: nn.Bilinear(2, 3, 4))
make("nn.Identity(5)", lambda: nn.Identity(5))
make("nn.Embedding(10, 4)", lambda: nn.Embedding(10, 4))
make("nn.Embedding(10, 4, padding_idx=-1)", lambda: nn.Embedding(10, 4, padding_idx=-1))
make("nn.EmbeddingBag(10, 4)", lambda: nn.EmbeddingBag(10, 4))
make("nn.LayerNorm(8)", lambda: nn.LayerNorm(8))
make(
    "nn.LayerNorm((2, 8), eps=1e-6, bias=False)", lambda: nn.LayerNorm((2, 8), eps=1e-6, bias=False)
)
make("nn.LayerNorm(8, elementwise_affine=False)", lambda: nn.LayerNorm(8, elementwise_affine=False))
make("nn.RMSNorm(8)", lambda: nn.RMSNorm(8))
make(
    "nn.RMSNorm(8, eps=1e-6, elementwise_affine=False)",
    lambda: nn.RMSNorm(8, eps=1e-6, elementwise_affine=False),
)
make("nn.GroupNorm(2, 8)", lambda: nn.GroupNorm(2, 8))
make("nn.GroupNorm(2, 8, affine=False)", lambda: nn.GroupNorm(2, 8, affine=False))
make("nn.GroupNorm(3, 8)", lambda: nn.GroupNorm(3, 8))
make("nn.BatchNorm1d(4)", lambda: nn.BatchNorm1d(4))
make("nn.BatchNorm2d(4, affine=False)", lambda: nn.BatchNorm2d(4, affine=False))
make(
    "nn.BatchNorm3d(4, track_running_stats=False)",
    lambda: nn.BatchNorm3d(4, track_running_stats=False),
)
make("nn.SyncBatchNorm(4)", lambda: nn.SyncBatchNorm(4))
make("nn.InstanceNorm1d(4)", lambda: nn.InstanceNorm1d(4))
make("nn.InstanceNorm2d(4, affine=True)", lambda: nn.InstanceNorm2d(4, affine=True))
make("nn.Conv1d(4, 8, 3)", lambda: nn.Conv1d(4, 8, 3))
make(
    "nn.Conv1d(4, 8, 3, padding='same', bias=False)",
    lambda: nn.Conv1d(4, 8, 3, padding="same", bias=False),
)
make("nn.Conv1d(4, 8, 4, groups=4, padding=3)", lambda: nn.Conv1d(4, 8, 4, groups=4, padding=3))
make(
    "nn.Conv2d(3, 8, (2, 3), stride=2, padding=1)",
    lambda: nn.Conv2d(3, 8, (2, 3), stride=2, padding=1),
)
make("nn.Conv2d(3, 8, 3, groups=2)", lambda: nn.Conv2d(3, 8, 3, groups=2))
make(
    "nn.Conv3d(3, 8, (1, 2, 2), stride=(1, 2, 2), bias=False)",
    lambda: nn.Conv3d(3, 8, (1, 2, 2), stride=(1, 2, 2), bias=False),
)
make("nn.ConvTranspose1d(4, 8, 4, 2, 1)", lambda: nn.ConvTranspose1d(4, 8, 4, 2, 1))
make(
    "nn.ConvTranspose2d(4, 8, 2, stride=2, groups=2)",
    lambda: nn.ConvTranspose2d(4, 8, 2, stride=2, groups=2),
)
make("nn.ConvTranspose3d(4, 8, 2)", lambda: nn.ConvTranspose3d(4, 8, 2))
make("nn.Dropout(0.1)", lambda: nn.Dropout(0.1))
make("nn.Dropout(2)", lambda: nn.Dropout(2))
make("nn.GELU()", lambda: nn.GELU())
make("nn.GELU(approximate='tanh')", lambda: nn.GELU(approximate="tanh"))
make("nn.SiLU()", lambda: nn.SiLU())
make("nn.ReLU(inplace=True)", lambda: nn.ReLU(inplace=True))
make("nn.ReLU6()", lambda: nn.ReLU6())
make("nn.Sigmoid()", lambda: nn.Sigmoid())
make("nn.Tanh()", lambda: nn.Tanh())
make("nn.Softmax(dim=-1)", lambda: nn.Softmax(dim=-1))
make("nn.LeakyReLU(0.1)", lambda: nn.LeakyReLU(0.1))
make("nn.ELU()", lambda: nn.ELU())
make("nn.Softplus()", lambda: nn.Softplus())
make("nn.PReLU()", lambda: nn.PReLU())
make("nn.GLU()", lambda: nn.GLU())
make("nn.Hardswish()", lambda: nn.Hardswish())
make("nn.Mish()", lambda: nn.Mish())
make("nn.LogSigmoid()", lambda: nn.LogSigmoid())
make("nn.Hardtanh()", lambda: nn.Hardtanh())
make("nn.MultiheadAttention(8, 2)", lambda: nn.MultiheadAttention(8, 2))
make(
    "nn.MultiheadAttention(8, 2, bias=False, kdim=4, vdim=6, batch_first=True)",
    lambda: nn.MultiheadAttention(8, 2, bias=False, kdim=4, vdim=6, batch_first=True),
)
make(
    "nn.MultiheadAttention(8, 2, add_bias_kv=True)",
    lambda: nn.MultiheadAttention(8, 2, add_bias_kv=True),
)
make("nn.MultiheadAttention(8, 3)", lambda: nn.MultiheadAttention(8, 3))
make("nn.AvgPool1d(2)", lambda: nn.AvgPool1d(2))
make("nn.AvgPool2d(2, stride=1)", lambda: nn.AvgPool2d(2, stride=1))
make("nn.AvgPool3d(2)", lambda: nn.AvgPool3d(2))
make("nn.MaxPool1d(2)", lambda: nn.MaxPool1d(2))
make("nn.MaxPool2d(3, 2, 1)", lambda: nn.MaxPool2d(3, 2, 1))
make("nn.MaxPool3d(2)", lambda: nn.MaxPool3d(2))
make("nn.AdaptiveAvgPool1d(1)", lambda: nn.AdaptiveAvgPool1d(1))
make("nn.AdaptiveAvgPool2d((2, None))", lambda: nn.AdaptiveAvgPool2d((2, None)))
make("nn.AdaptiveMaxPool2d(2)", lambda: nn.AdaptiveMaxPool2d(2))
make("nn.Upsample(scale_factor=2)", lambda: nn.Upsample(scale_factor=2))
make("nn.UpsamplingNearest2d(scale_factor=2)", lambda: nn.UpsamplingNearest2d(scale_factor=2))
make("nn.UpsamplingBilinear2d(4)", lambda: nn.UpsamplingBilinear2d(4))
make("nn.PixelShuffle(2)", lambda: nn.PixelShuffle(2))
make("nn.PixelUnshuffle(2)", lambda: nn.PixelUnshuffle(2))
make("nn.Unfold(2)", lambda: nn.Unfold(2))
make("nn.Fold((4, 4), 2)", lambda: nn.Fold((4, 4), 2))
make("nn.Flatten()", lambda: nn.Flatten())
make("nn.Unflatten(1, (2, 2))", lambda: nn.Unflatten(1, (2, 2)))
make("nn.ReflectionPad2d(1)", lambda: nn.ReflectionPad2d(1))
make("nn.ZeroPad2d((1, 2, 3, 4))", lambda: nn.ZeroPad2d((1, 2, 3, 4)))
make("nn.ConstantPad1d(1, 3.5)", lambda: nn.ConstantPad1d(1, 3.5))
make("nn.ReplicationPad1d(1)", lambda: nn.ReplicationPad1d(1))
make(
    "nn.LSTM(4, 8, num_layers=2, batch_first=True, bidirectional=True)",
    lambda: nn.LSTM(4, 8, num_layers=2, batch_first=True, bidirectional=True),
)
make("nn.LSTM(4, 8, proj_size=3)", lambda: nn.LSTM(4, 8, proj_size=3))
make("nn.GRU(4, 8, bias=False)", lambda: nn.GRU(4, 8, bias=False))
make("nn.RNN(4, 8)", lambda: nn.RNN(4, 8))
make("nn.LSTMCell(4, 8)", lambda: nn.LSTMCell(4, 8))
make("nn.GRUCell(4, 8, bias=False)", lambda: nn.GRUCell(4, 8, bias=False))
make("nn.TransformerEncoderLayer(8, 2, 16)", lambda: nn.TransformerEncoderLayer(8, 2, 16))
make(
    "nn.TransformerDecoderLayer(8, 2, 16, activation='gelu')",
    lambda: nn.TransformerDecoderLayer(8, 2, 16, activation="gelu"),
)
make(
    "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)",
    lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2),
)
make("nn.CosineSimilarity()", lambda: nn.CosineSimilarity())
make("nn.CrossEntropyLoss()", lambda: nn.CrossEntropyLoss())
make("nn.MSELoss()", lambda: nn.MSELoss())
make("nn.BCEWithLogitsLoss()", lambda: nn.BCEWithLogitsLoss())
make(
    "nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 8, 3))",
    lambda: nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 8, 3)),
)
make(
    "nn.utils.parametrizations.weight_norm(nn.Linear(4, 8), dim=None)",
    lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 8), dim=None),
)
make(
    "nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))",
    lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)),
)
make(
    "nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.ReLU()])",
    lambda: nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.ReLU()]),
)
make(
    "nn.ModuleDict({'a': nn.Linear(1, 2), 'b': nn.ReLU()})",
    lambda: nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.ReLU()}),
)
make(
    "nn.ParameterList([nn.Parameter(torch.ones(2)), torch.ones(3)])[1].shape",
    lambda: nn.ParameterList([nn.Parameter(torch.ones(2)), torch.ones(3)])[1].shape,
)
make(
    "nn.ParameterDict({'x': torch.ones(2)})['x'].requires_grad",
    lambda: nn.ParameterDict({"x": torch.ones(2)})["x"].requires_grad,
)


class Block(nn.Module):
    def __init__(self, n, shared):
        super().__init__()
        self.scale = 3
        self.w = nn.Parameter(torch.empty(n, n))
        self.norm = nn.LayerNorm(n)
        self.shared = shared
        self.register_buffer("table", torch.arange(n), persistent=False)
        self.register_buffer("kept", torch.zeros(n))
        self.register_buffer("absent", None)
        self.register_parameter("none", None)
        self.late = None
        self.acts = nn.ModuleList([nn.ReLU() for _ in range(2)])

    def forward(self, x, y=1):
        return x * y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        s = nn.Linear(2, 2, bias=False)
        self.blocks = nn.ModuleList(Block(2, s) for _ in range(2))
        self.head = nn.Linear(2, 2, bias=False)
        self.head.weight = s.weight


net = Net()
show(net)
print([n for n, _ in net.named_modules(remove_duplicate=False)])
print([n for n, _ in net.named_parameters(remove_duplicate=False)])
print(
    [n for n, _ in net.named_modules(prefix="m")],
    [n for n, _ in net.named_children()],
    len(list(net.modules())),
    len(list(net.parameters())),
)
b = net.blocks[0]
b.late = nn.Linear(1, 1)
print(
    [n for n, _ in b.named_modules()],
    "late" in b.__dict__,
    "w" in b.__dict__,
    b.training,
    net.eval().training,
    b.norm.training,
    net.train() is net,
)
attempt("missing", lambda: b.nothing)
attempt("param", lambda: setattr(b, "w", 3))
attempt("param2", lambda: setattr(b, "w", torch.zeros(2)))
attempt("module", lambda: setattr(b, "norm", 3))
attempt("buffer", lambda: setattr(b, "kept", 3))
attempt("buffer2", lambda: setattr(b, "kept", torch.ones(5)))
attempt("dup", lambda: b.register_buffer("w", torch.ones(1)))
attempt("dup2", lambda: b.register_parameter("scale", nn.Parameter(torch.ones(1))))
attempt("dup3", lambda: b.add_module("scale", nn.ReLU()))
attempt("dot", lambda: b.register_buffer("a.b", torch.ones(1)))
attempt("dot2", lambda: b.add_module("a.b", nn.ReLU()))
attempt("empty", lambda: b.add_module("", nn.ReLU()))
attempt("kind", lambda: b.register_parameter("q", torch.ones(1)))
attempt("kind2", lambda: b.register_buffer("q", 5))
attempt("kind3", lambda: b.add_module("q", 5))
attempt("get", lambda: net.get_submodule("blocks.1.norm"))
attempt("get2", lambda: net.get_submodule("blocks.1.nope"))
attempt("get3", lambda: net.get_parameter("blocks.0.w").shape)
attempt("get4", lambda: net.get_buffer("blocks.0.table"))
attempt("list", lambda: net.blocks[5])
attempt("slice", lambda: net.blocks[:1])
attempt("call", lambda: b(torch.ones(2), y=3))
attempt("noforward", lambda: net(1))
b.w = None
print(b.w, "w" in b._parameters, list(b._parameters), list(b._buffers), list(b._modules))
del b.w
attempt("deleted", lambda: b.w)
attempt("grad int", lambda: nn.Parameter(torch.ones(2, dtype=torch.int8)))
attempt("no grad int", lambda: nn.Parameter(torch.ones(2, dtype=torch.int8), requires_grad=False))


class Early(nn.Module):
    def __init__(self):
        self.x = nn.Linear(1, 1)


class Early2(nn.Module):
    def __init__(self):
        self.x = nn.Parameter(torch.ones(1))


attempt("early", Early)
attempt("early2", Early2)
attempt("args", lambda: nn.Module(3))


class Weight(nn.Parameter):
    def __new__(cls, data, **kwargs):
        return super().__new__(cls, data=data, requires_grad=False)

    def __init__(self, data, loader):
        self._loader = loader

    @property
    def loader(self):
        return self._loader


w = Weight(torch.empty(2, 3, dtype=torch.float8_e4m3fn), loader=len)
print(
    type(w).__name__,
    isinstance(w, nn.Parameter),
    isinstance(w, torch.Tensor),
    w.requires_grad,
    w.loader,
    tuple(w.shape),
    w.dtype,
    type(w.data).__name__,
    type(w + 0 if False else w[0]).__name__,
)
m = nn.Module()
m.weight = w
m.register_parameter("other", w)
print(
    [n for n, _ in m.named_parameters()], [n for n, _ in m.named_parameters(remove_duplicate=False)]
)
w.output_dim = 0
print(
    hasattr(w, "output_dim"),
    hasattr(w, "input_dim"),
    sorted(k for k in vars(w) if k in ("_loader", "output_dim")),
)
u = nn.UninitializedParameter(requires_grad=False)
print(type(u).__name__, isinstance(u, nn.Parameter))
u.materialize((2, 3), dtype=torch.int8)
print(type(u).__name__, tuple(u.shape), u.dtype)
h = nn.Linear(2, 2)
handle = h.register_forward_hook(lambda mod, args, out: out.shape)
print(h(torch.ones(3, 2)))
handle.remove()
print(
    type(h(torch.ones(3, 2))).__name__,
    [p.dtype for p in h.to(torch.bfloat16).parameters()],
    [p.dtype for p in h.half().parameters()],
)
print([p.device.type for p in nn.Linear(2, 2, device="meta").parameters()])
with torch.device("meta"):
    print(
        nn.Linear(2, 2).weight.device,
        torch.empty(1).device,
        torch.arange(3).device,
        torch.tensor([1]).device,
        torch.zeros(1, device="cpu").device,
    )
d = copy.deepcopy(net)
print(
    d.blocks[0].norm.weight is net.blocks[0].norm.weight,
    d.head.weight is d.blocks[0].shared.weight,
    [n for n, _ in d.named_parameters()],
)
bn = nn.BatchNorm1d(2)
print(
    bn.running_var.tolist(),
    bn.num_batches_tracked.item(),
    nn.LayerNorm(2).weight.tolist(),
    nn.LayerNorm(2).bias.tolist(),
)
r = nn.Linear(2, 2).load_state_dict({"weight": torch.ones(2, 2), "bias": torch.zeros(2)})
print(r)
attempt("load", lambda: nn.Linear(2, 2).load_state_dict({"weight": torch.ones(2, 2)}))
attempt(
    "load2",
    lambda: nn.Linear(2, 2).load_state_dict(
        {"weight": torch.ones(2, 3), "bias": torch.zeros(2), "x": 1}
    ),
)
print(nn.Linear(2, 2).load_state_dict({"x": 1}, strict=False))
net.requires_grad_(False)
print([p.requires_grad for p in net.parameters()][:2])
net.apply(lambda k: setattr(k, "seen", True))
print(all(k.seen for k in net.modules()))
with torch.no_grad():
    print(torch.is_grad_enabled())
print(torch.is_grad_enabled())
buf = nn.Buffer(torch.ones(2), persistent=False)
m = nn.Module()
m.b = buf
print(list(m._buffers), list(m.state_dict()), isinstance(m.b, nn.Buffer))
