"""No definition for a layer that computes something else: small models of each kind at the real sources, and
what the report says of their layers instead.

usage: test_coverage.py KDEX PROJECT

Sizes are those of the models named beside each configuration, with few layers.
"""

import json
import os
import subprocess
import sys
import tempfile

import engine_sources

KDEX, PROJECT = (os.path.abspath(a) for a in sys.argv[1:3])
SOURCES = engine_sources.folders(PROJECT)
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what)


def checkpoint(folder, name, config, quantization=None):
    at = os.path.join(folder, "configs", name)
    os.makedirs(at, exist_ok=True)
    with open(os.path.join(at, "config.json"), "w") as f:
        json.dump(config, f)
    if quantization:
        with open(os.path.join(at, "hf_quant_config.json"), "w") as f:
            json.dump(quantization, f)
    return at


class Run:
    """Definitions and the report of one model at one deployment."""

    def __init__(self, folder, name, config, *options, quantization=None):
        self.name = name
        out = os.path.join(folder, "out-" + name + "-" + str(len(os.listdir(folder))))
        r = subprocess.run(
            [KDEX, "extract", "--checkpoint", checkpoint(folder, name, config, quantization)]
            + engine_sources.options(SOURCES)
            + ["--out", out, *options],
            capture_output=True,
            text=True,
        )
        self.output = r.stdout + r.stderr
        self.definitions, self.model = [], {"unmatched": [], "notes": []}
        if not os.path.exists(os.path.join(out, "report.json")):
            check(False, name + ": no report: " + self.output[-500:])
            return
        with open(os.path.join(out, "report.json")) as f:
            self.model = json.load(f)["models"][0]
        check(
            self.model["status"] == "ok",
            name + ": " + str(self.model.get("error")) + str(self.model.get("where")),
        )
        self.definitions = self.model["definitions"]

    def none(self, prefix):
        found = [d for d in self.definitions if d.startswith(prefix)]
        check(not found, f"{self.name}: {found} is written")

    def has(self, name):
        check(name in self.definitions, f"{self.name}: no {name} in {self.definitions}")

    def not_launched(self, name):
        self.none(name)
        left = [d["name"] for d in self.model["not_launched"]]
        check(name in left, f"{self.name}: {name} is not among those not launched: {left}")

    def unmatched(self, path, reason, **expected):
        """A line for the path with this in one of its reasons; `expected`: of its shape."""
        lines = [u for u in self.model["unmatched"] if u["path"] == path]
        for u in lines:
            if any(reason in r for r in u["reasons"]):
                shape = u.get("shape", {})
                wrong = {k: (v, shape.get(k)) for k, v in expected.items() if shape.get(k) != v}
                check(not wrong, f"{self.name}: {path}: {wrong}")
                check(u["count"] > 0 and u["deployment"], f"{self.name}: {path}: {u}")
                return u
        check(False, f"{self.name}: {path}: no reason with {reason!r} in {lines}")
        return {}

    def shapes(self, role):
        return {
            tuple(u["shape"].get(k) for k in ("N", "K"))
            for u in self.model["unmatched"]
            if u["role"] == role and "shape" in u
        }


LLAMA = dict(
    architectures=["LlamaForCausalLM"],
    model_type="llama",
    torch_dtype="bfloat16",
    hidden_size=4096,
    intermediate_size=14336,
    num_attention_heads=32,
    num_key_value_heads=8,
    num_hidden_layers=2,
    rms_norm_eps=1e-5,
    vocab_size=128256,
    rope_theta=5e5,
    max_position_embeddings=8192,
    hidden_act="silu",
    tie_word_embeddings=False,
)
QWEN3 = dict(
    LLAMA,
    architectures=["Qwen3ForCausalLM"],
    model_type="qwen3",
    intermediate_size=12288,
    head_dim=128,
    rms_norm_eps=1e-6,
    vocab_size=151936,
)
GROK2 = dict(
    architectures=["Grok1ForCausalLM"],
    model_type="git",
    torch_dtype="bfloat16",
    embedding_multiplier_scale=90.50966799187809,
    output_multiplier_scale=0.5,
    vocab_size=131072,
    hidden_size=8192,
    intermediate_size=32768,
    moe_intermediate_size=16384,
    max_position_embeddings=131072,
    num_experts_per_tok=2,
    num_local_experts=8,
    residual_moe=True,
    num_attention_heads=64,
    num_key_value_heads=8,
    num_hidden_layers=2,
    head_dim=128,
    rms_norm_eps=1e-5,
    final_logit_softcapping=50,
    attn_logit_softcapping=30.0,
    router_logit_softcapping=30.0,
    rope_theta=208533496,
    attn_temperature_len=1024,
    sliding_window_size=-1,
    global_attn_every_n=1,
    rope_type="yarn",
    original_max_position_embeddings=8192,
    scaling_factor=16.0,
    extrapolation_factor=1.0,
    attn_factor=1.0,
    beta_fast=8,
    beta_slow=1,
)
GPT_OSS = dict(
    architectures=["GptOssForCausalLM"],
    model_type="gpt_oss",
    torch_dtype="bfloat16",
    attention_bias=True,
    head_dim=64,
    hidden_act="silu",
    hidden_size=2880,
    initial_context_length=4096,
    intermediate_size=2880,
    layer_types=["sliding_attention", "full_attention"],
    max_position_embeddings=131072,
    num_attention_heads=64,
    num_experts_per_tok=4,
    num_hidden_layers=2,
    num_key_value_heads=8,
    num_local_experts=32,
    rms_norm_eps=1e-5,
    rope_theta=150000,
    sliding_window=128,
    swiglu_limit=7.0,
    tie_word_embeddings=False,
    vocab_size=201088,
)
DEEPSEEK_V4 = dict(
    architectures=["DeepseekV4ForCausalLM"],
    model_type="deepseek_v4",
    torch_dtype="bfloat16",
    attention_bias=False,
    expert_dtype="fp4",
    hc_eps=1e-6,
    hc_mult=4,
    hc_sinkhorn_iters=20,
    head_dim=512,
    hidden_act="silu",
    hidden_size=4096,
    index_head_dim=128,
    index_n_heads=64,
    index_topk=512,
    max_position_embeddings=1048576,
    moe_intermediate_size=2048,
    n_routed_experts=256,
    n_shared_experts=1,
    norm_topk_prob=True,
    num_attention_heads=64,
    num_experts_per_tok=6,
    num_hidden_layers=4,
    num_hash_layers=1,
    num_key_value_heads=1,
    num_nextn_predict_layers=1,
    o_groups=8,
    o_lora_rank=1024,
    q_lora_rank=1024,
    qk_rope_head_dim=64,
    quantization_config=dict(
        activation_scheme="dynamic",
        fmt="e4m3",
        quant_method="fp8",
        scale_fmt="ue8m0",
        weight_block_size=[128, 128],
    ),
    rms_norm_eps=1e-6,
    rope_scaling=dict(
        beta_fast=32, beta_slow=1, factor=16, original_max_position_embeddings=65536, type="yarn"
    ),
    rope_theta=10000,
    routed_scaling_factor=1.5,
    scoring_func="sqrtsoftplus",
    sliding_window=128,
    swiglu_limit=10.0,
    tie_word_embeddings=False,
    topk_method="noaux_tc",
    vocab_size=129280,
    compress_rope_theta=160000,
    compress_ratios=[0, 0, 4, 128],
)
MINICPM3 = dict(
    architectures=["MiniCPM3ForCausalLM"],
    model_type="minicpm3",
    torch_dtype="bfloat16",
    hidden_size=2560,
    intermediate_size=6400,
    num_hidden_layers=2,
    num_attention_heads=40,
    num_key_value_heads=40,
    q_lora_rank=768,
    kv_lora_rank=256,
    qk_nope_head_dim=64,
    qk_rope_head_dim=32,
    v_head_dim=64,
    vocab_size=73448,
    rms_norm_eps=1e-5,
    scale_emb=12,
    scale_depth=1.4,
    dim_model_base=256,
    max_position_embeddings=32768,
    hidden_act="silu",
    attention_bias=False,
    auto_map={"AutoConfig": "configuration_minicpm.MiniCPM3Config"},
    rope_theta=10000.0,
    tie_word_embeddings=False,
)
NEMOTRON_H = dict(
    architectures=["NemotronHForCausalLM"],
    model_type="nemotron_h",
    torch_dtype="bfloat16",
    hidden_size=2688,
    hybrid_override_pattern="ME*E",
    num_hidden_layers=4,
    n_routed_experts=128,
    moe_intermediate_size=1856,
    moe_shared_expert_intermediate_size=3712,
    num_experts_per_tok=6,
    n_group=1,
    topk_group=1,
    norm_topk_prob=True,
    routed_scaling_factor=2.5,
    n_shared_experts=1,
    num_attention_heads=32,
    num_key_value_heads=2,
    head_dim=128,
    mamba_num_heads=64,
    mamba_head_dim=64,
    ssm_state_size=128,
    n_groups=8,
    conv_kernel=4,
    vocab_size=131072,
    mlp_hidden_act="relu2",
    layer_norm_epsilon=1e-5,
    intermediate_size=1856,
    attention_bias=False,
    tie_word_embeddings=False,
    max_position_embeddings=262144,
    chunk_size=128,
    mamba_hidden_act="silu",
    use_bias=False,
    mlp_bias=False,
)
NVFP4 = dict(
    producer=dict(name="modelopt", version="0.29.0"),
    quantization=dict(quant_algo="NVFP4", group_size=16, exclude_modules=["lm_head"]),
)


def main():
    if engine_sources.missing(SOURCES):
        return 77
    with tempfile.TemporaryDirectory() as folder:
        for test in (attention, caches, quantized, products, shapes):
            test(folder)
    return 1 if failed else 0


def attention(folder):
    # models/grok.py sets an attribute of the core from outside; its backend reads it.
    run = Run(folder, "grok-2", GROK2, "--tp", "8")
    run.none("gqa_")
    u = run.unmatched(
        "model.layers.*.self_attn.attn",
        "its xai_temperature_len is 1024, its class's default is -1",
        num_qo_heads=8,
        num_kv_heads=1,
        head_dim=128,
    )
    check(any("models/grok.py:" in r for r in u.get("reasons", [])), f"grok-2: {u}")
    # Without it the same model is written, with its cap.
    run = Run(folder, "grok-2-plain", dict(GROK2, attn_temperature_len=-1), "--tp", "8")
    run.has("gqa_paged_decode_h8_kv1_d128_ps1_cap30.0")

    # models/gpt_oss.py calls it with sinks, which have a form of their own.
    run = Run(folder, "gpt-oss-attention", GPT_OSS)
    for name in run.definitions:
        check(not name.startswith("gqa_") or "_sinks" in name, f"gpt-oss: {name} is written")

    run = Run(folder, "deepseek-v4", DEEPSEEK_V4, "--tp", "8")
    run.none("gqa_")
    run.unmatched("model.layers.*.self_attn.attn_mqa", "dsv4", num_qo_heads=8, head_dim=512)


def caches(folder):
    plain = Run(folder, "qwen3-8b", QWEN3)
    plain.has("gqa_paged_decode_h32_kv8_d128_ps1")
    fp8 = Run(folder, "qwen3-8b-fp8-cache", QWEN3, "--engine-arg", "kv_cache_dtype=fp8_e4m3")
    for name in plain.definitions:
        if name.startswith("gqa_paged"):  # the ragged form reads no cache
            check(name not in fp8.definitions, f"{name} is written for an FP8 cache")


def quantized(folder):
    hopper = Run(folder, "qwen3-nvfp4", QWEN3, "--platform", "h200", quantization=NVFP4)
    hopper.none("gemm_fp4")
    hopper.unmatched("model.layers.*.mlp.down_proj", "Marlin", N=4096, K=12288)
    blackwell = Run(folder, "qwen3-nvfp4", QWEN3, "--platform", "b200", quantization=NVFP4)
    blackwell.has("gemm_fp4_N4096_K12288_block_size16")


def products(folder):
    run = Run(folder, "minicpm3", MINICPM3)
    run.none("gemm_n5120_k256")
    run.unmatched("model.layers.*.self_attn.kv_b_proj", "the layer is never called", N=5120, K=256)
    run.has("gemm_n3840_k768")  # q_b_proj is called

    # The gate's weight is an operand of torch.mm(..., out_dtype=torch.float32), never a layer's call.
    run = Run(folder, "nemotron-h", NEMOTRON_H)
    run.has("gemm_n128_k2688")
    check(
        any(
            n["path"] == "model.layers.*.mixer.gate" and "logits are float32" in n["text"]
            for n in run.model["notes"]
        ),
        f"nemotron-h: no word of float32 logits in {run.model['notes']}",
    )

    run = Run(folder, "deepseek-v4-1", DEEPSEEK_V4)
    run.none("gemm_n8192_k4096")
    run.unmatched("model.layers.*.self_attn.wo_a", "the layer is never called", N=8192, K=4096)


def shapes(folder):
    """Layers without a form keep their sizes, whatever the weights' layout."""
    plain = {(6144, 4096), (4096, 4096), (28672, 4096), (4096, 14336)}
    per_channel = dict(
        quant_method="compressed-tensors",
        format="float-quantized",
        ignore=["lm_head"],
        config_groups=dict(
            group_0=dict(
                targets=["Linear"],
                weights=dict(num_bits=8, type="float", strategy="channel", symmetric=True),
                input_activations=dict(
                    num_bits=8, type="float", strategy="token", dynamic=True, symmetric=True
                ),
            )
        ),
    )
    gptq = dict(quant_method="gptq", bits=4, group_size=128, desc_act=False, sym=True)
    awq = dict(quant_method="awq", bits=4, group_size=128, zero_point=True, version="gemm")
    for name, quantization in (("channel", per_channel), ("gptq", gptq), ("awq", awq)):
        run = Run(folder, "llama-" + name, dict(LLAMA, quantization_config=quantization))
        run.none("gemm_fp8")
        check(plain <= run.shapes("linear"), f"{name}: {run.shapes('linear')}")
        line = run.unmatched("model.layers.*.self_attn.qkv_proj", "", N=6144, K=4096)
        check(line.get("facts", {}).get("method"), f"{name}: no method in {line}")
        check(line.get("origins", {}).get("axes", {}).get("N", {}).get("value") == 6144, name)
        check("have no definition" in run.output, f"{name}: no summary: {run.output[-300:]}")
    run = Run(folder, "llama-online", LLAMA, "--engine-arg", "quantization=fp8")
    check(plain <= run.shapes("linear"), f"online fp8: {run.shapes('linear')}")
    run = Run(folder, "gpt-oss", GPT_OSS, "--tp", "2")
    run.unmatched("model.layers.*.mlp.experts", "", E=32, N=1440, K=2880, top_k=4)


if __name__ == "__main__":
    sys.exit(main())
