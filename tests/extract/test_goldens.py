#!/usr/bin/env python3
"""Definitions that kdex writes, held against the public dataset's.

usage: test_goldens.py KDEX DUMP_DEFINITIONS PLUGIN_DIR PROJECT_DIR [--forward]

With sources (.kdex/sources of the project) the program itself extracts every
checkpoint and deployment to which the goldens' README.md maps a definition, and the models that it
names and of which it has no config (MADE below), in both dialects. docs/official-dataset.md lists
each golden with the modes of forward that launch it; with --forward (three minutes) these are what
the steps launch. Without sources the module trees
of ../shared are used. Skips with exit status 77 where ../shared is missing.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

kdex, dump, plugins, project = sys.argv[1:5]
forward = "--forward" in sys.argv[5:]
shared = os.path.join(project, "..", "shared")
goldens, configs = os.path.join(shared, "goldens"), os.path.join(shared, "configs")
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import compare_goldens  # noqa: E402
import engine_sources  # noqa: E402

# Sizes of models that README.md names or that the dataset's tags name; few layers, one of each kind.
COMMON = dict(
    torch_dtype="bfloat16",
    hidden_act="silu",
    max_position_embeddings=65536,
    tie_word_embeddings=False,
)
MADE = {
    "mixtral-8x22b": dict(
        COMMON,
        architectures=["MixtralForCausalLM"],
        model_type="mixtral",
        hidden_size=6144,
        intermediate_size=16384,
        num_attention_heads=48,
        num_key_value_heads=8,
        num_hidden_layers=2,
        num_local_experts=8,
        num_experts_per_tok=2,
        rms_norm_eps=1e-5,
        vocab_size=32000,
        rope_theta=1e6,
        sliding_window=None,
    ),
    "gemma-3-27b": dict(
        COMMON,
        architectures=["Gemma3ForCausalLM"],
        model_type="gemma3_text",
        hidden_size=5376,
        intermediate_size=21504,
        num_attention_heads=32,
        num_key_value_heads=16,
        head_dim=128,
        num_hidden_layers=6,
        sliding_window=1024,
        sliding_window_pattern=6,
        query_pre_attn_scalar=168,
        rms_norm_eps=1e-6,
        vocab_size=262208,
        rope_theta=1e6,
        rope_local_base_freq=10000.0,
        hidden_activation="gelu_pytorch_tanh",
    ),
    "llama-4-scout": dict(
        COMMON,
        architectures=["Llama4ForConditionalGeneration"],
        model_type="llama4",
        vision_config=dict(model_type="llama4_vision_model"),
        text_config=dict(
            COMMON,
            model_type="llama4_text",
            hidden_size=5120,
            intermediate_size=8192,
            intermediate_size_mlp=16384,
            num_attention_heads=40,
            num_key_value_heads=8,
            head_dim=128,
            num_hidden_layers=4,
            num_local_experts=16,
            num_experts_per_tok=1,
            interleave_moe_layer_step=1,
            rms_norm_eps=1e-5,
            vocab_size=202048,
            attention_chunk_size=8192,
            use_qk_norm=True,
            rope_theta=5e5,
            no_rope_layers=[1, 1, 1, 0],
        ),
    ),
    "minimax-m2": dict(
        COMMON,
        architectures=["MiniMaxM2ForCausalLM"],
        model_type="minimax_m2",
        hidden_size=3072,
        intermediate_size=1536,
        num_attention_heads=48,
        num_key_value_heads=8,
        head_dim=128,
        num_hidden_layers=2,
        num_local_experts=256,
        num_experts_per_tok=8,
        rms_norm_eps=1e-6,
        vocab_size=200064,
        rope_theta=5e6,
        rotary_dim=64,
        use_qk_norm=True,
        qk_norm_type="per_layer",
        scoring_func="sigmoid",
        use_routing_bias=True,
        attn_type_list=[1, 1],
    ),
}


# The same for FlashInfer's own trace output, whose sizes are those of its example calls: a model that has the kernel
# at these sizes, its quantization, and the deployment.
FP8 = {
    "quantization_config": {
        "quant_method": "fp8",
        "activation_scheme": "dynamic",
        "weight_block_size": [128, 128],
    }
}
WIDE = dict(
    COMMON,
    hidden_size=7168,
    num_attention_heads=56,
    num_key_value_heads=8,
    num_hidden_layers=2,
    rms_norm_eps=1e-6,
    vocab_size=32000,
    rope_theta=1e6,
    head_dim=128,
)
EXPERTS = dict(
    WIDE,
    moe_intermediate_size=2048,
    intermediate_size=2048,
    num_experts_per_tok=8,
    decoder_sparse_step=1,
    mlp_only_layers=[],
)
EP8 = [{"tp": 8, "ep": 8}]


def modelopt(algorithm, **more):
    return {
        "producer": {"name": "modelopt"},
        "quantization": dict(
            quant_algo=algorithm,
            kv_cache_quant_algo=None,
            exclude_modules=["lm_head", "*.gate", "*.router"],
            **more,
        ),
    }


def changed(name, **fields):
    """A configuration of ../shared with some fields changed, those of its text_config where it has one."""
    with open(os.path.join(configs, name, "config.json")) as f:
        config = json.load(f)
    config.get("text_config", config).update(fields)
    return config


def made_for_fi_trace():
    """name -> (config.json, hf_quant_config.json or None, deployments)"""
    two = dict(
        EXPERTS,
        architectures=["Qwen2MoeForCausalLM"],
        model_type="qwen2_moe",
        num_experts=256,
        shared_expert_intermediate_size=2048,
    )
    three = dict(
        EXPERTS,
        architectures=["Qwen3MoeForCausalLM"],
        model_type="qwen3_moe",
        num_experts=256,
        norm_topk_prob=True,
    )
    dense = dict(WIDE, architectures=["Qwen3ForCausalLM"], model_type="qwen3")
    llama4 = json.loads(json.dumps(MADE["llama-4-scout"]))
    llama4["text_config"].update(
        hidden_size=7168, num_attention_heads=56, intermediate_size=2048, num_local_experts=256
    )
    nvfp4 = modelopt("NVFP4", group_size=16)
    out = {}
    for kind, more, quant in (("fp8", FP8, None), ("fp4", {}, nvfp4)):
        out[kind + "-default"] = (dict(two, norm_topk_prob=False, **more), quant, EP8)
        out[kind + "-naive"] = (dict(two, norm_topk_prob=True, **more), quant, EP8)
        out[kind + "-renormalize"] = (dict(three, **more), quant, EP8)
        out[kind + "-llama4"] = (dict(llama4, **more), quant, EP8)
    out["fp4-ds"] = (changed("nvidia--DeepSeek-V3.1-NVFP4", num_hidden_layers=4), nvfp4, EP8)
    out["fp8-dense"] = (dict(dense, intermediate_size=768, **FP8), None, [{"tp": 1}])
    out["fp8-tensor-dense"] = (dict(dense, intermediate_size=768), modelopt("FP8"), [{"tp": 1}])
    out["fp4-dense"] = (dict(dense, intermediate_size=1024), nvfp4, [{"tp": 1}])
    out["gemma-2-27b"] = (
        dict(
            dict(COMMON, hidden_act="gelu_pytorch_tanh"),
            architectures=["Gemma2ForCausalLM"],
            model_type="gemma2",
            hidden_size=4608,
            intermediate_size=36864,
            num_attention_heads=32,
            num_key_value_heads=16,
            head_dim=128,
            num_hidden_layers=2,
            rms_norm_eps=1e-6,
            vocab_size=256000,
            rope_theta=1e4,
            sliding_window=4096,
            query_pre_attn_scalar=144,
            attn_logit_softcapping=50.0,
            final_logit_softcapping=30.0,
            hidden_activation="gelu_pytorch_tanh",
        ),
        None,
        [{"tp": 1}],
    )
    return out


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def compare(dataset, *options):
    return subprocess.run(
        [sys.executable, "-B", os.path.join(here, "compare_goldens.py"), goldens, dataset, *options]
    ).returncode


def listed():
    """Golden -> the modes that launch it by docs/official-dataset.md; None: kdex does not write it."""
    with open(os.path.join(project, "docs", "official-dataset.md")) as f:
        part = f.read().split("## Which modes launch them")[1].split("\n## ")[0]
    out = {}
    for modes, names in re.findall(r"^\| ([^|]*) \| ([^|]*`[^|]*) \|$", part, re.M):
        known = {"none": [], "not written": None}
        for name in re.findall(r"`(\w+)`", names):
            out[name] = known.get(modes.strip(), re.findall(r"[a-z-]+", modes))
    return out


def check_listed(dataset=None):
    """1 where the list lacks a golden, has another one, or (with a run's dataset) other modes."""
    files = glob.glob(os.path.join(goldens, "*", "*.json"))
    names = {os.path.basename(f)[:-5] for f in files if os.sep + "fi_trace" + os.sep not in f}
    found, wrong = listed(), []
    if set(found) != names:
        wrong.append(f"docs/official-dataset.md lists other goldens: {sorted(set(found) ^ names)}")
    if dataset is not None:
        with open(os.path.join(dataset, "report.json")) as f:
            modes = {d["name"]: d["modes"] for d in json.load(f)["definitions"]}
        wrong += [
            f"{n}: launched in {modes.get(n)}, docs/official-dataset.md says {found[n]}"
            for n in sorted(set(found) & names)
            if modes.get(n) != found[n]
        ]
    print(*wrong, f"{len(names)} goldens with their modes, {len(wrong)} wrong", sep="\n")
    return 1 if wrong else 0


def deployments():
    """Checkpoint folder -> the deployments that README.md names for it."""
    found = {}
    for ways in compare_goldens.routes(os.path.join(goldens, "README.md"), configs).values():
        for way in ways:
            one = {k: int(v) for k in ("tp", "ep") for v in re.findall(rf", {k} (\d+)", way)}
            of = found.setdefault(way.split(",")[0], [])
            if one not in of:
                of.append(one)
    return found


def pipeline(dataset, sources, dialect, made):
    checkpoints = [
        {"path": os.path.join(configs, n), "deployments": d or [{"tp": 1}]}
        for n, d in deployments().items()
    ]
    checkpoints += [
        {"path": p, "deployments": [{"tp": 1}]}
        for p in sorted(glob.glob(os.path.join(project, "examples", "checkpoints", "*")))
    ]
    models = {
        name: (config, None, [{"tp": 1}, {"tp": 2}, {"tp": 8}]) for name, config in MADE.items()
    }
    # README.md's route for gemm_n256_k3072.
    models["qwen3.5-122b-a10b"] = (
        changed(
            "Qwen--Qwen3.5-35B-A3B",
            hidden_size=3072,
            num_attention_heads=32,
            moe_intermediate_size=1024,
            shared_expert_intermediate_size=1024,
            linear_num_value_heads=64,
            num_hidden_layers=4,
            layer_types=["linear_attention"] * 3 + ["full_attention"],
        ),
        None,
        [{"tp": 1}],
    )
    if dialect == "fi_trace":
        models.update(made_for_fi_trace())
    for name, (config, quantization, at) in models.items():
        folder = os.path.join(made, name)
        os.makedirs(folder, exist_ok=True)
        for file, content in (("config.json", config), ("hf_quant_config.json", quantization)):
            if content is not None:
                with open(os.path.join(folder, file), "w") as f:
                    json.dump(content, f)
        checkpoints.append({"path": folder, "deployments": at})
    # A ModelOpt FP8 checkpoint: the config of the plain one and what ModelOpt writes beside it.
    folder = os.path.join(made, "modelopt-fp8")
    os.makedirs(folder, exist_ok=True)
    with open(
        os.path.join(project, "examples", "checkpoints", "Qwen--Qwen3-30B-A3B", "config.json")
    ) as f:
        config = f.read()
    with open(os.path.join(folder, "config.json"), "w") as f:
        f.write(config)
    with open(os.path.join(folder, "hf_quant_config.json"), "w") as f:
        json.dump(
            {
                "producer": {"name": "modelopt"},
                "quantization": {
                    "quant_algo": "FP8",
                    "kv_cache_quant_algo": None,
                    "exclude_modules": ["lm_head"],
                },
            },
            f,
        )
    checkpoints.append({"path": folder, "deployments": [{"tp": 1}]})
    return {
        "sources": sources,
        "forward": forward,
        "all_forms": True,  # a golden may be of a layer that no step launches
        "output_dir": dataset,
        "page_sizes": [1, 64] if dialect == "official" else [1, 16, 64],
        "gemm_at_tp": True,
        "dialect": dialect,
        "deduplicate": dialect
        == "official",  # two routings of the trace are one function under two names
        "checkpoints": checkpoints,
    }


if not os.path.isdir(goldens) or not os.path.isdir(configs):
    skip(f"{shared} does not hold goldens and configs")
sources = engine_sources.folders(project, engine_sources.ENGINE + engine_sources.VISION)
trees = sorted(glob.glob(os.path.join(shared, "oracle", "results", "*.json")))
failed = check_listed()
with tempfile.TemporaryDirectory() as work:
    if all(map(os.path.isdir, sources)):
        for dialect, options in (
            ("official", ["--configs", configs]),
            ("fi_trace", ["--dialect", "fi_trace"]),
        )[: 1 if forward else 2]:
            dataset, file = os.path.join(work, dialect), os.path.join(work, dialect + ".yaml")
            with open(file, "w") as f:
                json.dump(pipeline(dataset, sources, dialect, os.path.join(work, "made")), f)
            done = subprocess.run([kdex, "run", file], capture_output=True, text=True)
            # 1: a checkpoint is refused, as the engine does where its config is abridged.
            if done.returncode not in (0, 1):
                print(done.stdout, done.stderr)
                sys.exit(1)
            print(f"{dialect}: definitions of {kdex}")
            with open(os.path.join(dataset, "report.json")) as f:
                for m in json.load(f)["models"]:
                    if m["status"] != "ok":
                        print(
                            f"refused: {m['checkpoint']} {m['deployment']}: {m['error_type']}: {m['error'][:160]}"
                        )
            failed |= compare(dataset, *options)
            if forward:
                failed |= check_listed(dataset)
    elif trees:
        dataset = os.path.join(work, "trees")
        subprocess.run(
            [dump, plugins, dataset, "--family-option", "gemm.at_tp", *trees], check=True
        )
        print("no sources (scripts/fetch-sources.sh): definitions of the oracle's module trees")
        failed |= compare(dataset, "--configs", configs)
    else:
        skip("no sources (scripts/fetch-sources.sh) and no module trees")
sys.exit(failed)
