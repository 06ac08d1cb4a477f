"""Extraction from the real sources: the quickstart pipeline, its bytes at two job counts, facts of its
definitions, explanations, a refusal in the engine's words, and every architecture of the registry.

usage: test_extract.py KDEX PROJECT QUICKSTART    (QUICKSTART: the official dataset of quickstart.py)
"""

import filecmp
import json
import os
import re
import subprocess
import sys
import tempfile

import engine_sources

KDEX, PROJECT, QUICKSTART = (os.path.abspath(a) for a in sys.argv[1:4])
SOURCES = engine_sources.folders(PROJECT)
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
    return engine_sources.options(SOURCES)


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
    return not (
        c.left_only or c.right_only or filecmp.cmpfiles(a, b, c.common_files, shallow=False)[1]
    ) and all(same_files(os.path.join(a, d), os.path.join(b, d)) for d in c.common_dirs)


def same_bytes(work):
    """One and two jobs write the same bytes: of the quickstart without steps, of one model with
    them. A second run into a dataset finds everything there."""
    pipeline = os.path.join(PROJECT, "pipelines", "quickstart.yaml")
    llama = os.path.join(CHECKPOINTS, "meta-llama--Llama-3.1-8B")
    for what, command, out in (
        ("built", ["run", pipeline, "--set", "forward=false"], "--set=output_dir="),
        ("launched", ["extract", *sources(), "--checkpoint", llama, "--tp", "1", "8"], "--out="),
    ):
        datasets = [os.path.join(work, what + jobs) for jobs in ("1", "2")]
        for dataset, jobs in zip(datasets, ("1", "2")):
            r = kdex(*command, out + dataset, "--jobs", jobs)
            check(r.returncode == 0, f"{what}, {jobs} jobs: {r.returncode}: {r.stderr[-300:]}")
        check(
            same_files(*(os.path.join(d, "definitions") for d in datasets)),
            f"{what}: one and two jobs write the same bytes",
        )
        kdex(*command, out + datasets[0])
        with open(os.path.join(datasets[0], "report.json")) as f:
            check(not json.load(f)["new_definitions"], f"{what}: a second run finds all there")


def quickstart(work):
    """The dataset of quickstart.py."""
    dataset = QUICKSTART
    found = definitions(dataset)
    check(len(found) >= 150, f"{len(found)} definitions")
    axes = {n: {a: v.get("value") for a, v in d["axes"].items()} for n, d in found.items()}
    for name, wanted in {
        "gemm_n6144_k4096": {"N": 6144, "K": 4096},
        "gqa_paged_decode_h32_kv8_d128_ps1": {
            "num_qo_heads": 32,
            "num_kv_heads": 8,
            "head_dim": 128,
            "page_size": 1,
        },
        "gqa_paged_decode_h4_kv1_d128_ps64": {
            "num_qo_heads": 4,
            "num_kv_heads": 1,
            "head_dim": 128,
            "page_size": 64,
        },
        "mla_paged_decode_h16_ckv512_kpe64_ps1": {
            "num_qo_heads": 16,
            "head_dim_ckv": 512,
            "head_dim_kpe": 64,
            "page_size": 1,
        },
        "rmsnorm_h4096": {"hidden_size": 4096},
    }.items():
        check(
            name in axes and all(axes[name].get(a) == v for a, v in wanted.items()),
            f"{name}: {axes.get(name)}, wanted {wanted}",
        )
    with open(os.path.join(dataset, "report.json")) as f:
        report = json.load(f)
    for m in report["models"]:
        check(m["status"] == "ok", f"{m['checkpoint']} {m['deployment']}: {m['status']}")
        check(
            not m.get("assumptions"),
            f"{m['checkpoint']} {m['deployment']}: assumptions {m.get('assumptions')}",
        )
    check(kdex("validate", dataset).returncode == 0, "kdex validate")
    r = kdex("explain", "gqa_paged_decode_h4_kv1_d128_ps64", "--dataset", dataset)
    for word in ("num_attention_heads", "num_key_value_heads", "tp", "sglang/srt/models/llama.py"):
        check(word in r.stdout, f"explain names {word}: {r.stdout[:600]}")
    origins(dataset, found)
    page(dataset, report)


def origins(dataset, found):
    """Each constant axis of each definition leads back to a config field, a literal of the sources or a setting,
    or was read off the operands of a call, which no size of the model alone has."""
    for name, d in found.items():
        with open(os.path.join(dataset, ".kdex", "origins", name + ".json")) as f:
            told = json.load(f)
        table = told["origins"]
        for axis, a in d["axes"].items():
            if a["type"] != "const":
                continue
            at = told["axes"].get(axis, {})
            check(
                at.get("value") == a["value"],
                f"{name}: the origin of {axis} has the value {at.get('value')}, the axis {a['value']}",
            )
            ends, seen, todo = set(), set(), [at.get("origin", 0)]
            while todo:
                i = todo.pop()
                if i in seen:
                    continue
                seen.add(i)
                if table[i].get("inputs"):
                    todo += table[i]["inputs"]
                else:
                    ends.add(table[i]["kind"])
            read = table[at.get("origin", 0)].get("text", "").startswith("the operands: ")
            check(
                (ends & {"config", "literal", "deployment"} or read) and "unknown" not in ends,
                f"{name}: {axis} leads to {ends}",
            )
            root = table[at.get("origin", 0)].get("value", a["value"])
            check(root == a["value"], f"{name}: {axis} is {a['value']}, its origin says {root}")
    r = kdex("explain", *found, "--dataset", dataset)
    check(
        r.returncode == 0 and "not recorded" not in r.stdout,
        f"explain of all definitions: {r.stderr[:300]}",
    )
    told = sum(
        line.startswith("  ") and " = " in line and line[2] not in "`|" and line[2] != " "
        for line in r.stdout.splitlines()
    )
    wanted = sum(a["type"] == "const" for d in found.values() for a in d["axes"].values())
    check(told == wanted, f"explain tells {told} of {wanted} constant axes")
    print(
        f"explain: {wanted} constant axes of {len(found)} definitions lead back to config fields, literals and settings"
    )


def page(dataset, report):
    try:
        import jsonschema
    except ImportError:
        print("the report's schema is not checked: the Python package jsonschema is not installed")
    else:
        with open(os.path.join(PROJECT, "docs", "report.schema.json")) as f:
            try:
                jsonschema.validate(report, json.load(f))
            except jsonschema.ValidationError as e:
                check(False, f"report.json against its schema: {e.message[:300]}")
    with open(os.path.join(dataset, "report.html")) as f:
        html = f.read()
    data = html.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    names = [d["name"] for d in report["definitions"]]
    page = html.replace(data, "").replace("http-equiv", "")
    check(
        not any(word in page for word in ("http", "src=", "url(", "@import")),
        "report.html asks nothing of the network",
    )
    told = json.loads(data)
    check([d["name"] for d in told["definitions"]] == names, "report.html has the definitions")
    one = next(d for d in told["definitions"] if d["name"].startswith("gemm_n6144"))
    check("def run" in told["texts"][one["reference"]], "a definition's reference")
    (n,) = (a for a in one["axes"] if a[0] == "N")
    place = told["origins"][n[2]]["s"]
    check(n[1] == 6144 and bool(told["lines"].get(place)), f"an axis with its line: {n}, {place}")


def refusal(work):
    r = kdex(
        "modules",
        *sources(),
        "--checkpoint",
        os.path.join(CHECKPOINTS, "Qwen--Qwen3-30B-A3B-FP8"),
        "--tp",
        "8",
        "--format",
        "json",
    )
    answer = json.loads(r.stdout)
    check(
        r.returncode == 0
        and answer["status"] == "refused"
        and answer["error_type"] == "ValueError",
        f"refusal: {r.stdout[:300]}",
    )
    check(
        answer["error"]
        == "The output_size of gate's and up's weight = 96 is not divisible by weight quantization block_n = 128.",
        answer["error"],
    )
    check(any("fp8.py" in w for w in answer["where"]), f"where: {answer['where']}")


def further(work):
    """A configuration class that is not beside config.json, attention that torch does not list, a draft model's folder."""
    config = {
        "architectures": ["InternLM2ForCausalLM"],
        "model_type": "internlm2",
        "auto_map": {"AutoConfig": "configuration_internlm2.InternLM2Config"},
        "hidden_size": 1024,
        "intermediate_size": 2048,
        "num_hidden_layers": 2,
        "num_attention_heads": 8,
        "num_key_value_heads": 2,
        "vocab_size": 32000,
        "hidden_act": "silu",
        "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "bias": False,
        "rope_scaling": None,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    }
    remote = os.path.join(work, "remote")
    os.makedirs(remote)
    with open(os.path.join(remote, "config.json"), "w") as f:
        json.dump(config, f)
    r = kdex("modules", *sources(), "--format", "json", "--checkpoint", remote)
    tree = json.loads(r.stdout)
    check(
        tree["status"] == "ok" and tree["hf_config_class"] == "InternLM2Config",
        f"a stand-in for the checkpoint's own class: {r.stdout[:300]}",
    )
    reasons = [a["reason"] for a in tree["assumptions"]]
    check(
        len(reasons) == 1 and "configuration_internlm2.InternLM2Config" in reasons[0],
        f"it is an assumption: {reasons}",
    )
    with open(os.path.join(remote, "config.json"), "w") as f:
        json.dump({k: v for k, v in config.items() if k != "num_attention_heads"}, f)
    refused = json.loads(
        kdex("modules", *sources(), "--format", "json", "--checkpoint", remote).stdout
    )
    check(
        refused["status"] == "refused" and refused.get("assumptions"),
        f"a refusal after it says so: {str(refused)[:300]}",
    )

    llama = os.path.join(CHECKPOINTS, "meta-llama--Llama-3.1-8B")
    given = [
        *sources(),
        "--checkpoint",
        llama,
        "--tp",
        "2",
        "--engine-arg",
        "model_impl=transformers",
    ]
    out = os.path.join(work, "fallback")
    check(
        kdex("extract", *given, "--out", out, "--page-size", "1").returncode == 0
        and "gqa_paged_decode_h16_kv4_d128_ps1" in definitions(out),
        f"attention of the Transformers backend: {sorted(definitions(out))}",
    )
    paths = [
        m["path"] for m in json.loads(kdex("modules", *given, "--format", "json").stdout)["modules"]
    ]
    check(
        paths and not any("attention_instances" in p for p in paths),
        "the tree lists what torch lists",
    )

    r = kdex(
        "modules",
        *sources(),
        "--format",
        "json",
        "--checkpoint",
        llama,
        "--engine-arg",
        "speculative_algorithm=EAGLE3",
        "--engine-arg",
        "speculative_draft_model_path=" + llama,
    )
    check(json.loads(r.stdout)["status"] == "ok", f"a draft model's folder: {r.stdout[:300]}")


def names(work):
    r = kdex("models", *sources())
    check(
        r.returncode == 0 and "LlamaForCausalLM" in r.stdout and len(r.stdout.splitlines()) > 250,
        "kdex models lists the registry",
    )
    for line in r.stdout.splitlines():
        check(":0" not in line.split()[-1][-2:], "a class without a line: " + line)
    r = kdex(
        "extract",
        *sources(),
        "--model-name",
        "deepseek_v3",
        "--execution-modes",
        "decode",
        "--families",
        "mla",
        "--output-dir",
        os.path.join(work, "named"),
    )
    check(r.returncode == 0, f"--model-name deepseek_v3: {r.stderr[-300:]}")
    check(all("mla" in n for n in definitions(os.path.join(work, "named"))), "only mla definitions")
    r = kdex(
        "extract", *sources(), "--model-name", "no_such_model", "--out", os.path.join(work, "none")
    )
    check(
        r.returncode == 2 and len(r.stderr.strip().splitlines()) == 1,
        f"an unknown name: {r.returncode} {r.stderr[:300]}",
    )


def documented(work):
    """FlashInfer-Bench's documented calls as they stand, in a home folder with a git checkout and a Hugging Face cache."""
    home = os.path.join(work, "home")
    checkout = os.path.join(
        home, "repos", "sglang", "python"
    )  # a git checkout has its package under python/
    os.makedirs(checkout)
    os.makedirs(os.path.join(home, "repos", "flashinfer-trace", "definitions"))
    os.symlink(os.path.join(SOURCES[0], "sglang"), os.path.join(checkout, "sglang"))
    hub = os.path.join(home, ".cache", "huggingface", "hub", "models--some-lab--Tiny-1B")
    snapshot = os.path.join(hub, "snapshots", "0123abcd")
    for folder in (snapshot, os.path.join(hub, "refs")):
        os.makedirs(folder)
    with open(os.path.join(hub, "refs", "main"), "w") as f:
        f.write("0123abcd\n")
    with open(os.path.join(CHECKPOINTS, "meta-llama--Llama-3.1-8B", "config.json")) as f:
        tiny = json.load(f)
    tiny.update(
        hidden_size=512,
        num_attention_heads=8,
        num_key_value_heads=2,
        intermediate_size=1024,
        num_hidden_layers=2,
        head_dim=64,
    )
    with open(os.path.join(snapshot, "config.json"), "w") as f:
        json.dump(tiny, f)
    with open(os.path.join(home, "repos_config.json"), "w") as f:
        json.dump({"repositories": {"sglang": {"path": "repos/sglang"}}}, f)
    env = dict(os.environ, HOME=home, KDEX_SOURCES=":".join(SOURCES))
    for name in ("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"):
        env.pop(name, None)
    program = f"'{KDEX}' extract "
    for line, dataset, wanted in (
        ("--model-name deepseek_v3", "dataset", "mla_paged_decode_h128_ckv512_kpe64_ps1"),
        (
            "--model-name llama --execution-modes prefill --page-size 1 64",
            "dataset",
            "gqa_paged_prefill_causal_h32_kv8_d128_ps64",
        ),
        (
            "--model-name kimi --sglang-path ~/repos/sglang --output-dir ~/repos/flashinfer-trace/definitions --page-size 64",
            "repos/flashinfer-trace",
            "mla_paged_prefill_causal_h64_ckv512_kpe64_ps64",
        ),
        (
            "--model-name llama --repos-config ~/repos_config.json --include-quantized false --deduplicate true --output-dir ~/other",
            "other",
            "gemm_n6144_k4096",
        ),
        ("--checkpoint some-lab/Tiny-1B --out tiny", "tiny", "gqa_paged_decode_h8_kv2_d64_ps1"),
        ("--model-name tiny-1b --out named", "named", "gqa_paged_prefill_causal_h8_kv2_d64_ps1"),
    ):
        r = subprocess.run(
            ["bash", "-c", program + line], capture_output=True, text=True, env=env, cwd=home
        )
        found = definitions(os.path.join(home, dataset))
        check(
            r.returncode == 0 and wanted in found,
            f"kdex extract {line}: status {r.returncode}, {len(found)} definitions: {r.stderr[-300:]}",
        )
        if "prefill" in line and "kimi" not in line:
            check(
                not any("_decode_" in n for n in found if n.startswith("gqa")),
                "no decode where prefill is asked for",
            )
    r = subprocess.run(
        [KDEX, "models", *sources(), "deepseek_v4000"], capture_output=True, text=True, env=env
    )
    check(
        r.returncode == 2 and "deepseek_v" in r.stderr and len(r.stderr.splitlines()) == 1,
        f"closest names: {r.stderr}",
    )
    r = subprocess.run(
        [KDEX, "models", *sources(), "some-lab/Tiny-1B"], capture_output=True, text=True, env=env
    )
    check(
        r.returncode == 0 and "LlamaForCausalLM" in r.stdout,
        f"kdex models finds a Hugging Face id: {r.stdout}{r.stderr}",
    )


def helps(work):
    listed = [
        line.split()[0] for line in kdex("--help").stdout.splitlines() if line.startswith("  ")
    ]
    check(len(listed) >= 9, f"commands: {listed}")
    for command in listed:
        r = kdex(command, "--help")
        check(
            r.returncode == 0 and re.search(f"Example:\n  .*kdex {command}", r.stdout),
            f"kdex {command} --help has an example: {r.stdout[-200:]}",
        )


def attention(work):
    """The forms of attention follow what the engine resolves: the cache's dtype, the backend, the block's sinks."""

    def names_of(checkpoint, *more):
        to = os.path.join(work, "attention" + str(len(os.listdir(work))))
        r = kdex("extract", *sources(), "--checkpoint", checkpoint, "--out", to, *more)
        check(r.returncode == 0, f"{checkpoint} {more}: {r.stderr[-300:]}")
        return {n for n in definitions(to) if n.startswith(("gqa", "mla"))}

    llama = os.path.join(CHECKPOINTS, "meta-llama--Llama-3.1-8B")
    fp8 = ("--engine-arg", "kv_cache_dtype=fp8_e4m3")
    for backend, suffix in (("fa3", "_fp8"), ("flashinfer", "_fp8_cache")):
        pages = ("--page-size", "1", "64")
        got = names_of(llama, *fp8, *pages, "--engine-arg", f"attention_backend={backend}")
        want = {
            f"gqa_paged_{stage}_h32_kv8_d128_ps{page}{suffix}"
            for stage in ("decode", "prefill_causal")
            for page in (1, 64)
        }
        if backend == "flashinfer":  # a prompt without a prefix runs over packed keys
            want.add("gqa_ragged_prefill_causal_h32_kv8_d128")
        check(got == want, f"{backend}: {sorted(got)}")
    got = names_of(llama, "--engine-arg", "kv_cache_dtype=fp8_e5m2")
    check(not got, f"a cache of e5m2 has no form: {sorted(got)}")

    # The checkpoint's own quantization says that the cache is FP8.
    folder = os.path.join(work, "checkpoint-fp8")
    os.makedirs(folder)
    with open(os.path.join(llama, "config.json")) as file:
        config = json.load(file)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)
    with open(os.path.join(folder, "hf_quant_config.json"), "w") as file:
        of = {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}
        json.dump({"producer": {"name": "modelopt", "version": "0.29"}, "quantization": of}, file)
    got = names_of(folder)
    check("gqa_paged_decode_h32_kv8_d128_ps1_fp8" in got, f"the checkpoint's cache: {sorted(got)}")

    # Sinks: one a head, bfloat16 unless the backend wants float32; every other layer has a window.
    folder = os.path.join(work, "checkpoint-sinks")
    os.makedirs(folder)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(SINKS, file)
    # The backend also decides the page size.
    for more, page, suffix in (
        ((), 1, "_sinks"),
        (("--platform", "b200"), 64, "_sinks_float32"),
    ):
        got = names_of(folder, *more)
        for window in ("", "_sw127"):
            for name in (
                f"gqa_paged_decode_h64_kv8_d64_ps{page}",
                f"gqa_paged_prefill_causal_h64_kv8_d64_ps{page}",
            ):
                check(name + window + suffix in got, f"{name}{window}{suffix}: {sorted(got)}")
        check(all("_sinks" in n for n in got), f"all have sinks: {sorted(got)}")


SINKS = {
    "architectures": ["GptOssForCausalLM"],
    "model_type": "gpt_oss",
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "head_dim": 64,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "num_hidden_layers": 2,
    "layer_types": ["sliding_attention", "full_attention"],
    "sliding_window": 128,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "vocab_size": 201088,
    "max_position_embeddings": 131072,
    "rope_theta": 150000,
    "rms_norm_eps": 1e-05,
    "torch_dtype": "bfloat16",
}


def image(work):
    """The state that builds begin with was kept by the runs before."""
    kept = os.listdir(os.path.join(os.environ["KDEX_CACHE"], "parse"))
    check(any(n.startswith("image-") for n in kept), "no image of the engine is kept")


def main():
    if engine_sources.missing(SOURCES):
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        for test in (
            quickstart,
            same_bytes,
            refusal,
            further,
            attention,
            names,
            documented,
            helps,
            image,
        ):
            test(work)
    return 1 if failed else 0


sys.exit(main())
