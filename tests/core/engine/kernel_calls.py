# Runs in the abstract machine (test_kernel_calls.py): what a forward launches, with tensors and
# functions made for the purpose, and results that are known by hand.
import _kdex
import torch
from torch import _launches
from torch.nn import functional as F

from driver_kernels import Border
from driver_record import Recorder, joined, layer_of, ranges, star

TABLE = """
# a comment
norm rmsnorm(input, weight, eps=1e-6, out=None) -> out if out is not None else like(input)
gemm scaled(a, b, out_dtype=f32) -> empty([a.shape[0], b.shape[1]], out_dtype)
host count_sms() -> 7
attention Wrapper.forward(q, cache) -> like(q) ; q, paged_kv_cache_4d(cache)
host Wrapper(workspace) -> unknown
enum Activation Silu=2 Relu=6
record settings.Precision scale rounds=True
value limits.BLOCK 32
"""
LAUNCHES = """
product aten.mm(self, mat2)
routing top_kernel
"""

recorder = Recorder()
recorder.operator = lambda *call: None
border = Border(recorder, {"acme": TABLE, "torch": LAUNCHES})


def tensor(*shape, dtype=torch.bfloat16):
    return torch.empty(shape, dtype=dtype, device="cuda")


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.up = torch.nn.Linear(8, 24, bias=False, device="cuda", dtype=torch.bfloat16)
        self.down = torch.nn.Linear(24, 8, device="cuda", dtype=torch.bfloat16)

    def forward(self, x):
        return self.down(self.up(x))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Layer(), Layer(), Layer()])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def traced(function, *args):
    """Rows of what a function launches: (name, path, count, tensors)."""
    recorder.rows.clear()
    recorder.on = True
    _launches.listener = recorder
    _kdex.border(border, border.members)
    try:
        result = function(*args)
    finally:
        recorder.on = False
        _launches.listener = None
        _kdex.border(None)
    rows = [
        (r["fn"], r["path"], r["count"], " ".join(r["tensors"])) for r in recorder.rows.values()
    ]
    return result, rows


def expect(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


expect(star("model.layers.12.mlp"), "model.layers.*.mlp")
expect(layer_of("model.layers.12.mlp"), 12)
expect(layer_of("model.norm.3"), None)
expect(ranges({3, 0, 1, 2, 7}), "0-3,7")

# Layers that do the same are one row; a linear layer with a bias is one launch.
model = Model()
recorder.learn(model)
result, rows = traced(lambda: model(tensor(2, 3, 8)))
expect(tuple(result.shape), (2, 3, 8))
expect(
    rows,
    [
        ("aten.mm", "layers.*.up", 3, "bf16[6,24] bf16[6,8] bf16[8,24]"),
        ("aten.addmm", "layers.*.down", 3, "bf16[24,8] bf16[6,24] bf16[6,8] bf16[8]"),
    ],
)
expect([r["numbers"] for r in recorder.rows.values()], [{0, 1, 2}, {0, 1, 2}])

# Roles and named operands, with the parameters and caches that they lie in.
first = list(recorder.rows.values())[0]
expect(first["role"], "product")
expect(
    first["operands"],
    [
        ("self", "bf16[6,8]", "", ()),
        ("mat2", "bf16[8,24]", "layers.*.up.weight", (1, 8)),
        ("result", "bf16[6,24]", "", ()),
    ],
)
second = list(recorder.rows.values())[1]
expect(second["role"], "")
expect([o[0] for o in second["operands"]], ["0", "1", "2", "result"])
expect(recorder.signature("engine.kernels.top_kernel"), ("routing", []))
expect(recorder.signature("engine.kernels.stop_kernel"), ("", ()))

# Products of torch as its dispatcher launches them.
_, rows = traced(lambda: tensor(5, 3, 4) @ tensor(4, 6))
expect(rows, [("aten.mm", "", 1, "bf16[15,4] bf16[15,6] bf16[4,6]")])
_, rows = traced(lambda: tensor(5, 3, 4) @ tensor(5, 4, 6))
expect(rows, [("aten.bmm", "", 1, "bf16[5,3,4] bf16[5,3,6] bf16[5,4,6]")])
_, rows = traced(lambda: torch.bmm(tensor(5, 3, 4), tensor(5, 4, 6), out=tensor(5, 3, 6)))
expect(rows, [("aten.bmm", "", 1, "bf16[5,3,4] bf16[5,3,6] bf16[5,4,6]")])
result, rows = traced(lambda: torch.mm(tensor(3, 4), tensor(4, 6), out_dtype=torch.float32))
expect((rows[0][3], result.dtype), ("bf16[3,4] bf16[4,6] f32[3,6]", torch.float32))
_, rows = traced(lambda: F.embedding(tensor(7, dtype=torch.int64), tensor(100, 16)))
expect(rows, [("aten.embedding", "", 1, "bf16[100,16] bf16[7,16] i64[7]")])

# Functions of a library that is not in the sources, by its table.
acme = _kdex.unknown("acme")
result, rows = traced(lambda: acme.norm.rmsnorm(tensor(2, 8), tensor(8)))
expect(rows, [("acme.norm.rmsnorm", "", 1, "bf16[2,8] bf16[8]")])
expect((tuple(result.shape), result.dtype), ((2, 8), torch.bfloat16))
row = list(recorder.rows.values())[0]
expect(row["role"], "norm")
expect([o[0] for o in row["operands"]], ["input", "weight", "result"])
out = tensor(2, 8)
result, _ = traced(lambda: acme.rmsnorm(tensor(2, 8), tensor(8), out=out))
assert result is out
result, _ = traced(lambda: acme.scaled(tensor(2, 8), b=tensor(8, 4), bias=None))
expect((tuple(result.shape), result.dtype), ((2, 4), torch.float32))
result, rows = traced(acme.count_sms)
expect((result, rows), (7, []))
_, rows = traced(lambda: acme.Wrapper(tensor(1)).forward(tensor(2, 8), tensor(9, 4, 8)))
expect(rows, [("acme.Wrapper.forward", "", 1, "bf16[2,8] bf16[9,1,4,8]")])
result, rows = traced(lambda: acme.nobody_knows(tensor(2, 8)).shape[0])
assert _kdex.is_unknown(result)
expect((rows, list(recorder.unknown)), ([], ["acme.nobody_knows"]))
result, rows = traced(lambda: _kdex.unknown("other").rmsnorm(tensor(2, 8)))
assert _kdex.is_unknown(result)
expect(rows, [])

# What the host reads of the device is zero, and said.
result, _ = traced(lambda: (tensor(1, dtype=torch.int32).item(), tensor(2, 2).tolist()))
expect(result, (0, [[0.0, 0.0], [0.0, 0.0]]))
expect(len(recorder.reads), 2)
result, _ = traced(lambda: torch.tensor([4, 5], device="cuda").tolist())
expect(result, [4, 5])

# Masks are no operands, addresses no identity.
_, rows = traced(lambda: [acme.rmsnorm(tensor(2, 8), p) for p in (1 << 41, 1 << 42)])
expect([r[2] for r in rows], [2])
_, rows = traced(lambda: acme.rmsnorm(tensor(2, 8), tensor(2, dtype=torch.bool)))
expect(rows[0][3], "bf16[2,8]")

# Nothing is kept while nobody listens.
recorder.rows.clear()
model(tensor(2, 8))
expect(recorder.rows, {})
assert _kdex.is_unknown(acme.rmsnorm(tensor(2, 8), tensor(8)))

# Packed values: their shapes as FlashInfer's documentation has them.
from driver_formats import cutlass_type, experts, fp4_scales, interleaved, mxfp8  # noqa: E402

expect(tuple(experts(tensor(37, 64), 8, True).shape), (37, 64))
packed = experts(tensor(37, 32, dtype=torch.uint8), 8, False)
expect([tuple(x.shape) for x in packed], [(296, 64), (37, 8), (296,)])
expect(tuple(fp4_scales(tensor(37, 96), 16, False).shape), (37, 6))
expect(tuple(fp4_scales(tensor(37, 96), 16, True).shape), (128, 8))
expect(tuple(interleaved(tensor(2, 129, 5, dtype=torch.uint8)).shape), (2 * 256 * 8,))
values, scales = mxfp8(tensor(37, 100), True, 64)
expect((tuple(values.shape), tuple(scales.shape)), ((37, 128), (128 * 4,)))
expect(cutlass_type("float4_e2m1fn").width, 4)

# A function of the CuTe DSL is launched by what its compilation gave.
import cutlass.cute as cute  # noqa: E402


class Product:
    @cute.jit
    def wrapper(self, a, b):
        raise AssertionError("the body runs on the device")


_, rows = traced(cute.compile(Product().wrapper, None), tensor(3, 4), tensor(4, 5))
expect(
    [(name.rpartition(".")[2], rest) for name, _, _, rest in rows],
    [("wrapper", "bf16[3,4] bf16[4,5]")],
)

# The normal distribution's quantiles, by number.
normal = torch.distributions.normal.Normal(0, 1)
expect(tuple(normal.icdf(tensor(1, dtype=torch.float32)).shape), (1,))

# einops, as its documentation has it.
from einops import rearrange, reduce, repeat  # noqa: E402

image = torch.arange(24, device="cpu").reshape(2, 3, 4)
expect(rearrange(image, "b h w -> h b w").tolist(), image.permute(1, 0, 2).tolist())
expect(tuple(rearrange(image, "b h w -> (b h) w").shape), (6, 4))
expect(tuple(rearrange(image, "b h (w c) -> b c h w", c=2).shape), (2, 2, 3, 2))
expect(tuple(rearrange(image, "b ... -> ... b").shape), (3, 4, 2))
expect(tuple(rearrange(image, "b h w -> 1 b (h w)").shape), (1, 2, 12))
expect(tuple(repeat(image, "b h w -> b r h w", r=5).shape), (2, 5, 3, 4))
expect(tuple(repeat(image, "b h w -> (b r) h w", r=5).shape), (10, 3, 4))
expect(reduce(image, "b h w -> b h", "max").tolist(), image.amax(dim=2).tolist())
for pattern, text in (("b h -> h b", "expected 2 dimensions"), ("b h w", "no '->'")):
    try:
        rearrange(image, pattern)
    except RuntimeError as error:
        assert text in str(error), error
    else:
        raise AssertionError(pattern)

# Objects of a library's class: what one plans tells its calls apart, and is no operand.
objects = Border(
    recorder,
    {
        "acme": """wrappers
attention Planned.forward(q) -> like(q)
plan plan() -> None
host Planned(workspace, captured=False) -> Instance("acme.Planned", is_captured=captured)
enum Status SUCCESS=0
host reserve(size) -> (Status.SUCCESS, device_value("a handle"))
"""
    },
)
recorder.rows.clear()
recorder.on = True
wrapper = objects("acme.Planned", (), {})
for length in (5, 5, 9):
    wrapper.plan(tensor(length, dtype=torch.int32))
    expect(tuple(wrapper.forward(tensor(2, 4)).shape), (2, 4))
recorder.on = False
rows = list(recorder.rows.values())
expect(
    [(r["fn"], r["count"], r["tensors"]) for r in rows],
    [
        ("acme.Planned.forward", 2, ["bf16[2,4]"]),
        ("acme.Planned.forward", 1, ["bf16[2,4]"]),
    ],
)

# They have the attributes that their construction tells; a status may be known where a handle is not.
expect(wrapper.is_captured, False)
expect(objects("acme.Planned", (), {"captured": True}).is_captured, True)
assert _kdex.is_unknown(wrapper.other)
status, handle = objects("acme.reserve", (64,), {})
expect((status == 0, _kdex.is_unknown(handle)), (True, True))

# Triton's host code knows the device; guards of eager code have the value that they ask of.
import triton  # noqa: E402
from torch.fx.experimental.symbolic_shapes import guard_or_false, guard_or_true  # noqa: E402

target = triton.runtime.driver.active.get_current_target()
expect((target.backend, target.arch, target.warp_size), ("cuda", 90, 32))
device = triton.runtime.driver.active.utils.get_device_properties(0)
expect((device["max_shared_mem"], device["multiprocessor_count"]), (232448, 132))
assert _kdex.is_unknown(device["sm_clock_rate"])
expect((guard_or_false(1024 >= 1024), guard_or_true(1023 >= 1024)), (True, False))


# What a call was given beside tensors, by name, and the stream that it runs on.
def streams():
    acme = _kdex.unknown("acme")
    side = torch.cuda.Stream()
    acme.rmsnorm(tensor(2, 8), tensor(8), 1e-5)
    with torch.cuda.stream(side):
        acme.rmsnorm(tensor(3, 8), tensor(8), eps=2e-5)
        assert torch.cuda.current_stream() is side
    acme.rmsnorm(tensor(4, 8), tensor(8))


recorder.clear()
traced(streams)
kept = list(recorder.rows.values())
expect([r["stream"] for r in kept], ["", "1", ""])
expect([r["arguments"] for r in kept], [[("eps", "1e-05")], [("eps", "2e-05")], []])


# torch's elementwise functions: those that write memory, one row a call of the outermost.
def pointwise():
    x = tensor(4, 8)
    y = (x + 1).view(8, 4).transpose(0, 1)
    y.contiguous()
    x.mul_(2)
    x[0:2]
    torch.cat([x, x])
    return torch.softmax(x, dim=-1)


from driver_elementwise import Elementwise, aten_name  # noqa: E402

expect(
    [aten_name(n) for n in ("__radd__", "__imul__", "__truediv__", "sum")],
    ["add", "mul_", "div", "sum"],
)
before = torch.Tensor.__add__
with Elementwise(recorder):
    traced(pointwise)
assert torch.Tensor.__add__ is before
expect(
    [(r["fn"], r["elementwise"]) for r in recorder.rows.values()],
    [(f"aten.{name}", True) for name in ("add", "contiguous", "mul_", "cat", "softmax")],
)
traced(pointwise)
expect(len(recorder.rows), 0)


# Values that a layer starts with: a bias of zeros, weights that are not known.
heads = torch.nn.MultiheadAttention(8, 2)
heads._reset_parameters()
expect(heads.in_proj_bias.tolist(), [0.0] * 24)


# A convolution is a launch.
expect(
    traced(lambda: F.conv1d(tensor(2, 4, 9), tensor(6, 4, 3), tensor(6)))[1],
    [("aten.convolution", "", 1, "bf16[2,4,9] bf16[2,6,7] bf16[6,4,3] bf16[6]")],
)


# Plain data of a library: what the engine compares, fills and counts with, wherever it imports it.
def data():
    import dataclasses

    acme = _kdex.unknown("acme.moe.core")
    relu = acme.Activation.Relu
    assert acme.Activation(6) is relu and relu.name == "Relu", relu
    assert relu != acme.Activation.Silu and _kdex.is_unknown(acme.Activation.Gelu)
    Precision = _kdex.unknown("acme.settings").Precision
    assert [f.name for f in dataclasses.fields(Precision)] == ["scale", "rounds"]
    made = _kdex.unknown("acme.elsewhere.Precision")(scale=tensor(2))
    assert isinstance(made, Precision) and made.rounds is True
    assert _kdex.unknown("acme.limits").BLOCK == 32


expect(traced(data), (None, []))
assert _kdex.is_unknown(_kdex.unknown("acme.limits").BLOCK)  # the border is closed

# Attention over pages as Hopper's kernel takes it: a beam, tokens before heads.
from driver_results import paged_decode  # noqa: E402

pages = [tensor(9, 2, 64, 16), tensor(9, 2, 64, 16)]
lengths = tensor(6, dtype=torch.int32)
taken = paged_decode(tensor(6, 4, 16), pages, lengths, "HND", 1, "auto")
expect([list(t.shape) for t in taken[1]], [[9, 64, 2, 16]] * 2)
expect([list(t.shape) for t in taken[::2]], [[6, 1, 4, 16], [6, 1]])
drafts = paged_decode(tensor(6, 4, 16), pages, lengths, "NHD", 3, "auto")
expect(list(drafts[0].shape), [2, 1, 3, 4, 16])
given = paged_decode(tensor(6, 4, 16), pages, lengths, "HND", 1, "trtllm-gen")
assert given[1] is pages
expect(
    list(torch.repeat_interleave(tensor(4, dtype=torch.int64), output_size=11).shape),
    [11],
)

# Ragged batches: FP4 lies two in a byte, and in the order of Hopper's tensor cores.
from driver_ragged import Packed, downcast, ragged, ragged_product, routed, upcast  # noqa: E402

packed = Packed(tensor(4, 96, 80, dtype=torch.uint8).transpose(-2, -1), "fp4")
expect((packed.shape, packed.ndim), ([4, 160, 96], 3))
expect(list(packed.laid_out("values").operand.shape), [4, 512, 64])
scales = Packed(tensor(4, 3, 96, dtype=torch.uint8))
expect(list(scales.laid_out("scales").operand.shape), [4, 128, 8])
chosen = routed(tensor(5, 8), 2)
expect(list(chosen.mask_metadata.row_sorted_indx.shape), [10])
cut = ragged(chosen.mask_metadata.col_sum, 100)
expect([list(cut.block_offs_data.shape), list(cut.block_schedule_data.shape)], [[4, 9], [4, 13]])
expect(list(ragged_product(tensor(5, 160), packed, tensor(10), None, None).shape), [10, 96])
expect(list(upcast(tensor(2, 8, dtype=torch.uint8), torch.bfloat16, -1).shape), [2, 16])
expect([list(t.shape) for t in downcast(tensor(2, 96), torch.float8_e4m3fn, 1)], [[2, 96], [2, 3]])


# Calls of one library function at one place are parts of one call, elementwise ones aside.
def row(fn, tensors, wrapper=True, elementwise=False):
    return {
        "fn": fn,
        "path": "layers.*",
        "layers": "0-1",
        "count": 2,
        "tensors": tensors,
        "wrapper": wrapper,
        "elementwise": elementwise,
    }


one = joined([row("attend", ["a", "b"]), row("add", [], False, True), row("attend", ["a", "c"])])
expect([r["fn"] for r in one], ["attend", "add"])
expect(one[0]["tensors"], ["a", "b", "c"])
expect([p["tensors"] for p in one[0]["parts"]], [["a", "b"], ["a", "c"]])
apart = joined([row("attend", ["a"]), row("merge", ["a"]), row("attend", ["a"])])
expect(
    [("parts" in r, r["fn"]) for r in apart],
    [(False, "attend"), (False, "merge"), (False, "attend")],
)
bare = joined([row("gemm", ["a"], False), row("gemm", ["b"], False)])
expect(len(bare), 2)


# A compiled module's function by its module, where others have one of its name.
PLANS = """
attention_plan wide.plan(lengths) -> empty([lengths.shape[0], 16], u8)
host plan(lengths) -> 3
"""
compiler = Border(recorder, {"jit": PLANS})
recorder.on = True
made = compiler.compiled("engine.jit.wide", "plan", [tensor(5)], {})
recorder.on = False
expect(list(made.shape), [5, 16])
expect(compiler.compiled("engine.jit.narrow", "plan", [tensor(5)], {}), 3)

# Who does not run a step: the engine where it says so or while it builds, kdex where it follows.
from driver import _ended  # noqa: E402
from driver_common.release import NoSuchStep  # noqa: E402


class Work:
    stage = "prefill_graph"


expect(_ended(Work, None, ValueError("two layers of one number"))["status"], "failed")
expect(_ended(Work, None, NoSuchStep("no graph is captured"))["status"], "refused")
Work.stage = "constructor"
expect(_ended(Work, None, ValueError("a size"))["status"], "refused")
expect(_ended(Work, None, NotImplementedError("an operator"))["stage"], "constructor")
print("ok")
