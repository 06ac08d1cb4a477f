# What functions of kernel libraries give back: the words that the tables' results are written with
# (core/engine/kernels/README.md). Shapes alone, no kernel's values; where values are packed, see
# driver_formats.py, ragged batches driver_ragged.py.
from driver_formats import FORMATS
from driver_ragged import RAGGED
from driver_tensors import ceil_div, empty


def like(tensor, dtype=None):
    """A tensor of the same shape."""
    return empty(tensor.shape, dtype or tensor.dtype)


def attended(q, v, out, with_lse):
    """An attention's output over heads of v's width, and the sums of its softmax."""
    import torch

    if out is None:
        dtype = torch.bfloat16 if q.dtype == torch.float8_e4m3fn else q.dtype
        out = empty([*q.shape[:-1], v.shape[-1]], dtype)
    if not with_lse:
        return out
    sums = [q.shape[1], q.shape[0]] if len(q.shape) == 3 else [q.shape[0], q.shape[2], q.shape[1]]
    return (out, empty(sums, torch.float32))


def gated_delta(q, v, output, output_state, initial_state, with_state):
    """A gated delta rule's output over heads of v, and its last states."""
    out = like(v) if output is None else output
    if not with_state:
        return out
    state = output_state if output_state is not None else like(initial_state)
    return (out, state)


def sampled(scores, indices, with_valid):
    """A token for each row, and whether it is one."""
    import torch

    rows = scores.shape[0] if indices is None else indices.shape[0]
    tokens = empty([rows], torch.int32 if indices is None else indices.dtype)
    return (tokens, empty([rows], torch.bool)) if with_valid else tokens


def pages(cache):
    """The values of a cache that is one tensor or a pair."""
    return cache[1] if isinstance(cache, (tuple, list)) else cache


def paged_kv_cache_4d(cache):
    """A cache's values as pages of one token, where their page is left out of the shape."""
    parts = cache if isinstance(cache, (tuple, list)) else (cache,)
    return [c.unsqueeze(1) if len(c.shape) == 3 else c for c in parts]


def paged_decode(query, cache, lengths, layout, tokens, backend):
    """Query, cache and lengths as the kernel of the device takes them: trtllm-gen's on Blackwell, else
    xqa's, whose pages hold tokens before heads and whose queries and lengths have a beam."""
    import torch

    if backend == "trtllm-gen" or torch.cuda.get_device_capability()[0] == 10:
        return [query, cache, lengths]
    if layout == "HND":
        parts = cache if isinstance(cache, (tuple, list)) else (cache,)
        cache = [c.transpose(-3, -2) for c in parts]
    if tokens > 1:
        query = query.view(query.shape[0] // tokens, tokens, *query.shape[1:])
    return [query.unsqueeze(1), cache, lengths.unsqueeze(1)]


class Workspace:
    """What a fused collective works in; it comes up on one node."""

    def __init__(self, backend, metadata):
        self.backend, self.metadata = backend, metadata

    def is_buffer_size_sufficient(self, *args, **kwargs):
        return True

    def destroy(self):
        return None


def workspace(backend="trtllm", use_fp32_lamport=False):
    return Workspace(backend or "trtllm", {"use_fp32_lamport": bool(use_fp32_lamport)})


def blocks(matrix, width):
    """A matrix [rows, columns] in blocks of columns: [columns / width, rows, width]."""
    return empty([matrix.shape[1] // width, matrix.shape[0], width], matrix.dtype)


def absent():
    """Of a function that the library no longer has."""
    raise ImportError("the library has no such function")


def sms():
    import torch

    return torch.cuda.get_device_properties().multi_processor_count


def device_value(what):
    """A number that only the device can tell, in a result that is otherwise known."""
    import _kdex

    return _kdex.unknown(what)


TYPES = {
    "f32": "float32",
    "bf16": "bfloat16",
    "f16": "float16",
    "fp8": "float8_e4m3fn",
    "i32": "int32",
    "i64": "int64",
    "u8": "uint8",
}


def words():
    """Everything that a result may be written with, by name."""
    import torch

    functions = (
        like,
        empty,
        ceil_div,
        attended,
        gated_delta,
        sampled,
        pages,
        paged_kv_cache_4d,
        paged_decode,
        absent,
        sms,
        device_value,
        blocks,
        workspace,
        *FORMATS,
        *RAGGED,
    )
    return {
        **{f.__name__: f for f in functions},
        **{short: getattr(torch, name) for short, name in TYPES.items()},
        "unknown": NotImplemented,
    }
