# [facts] What the overlay answers about the CUDA machine, the simulated world, and registered operators: the platform's facts, not a torch's.
import torch
import torch.distributed as dist
import torch.nn as nn


def attempt(name, f):
    try:
        print(name, f())
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


print(
    torch.__version__,
    torch.version.cuda,
    torch.version.hip,
    torch.cuda.is_available(),
    torch.cuda.device_count(),
    torch.cuda.current_device(),
)
print(
    torch.cuda.get_device_name(),
    torch.cuda.get_device_capability(0),
    torch.cuda.get_device_capability("cuda:1"),
    torch.cuda.is_initialized(),
)
p = torch.cuda.get_device_properties(0)
print(
    p.name,
    p.major,
    p.minor,
    p.multi_processor_count,
    p.warp_size,
    p.max_threads_per_multi_processor,
    p.shared_memory_per_block_optin,
    p.L2_cache_size,
)
print(
    torch.cuda.mem_get_info()[1] == p.total_memory,
    torch.cuda.memory_allocated(),
    torch.cuda.is_bf16_supported(),
    torch.cuda.is_current_stream_capturing(),
)
for name in ("npu", "hpu", "musa", "xpu", "mps", "mtia", "cuda", "cpu"):
    print(name, hasattr(torch, name), hasattr(torch, name) and getattr(torch, name).is_available())
print(
    torch.backends.mps.is_available(),
    torch.backends.cuda.is_built(),
    torch.accelerator.current_accelerator(),
    torch.get_device_module().__name__,
    torch.get_device_module("cuda:1").__name__,
)
s = torch.cuda.Stream()
with torch.cuda.stream(s), torch.cuda.device(2):
    print(torch.cuda.current_device(), torch.empty(1, device="cuda").device)
e = torch.cuda.Event(enable_timing=True)
e.record()
print(
    e.query(),
    e.elapsed_time(e),
    torch.cuda.current_device(),
    torch.cuda.current_stream() == torch.cuda.current_stream(),
)
g = torch.cuda.CUDAGraph()
with torch.cuda.graph(g, pool=None, stream=s):
    pass
g.replay()
with (
    torch.cuda.nvtx.range("x"),
    torch.profiler.record_function("y"),
    torch.autocast("cuda", dtype=torch.bfloat16),
):
    pass
t = torch.empty(2, device="cuda")
print(
    t.device,
    t.is_cuda,
    t.get_device(),
    t.cpu().device,
    t.to("cuda:0") is t,
    torch.zeros(2).cuda().device,
    t.type(),
    (t + 1).device,
    (t * torch.tensor(2.0)).device,
)
attempt("devices", lambda: t + torch.zeros(2))
attempt("devices2", lambda: torch.cat([t, torch.zeros(2)]))
print(
    torch.zeros(2, device="cuda"),
    torch.tensor([1, 2], device="cuda").tolist(),
    torch.arange(3, device="cuda")[1].item(),
)
torch.set_default_device("cuda")
print(torch.empty(1).device, nn.Linear(1, 1).weight.device, torch.get_default_device())
with torch.device("meta"):
    print(torch.empty(1).device)
torch.set_default_device("cpu")
print(torch.empty(1).device)

attempt("rank", dist.get_rank)
print(dist.is_available(), dist.is_initialized(), dist.is_nccl_available())
attempt("world", lambda: dist.group.WORLD)
dist.init_process_group("nccl", rank=3, world_size=8)
print(
    dist.is_initialized(),
    dist.get_rank(),
    dist.get_world_size(),
    dist.get_backend(),
    dist.group.WORLD.size(),
    dist.group.WORLD.rank(),
)
g = dist.new_group([2, 3], backend="gloo")
print(
    g.size(),
    g.rank(),
    dist.get_rank(g),
    dist.get_world_size(g),
    dist.get_backend(g),
    dist.get_process_group_ranks(g),
    dist.get_global_rank(g, 1),
    dist.get_group_rank(g, 2),
)
h = dist.new_group([0, 1])  # not a member
print(h, dist.get_rank(h), dist.get_process_group_ranks(h))
x = torch.ones(4)
print(
    dist.all_reduce(x),
    dist.all_reduce(x, group=g, async_op=True).wait(),
    x.shape,
    dist.barrier(),
    dist.ReduceOp.SUM,
    dist.ReduceOp.MAX != dist.ReduceOp.MIN,
)
objects = [None, None]
dist.all_gather_object(objects, 5, group=g)
print(objects, dist.Backend("NCCL"), dist.Backend.NCCL)
m = dist.init_device_mesh("cuda", (2, 4), mesh_dim_names=("dp", "tp"))
print(
    m,
    m.size(),
    m.size(1),
    m.get_coordinate(),
    m["tp"].size(),
    m.get_local_rank("tp"),
    dist.get_process_group_ranks(m.get_group("tp")),
    m.mesh_dim_names,
)
dist._kdex_set_world(1, 2)
print(dist.get_rank(), dist.get_world_size())
dist.destroy_process_group()
print(dist.is_initialized())

lib = torch.library.Library("sample", "FRAGMENT")
print(
    hasattr(torch.ops.sample, "twice"),
    hasattr(torch.ops.sglang, "nothing"),
    hasattr(torch.ops.aten, "mm"),
)


def twice(x: torch.Tensor, n: int = 2) -> torch.Tensor:
    return x * n


lib.define("twice(Tensor x, int n=2) -> Tensor")
lib.impl("twice", twice, "CUDA")
lib._register_fake("twice", lambda x, n=2: torch.empty_like(x))
print(
    hasattr(torch.ops.sample, "twice"),
    torch.ops.sample.twice(torch.ones(2)).tolist(),
    torch.ops.sample.twice.default,
    torch.library.infer_schema(twice, mutates_args=[]),
)


@torch.library.custom_op("sample::thrice", mutates_args=())
def thrice(x: torch.Tensor) -> torch.Tensor:
    return x * 3


@thrice.register_fake
def _(x):
    return torch.empty_like(x)


print(thrice(torch.ones(1)).tolist(), torch.ops.sample.thrice(torch.ones(1)).tolist())
attempt("closed", lambda: torch.ops.sample.nothing)


@torch.compile(dynamic=True)
def compiled(x):
    return x + 1


print(
    compiled(torch.ones(1)).tolist(),
    torch.compiler.is_compiling(),
    torch.jit.is_scripting(),
    torch.jit.script(compiled) is compiled,
)


@torch.no_grad()
def quiet():
    return torch.is_grad_enabled()


@torch.inference_mode()
def quieter():
    return torch.is_inference_mode_enabled()


print(quiet(), quieter(), torch.is_grad_enabled(), torch.is_inference_mode_enabled())


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x)
        return x * k


print(
    Double.apply(torch.ones(1), 2).tolist(),
    torch.Tag.needs_fixed_stride_order.name,
    torch.get_num_threads() > 0,
)
