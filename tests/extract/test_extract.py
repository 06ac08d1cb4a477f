"""Extraction from the real sources: the quickstart pipeline, its bytes at two job counts, facts of its
definitions, explanations, a refusal in the engine's words, and every architecture of the registry.

usage: test_extract.py KDEX PROJECT
"""
import filecmp
import json
import os
import subprocess
import sys
import tempfile

KDEX, PROJECT = sys.argv[1:3]
SOURCES = [os.path.join(PROJECT, ".kdex", "sources", n) for n in ("sglang-0.5.23", "transformers-5.19.0")]
CHECKPOINTS = os.path.join(PROJECT, "examples", "checkpoints")
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what)


def kdex(*arguments):
    return subprocess.run([KDEX, *arguments], capture_output=True, text=True)


def sources():
    return [x for s in SOURCES for x in ("--source", s)]


def definitions(folder):
    found = {}
    for at, _, names in os.walk(os.path.join(folder, "definitions")):
        for n in names:
            with open(os.path.join(at, n)) as f:
                d = json.load(f)
            found[d["name"]] = d
    return found


def same_files(a, b):
    c = filecmp.dircmp(a, b)
    return not (c.left_only or c.right_only or filecmp.cmpfiles(a, b, c.common_files, shallow=False)[1]) and all(
        same_files(os.path.join(a, d), os.path.join(b, d)) for d in c.common_dirs)


def quickstart(work):
    out = []
    for jobs in ("1", "2"):
        to = os.path.join(work, "jobs" + jobs)
        r = kdex("run", os.path.join(PROJECT, "pipelines", "quickstart.yaml"), "--set", "output_dir=" + to, "--jobs", jobs)
        check(r.returncode == 0, f"quickstart with {jobs} jobs: status {r.returncode}: {r.stderr[-300:]}")
        out.append(to)
    check(same_files(os.path.join(out[0], "definitions"), os.path.join(out[1], "definitions")), "one and two jobs write the same bytes")
    found = definitions(out[0])
    check(len(found) >= 150, f"{len(found)} definitions")
    axes = {n: {a: v.get("value") for a, v in d["axes"].items()} for n, d in found.items()}
    for name, wanted in {
        "gemm_n6144_k4096": {"N": 6144, "K": 4096},
        "gqa_paged_decode_h32_kv8_d128_ps1": {"num_qo_heads": 32, "num_kv_heads": 8, "head_dim": 128, "page_size": 1},
        "gqa_paged_decode_h4_kv1_d128_ps64": {"num_qo_heads": 4, "num_kv_heads": 1, "head_dim": 128, "page_size": 64},
        "mla_paged_decode_h16_ckv512_kpe64_ps1": {"num_qo_heads": 16, "head_dim_ckv": 512, "head_dim_kpe": 64, "page_size": 1},
        "rmsnorm_h4096": {"hidden_size": 4096},
    }.items():
        check(name in axes and all(axes[name].get(a) == v for a, v in wanted.items()), f"{name}: {axes.get(name)}, wanted {wanted}")
    with open(os.path.join(out[0], "report.json")) as f:
        report = json.load(f)
    for m in report["models"]:
        check(m["status"] == "ok", f"{m['checkpoint']} {m['deployment']}: {m['status']}")
        check(not m.get("assumptions"), f"{m['checkpoint']} {m['deployment']}: assumptions {m.get('assumptions')}")
    check(kdex("validate", out[0]).returncode == 0, "kdex validate")
    r = kdex("explain", "gqa_paged_decode_h4_kv1_d128_ps64", "--dataset", out[0])
    for word in ("num_attention_heads", "num_key_value_heads", "tp", "sglang/srt/models/llama.py"):
        check(word in r.stdout, f"explain names {word}: {r.stdout[:600]}")
    # again into the same folder: nothing is new
    r = kdex("run", os.path.join(PROJECT, "pipelines", "quickstart.yaml"), "--set", "output_dir=" + out[0])
    with open(os.path.join(out[0], "report.json")) as f:
        check(not json.load(f)["new_definitions"], "a second run finds everything there")


def refusal(work):
    r = kdex("modules", *sources(), "--checkpoint", os.path.join(CHECKPOINTS, "Qwen--Qwen3-30B-A3B-FP8"), "--tp", "8", "--format", "json")
    answer = json.loads(r.stdout)
    check(r.returncode == 1 and answer["status"] == "failed" and answer["error_type"] == "ValueError", f"refusal: {r.stdout[:300]}")
    check(answer["error"] == "The output_size of gate's and up's weight = 96 is not divisible by weight quantization block_n = 128.", answer["error"])
    check(any("fp8.py" in w for w in answer["where"]), f"where: {answer['where']}")


def names(work):
    r = kdex("models", *sources())
    check(r.returncode == 0 and "LlamaForCausalLM" in r.stdout and len(r.stdout.splitlines()) > 250, "kdex models lists the registry")
    for line in r.stdout.splitlines():
        check(":0" not in line.split()[-1][-2:], "a class without a line: " + line)
    r = kdex("extract", *sources(), "--model-name", "deepseek_v3", "--execution-modes", "decode", "--families", "mla", "--output-dir", os.path.join(work, "named"))
    check(r.returncode == 0, f"--model-name deepseek_v3: {r.stderr[-300:]}")
    check(all("mla" in n for n in definitions(os.path.join(work, "named"))), "only mla definitions")
    r = kdex("extract", *sources(), "--model-name", "no_such_model", "--out", os.path.join(work, "none"))
    check(r.returncode == 2 and len(r.stderr.strip().splitlines()) == 1, f"an unknown name: {r.returncode} {r.stderr[:300]}")


def main():
    missing = [s for s in SOURCES if not os.path.isdir(s)]
    if missing:
        print("skipped: run scripts/fetch-sources.sh first:", missing[0], "is missing")
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        for test in (quickstart, refusal, names):
            test(work)
    return 1 if failed else 0


sys.exit(main())
