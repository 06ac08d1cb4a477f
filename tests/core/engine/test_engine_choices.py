"""What the engine decides and says, in names, report and exit status: SGLang 0.5.23.

usage: test_engine_choices.py KDEX ROOT         skips without .kdex/sources

Each right value comes from the engine's source: arg_groups/overrides.py (FlashMLA takes pages of 64
tokens), configs/model_config.py (a configuration without dtype is served in float16, as a float32 one),
models/registry.py (a model file that fails is left out, with a warning).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "extract"))
import engine_sources  # noqa: E402

SKIPPED = 77
KDEX, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SOURCES = engine_sources.folders(ROOT)
CHECKPOINTS = os.path.join(ROOT, "examples", "checkpoints")
LLAMA = os.path.join(CHECKPOINTS, "meta-llama--Llama-3.1-8B")
DEEPSEEK = os.path.join(CHECKPOINTS, "deepseek-ai--DeepSeek-V3")
failed = []


def check(ok, text):
    if not ok:
        failed.append(text)


def kdex(*arguments, sources=SOURCES):
    command = [KDEX, *arguments, *engine_sources.options(sources)]
    return subprocess.run(command, capture_output=True, text=True)


def extract(work, *arguments, sources=SOURCES):
    """(status, report, names of definitions, what was printed)"""
    out = tempfile.mkdtemp(dir=work)
    # What is asked here is decided before a model is built: no step needs to run.
    given = [*arguments, "--out", out, "--families", "gqa,mla,gemm", "--forward", "false"]
    r = kdex("extract", *given, sources=sources)
    with open(os.path.join(out, "report.json")) as f:
        report = json.load(f)
    names = set()
    for _, _, files in os.walk(os.path.join(out, "definitions")):
        names.update(n.removesuffix(".json") for n in files)
    return r.returncode, report, names, r.stdout + r.stderr


def pages(names):
    return {n.partition("_ps")[2].partition("_")[0] for n in names if "_ps" in n}


def page_sizes(work):
    flashmla = ("--engine-arg", "attention_backend=flashmla")
    status, report, names, text = extract(
        work, "--checkpoint", DEEPSEEK, "--tp", "8", *flashmla, "--page-size", "1"
    )
    model = report["models"][0]
    check(status == 0 and pages(names) == {"64"}, f"flashmla: {status} {sorted(names)}")
    check(model["resolved"]["page_size"] == 64, f"resolved: {model['resolved']}")
    check(model["resolved"]["chosen_decode_attention_backend"] == "flashmla", "decode backend")
    check(
        model["changed"] == [{"name": "page_size", "asked": "1", "resolved": "64"}],
        f"changed: {model['changed']}",
    )
    check("page_size 1 was asked for, the engine uses 64" in text, f"said: {text[-500:]}")
    said = [line for line in model["log"] if line["text"].startswith("FlashMLA only supports")]
    check(
        len(said) == 1
        and said[0]["level"] == "WARNING"
        and said[0]["source"].startswith("sglang/srt/arg_groups/overrides.py:"),
        f"log: {model['log']}",
    )
    status, report, names, _ = extract(
        work, "--checkpoint", DEEPSEEK, "--tp", "8", "--platform", "b200"
    )
    check(status == 0 and pages(names) == {"64"}, f"b200: {status} {sorted(names)}")
    check(report["models"][0]["changed"] == [], "nothing was asked for")
    # One deployment for each size that is listed, the engine's own without a list.
    for given, wanted in (
        ([], {"1"}),
        (["--page-size", "1", "64"], {"1", "64"}),
        (["--page-size", "16"], {"16"}),
        (["--engine-arg", "page_size=16"], {"16"}),
    ):
        status, report, names, _ = extract(work, "--checkpoint", LLAMA, *given)
        check(status == 0 and pages(names) == wanted, f"{given}: {status} {sorted(names)}")
        check(len(report["models"]) == len(wanted), f"{given}: {len(report['models'])} models")
        asked = {str(m["resolved"]["page_size"]) for m in report["models"]}
        check(asked == wanted, f"{given}: resolved {asked}")
    name = "gqa_paged_decode_h32_kv8_d128_ps64"
    _, report, _, _ = extract(work, "--checkpoint", LLAMA, "--page-size", "1", "64")
    models = [d["models"] for d in report["definitions"] if d["name"] == name]
    check(models == [["meta-llama/Llama-3.1-8B tp1 ps64"]], f"deployment of {name}: {models}")


def origins_of_page_sizes(work):
    """Whose word a page size is: the caller's, or the engine's and where it set it."""
    flashmla = ("--engine-arg", "attention_backend=flashmla")
    setting = "`- deployment setting page_size = "
    for checkpoint, given, name, wanted in (
        (
            DEEPSEEK,
            ["--tp", "8", *flashmla, "--page-size", "1"],
            "mla_paged_decode_h16_ckv512_kpe64_ps64",
            [
                setting + "64, as the engine set it",
                "`- written as 64 (entry 'page_size')   sglang/srt/arg_groups/overrides.py:",
            ],
        ),
        (
            LLAMA,
            ["--page-size", "1", "16"],
            "gqa_paged_decode_h32_kv8_d128_ps16",
            [setting + "16"],
        ),
        (
            LLAMA,
            [],
            "gqa_paged_decode_h32_kv8_d128_ps1",
            [setting + "1, as the engine set it", "`- written as 1 "],
        ),
    ):
        _, report, _, _ = extract(work, "--checkpoint", checkpoint, *given)
        r = subprocess.run(
            [KDEX, "explain", name, "--dataset", report["dataset"]], capture_output=True, text=True
        )
        lines = [line.strip() for line in r.stdout.splitlines()]
        at = next(
            (i for i, line in enumerate(lines) if line.startswith("page_size = ")), len(lines)
        )
        told = lines[at + 1 : at + 1 + len(wanted)]
        same = len(told) == len(wanted) and all(t.startswith(w) for t, w in zip(told, wanted))
        check(same and told[0] == wanted[0], f"{name} {given}: {told}")


def kv_cache_dtype(work):
    _, report, _, _ = extract(
        work, "--checkpoint", LLAMA, "--engine-arg", "kv_cache_dtype=fp8_e4m3"
    )
    chosen = report["models"][0]["resolved"]
    check(chosen["kv_cache_dtype"] == "fp8_e4m3", f"asked for: {chosen}")
    folder = os.path.join(work, "quantized")
    shutil.copytree(LLAMA, folder)
    quant = {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}
    with open(os.path.join(folder, "hf_quant_config.json"), "w") as f:
        json.dump({"producer": {"name": "modelopt"}, "quantization": quant}, f)
    _, report, _, _ = extract(work, "--checkpoint", folder)
    chosen = report["models"][0]["resolved"]
    check(
        chosen["kv_cache_dtype"] == "auto" and chosen["chosen_kv_cache_dtype"] == "fp8_e4m3",
        f"the checkpoint's: {chosen}",
    )


def refused_and_failed(work):
    fp8 = os.path.join(CHECKPOINTS, "Qwen--Qwen3-30B-A3B-FP8")
    status, report, names, text = extract(work, "--checkpoint", fp8, "--tp", "8")
    model = report["models"][0]
    check(
        status == 0 and model["status"] == "refused" and not names and not report["errors"],
        f"refused: {status} {model['status']} {report['errors']}",
    )
    check("refused by the engine: ValueError" in text, text)
    check(kdex("modules", "--checkpoint", fp8, "--tp", "8").returncode == 0, "modules: refused")
    for bound, option in (
        (["--max-memory", "20"], "max_memory"),
        (["--max-steps", "20000"], "max_steps"),
    ):
        status, report, names, text = extract(work, "--checkpoint", LLAMA, *bound)
        model = report["models"][0]
        check(status == 1 and model["status"] == "failed", f"{bound}: {status} {model['status']}")
        check("kdex failed: LimitError" in text and option in text, f"{bound}: {text}")
        check("refused" not in text, f"{bound}: {text}")
        r = kdex("modules", "--checkpoint", LLAMA, "--format", "json", *bound)
        check(
            r.returncode == 1 and json.loads(r.stdout)["status"] == "failed",
            f"modules {bound}: {r.returncode} {r.stdout[:200]}",
        )


MODEL_FILE = os.path.join("sglang", "srt", "models", "llama.py")


def tree_of_links(tree):
    """The engine's sources with a model file of its own; its text."""
    for folder, folders, files in os.walk(os.path.join(SOURCES[0], "sglang")):
        here = os.path.join(tree, os.path.relpath(folder, SOURCES[0]))
        os.makedirs(here, exist_ok=True)
        for name in files:
            os.symlink(os.path.join(folder, name), os.path.join(here, name))
    with open(os.path.join(SOURCES[0], MODEL_FILE)) as f:
        text = f.read()
    os.remove(os.path.join(tree, MODEL_FILE))
    return text


def gaps(work):
    """What kdex lacks, and what the engine itself would fail at: two words, two exit meanings."""
    tree = os.path.join(work, "gaps")
    text = tree_of_links(tree)
    start = text.index("super().__init__()", text.index("class LlamaForCausalLM"))
    ours = "failed", 1
    theirs = "refused", 0
    for statement, (wanted, code) in (
        ("import torch; torch.nn.MultiheadAttention(8, 2).lacks_this", ours),
        ("import torch; torch.nn.Linear(2, 3, lacks_this=1)", ours),
        ("import torch; torch.empty(2, lacks_this=1)", ours),
        ("import functools; functools.lacks_this", ours),
        ("from collections import lacks_this", ours),
        # CPython's builtin types have these, the machine's do not (driver_common/python_gaps.py)
        ("b'ab'.translate(None)", ours),
        ("b'%d' % 3", ours),
        ("breakpoint", ours),
        ("import torch; torch.empty(2).no_tensor_has_this", theirs),
        ("self.no_model_has_this", theirs),
        ("LlamaModel(no_model_takes_this=1)", theirs),
        ("config.no_configuration_has_this", theirs),
        ("None.no_value_has_this", theirs),
        ("b''.no_value_has_this", theirs),
        ("no_program_has_this", theirs),
        ("raise ValueError('not for this configuration')", theirs),
    ):
        with open(os.path.join(tree, MODEL_FILE), "w") as f:
            f.write(text[:start] + statement + "; " + text[start:])
        status, report, names, said = extract(
            work, "--checkpoint", LLAMA, sources=[tree, SOURCES[1]]
        )
        model = report["models"][0]
        told = f"{statement}: {status} {model['status']} {model.get('error')}"
        check(model["status"] == wanted and status == code, told)
        word = "kdex failed: " if wanted == "failed" else "refused by the engine: "
        check(word in said and not names, told + said[-300:])


def broken_model_file(work):
    """A tree of links, in which one model file does not parse."""
    tree = os.path.join(work, "tree")
    text = tree_of_links(tree)
    file = os.path.join(tree, MODEL_FILE)
    lines = text.splitlines(True)
    wrong = next(i for i, line in enumerate(lines) if line.startswith("class LlamaForCausalLM"))
    lines[wrong] = lines[wrong].replace("(", " = (", 1)
    for declared in (True, False):  # with and without the line that names its classes
        kept = [line for line in lines if declared or not line.startswith("EntryClass")]
        with open(file, "w") as f:
            f.write("".join(kept))
        status, report, names, text = extract(
            work, "--checkpoint", LLAMA, sources=[tree, SOURCES[1]]
        )
        check(status == 1, f"declared {declared}: status {status}: {text}")
        model = report["models"][0]
        check(model["architecture"] == "TransformersForCausalLM", str(model["architecture"]))
        place = f"sglang/srt/models/llama.py:{wrong + 1}:"
        errors = [e.splitlines() for e in report["errors"] if place in e]
        check(len(errors) == 1 and len(report["errors"]) == 1, str(report["errors"]))
        if errors:
            check(len(errors[0]) == 3 and errors[0][1] == lines[wrong].rstrip(), str(errors))
            column = int(errors[0][0].partition(place)[2].partition(":")[0])
            check(errors[0][2] == " " * (column - 1) + "^", str(errors))
        warned = [line for line in model["log"] if "Ignore import error" in line["text"]]
        check(len(warned) == 1, f"the engine's own warning: {model['log']}")


def silent_checkpoints(work):
    folder = os.path.join(work, "nodtype")
    shutil.copytree(LLAMA, folder)
    with open(os.path.join(LLAMA, "config.json")) as f:
        config = {k: v for k, v in json.load(f).items() if k not in ("dtype", "torch_dtype")}
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f)
    status, report, _, text = extract(work, "--checkpoint", folder)
    model = report["models"][0]
    check(status == 0 and model["dtype"] == "float16", f"{status} {model['dtype']}")
    check(
        any(
            "names no dtype: the engine took float16 (sglang/srt/configs/model_config.py:" in r
            for r in model["remarks"]
        )
        and "names no dtype" in text,
        f"remarks: {model['remarks']}",
    )
    _, report, _, _ = extract(work, "--checkpoint", folder, "--engine-arg", "dtype=bfloat16")
    model = report["models"][0]
    check(model["dtype"] == "bfloat16" and model["remarks"] == [], f"asked for: {model['remarks']}")

    status, report, names, text = extract(work, "--model-name", "qwen2_moe")
    check(status == 0 and names, f"{status} {text}")
    check("made of the class's defaults" in text, text)
    check(
        report["models"][0]["checkpoint"] == "default/Qwen2MoeForCausalLM-class-defaults",
        str(report["models"][0]["checkpoint"]),
    )
    definition = next(d for d in report["definitions"])
    with open(os.path.join(report["dataset"], definition["file"])) as f:
        tags = json.load(f)["tags"]
    check("model:qwen2moeforcausallm-class-defaults" in tags, str(tags))


def params_alone(work):
    """Mistral's own format: a params.json, no config.json."""
    folder = os.path.join(work, "Mistral-Large-3-675B")
    os.makedirs(folder)
    params = {
        "dim": 7168,
        "n_layers": 4,
        "head_dim": 128,
        "hidden_dim": 16384,
        "n_heads": 128,
        "n_kv_heads": 128,
        "rope_theta": 10000.0,
        "norm_eps": 1e-06,
        "vocab_size": 131072,
        "tied_embeddings": False,
        "max_position_embeddings": 294912,
        "q_lora_rank": 1536,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "kv_lora_rank": 512,
        "v_head_dim": 128,
        "moe": {
            "expert_parallel": 1,
            "expert_model_parallel": 1,
            "route_every_n": 1,
            "first_k_dense_replace": 3,
            "num_experts": 128,
            "num_experts_per_tok": 4,
            "num_expert_groups": 1,
            "num_expert_groups_per_tok": 1,
            "routed_scale": 1.0,
            "expert_hidden_dim": 4096,
            "num_shared_experts": 1,
        },
        "model_type": "transformer",
    }
    for scaling, wanted in (
        (None, "refused"),
        ({"original_max_position_embeddings": 8192, "beta": 0.1}, "ok"),
    ):
        if scaling:
            params["llama_4_scaling"] = scaling
        with open(os.path.join(folder, "params.json"), "w") as f:
            json.dump(params, f)
        status, report, names, text = extract(work, "--checkpoint", folder, "--tp", "8")
        model = report["models"][0]
        check(status == 0 and model["status"] == wanted, f"{wanted}: {status} {model}")
        if wanted == "refused":
            check("llama4 scaling" in model.get("error", ""), str(model))
        else:
            check(model["architecture"] == "MistralLarge3ForCausalLM", str(model))
            check("mla_paged_decode_h16_ckv512_kpe64_ps1" in names, f"{sorted(names)}")
    empty = os.path.join(work, "empty")
    os.makedirs(empty)
    r = kdex("modules", "--checkpoint", empty)
    check(r.returncode == 2 and "has neither config.json nor params.json" in r.stderr, r.stderr)


def main():
    if engine_sources.missing(SOURCES):
        return SKIPPED
    with tempfile.TemporaryDirectory() as work:
        for part in (
            page_sizes,
            origins_of_page_sizes,
            kv_cache_dtype,
            refused_and_failed,
            broken_model_file,
            gaps,
            silent_checkpoints,
            params_alone,
        ):
            part(work)
            print(part.__name__, "failed" if failed else "ok")
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
