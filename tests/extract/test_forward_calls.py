#!/usr/bin/env python3
"""Definitions that kdex writes, held against the kernels that the engine's own forward launched.

usage: test_forward_calls.py KDEX PROJECT_DIR [-v] [--only SUBSTRING]

../shared/oracle/forward holds recorded calls of a checkpoint at a tensor-parallel size in one execution
mode, with the shapes of their tensors. For each record kdex extracts the same checkpoint and deployment,
and every recorded matrix product, attention, normalization and expert layer must have a definition with
its sizes, its kind (plain or fused with the residual add, absorbed or expanded, the weights'
quantization) and its execution mode. Calls for which no family has a form are listed with the reason
(NO_FORM, by function) and counted apart; anything else without a definition fails the test. Printed
too: definitions that no recorded mode launched, which only running forward could tell.

Skips with exit status 77 where ../shared or the sources are missing.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import engine_sources

args = [a for a in sys.argv[1:] if not a.startswith("-")]
kdex, project = args[0], args[1]
verbose = "-v" in sys.argv
only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
shared = os.path.join(project, "..", "shared")
records_dir, configs = os.path.join(shared, "oracle", "forward"), os.path.join(shared, "configs")

# Functions whose calls are of our kinds and have no form in the dataset or in kdex.
NO_FORM = {
    "bmm": "batched product of absorbed latent attention: the dataset has no form for it",
    "gptq_marlin_gemm": "16-bit activations over 4-bit weights: no form (under unmatched)",
    "moe_wna16_marlin_gemm": "4-bit integer or MXFP4 experts: no form (noted in the report)",
    "layernorm": "layer normalization with mean and bias: no family",
    "_layer_norm_fwd_1pass_kernel": "gated normalization: another kernel than rmsnorm (noted)",
    "_fused_qk_rmsnorm_rope_gate_kernel": "norms, rotary embedding and a gate in one (not launched)",
    "_gemma_dual_rmsnorm_residual_kernel": "norms, their sum and the residual in one",
    "_gemma_rmsnorm_residual_kernel": "a norm, to which the residual is added",
    "flash_mla_sparse_fwd": "sparse latent attention over chosen keys: no form (noted)",
}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def last(fn):
    return re.split(r"\.|::|:", fn)[-1]


def tensors_of(call):
    """[(dtype, dims)] of a call."""
    out = []
    for t in call["tensors"]:
        m = re.fullmatch(r"([a-z0-9]+)\[([\d,]*)\]", t)
        if m:
            out.append((m[1], tuple(int(d) for d in m[2].split(",") if d)))
    return out


def product(tensors, rows):
    """(N, K, dtype of the weight) of A[M, K] * W[K, N] -> C[M, N], M one of `rows`; A and C are one where N is K."""
    two = {d for _, d in tensors if len(d) == 2}
    for t, w in tensors:
        if len(w) == 2 and any({(m, w[0]), (m, w[1])} <= two - {w} for m in rows):
            return w[1], w[0], t
    return None


def fp8_product(tensors):
    """(N, K): an FP8 A[M, K] and B[N, K] or B[K, N] and a 16-bit C[M, N]."""
    flat = [(t, d[1:] if len(d) == 3 and d[0] == 1 else d) for t, d in tensors]
    eight = [d for t, d in flat if t.startswith("fp8") and len(d) == 2]
    for _, (m, n) in [(t, d) for t, d in flat if t in ("bf16", "f16") and len(d) == 2]:
        for a in eight:
            for b in eight:
                if a != b and a[0] == m and b in ((n, a[1]), (a[1], n)):
                    return n, a[1]
    return None


def wanted(call, mode, record):
    """(kind, key, reason): key is what a definition must have; reason is set where no form exists."""
    fn, ts = last(call["fn"]), tensors_of(call)
    if fn == "bmm" or fn in NO_FORM:
        kind = (
            "attention"
            if "mla" in fn
            else "moe"
            if "moe" in fn
            else "gemm"
            if fn.endswith(("bmm", "gemm"))
            else "norm"
        )
        return kind, None, NO_FORM[fn]
    if fn == "mm":
        p = product(ts, (record["tokens"], record["batch"]))
        if p is None:
            return "gemm", None, None
        return "gemm", ("gemm", "half" if p[2] in ("bf16", "f16") else "single", p[0], p[1]), None
    if fn == "fp8_gemm_nt":
        p = fp8_product(ts)
        return "gemm", p and ("gemm", "fp8_block", *p), None
    if fn == "bmm_fp8":
        p = fp8_product(ts)
        return "gemm", p and ("gemm", "fp8_tensor", *p), None
    if fn == "gptq_marlin_gemm":
        # A[M, K], C[M, N]; the weight is repacked to [K / 16, ...].
        two = [d for t, d in ts if t in ("bf16", "f16") and len(d) == 2]
        packed = [d[0] * 16 for t, d in ts if t in ("i32", "u8") and len(d) == 2]
        for _, k in two:
            if k in packed:
                n = [d[1] for d in two if d[1] != k] or [k]
                return "gemm", ("gemm", "nvfp4", n[0], k), None
        return "gemm", None, None
    if fn == "fused_moe_kernel":
        weights = [
            (t, d)
            for t, d in ts
            if len(d) == 3 and (t.startswith("fp8") or t in ("bf16", "f16")) and d[1] != d[0]
        ]
        chosen = [d[1] for t, d in ts if t == "f32" and len(d) == 2 and d[1] < 64 and d[1] > 1]
        return "moe", ("moe", tuple(weights), tuple(chosen)), None
    norm = {
        "rmsnorm": (False, False),
        "fused_add_rmsnorm": (False, True),
        "gemma_rmsnorm": (True, False),
        "gemma_fused_add_rmsnorm": (True, True),
        "qknorm": (False, False),
        "allreduce_fusion": (None, True),
        "_gemma_qkv_rmsnorm_kernel": (False, False),
    }.get(fn)
    if norm:
        widths = [d[0] for t, d in ts if len(d) == 1 and t in ("bf16", "f16") and d[0] > 1]
        return "norm", widths and ("norm", widths[0], *norm), None
    if fn == "forward" and call["kind"] == "attention":
        a = call["attention"]
        return (
            "attention",
            (
                "attention",
                mode,
                a["tp_q_head_num"],
                a["tp_k_head_num"],
                a["qk_head_dim"],
                a["v_head_dim"],
                a["sliding_window_size"] or -1,
                a["logit_cap"],
            ),
            None,
        )
    return None, None, None


def has(key, definitions):
    """The definition that covers `key`, or None."""
    for d in definitions:
        c = {n: a["value"] for n, a in d["axes"].items() if a["type"] == "const"}
        op, name = d["op_type"], d["name"]
        if key[0] == "gemm" and op.startswith("gemm"):
            kind = (
                "nvfp4"
                if op == "gemm_fp4"
                else "fp8_block"
                if "groupwise" in name
                else "fp8_tensor"
                if op == "gemm_fp8"
                else "single"
                if "fp32" in name
                else "half"
            )
            if (kind, c["N"], c["K"]) == key[1:]:
                return d
        elif key[0] == "norm" and op == "rmsnorm":
            gemma, fused = name.startswith("gemma_"), "fused_add" in name
            if c["hidden_size"] == key[1] and key[2] in (None, gemma) and fused == key[3]:
                return d
        elif key[0] == "moe" and op == "moe":
            rows = c.get("num_weight_rows", c.get("num_local_experts", c.get("num_experts")))
            h, i = c["hidden_size"], c["intermediate_size"]
            first = next(iter(w for n, w in d["inputs"].items() if n == "gemm1_weights"))["dtype"]
            short = {"bfloat16": "bf16", "float16": "f16", "float8_e4m3fn": "fp8e4m3"}.get(
                first, first
            )
            shapes = {(short, (rows, 2 * i, h)), (short, (rows, h, i))}
            top_k = c.get(
                "top_k", int(m[1]) if (m := re.search(r"_topk(\d+)", name)) else 0
            ) + c.get("num_fused_shared_experts", 0)
            if any(w in shapes for w in key[1]) and (not key[2] or top_k in key[2]):
                return d
        elif key[0] == "attention" and op.startswith(("gqa", "mla")):
            mode, q, kv, qk, v, window, cap = key[1:]
            if ("decode" if "decode" in name else "prefill") != (
                "decode" if mode == "decode" else "prefill"
            ):
                continue
            if c["num_qo_heads"] != q:
                continue
            if op.startswith("gqa"):
                sw = re.search(r"_sw(\d+)", name)
                capped = re.search(r"_cap([\d.]+)", name)
                if (
                    (c["num_kv_heads"], c["head_dim"], c["head_dim"]) == (kv, qk, v)
                    and (int(sw[1]) if sw else -1) == window
                    and (float(capped[1]) if capped else 0.0) == cap
                ):
                    return d
            elif (
                op == "mla_paged"
                and kv == 1
                and (c["head_dim_ckv"] + c["head_dim_kpe"], c["head_dim_ckv"]) == (qk, v)
            ):
                return d
            elif op == "mla_ragged" and (c["num_kv_heads"], c["qk_dim"], c["vo_dim"]) == (
                kv,
                qk,
                v,
            ):
                return d
    return None


if not os.path.isdir(records_dir) or not os.path.isdir(configs):
    skip(f"{shared} does not hold oracle/forward and configs")
sources = engine_sources.folders(project, engine_sources.ENGINE + engine_sources.VISION)
if engine_sources.missing(sources):
    sys.exit(77)

records = collections.defaultdict(list)  # (checkpoint, tp, variant) -> records
for file in sorted(glob.glob(os.path.join(records_dir, "*.json"))):
    parts = os.path.basename(file)[:-5].split("__")
    if only in file:
        with open(file) as f:
            records[(parts[0], int(parts[1][2:]), "__".join(parts[3:]))].append(
                (parts[2], json.load(f))
            )
VARIANTS = {
    "": {},
    "flashinfer": {"attention_backend": "flashinfer"},
    "bf16": {"dtype": "bfloat16"},
}
checkpoints = collections.defaultdict(list)
for name, tp, variant in records:
    checkpoints[name].append(
        {"tp": tp, **({"engine_args": VARIANTS[variant]} if VARIANTS[variant] else {})}
    )

counts = collections.Counter()
reasons, missing, launched, written = collections.Counter(), [], collections.defaultdict(set), {}
with tempfile.TemporaryDirectory() as work:
    file = os.path.join(work, "pipeline.yaml")
    with open(file, "w") as f:
        json.dump(
            {
                "sources": sources,
                "output_dir": os.path.join(work, "dataset"),
                "gemm_at_tp": True,
                "checkpoints": [
                    {"path": os.path.join(configs, n), "deployments": d}
                    for n, d in checkpoints.items()
                ],
            },
            f,
        )
    done = subprocess.run([kdex, "run", file], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stdout + done.stderr)
    with open(os.path.join(work, "dataset", "report.json")) as f:
        report = json.load(f)
    definitions = {}
    for path in glob.glob(os.path.join(work, "dataset", "definitions", "*", "*.json")):
        with open(path) as f:
            d = json.load(f)
        definitions[d["name"]] = d

text = lambda tp, variant: (
    f"tp{tp}" + "".join(f" {k}={v}" for k, v in sorted(VARIANTS[variant].items()))
)
models = {(m["checkpoint"].replace("/", "--", 1), m["deployment"]): m for m in report["models"]}
for (name, tp, variant), runs in records.items():
    model = models[(name, text(tp, variant))]
    if model["status"] != "ok":
        missing.append(
            f"{name} {text(tp, variant)}: refused: {model['error_type']}: {model['error'][:100]}"
        )
        continue
    own = [definitions[n] for n in model["definitions"]]
    written[(name, tp, variant)] = {d["name"] for d in own}
    for mode, record in runs:
        for call in record["calls"]:
            kind, key, reason = wanted(call, mode, record)
            if kind is None:
                continue
            sparse = kind == "attention" and any(
                "sparse attention" in n["text"] for n in model["notes"]
            )
            if reason is None and key is not None and (d := has(key, own)):
                counts[kind, "covered"] += 1
                launched[(name, tp, variant)].add(d["name"])
            elif reason or (sparse and key[3] == 1):
                counts[kind, "no form"] += 1
                reasons[f"{last(call['fn'])}: {reason or NO_FORM['flash_mla_sparse_fwd']}"] += 1
            else:
                counts[kind, "missing"] += 1
                missing.append(
                    f"{name} {text(tp, variant)} {mode}: {call['path']}: {call['fn']} {call['tensors']} -> {key}"
                )

for kind in ("gemm", "attention", "norm", "moe"):
    n = {v: counts[kind, v] for v in ("covered", "no form", "missing")}
    total = sum(n.values())
    print(
        f"{kind:10} {n['covered']} of {total} recorded calls have a definition ({100 * n['covered'] / max(total, 1):.1f} %), "
        f"{n['no form']} have no form, {n['missing']} missing"
    )
for reason, n in sorted(reasons.items()):
    print(f"no form: {n} x {reason}")
idle = collections.Counter(
    re.sub(r"(?<!fp)(?<!bf)\d+", "#", d)
    for where, names in written.items()
    for d in names - launched[where]
)
total = sum(len(v) for v in written.values())
print(
    f"{sum(idle.values())} of {total} definitions of these deployments were launched in no recorded mode, by form:"
)
for form, n in idle.most_common():
    print(f"  {n:4} {form}")
if verbose:
    for where, names in written.items():
        print(*where, sorted(names - launched[where]))
for line in missing:
    print("MISSING", line)
if not counts:
    sys.exit("no call was compared")
sys.exit(1 if missing else 0)
