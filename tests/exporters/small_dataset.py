"""A dataset of a few definitions with history and origins, written by hand: two checkpoints, one with experts in
block-scaled FP8."""

import json
import pathlib

DENSE, EXPERTS = "owner/Dense-1B", "owner/Experts-FP8"


def tensor(shape, dtype="bfloat16"):
    return {"shape": shape, "dtype": dtype}


def axes(**sizes):
    return {
        name: {"type": "var"} if size is None else {"type": "const", "value": size}
        for name, size in sizes.items()
    }


def gemm(n, k):
    return {
        "name": f"gemm_n{n}_k{k}",
        "op_type": "gemm",
        "tags": ["tp:1", "dtype:bfloat16"],
        "axes": axes(M=None, N=n, K=k),
        "inputs": {"A": tensor(["M", "K"], "float16"), "B": tensor(["N", "K"], "float16")},
        "outputs": {"C": tensor(["M", "N"], "float16")},
        "reference": "def run(A, B):\n    return A @ B.T\n",
    }


def gemm_fp8(n, k):
    return {
        "name": f"gemm_fp8_nt_groupwise_n{n}_k{k}",
        "op_type": "gemm_fp8",
        "tags": ["tp:1", "dtype:bfloat16", "quantization:float8_e4m3fn"],
        "axes": axes(M=None, N=n, K=k, K_div_block=None, N_div_block=None),
        "inputs": {
            "a": tensor(["M", "K"], "float8_e4m3fn"),
            "b": tensor(["N", "K"], "float8_e4m3fn"),
            "a_scale": tensor(["M", "K_div_block"], "float32"),
            "b_scale": tensor(["N_div_block", "K_div_block"], "float32"),
        },
        "outputs": {"out": tensor(["M", "N"])},
        "reference": "def run(a, b, a_scale, b_scale):\n    return a\n",
    }


def attention(heads, kv_heads, dim):
    return {
        "name": f"gqa_paged_decode_h{heads}_kv{kv_heads}_d{dim}_ps1",
        "op_type": "gqa_paged",
        "tags": ["stage:decode"],
        "axes": axes(
            batch_size=None, num_qo_heads=heads, num_kv_heads=kv_heads, head_dim=dim, page_size=1, num_pages=None
        ),
        "inputs": {
            "q": tensor(["batch_size", "num_qo_heads", "head_dim"]),
            "k_cache": tensor(["num_pages", "page_size", "num_kv_heads", "head_dim"]),
        },
        "outputs": {"output": tensor(["batch_size", "num_qo_heads", "head_dim"])},
        "reference": "def run(q, k_cache):\n    return q\n",
    }  # fmt: skip


def norm(width):
    return {
        "name": f"rmsnorm_h{width}",
        "op_type": "rmsnorm",
        "axes": axes(batch_size=None, hidden_size=width),
        "inputs": {"hidden_states": tensor(["batch_size", "hidden_size"]), "weight": tensor(["hidden_size"])},
        "outputs": {"output": tensor(["batch_size", "hidden_size"])},
        "reference": "def run(hidden_states, weight):\n    return hidden_states\n",
    }  # fmt: skip


def experts(held, everywhere, hidden, intermediate):
    return {
        "name": f"moe_fp8_block_scale_ds_routing_topk4_e{held}_h{hidden}_i{intermediate}",
        "op_type": "moe",
        "tags": ["quantization:float8_e4m3fn"],
        "axes": axes(
            seq_len=None, num_experts=everywhere, num_local_experts=held, hidden_size=hidden,
            intermediate_size=intermediate, gemm1_out_size=2 * intermediate, num_hidden_blocks=None,
            num_gemm1_out_blocks=None,
        ),
        "inputs": {
            "hidden_states": tensor(["seq_len", "hidden_size"], "float8_e4m3fn"),
            "gemm1_weights": tensor(["num_local_experts", "gemm1_out_size", "hidden_size"], "float8_e4m3fn"),
            "gemm1_weights_scale": tensor(
                ["num_local_experts", "num_gemm1_out_blocks", "num_hidden_blocks"], "float32"
            ),
        },
        "outputs": {"output": tensor(["seq_len", "hidden_size"])},
        "reference": "TOP_K = 4\n\n\ndef run(hidden_states, gemm1_weights, gemm1_weights_scale):\n    return hidden_states\n",
    }  # fmt: skip


def origins(definition, checkpoint, deployment, what, **fields):
    """Origins of axes: `axis=("field", value, tp)`, divided by tp where it is not None."""
    steps, of_axes = [{"kind": "none"}], {}
    for axis, (field, value, tp) in fields.items():
        steps.append({"kind": "config", "text": field, "value": value})
        at = len(steps) - 1
        if tp is not None:
            steps.append({"kind": "deployment", "text": "tp", "value": tp})
            steps.append(
                {"kind": "operation", "text": "//", "inputs": [at, at + 1], "value": value // tp}
            )
            at = len(steps) - 1
        of_axes[axis] = {"origin": at}
    return {
        "definition": definition["name"], "checkpoint": checkpoint, "deployment": deployment, "what": what,
        "axes": of_axes, "origins": steps,
    }  # fmt: skip


def write(folder: pathlib.Path) -> pathlib.Path:
    """Writes it, and gives the folder back."""
    rows = [
        (gemm(6144, 4096), "layers.*.qkv_proj", [(DENSE, "tp1 ps1"), (DENSE, "tp1 ps64"), (DENSE, "tp8 ps1")],
         {"N": ("num_attention_heads", 6144, 1), "K": ("hidden_size", 4096, None)}),
        (gemm(4096, 14336), "layers.*.down_proj", [(DENSE, "tp1 ps1"), (DENSE, "tp8 ps1")],
         {"N": ("hidden_size", 4096, None), "K": ("intermediate_size", 14336, 1)}),
        (gemm(4096, 1792), "layers.*.down_proj", [(DENSE, "tp8 ps1")],
         {"N": ("hidden_size", 4096, None), "K": ("intermediate_size", 14336, 8)}),
        (gemm(384, 4096), "layers.*.gate", [(EXPERTS, "tp1"), (EXPERTS, "tp8 ep8")],
         {"N": ("num_experts", 384, None), "K": ("hidden_size", 4096, None)}),
        (gemm_fp8(2112, 4096), "layers.*.qkv_a", [(EXPERTS, "tp1"), (EXPERTS, "tp8 ep8")],
         {"N": ("kv_lora_rank", 2112, None), "K": ("hidden_size", 4096, None)}),
        (attention(32, 8, 128), "layers.*.attn (decode)", [(DENSE, "tp1 ps1")],
         {"num_qo_heads": ("num_attention_heads", 32, 1)}),
        (norm(4096), "layers.*.norm", [(DENSE, "tp1 ps1"), (EXPERTS, "tp1")],
         {"hidden_size": ("hidden_size", 4096, None)}),
        (experts(384, 384, 4096, 1024), "layers.*.experts", [(EXPERTS, "tp1")],
         {"intermediate_size": ("moe_intermediate_size", 1024, 1)}),
        (experts(48, 384, 4096, 1024), "layers.*.experts", [(EXPERTS, "tp8 ep8")],
         {"intermediate_size": ("moe_intermediate_size", 1024, None)}),
    ]  # fmt: skip
    history = {}
    for definition, what, met, of_axes in rows:
        file = folder / "definitions" / definition["op_type"] / f"{definition['name']}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(definition))
        place = folder / ".kdex/origins" / f"{definition['name']}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(origins(definition, *met[0], what, **of_axes)))
        history[definition["name"]] = {
            "written_by": "run",
            "models": sorted(f"{c} {d}" for c, d in met),
        }
    (folder / ".kdex/history.json").write_text(
        json.dumps(
            {"kdex_history": 1, "dialect": "official", "runs": ["run"], "definitions": history}
        )
    )
    return folder
