#!/usr/bin/env python3
"""`kdex calls` and `kdex eval --calls`: a small model whose launches are known by hand, forms of
output, wrong input, and recorded launches of the engine's own forward.

usage: test_calls.py KDEX PROJECT_DIR [--all]

Skips with exit status 77 where the engine's sources are missing; records are held against where
../shared/oracle is there, every 25th of them, or with --all each.
"""

import csv
import glob
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import engine_sources
from small_llama import LLAMA

kdex, project = sys.argv[1:3]
sources = engine_sources.folders(project, engine_sources.ENGINE + engine_sources.VISION)
if engine_sources.missing(sources):
    sys.exit(77)
failures = []


def run(*arguments):
    given = engine_sources.options(sources)
    return subprocess.run([kdex, "calls", *given, *arguments], capture_output=True, text=True)


def check(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print(f"FAILED: {what}:\n  {got!r}\n  is not {wanted!r}")


def last(name):
    return re.split(r"\.|::", name)[-1]


def launches(result):
    """(function, path, count) of what is no elementwise function of torch's."""
    calls = json.loads(result.stdout)["calls"]
    return [(last(c["fn"]), c["path"], c["count"]) for c in calls if not c.get("elementwise")]


def layer(path):
    return "model.layers.*" + (path and "." + path)


# A layer at tp 2: its all-reduce belongs to the norm after it, so the first layer's first norm is
# the only plain one, and the last layer's sum is taken by the model's norm.
DECODE = [
    ("_vocab_parallel_embedding_kernel", "model.embed_tokens", 1),
    ("all_reduce", "model.embed_tokens", 1),
    ("rmsnorm", layer("input_layernorm"), 1),
    ("mm", layer("self_attn.qkv_proj"), 3),
    ("run_rope", layer("self_attn.rotary_emb"), 3),
    ("forward", layer("self_attn.attn"), 3),
    ("store_cache", layer("self_attn.attn"), 3),
    ("flash_attn_with_kvcache", layer("self_attn.attn"), 3),
    ("mm", layer("self_attn.o_proj"), 3),
    ("all_reduce", layer(""), 3),
    ("fused_add_rmsnorm", layer("post_attention_layernorm"), 3),
    ("mm", layer("mlp.gate_up_proj"), 3),
    ("run_activation", layer("mlp.act_fn"), 3),
    ("mm", layer("mlp.down_proj"), 3),
    ("all_reduce", layer(""), 2),
    ("fused_add_rmsnorm", layer("input_layernorm"), 2),
    ("all_reduce", layer(""), 1),
    ("fused_add_rmsnorm", "model.norm", 1),
    ("mm", "logits_processor", 1),
    ("all_gather", "logits_processor", 1),
]

with tempfile.TemporaryDirectory() as folder:
    checkpoint = os.path.join(folder, "small-llama")
    os.mkdir(checkpoint)
    with open(os.path.join(checkpoint, "config.json"), "w") as f:
        json.dump(LLAMA, f)
    small = ["--checkpoint", checkpoint, "--tp", "2"]

    decode = run(*small, "--format", "json", "--batch", "5", "--seq-len", "77")
    check("status of decode", decode.returncode, 0)
    check("launches of decode", launches(decode), DECODE)
    found = {(last(c["fn"]), c["path"]): c for c in json.loads(decode.stdout)["calls"]}
    qkv = found["mm", layer("self_attn.qkv_proj")]
    check("operands of a product", qkv["tensors"], ["bf16[5,384]", "bf16[5,512]", "bf16[512,384]"])
    check("layers of a call", qkv["layers"], "0-2")
    norm = found["fused_add_rmsnorm", layer("post_attention_layernorm")]
    check("file of a call", norm["where"][0].rpartition(":")[0], "sglang/srt/layers/layernorm.py")
    check("no function without a rule", json.loads(decode.stdout)["unknown"], [])
    attention = found["flash_attn_with_kvcache", layer("self_attn.attn")]
    check("page table of the batch", "i32[5,77]" in attention["tensors"], True)

    again = run(*small, "--format", "json", "--batch", "5", "--seq-len", "77")
    check("the same in each run", again.stdout, decode.stdout)

    extend = run(*small, "--format", "json", "--mode", "extend", "--extend-lens", "7,9")
    check("status of extend", extend.returncode, 0)
    names = [name for name, _, _ in launches(extend)]
    check("launches of extend", names, [name for name, _, _ in DECODE])
    last_product = json.loads(extend.stdout)["calls"]
    product = [c for c in last_product if c["path"] == "logits_processor" and last(c["fn"]) == "mm"]
    check("logits of the last tokens", product[0]["tensors"][0], "bf16[2,2048]")

    check("values of a call", norm["arguments"]["eps"], "1e-05")
    weight = [o for o in qkv["operands"] if o["name"] == "mat2"][0]
    check("strides of a transposed weight", weight["strides"], [1, 512])

    # Two prompts and three requests that decode: nineteen tokens, logits of five.
    mixed = run(
        *small, "--format", "json", "--mode", "mixed", "--extend-lens", "7,9", "--batch", "3"
    )
    check("launches of mixed", [name for name, _, _ in launches(mixed)], names)
    found = {(last(c["fn"]), c["path"]): c for c in json.loads(mixed.stdout)["calls"]}
    product = found["mm", layer("self_attn.qkv_proj")]
    check("tokens of mixed", "bf16[19,512]" in product["tensors"], True)
    check(
        "logits of mixed",
        "bf16[5,2048]" in found["all_gather", "logits_processor"]["tensors"],
        True,
    )
    eager = run(*small, "--format", "json", "--mode", "decode-eager", "--batch", "5")
    check("launches of eager decode", [n for n, _, _ in launches(eager)], [n for n, _, _ in DECODE])

    pointwise = run(*small, "--format", "json", "--batch", "5", "--seq-len", "77", "--elementwise")
    check("elementwise functions aside", launches(pointwise), launches(decode))
    marked = [c["fn"] for c in json.loads(pointwise.stdout)["calls"] if c.get("elementwise")]
    check("elementwise functions are torch's", all(n.startswith("aten.") for n in marked), True)

    alone = run("--checkpoint", checkpoint, "--format", "csv", "--batch", "5")
    rows = list(csv.DictReader(io.StringIO(alone.stdout)))
    check("columns of CSV", list(rows[0]), "fn kind path count layers tensors source".split())
    check("no collectives at tp 1", [r["fn"] for r in rows if r["kind"] == "collective"], [])
    table = run("--checkpoint", checkpoint, "--batch", "5")
    check(
        "a line a call",
        len(table.stdout.partition("\nbranches on sizes:")[0].splitlines()),
        len(rows)
        - sum(
            r["fn"].startswith("aten.") and r["fn"] not in ("aten.mm", "aten.embedding")
            for r in rows
        ),
    )

    def by_tokens(*more):
        given = (*small, "--tokens", "1,64", *more)
        return run(*given, "--format", "json"), run(*given).stdout, run(*given, "--format", "csv")

    sized, printed, lines = by_tokens()
    costs = json.loads(sized.stdout)
    one, many = costs["steps"]
    check("tokens of each step", (one["tokens"], many["tokens"]), (1, 64))
    (up,) = [c for c in many["calls"] if c["path"] == layer("mlp.gate_up_proj")]
    check("operations of a product", up["flops"], 2 * 64 * 512 * 1536)
    check("its bytes", up["bytes"], 2 * (64 * 512 + 512 * 1536 + 64 * 1536))
    check("its intensity", up["intensity"], up["flops"] / up["bytes"])
    for chip, peaks in costs["chips"].items():
        shares = sum(c["share"][chip] for c in many["calls"])
        check(f"shares on {chip}", round(shares, 9), 1)
        least = up["count"] * max(
            up["bytes"] / peaks["memory_bandwidth"], up["flops"] / peaks["operations"]["16"]
        )
        share = round(least / many["seconds"][chip], 9)
        check(f"a product's share on {chip}", round(up["share"][chip], 9), share)
    check("chips", sorted(costs["chips"]), ["b200", "h100", "h200"])
    check("the table's headings", re.findall(r"^\d+ tokens?, \w+", printed, re.M),
          ["1 token, decode", "64 tokens, decode"])  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(lines.stdout)))
    check("lines", len(rows), len(one["calls"]) + len(many["calls"]))
    check("a line's operations", float(rows[-1]["flops"]) >= 0, True)
    prompt = json.loads(by_tokens("--mode", "extend")[0].stdout)["steps"][1]
    check("new tokens of a prompt", (prompt["tokens"], prompt["mode"]), (64, "extend"))

    fused = ["--engine-arg", "flashinfer_allreduce_fusion_backend=auto"]
    sides = json.loads(run(*small, *fused, "--regimes", "--format", "json").stdout)["regimes"]
    # The largest captured batch, the bucket of 37 requests, and the fused all-reduce.
    bounds = ["batch_size <= 256", "batch_size > 32", "batch_size <= 40", "batch_size <= 2048"]
    check(
        "branches on sizes",
        [(r["condition"], r["holds"], r["value"]) for r in sides],
        [(bound, True, 37) for bound in bounds],
    )
    sides = sides[-1:]
    check(
        "and what is launched beyond its bound",
        [
            (last(c["fn"]), c["path"], c["here"], c["there"])
            for c in sides[0]["other_side"]["calls"]
        ],
        [
            ("allreduce_fusion", layer(""), 5, 0),
            ("all_reduce", layer(""), 1, 6),
            ("fused_add_rmsnorm", layer("post_attention_layernorm"), 0, 3),
            ("fused_add_rmsnorm", layer("input_layernorm"), 0, 2),
        ],
    )
    check("at the nearest size", sides[0]["other_side"]["value"], 2049)
    check("a table's last lines", run(*small, *fused).stdout.count("branches on sizes:"), 1)
    prompts = run(*small, "--mode", "extend", "--extend-lens", "7,9", "--format", "json").stdout
    check(
        "where the scheduler cuts prompts",
        [r["condition"] for r in json.loads(prompts)["regimes"]],
        ["waiting_tokens > 8192", "sum(waiting_tokens) > 8192"],
    )
    beyond = run(*small, "--batch", "300", "--format", "json")
    eager = run(*small, "--batch", "300", "--mode", "decode-eager", "--format", "json")
    check("more requests than are captured run eagerly",
          json.loads(beyond.stdout)["calls"], json.loads(eager.stdout)["calls"])  # fmt: skip
    lines = run(*small, "--batch", "5", "--lines").stdout.splitlines()
    at = [i for i, text in enumerate(lines) if layer("self_attn.qkv_proj") in text][0]
    check("a call's lines", [t.strip() for t in lines[at + 1 :]][: len(qkv["where"])], qkv["where"])
    both = run(*small, "--lines", "--tokens", "1,64")
    check("costs have no lines", (both.returncode, "--tokens" in both.stderr), (2, True))

    draft = os.path.join(folder, "draft")
    os.mkdir(draft)
    with open(os.path.join(draft, "config.json"), "w") as f:
        json.dump({**LLAMA, "max_position_embeddings": 1024}, f)
    arguments = ["speculative_algorithm=STANDALONE", "speculative_num_steps=3"]
    arguments += ["speculative_eagle_topk=1", "speculative_num_draft_tokens=4"]
    refused = run(*small, "--mode", "spec-draft", "--draft-checkpoint", draft, "--format", "json",
                  "--engine-arg", *arguments)  # fmt: skip
    words = json.loads(refused.stdout)
    check("status of a draft that the engine refuses", refused.returncode, 0)
    check("its words", (words["status"], words["stage"], words["error_type"]),
          ("refused", "draft_config", "ValueError"))  # fmt: skip
    wrong = run(*small, "--mode", "extend", "--extend-lens", "7,9", "--prefix-lens", "1,2,3")
    check("status of wrong input", wrong.returncode, 2)
    check("words of wrong input", "expected 2 numbers, found 3" in wrong.stderr, True)
    check("unknown mode", "extend-graph" in run(*small, "--mode", "extent").stderr, True)
    unfused = run(*small, "--format", "json", "--engine-env", "NOTHING")
    check("status of a wrong variable", unfused.returncode, 2)
    check("words of a wrong variable", "expected NAME=VALUE" in unfused.stderr, True)
    refused = run("--checkpoint", checkpoint, "--tp", "3", "--format", "json")
    check("a refusal is a result", json.loads(refused.stdout)["status"], "refused")

PROGRAM = """
import torch
from sgl_kernel import silu_and_mul
from torch import nn


class Mlp(nn.Module):
    def __init__(self, hidden, width):
        super().__init__()
        self.gate_up = nn.Linear(hidden, 2 * width, bias=False, dtype=torch.bfloat16)
        self.down = nn.Linear(width, hidden, bias=False, dtype=torch.bfloat16)

    def forward(self, x):
        return self.down(silu_and_mul(self.gate_up(x)))


mlp = Mlp(64, 256)


def step():
    mlp(torch.empty(37, 64, dtype=torch.bfloat16))
"""


def program(text, name="program.py"):
    """`kdex eval --calls` of a file with this text: exit status, the answer or None, and stderr."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, name)
        with open(file, "w") as f:
            f.write(text)
        given = engine_sources.options(sources)
        done = subprocess.run(
            [kdex, "eval", "--calls", "--format", "json", *given, file],
            capture_output=True,
            text=True,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


status, answer, _ = program(PROGRAM)
check("status of a program", status, 0)
check(
    "launches of a program",
    [(c["fn"], c["path"], c["role"], c["tensors"]) for c in answer["calls"]],
    [
        ("aten.mm", "mlp.gate_up", "product", ["bf16[37,512]", "bf16[37,64]", "bf16[64,512]"]),
        ("sgl_kernel.silu_and_mul", "mlp", "activation", ["bf16[37,256]", "bf16[37,512]"]),
        ("aten.mm", "mlp.down", "product", ["bf16[256,64]", "bf16[37,256]", "bf16[37,64]"]),
    ],
)
check("lines of a program", answer["calls"][1]["where"], ["program.py:14"])
check(
    "owner of a program's weight",
    [o.get("owner") for o in answer["calls"][0]["operands"]],
    [None, "mlp.gate_up.weight", None],
)
status, answer, _ = program("def step():\n    return 1 / 0\n")
check("a program that raises", (status, answer["error_type"]), (1, "ZeroDivisionError"))
status, answer, _ = program("x = 1\n")
check("a program without a step", (status, answer["error_type"]), (1, "LookupError"))
status, _, words = program(PROGRAM, "torch.py")
check("a program with a module's name", (status, "that of another module" in words), (2, True))

shared = os.path.join(project, "..", "shared")
tuned = [s for s in sources if glob.glob(s + "/**/configs/**/*.json", recursive=True)]
if not tuned:
    print("no records: the sources have no tuned configurations; run scripts/fetch-sources.sh")
elif os.path.isdir(os.path.join(shared, "oracle", "forward")):
    spec = importlib.util.spec_from_file_location(
        "compare_calls", os.path.join(shared, "oracle", "compare_calls.py")
    )
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    modes = {
        "decode": ["decode"],
        "extend": ["extend"],
        "extend_graph": ["extend-graph"],
        "extend_prefix": ["extend", "--prefix-lens", "613"],
        "extend_longprefix": ["extend", "--prefix-lens", "50021"],
    }
    records = sorted(glob.glob(os.path.join(shared, "oracle", "forward", "*__tp*.json")))
    # An empty list of operands compares as unequal there, whatever is said.
    records = [r for r in records if "set_num_sms" not in open(r).read()]
    for record in records if "--all" in sys.argv else records[::25]:
        wanted = compare.load(record)
        given = wanted["server_args_input"]
        backend = given.get("attention_backend")
        more = ["--engine-arg", f"attention_backend={backend}"] if backend else []
        got = run(
            "--format",
            "json",
            "--checkpoint",
            os.path.join(shared, "configs", wanted["config"]),
            "--tp",
            str(wanted["tp"]),
            "--mode",
            *modes[wanted["mode"]],
            *more,
        )
        same, line, lines = compare.compare(wanted, json.loads(got.stdout), 5)
        if not same:
            failures.append(os.path.basename(record))
            print("FAILED:", os.path.basename(record), line, *lines, sep="\n  ")
else:
    print("no records at", os.path.normpath(os.path.join(shared, "oracle", "forward")))

print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
