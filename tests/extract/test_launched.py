#!/usr/bin/env python3
"""Definitions come from what forward launches: a small model whose steps are known by hand.

usage: test_launched.py KDEX PROJECT_DIR

Skips with exit status 77 where the engine's sources are missing.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

import engine_sources
from small_llama import LLAMA

kdex, project = sys.argv[1:3]
sources = engine_sources.folders(project)
if engine_sources.missing(sources):
    sys.exit(77)
failures = []

BUILT = {
    "gemm_n768_k512",
    "gemm_n512_k512",
    "gemm_n3072_k512",
    "gemm_n512_k1536",
    "gemm_n4096_k512",
    "gqa_paged_decode_h8_kv2_d64_ps1",
    "gqa_paged_prefill_causal_h8_kv2_d64_ps1",
    "gqa_ragged_prefill_causal_h8_kv2_d64",
    "rmsnorm_h512_eps1e-05",
    "fused_add_rmsnorm_h512_eps1e-05",
}
# What calls tell, and no module.
CALLED = {"silu_and_mul_h3072", "rope_with_cos_sin_cache_neox_style_d64_rd64"}
RAGGED = "gqa_ragged_prefill_causal_h8_kv2_d64"


def check(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print(f"FAILED: {what}:\n  {got!r}\n  is not {wanted!r}")


def extract(folder, *arguments, config=LLAMA, then=None):
    """(names of definitions, report, standard output) of a run of its own; `then(dataset)` reads it."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        checkpoint, out = os.path.join(temporary, "small"), os.path.join(temporary, "out")
        os.mkdir(checkpoint)
        with open(os.path.join(checkpoint, "config.json"), "w") as f:
            json.dump(config, f)
        given = engine_sources.options(sources)
        run = subprocess.run(
            [kdex, "extract", *given, "--checkpoint", checkpoint, "--out", out, *arguments],
            capture_output=True,
            text=True,
        )
        check(f"status of {arguments}", (run.returncode, run.stderr.count("error:")), (0, 0))
        with open(os.path.join(out, "report.json")) as f:
            report = json.load(f)
        names = {
            os.path.basename(f)[:-5] for f in glob.glob(os.path.join(out, "definitions", "*", "*"))
        }
        if then is not None:
            then(out)
    return names, report, run.stdout


def by_default(folder):
    names, report, printed = extract(folder)
    check("what steps launch is written", names, BUILT - {RAGGED} | CALLED)
    (model,) = report["models"]
    check("what is left out", model["not_launched"][0]["name"], RAGGED)
    check(
        "the steps",
        [(s["mode"], s["sizes"]) for s in model["steps"]],
        [
            ("decode", "1 request of 1009 tokens"),
            ("decode", "64 requests of 1009 tokens"),
            ("extend", "new tokens 102,103,206"),
            ("extend", "new tokens 1024,1025,2050"),
            ("extend", "new tokens 102,103,206 after 613,613,613"),
            ("extend", "new tokens 102,103,206 after 12007,12007,12007"),
            ("extend-graph", "new tokens 102,103,206"),
        ],
    )
    decode = model["steps"][0]
    # A layer: four products, attention, two norms, rope, cache, activation. Beside them the
    # embedding and the head; the first layer's first norm is plain, and one more follows the last.
    check("launches", decode["all"]["launches"], 3 * 10 + 3)
    check("launches with a definition", decode["whole"]["launches"], 3 * 9 + 2)
    check("launches that are parts", decode["part"]["launches"], 0)
    products = 3 * (768 * 512 + 512 * 512 + 3072 * 512 + 512 * 1536) + 4096 * 512
    attention = 3 * 2 * 1009 * (8 * 64 + 8 * 64)
    check("operations", decode["all"]["flops"], 2 * products + attention)
    check("operations with a definition", decode["whole"]["flops"], decode["all"]["flops"])
    check(
        "functions without a definition",
        sorted((f["role"], f["launches"]) for f in decode["without"]),
        [("embedding", 1), ("kv_cache", 3)],
    )
    modes = {d["name"]: d["modes"] for d in report["definitions"]}
    check("a product's modes", modes["gemm_n768_k512"], ["decode", "extend", "extend-graph"])
    check("decode's", modes["gqa_paged_decode_h8_kv2_d64_ps1"], ["decode"])
    check("prefill's", modes["gqa_paged_prefill_causal_h8_kv2_d64_ps1"], ["extend", "extend-graph"])
    check("the table says it", "decode: 87.9 % of launches" in printed, True)
    check(
        "and what is left out", "1 definition that no step launches was left out" in printed, True
    )


def explains_calls(dataset):
    """A definition leads to the calls that launch it, and these to the engine's lines."""
    name, path = "gemm_n768_k512", "model.layers.*.self_attn.qkv_proj"
    with open(os.path.join(dataset, ".kdex", "origins", name + ".json")) as f:
        (call,) = json.load(f)["calls"]
    check("what launches a product", (call["fn"], call["path"]), ("aten.mm", path))
    step = {"mode": "decode", "sizes": "5 requests of 1009 tokens", "launches": 3}
    check("in which steps", call["steps"], [step])
    file, _, line = call["where"][0].partition(":")
    (found,) = [p for p in (os.path.join(s, file) for s in sources) if os.path.exists(p)]
    with open(found) as f:
        check("at which line", "F.linear(" in f.readlines()[int(line) - 1], True)

    def explain(*more):
        given = [kdex, "explain", name, "--dataset", dataset, *more]
        return subprocess.run(given, capture_output=True, text=True).stdout

    short, full = explain(), explain("--full")
    check("explain says so", f"aten.mm  {path}\n      3 x  decode: 5 requests" in short, True)
    check("with lines", [w in short for w in call["where"][:4]], [True] * len(call["where"][:4]))
    check("or all", [w in full for w in call["where"]], [True] * len(call["where"]))


def by_options(folder):
    names, report, _ = extract(folder, "--all-forms")
    check("all forms", names, BUILT | CALLED)
    check("nothing is left out", report["models"][0]["not_launched"], [])
    names, report, _ = extract(folder, "--forward", "false")
    check("without forward", names, BUILT)
    check("there are no steps", report["models"][0]["steps"], [])
    check("nor modes", {tuple(d["modes"]) for d in report["definitions"]}, {()})
    names, report, _ = extract(
        folder, "--modes", "decode", "--decode-batches", "5", then=explains_calls
    )
    check("decode alone", {n for n in names if "prefill" in n}, set())
    check(
        "its one step",
        [s["sizes"] for s in report["models"][0]["steps"]],
        ["5 requests of 1009 tokens"],
    )


def by_backend(folder):
    """FlashInfer's prefill without a prefix reads packed keys, and pages with one."""
    names, _, _ = extract(folder, "--engine-arg", "attention_backend=flashinfer")
    check("ragged prefill is launched", names, BUILT | CALLED)


DRAFT = {
    **LLAMA,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
}
VERIFIED = "gqa_paged_prefill_causal_h8_kv2_d64_ps1"


def speculating(folder, topk):
    """(names, report) with a stand-alone draft of one layer, three steps of drafts."""
    draft = os.path.join(folder, "draft")
    os.makedirs(draft, exist_ok=True)
    with open(os.path.join(draft, "config.json"), "w") as f:
        json.dump(DRAFT, f)
    arguments = ["speculative_algorithm=STANDALONE", "speculative_num_steps=3"]
    arguments += [f"speculative_eagle_topk={topk}", "speculative_num_draft_tokens=4"]
    names, report, _ = extract(folder, "--draft-checkpoint", draft, "--engine-arg", *arguments)
    return names, report


def by_drafts(folder):
    """A chain of drafts: the draft's decode steps, and causal attention where they are verified."""
    names, report = speculating(folder, 1)
    draft = {
        "gemm_n512_k256",
        "gemm_n256_k256",
        "gemm_n1024_k256",
        "gemm_n256_k512",
        "gemm_n4096_k256",
        "gqa_paged_decode_h4_kv2_d64_ps1",
        "gqa_paged_prefill_causal_h4_kv2_d64_ps1",
        "rmsnorm_h256_eps1e-05",
        "fused_add_rmsnorm_h256_eps1e-05",
    }
    target = BUILT - {RAGGED, "gqa_paged_decode_h8_kv2_d64_ps1"}
    check(
        "definitions of target and draft", names, target | draft | CALLED | {"silu_and_mul_h1024"}
    )
    models = {m["checkpoint"]: m for m in report["models"]}
    steps = [
        (name, s["mode"], s["sizes"], s["status"])
        for name in ("small", "draft")
        for s in models[name]["steps"]
        if "4099" not in s["sizes"] and "2050" not in s["sizes"] and "after" not in s["sizes"]
    ]
    one, most = "1 request of 1009 tokens", "48 requests of 1009 tokens"
    check(
        "the steps of each, no more requests than the engine runs at once",
        steps,
        [
            ("small", "spec-verify", one, "ok"),
            ("small", "spec-verify", most, "ok"),
            ("small", "spec-prefill", "new tokens 102,103,206", "ok"),
            ("draft", "spec-draft", one, "ok"),
            ("draft", "spec-draft", most, "ok"),
            ("draft", "spec-draft-extend", one, "ok"),
            ("draft", "spec-draft-extend", most, "ok"),
            ("draft", "spec-prefill-draft", "new tokens 102,103,206", "ok"),
        ],
    )
    modes = {d["name"]: d["modes"] for d in report["definitions"]}
    check("where drafts are verified", modes[VERIFIED], ["spec-verify", "spec-prefill"])
    check("where they are made", modes["gqa_paged_decode_h4_kv2_d64_ps1"], ["spec-draft"])
    # Of a request four drafts are verified: three layers' products of four rows each.
    (verify,) = [s for s in models["small"]["steps"] if s["sizes"] == one]
    products = 3 * (768 * 512 + 512 * 512 + 3072 * 512 + 512 * 1536) + 4096 * 512
    attention = 3 * 2 * 1009 * (8 * 64 + 8 * 64)
    check("operations of a verification", verify["all"]["flops"], 4 * (2 * products + attention))


def by_tree(folder):
    """A tree of drafts is verified under a mask, which no form has: said with the shapes."""
    names, report = speculating(folder, 4)
    modes = {d["name"]: d["modes"] for d in report["definitions"]}
    check("no form of prompts verifies them", modes[VERIFIED], ["spec-prefill"])
    (small,) = [m for m in report["models"] if m["checkpoint"] == "small"]
    said = [n["text"] for n in small["notes"] if n["text"].startswith("spec-verify launches")]
    check("it is said once a function", len(said), 1)
    check("with the mask's shape", "custom_mask bool[4052]" in said[0], True)


def by_mixed(folder):
    names, report, _ = extract(folder, "--engine-arg", "enable_mixed_chunk=true")
    step = report["models"][0]["steps"][-1]
    sizes = "new tokens 102,103,206, 1 request of 1009 tokens"
    check("the mixed step", (step["mode"], step["sizes"], step["status"]), ("mixed", sizes, "ok"))
    check("what it launches is written", names, BUILT - {RAGGED} | CALLED)


def by_size(folder):
    _, report, _ = extract(folder, "--engine-arg", "attention_backend=triton")
    steps = report["models"][0]["steps"]
    found = [[r["condition"] for r in s["regimes"]] for s in steps if s["mode"] == "decode"]
    captured, kernel = "batch_size <= 256", "batch_size < 256"
    check(
        "branches on sizes are in the report",
        found,
        [
            [captured, "batch_size <= 1", kernel],
            [captured, "batch_size > 56", "batch_size <= 64", kernel],
        ],
    )


def with_refused_step(folder):
    """A deployment whose prefill the engine captures no graph for: the other steps run."""
    names, report, printed = extract(folder, "--engine-arg", "disable_prefill_cuda_graph=true")
    steps = report["models"][0]["steps"]
    check("one step is refused", [s["status"] for s in steps], ["ok"] * 6 + ["refused"])
    check("what the others launch is written", names, BUILT - {RAGGED} | CALLED)
    check("the table says it", "(0 steps, 1 refused by the engine)" in printed, True)


with tempfile.TemporaryDirectory() as folder:
    with_refused_step(folder)
    by_default(folder)
    by_options(folder)
    by_backend(folder)
    by_drafts(folder)
    by_tree(folder)
    by_mixed(folder)
    by_size(folder)
if failures:
    sys.exit(f"{len(failures)} checks failed")
print("ok")
