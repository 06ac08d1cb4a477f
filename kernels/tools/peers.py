"""What moe and FP8 gemms are timed beside: SGLang's Triton kernels, which don't come with kdex (DeepGEMM: deepgemm.py).

KDEX_SGLANG names a folder with SGLang's sources (the one that holds kernels/ops); only its @triton.jit functions are
taken, since the rest wants its CUDA extension. A peer that is not there is left out. `python3 peers.py warm` compiles the Triton kernels on all processors first, into Triton's cache.
"""

import ast, os, tempfile, importlib.util

try:
    import torch
except ImportError:  # compiling alone does without
    torch = None

SGLANG = os.environ.get("KDEX_SGLANG", "")
MOE, GEMM = "kernels/ops/moe/fused_moe_triton_kernels.py", "kernels/ops/gemm/fp8_kernel.py"
OURS = '''
@triton.jit
def act_mul(x, out, scale, inter, stride_scale, QUANT: tl.constexpr):
    """A row and 1024 columns: silu(second half) * first half; QUANT 1: e4m3 with a scale for 128, 2: e4m3 as it is."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * 1024 + tl.arange(0, 1024)
    up = tl.load(x + row * 2 * inter + at, mask=at < inter, other=0.0).to(tl.float32)
    gate = tl.load(x + row * 2 * inter + inter + at, mask=at < inter, other=0.0).to(tl.float32)
    y = gate * tl.sigmoid(gate) * up
    if QUANT == 1:
        y = tl.reshape(y, (8, 128))
        s = tl.maximum(tl.max(tl.abs(y), axis=1), 1e-10) / 448.0
        y = tl.reshape(y / s[:, None], (1024,))
        group = tl.program_id(1) * 8 + tl.arange(0, 8)
        tl.store(scale + row * stride_scale + group, s, mask=group < inter // 128)
    tl.store(out + row * inter + at, y.to(out.dtype.element_ty), mask=at < inter)
'''


def jit_functions(path, names, more=""):
    """A module with the @triton.jit functions `names` of a Python file and nothing else of it."""
    text = (
        "import triton\nimport triton.language as tl\n\n"
        + "\n\n".join(
            ast.unparse(f)
            for f in ast.parse(open(path).read()).body
            if isinstance(f, ast.FunctionDef) and f.name in names
        )
        + more
    )
    name = "kdex_peer_" + os.path.basename(path)
    at = os.path.join(tempfile.gettempdir(), name)  # Triton reads the source again
    with open(f"{at}.{os.getpid()}", "w") as f:
        f.write(text)
    os.replace(f.name, at)
    spec = importlib.util.spec_from_file_location(name[:-3], at)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_moe = _gemm = None


def moe_kernels():
    global _moe
    if _moe is None:
        _moe = jit_functions(
            os.path.join(SGLANG, MOE),
            ("write_zeros_to_output", "fused_moe_kernel", "_moe_sum_reduce_kernel"),
            OURS,
        )
    return _moe


def gemm_kernels():
    global _gemm
    if _gemm is None:
        _gemm = jit_functions(os.path.join(SGLANG, GEMM), ("_w8a8_block_fp8_matmul",))
    return _gemm


# BLOCK_SIZE_M, _N, _K, GROUP_SIZE_M, warps, stages: what SGLang's tuned files hold, and its defaults.
CONFIGS = {
    0: (
        (16, 64, 128, 1, 4, 4),
        (16, 128, 128, 1, 4, 3),
        (32, 128, 64, 1, 4, 4),
        (64, 128, 64, 8, 4, 4),
        (64, 128, 64, 1, 8, 4),
        (128, 128, 64, 8, 8, 4),
        (128, 256, 64, 16, 8, 3),
    ),
    1: (
        (16, 128, 128, 1, 4, 4),
        (16, 64, 128, 1, 4, 5),
        (32, 128, 128, 1, 4, 4),
        (64, 128, 128, 1, 4, 4),
        (64, 128, 128, 32, 4, 3),
        (128, 128, 128, 32, 8, 3),
        (128, 128, 128, 16, 8, 4),
    ),
    2: (
        (16, 128, 128, 1, 4, 4),
        (16, 64, 256, 1, 4, 3),
        (32, 128, 128, 1, 4, 4),
        (64, 128, 128, 1, 4, 4),
        (128, 128, 128, 32, 8, 4),
        (128, 256, 128, 32, 8, 4),
    ),
}


def aligned(ids, rows, first, block):
    """SGLang's sorted_token_ids, expert_ids, num_tokens_post_padded of expert ids [tokens, top_k], built by torch."""
    flat = ids.reshape(-1).long() - first
    here = (flat >= 0) & (flat < rows)
    order = torch.argsort(torch.where(here, flat, rows), stable=True)[: int(here.sum())]
    expert = flat[order]
    counts = torch.bincount(expert, minlength=rows)
    blocks = (counts + block - 1) // block
    start = (torch.cumsum(blocks, 0) - blocks) * block
    inside = (
        torch.arange(order.numel(), device=ids.device) - (torch.cumsum(counts, 0) - counts)[expert]
    )
    total = int(blocks.sum()) * block
    out = torch.full((max(total, block),), ids.numel(), dtype=torch.int32, device=ids.device)
    out[start[expert] + inside] = order.int()
    which = torch.repeat_interleave(
        torch.arange(rows, device=ids.device, dtype=torch.int32), blocks
    )
    return (
        out,
        which if which.numel() else which.new_zeros(1),
        torch.tensor([total], dtype=torch.int32, device=ids.device),
    )


def product(
    a,
    w,
    c,
    a_scale,
    w_scale,
    weight,
    sorted_ids,
    expert_ids,
    padded,
    valid,
    mul,
    top_k,
    config,
    weights,
):
    """c[i] = w[expert of i] a[i // top_k] by SGLang's fused_moe_kernel, launched as invoke_fused_moe_kernel does."""
    import triton, triton.language as tl

    bm, bn, bk, group, warps, stages = config
    n, k = w.shape[1], w.shape[2]
    s = lambda t, d, rank: t.stride(d) if t is not None and t.dim() >= rank else 0
    moe_kernels().fused_moe_kernel[(triton.cdiv(sorted_ids.shape[0], bm) * triton.cdiv(n, bn),)](
        a,
        None,
        w,
        None,
        None,
        c,
        a_scale,
        w_scale,
        weight,
        sorted_ids,
        expert_ids,
        padded,
        None,
        n,
        k,
        sorted_ids.shape[0],
        valid,
        a.stride(0),
        a.stride(1),
        w.stride(0),
        w.stride(2),
        w.stride(1),
        0,
        0,
        c.stride(-2),
        c.stride(-1),
        s(a_scale, 0, 2),
        s(a_scale, 1, 2),
        s(w_scale, 0, 2),
        s(w_scale, 2, 3),
        s(w_scale, 1, 2),
        128 if weights == 1 else 0,
        128 if weights == 1 else 0,
        MUL_ROUTED_WEIGHT=mul,
        top_k=top_k,
        compute_type=tl.bfloat16,
        use_fp8_w8a8=weights > 0,
        use_int8_w8a8=False,
        use_int8_w8a16=False,
        per_channel_quant=False,
        even_Ks=k % bk == 0,
        c_sorted=False,
        swap_ab=weights > 0 and bm < 64 and bn >= 64,
        FUSE_ADD_TO_OUTPUT=False,
        MASK_OUTPUT=False,
        FUSE_SUM_ALL_REDUCE=False,
        ROUTER_TOPK=top_k,
        BLOCK_SIZE_M=bm,
        BLOCK_SIZE_N=bn,
        BLOCK_SIZE_K=bk,
        GROUP_SIZE_M=group,
        num_warps=warps,
        num_stages=stages,
    )


def layer(t, spec, ids, weight, config, up_config=None):
    """SGLang's Triton layer behind its routing and sort: product, activation (and quantization), product, sum. `t`
    as verify.experts makes it. The call and its output."""
    weights, tokens, k, hidden, inter = (
        spec["weights"],
        ids.shape[0],
        spec["top_k"],
        spec["hidden"],
        spec["inter"],
    )
    kind = torch.float8_e4m3fn if weights else torch.bfloat16
    new = lambda *s, dtype=torch.bfloat16: torch.zeros(*s, dtype=dtype, device="cuda")
    g, h, y, out = (
        new(tokens * k, 2 * inter),
        new(tokens * k, inter, dtype=kind),
        new(tokens * k, hidden),
        new(tokens, hidden),
    )
    one = torch.ones(1, device="cuda")
    h_scale = new(tokens * k, inter // 128, dtype=torch.float32) if weights == 1 else one
    x_scale = t["hidden_states_scale"].T.contiguous() if weights == 1 else one if weights else None
    w1s, w2s = {
        0: (None, None),
        1: (t.get("gemm1_weights_scale"), t.get("gemm2_weights_scale")),
        2: (t.get("output1_scales_scalar"), t.get("output2_scales_scalar")),
    }[weights]
    order = aligned(ids, spec["rows"], spec.get("first", 0), config[0])
    flat, on_input = weight.float().reshape(-1).contiguous(), spec["routing"] == "llama4"
    moe = moe_kernels()

    def call():
        product(
            t["hidden_states"],
            t["gemm1_weights"],
            g,
            x_scale,
            w1s,
            flat,
            *order,
            tokens * k,
            on_input,
            k,
            config,
            weights,
        )
        moe.act_mul[(tokens * k, (inter + 1023) // 1024)](
            g, h, h_scale, inter, inter // 128, QUANT=weights, num_warps=4
        )
        product(
            h,
            t["gemm2_weights"],
            y,
            h_scale if weights else None,
            w2s,
            flat,
            *order,
            tokens * k,
            not on_input,
            1,
            config,
            weights,
        )
        moe._moe_sum_reduce_kernel[(tokens, (hidden + 2047) // 2048)](
            y,
            y.stride(0) * k,
            y.stride(0),
            1,
            out,
            out.stride(0),
            1,
            token_num=tokens,
            topk_num=k,
            hidden_dim=hidden,
            routed_scaling_factor=1.0,
            BLOCK_M=1,
            BLOCK_DIM=2048,
            NUM_STAGE=1,
            num_warps=16,
        )

    return call, out


def configs(spec, tokens):
    """Those worth trying: blocks of about as many tokens as an expert gets."""
    average = tokens * spec["top_k"] / spec["experts"]
    return [
        c
        for c in CONFIGS.get(spec["weights"], ())
        if c[0] <= max(16, 2 * average) and c[0] >= min(64, average / 2)
    ]


GEMM_CONFIGS = (
    (16, 128, 128, 1, 4, 5),
    (64, 64, 128, 8, 4, 4),
    (64, 128, 128, 32, 4, 3),
    (64, 128, 128, 1, 4, 5),
    (128, 128, 128, 32, 8, 3),
    (128, 128, 128, 8, 8, 4),
)


def gemm_block(t, config):
    """SGLang's _w8a8_block_fp8_matmul, as w8a8_block_fp8_matmul_triton launches it."""
    import triton

    a, b, c, sa, sb = t["A"], t["B"], torch.empty_like(t["C"]), t["a_scale"], t["b_scale"]
    (m, k), n = a.shape, b.shape[0]
    bm, bn, bk, group, warps, stages = config

    def call():
        gemm_kernels()._w8a8_block_fp8_matmul[(triton.cdiv(m, bm) * triton.cdiv(n, bn),)](
            a,
            b,
            c,
            sa,
            sb,
            m,
            n,
            k,
            128,
            128,
            a.stride(0),
            a.stride(1),
            b.stride(1),
            b.stride(0),
            c.stride(0),
            c.stride(1),
            sa.stride(0),
            sa.stride(1),
            sb.stride(1),
            sb.stride(0),
            BLOCK_SIZE_M=bm,
            BLOCK_SIZE_N=bn,
            BLOCK_SIZE_K=bk,
            GROUP_SIZE_M=group,
            needs_masking=bool(k % bk),
            num_warps=warps,
            num_stages=stages,
        )

    return call, c


def cublas_block(t):
    """cuBLAS with scales of 1 x 128 and 128 x 128, through torch."""
    sa, sb = t["a_scale"].T.contiguous().T, t["b_scale"]
    return lambda: torch._scaled_mm(t["A"], t["B"].T, sa, sb.T, out_dtype=torch.bfloat16)


def warm_one(task):
    """Compiles what a case will launch; no block of it does any work."""
    kind, args = task
    try:
        if kind == "moe":
            spec, config, tokens = args
            weights, rows, hidden, inter = (
                spec["weights"],
                spec["rows"],
                spec["hidden"],
                spec["inter"],
            )
            dtype = torch.float8_e4m3fn if weights else torch.bfloat16
            new = lambda *s, dtype=torch.float32: torch.empty(*s, dtype=dtype, device="cuda")
            t = {
                "hidden_states": new(tokens, hidden, dtype=dtype),
                "gemm1_weights": new(rows, 2 * inter, hidden, dtype=dtype),
                "gemm2_weights": new(rows, hidden, inter, dtype=dtype),
                "hidden_states_scale": new(hidden // 128, tokens),
                "gemm1_weights_scale": new(rows, 2 * inter // 128, hidden // 128),
                "gemm2_weights_scale": new(rows, hidden // 128, inter // 128),
                "output1_scales_scalar": new(rows),
                "output2_scales_scalar": new(rows),
            }
            ids = torch.full(
                (tokens, spec["top_k"]), -1 - spec.get("first", 0), dtype=torch.int32, device="cuda"
            )
            layer(t, spec, ids, torch.zeros(tokens, spec["top_k"], device="cuda"), config)[0]()
        else:
            (m, n, k), config = args
            t = {
                "A": torch.empty(m, k, device="cuda").to(torch.float8_e4m3fn),
                "B": torch.empty(n, k, dtype=torch.uint8, device="cuda").view(torch.float8_e4m3fn),
                "C": torch.empty(m, n, dtype=torch.bfloat16, device="cuda"),
                "a_scale": torch.ones(m, k // 128, device="cuda"),
                "b_scale": torch.ones((n + 127) // 128, k // 128, device="cuda"),
            }
            gemm_block(t, config)[0]()
        torch.cuda.synchronize()
        return ""
    except Exception as e:
        return f"{kind} {args}: {str(e)[:300]}"


if __name__ == "__main__":
    import multiprocessing, verify

    tasks, seen = [], set()
    for spec in verify.LAYERS:
        for tokens in (1,) + verify.LAYER_TOKENS[1:]:
            for c in configs(spec, tokens):
                key = (
                    spec["hidden"],
                    spec["inter"],
                    spec["weights"],
                    c,
                    tokens if tokens == 1 else 16,
                )
                if key not in seen:
                    seen.add(key)
                    tasks.append(("moe", (spec, c, key[-1])))
    for m, n, k in verify.FP8_GEMMS:
        for c in GEMM_CONFIGS:
            if c[0] <= max(16, m) and (c[0] > 16 or m <= 16):
                tasks.append(("gemm", ((m, n, k), c)))
    with multiprocessing.get_context("spawn").Pool(14) as pool:
        bad = [x for x in pool.imap_unordered(warm_one, tasks) if x]
    print(
        len(tasks), "Triton kernels compiled,", len(bad), "failed", *bad[:5], sep="\n", flush=True
    )
