"""No definition for a layer that computes something else, on further models of each kind that
test_coverage.py has one of; and shapes of layers whose form is missing.

usage: test_coverage_kinds.py KDEX PROJECT

Right values are read off the engine's sources, which are named beside them. Sizes are those of the
models' own configurations, with few layers.
"""

import os
import shutil
import sys
import tempfile

import test_coverage as base
from test_coverage import DEEPSEEK_V4, GROK2, LLAMA, MINICPM3, NVFP4, QWEN3, SOURCES, Run, check

LLAMA4 = dict(
    architectures=["Llama4ForCausalLM"],
    model_type="llama4_text",
    torch_dtype="bfloat16",
    attention_chunk_size=8192,
    head_dim=128,
    hidden_size=5120,
    intermediate_size=8192,
    intermediate_size_mlp=16384,
    interleave_moe_layer_step=1,
    max_position_embeddings=131072,
    num_attention_heads=40,
    num_experts_per_tok=1,
    num_hidden_layers=4,
    num_key_value_heads=8,
    num_local_experts=16,
    rms_norm_eps=1e-5,
    rope_theta=500000.0,
    vocab_size=202048,
    tie_word_embeddings=False,
)
INKLING = dict(
    architectures=["InklingForConditionalGeneration"],
    model_type="inkling_mm_model",
    torch_dtype="bfloat16",
    text_config=dict(
        hidden_size=1536,
        head_dim=128,
        num_attention_heads=12,
        num_key_value_heads=4,
        num_hidden_layers=2,
        n_routed_experts=8,
        num_experts_per_tok=2,
        vocab_size=32000,
    ),
)
GRANITE = dict(
    architectures=["GraniteSWAForCausalLM"],
    model_type="granite_swa",
    torch_dtype="bfloat16",
    hidden_size=2560,
    intermediate_size=8192,
    num_attention_heads=20,
    num_key_value_heads=4,
    num_hidden_layers=4,
    sliding_window=128,
    layer_types=["full_attention", "sliding_attention", "sliding_attention", "full_attention"],
    vocab_size=100352,
)
GRANITE_MOE = dict(
    architectures=["GraniteMoeSWAForCausalLM"],
    model_type="granitemoe_swa",
    torch_dtype="bfloat16",
    hidden_size=2048,
    intermediate_size=1024,
    num_attention_heads=16,
    num_key_value_heads=4,
    num_hidden_layers=2,
    sliding_window=128,
    layer_types=["full_attention", "sliding_attention"],
    num_local_experts=32,
    num_experts_per_tok=4,
    vocab_size=49160,
)
DEEPSEEK = dict(
    architectures=["DeepseekV3ForCausalLM"],
    model_type="deepseek_v3",
    torch_dtype="bfloat16",
    hidden_size=7168,
    intermediate_size=18432,
    moe_intermediate_size=2048,
    num_attention_heads=128,
    num_key_value_heads=128,
    num_hidden_layers=4,
    q_lora_rank=1536,
    kv_lora_rank=512,
    qk_nope_head_dim=128,
    qk_rope_head_dim=64,
    v_head_dim=128,
    n_routed_experts=256,
    n_shared_experts=1,
    num_experts_per_tok=8,
    n_group=8,
    topk_group=4,
    first_k_dense_replace=3,
    moe_layer_freq=1,
    norm_topk_prob=True,
    routed_scaling_factor=2.5,
    scoring_func="sigmoid",
    topk_method="noaux_tc",
    vocab_size=129280,
    rms_norm_eps=1e-6,
    rope_theta=10000,
    max_position_embeddings=163840,
)
V32 = dict(
    DEEPSEEK,
    architectures=["DeepseekV32ForCausalLM"],
    model_type="deepseek_v32",
    index_head_dim=128,
    index_n_heads=64,
    index_topk=2048,
)
QWEN3_MOE = dict(
    QWEN3,
    architectures=["Qwen3MoeForCausalLM"],
    model_type="qwen3_moe",
    hidden_size=2048,
    intermediate_size=6144,
    moe_intermediate_size=768,
    num_attention_heads=32,
    num_key_value_heads=4,
    num_experts=128,
    num_experts_per_tok=8,
    norm_topk_prob=True,
    decoder_sparse_step=1,
    mlp_only_layers=[],
)
DOTS = dict(
    architectures=["DotsOCRForCausalLM"],
    model_type="dots_ocr",
    torch_dtype="bfloat16",
    hidden_size=1536,
    intermediate_size=8960,
    num_attention_heads=12,
    num_key_value_heads=2,
    num_hidden_layers=2,
    vocab_size=151936,
    rms_norm_eps=1e-6,
    image_token_id=151665,
    video_token_id=151656,
    tie_word_embeddings=False,
    vision_config=dict(num_hidden_layers=2),
)
STEP = dict(
    architectures=["Step3p5ForCausalLM"],
    model_type="step3p5",
    torch_dtype="bfloat16",
    hidden_size=4096,
    intermediate_size=11264,
    num_attention_heads=64,
    num_attention_groups=8,
    num_hidden_layers=4,
    vocab_size=128896,
    head_dim=128,
    moe_intermediate_size=1280,
    moe_num_experts=288,
    moe_top_k=8,
    share_expert_dims=1280,
    layer_types=["full_attention", "sliding_attention", "full_attention", "full_attention"],
    sliding_window=512,
    attention_other_setting=dict(num_attention_heads=64, num_attention_groups=8),
    moe_layers_enum="2,3",
    use_moe_router_bias=True,
    moe_router_scaling_factor=3.0,
    need_fp32_gate=True,
    use_head_wise_attn_gate=False,
    swiglu_limits=[0, 0, 0, 0],
    swiglu_limits_shared=[0, 0, 0, 0],
    partial_rotary_factors=[1.0, 1.0, 1.0, 1.0],
    rope_theta=[10000.0, 10000.0, 10000.0, 10000.0],
)
MINIMAX = dict(
    architectures=["MiniMaxM2ForCausalLM"],
    model_type="minimax_m2",
    torch_dtype="bfloat16",
    hidden_size=3072,
    intermediate_size=1536,
    num_attention_heads=48,
    num_key_value_heads=8,
    head_dim=128,
    num_hidden_layers=2,
    num_local_experts=256,
    num_experts_per_tok=8,
    scoring_func="sigmoid",
    use_routing_bias=True,
    use_qk_norm=True,
    rotary_dim=64,
    rope_theta=5000000,
    rms_norm_eps=1e-6,
    vocab_size=200064,
    max_position_embeddings=196608,
    hidden_act="silu",
    tie_word_embeddings=False,
)
GLM = dict(
    architectures=["Glm4MoeForCausalLM"],
    model_type="glm4_moe",
    torch_dtype="bfloat16",
    hidden_size=5120,
    intermediate_size=12288,
    moe_intermediate_size=1536,
    num_hidden_layers=5,
    num_attention_heads=96,
    num_key_value_heads=8,
    head_dim=128,
    n_routed_experts=160,
    n_shared_experts=1,
    num_experts_per_tok=8,
    n_group=1,
    topk_group=1,
    first_k_dense_replace=3,
    norm_topk_prob=True,
    routed_scaling_factor=2.5,
    use_qk_norm=True,
    attention_bias=True,
    partial_rotary_factor=0.5,
    rope_theta=1000000,
    rms_norm_eps=1e-5,
    vocab_size=151552,
    max_position_embeddings=202752,
    hidden_act="silu",
    tie_word_embeddings=False,
)

QWEN35 = dict(
    architectures=["Qwen3_5MoeForConditionalGeneration"],
    model_type="qwen3_5_moe",
    image_token_id=248056,
    video_token_id=248057,
    vision_start_token_id=248053,
    vision_end_token_id=248054,
    tie_word_embeddings=False,
    text_config=dict(
        model_type="qwen3_5_moe_text",
        dtype="bfloat16",
        attn_output_gate=True,
        full_attention_interval=4,
        layer_types=["linear_attention", "linear_attention", "linear_attention", "full_attention"],
        head_dim=256,
        hidden_size=2048,
        linear_conv_kernel_dim=4,
        linear_key_head_dim=128,
        linear_num_key_heads=16,
        linear_num_value_heads=32,
        linear_value_head_dim=128,
        mamba_ssm_dtype="float32",
        moe_intermediate_size=512,
        num_attention_heads=16,
        num_experts=256,
        num_experts_per_tok=8,
        num_hidden_layers=4,
        num_key_value_heads=2,
        shared_expert_intermediate_size=512,
        vocab_size=248320,
        rope_parameters=dict(
            mrope_interleaved=True,
            mrope_section=[11, 11, 10],
            rope_type="default",
            rope_theta=10000000,
            partial_rotary_factor=0.25,
        ),
    ),
    vision_config=dict(depth=2, model_type="qwen3_5_moe", out_hidden_size=2048),
)


def compressed(weights, activations=None, form="float-quantized", ignore=("lm_head",)):
    """A quantization_config of compressed-tensors."""
    return dict(
        quant_method="compressed-tensors",
        format=form,
        ignore=list(ignore),
        config_groups=dict(
            group_0=dict(targets=["Linear"], weights=weights, input_activations=activations)
        ),
    )


PER_CHANNEL = compressed(
    dict(num_bits=8, type="float", strategy="channel", symmetric=True, dynamic=False),
    dict(num_bits=8, type="float", strategy="token", symmetric=True, dynamic=True),
    ignore=("lm_head", "re:.*mlp.gate$"),
)
W4A16 = compressed(
    dict(num_bits=4, type="int", strategy="group", group_size=128, symmetric=True, dynamic=False),
    form="pack-quantized",
    ignore=("lm_head", "re:.*mlp.gate$"),
)
FP4 = dict(num_bits=4, type="float", strategy="tensor_group", group_size=16, symmetric=True)
NVFP4_PACKED = compressed(
    dict(FP4, dynamic=False), dict(FP4, dynamic="local"), form="nvfp4-pack-quantized"
)
FP8_CACHE = dict(
    producer=dict(name="modelopt", version="0.29.0"),
    quantization=dict(
        quant_algo="FP8", kv_cache_quant_algo="FP8", exclude_modules=["lm_head", "*gate*"]
    ),
)


def other_attention(folder):
    # models/llama4.py: three layers of four set use_irope: a query sees its chunk alone.
    run = Run(folder, "llama4", LLAMA4, "--tp", "8")
    run.unmatched("model.layers.*.self_attn.attn", "use_irope", num_qo_heads=5, head_dim=128)
    lines = [u for u in run.model["unmatched"] if u["path"] == "model.layers.*.self_attn.attn"]
    check(sum(u["count"] for u in lines) == 3, f"llama4: chunked layers {lines}")
    # models/inkling_common/attn.py calls its core with rel_bias.
    run = Run(folder, "inkling", INKLING)
    run.none("gqa_")
    run.unmatched("llm.layers.*.attn.attn", "rel_bias", num_qo_heads=12, num_kv_heads=4)


def sinks(folder):
    # models/granite.py and granitemoe.py: SWA_MODEL_TYPES have sinks in every layer.
    for config, heads in ((GRANITE, "h20_kv4_d128"), (GRANITE_MOE, "h16_kv4_d128")):
        name = config["model_type"]
        run = Run(folder, name, config)
        run.has(f"gqa_paged_decode_{heads}_ps1_sinks")
        run.has(f"gqa_paged_decode_{heads}_ps1_sw127_sinks")
        plain = [d for d in run.definitions if d.startswith("gqa_") and "_sinks" not in d]
        check(not plain, f"{name}: {plain} is written")
        # FlashInfer's own definitions have none: nothing is written, and it is said.
        run = Run(folder, name + "-fi-trace", config, "--dialect", "fi_trace")
        run.none("gqa_")
        run.unmatched("model.layers.*.self_attn.attn", "no attention sinks", head_dim=128)


def chosen_keys(folder):
    pro = dict(
        DEEPSEEK_V4,
        hidden_size=7168,
        num_attention_heads=128,
        n_routed_experts=384,
        moe_intermediate_size=3072,
        o_groups=16,
        q_lora_rank=1536,
        index_topk=1024,
    )
    run = Run(folder, "deepseek-v4-pro", pro, "--tp", "8")
    run.none("gqa_")
    run.unmatched("model.layers.*.self_attn.attn_mqa", "dsv4", num_qo_heads=16, head_dim=512)
    # A weight that is read elsewhere: models/deepseek_v4.py and dsv4/compressor.py.
    run.none("gemm_n16384_k4096")
    run.unmatched("model.layers.*.self_attn.wo_a", "the layer is never called")
    run.unmatched("model.layers.*.self_attn.compressor.wkv_gate", "the layer is never called")
    run = Run(folder, "deepseek-v3.2", V32, "--tp", "8")
    run.none("mla_paged")
    run.unmatched("model.layers.*.self_attn.attn_mqa", "indexer", num_qo_heads=16, head_dim_ckv=512)


def caches(folder):
    # The checkpoint's own word: hf_quant_config.json.
    run = Run(folder, "llama-fp8-cache", LLAMA, quantization=FP8_CACHE)
    run.has("gqa_paged_decode_h32_kv8_d128_ps1_fp8")
    plain = [d for d in run.definitions if d.startswith("gqa_paged") and not d.endswith("_fp8")]
    check(not plain, f"FP8 cache of a checkpoint: {plain}")
    e4m3 = ("--engine-arg", "kv_cache_dtype=fp8_e4m3")
    run = Run(folder, "deepseek-v3", DEEPSEEK, "--tp", "8", *e4m3)
    run.has("mla_paged_decode_h16_ckv512_kpe64_ps1_fp8")
    plain = [d for d in run.definitions if d.startswith("mla_paged") and not d.endswith("_fp8")]
    check(not plain, f"FP8 cache of latent attention: {plain}")
    # No form: said with the sizes, in both dialects.
    e5m2 = (
        "--engine-arg",
        "kv_cache_dtype=fp8_e5m2",
        "--engine-arg",
        "attention_backend=flashinfer",
    )
    run = Run(folder, "llama-e5m2", LLAMA, *e5m2)
    run.none("gqa_paged")
    run.unmatched("model.layers.*.self_attn.attn", "fp8_e5m2", num_qo_heads=32, num_kv_heads=8)
    run = Run(folder, "llama-fi-trace", LLAMA, *e4m3, "--dialect", "fi_trace")
    run.none("gqa_paged")
    run.unmatched("model.layers.*.self_attn.attn", "no FP8 cache", num_qo_heads=32)
    run = Run(folder, "deepseek-v3", DEEPSEEK, "--tp", "8", *e4m3, "--dialect", "fi_trace")
    run.none("mla_paged")
    run.unmatched("model.layers.*.self_attn.attn_mqa", "no FP8 cache", head_dim_ckv=512)


def weights_of_four_bits(folder):
    config = dict(LLAMA, quantization_config=NVFP4_PACKED)
    run = Run(folder, "llama-nvfp4-packed", config, "--platform", "h200")
    run.none("gemm_fp4")
    run.unmatched("model.layers.*.mlp.down_proj", "no form", N=4096, K=14336)
    run = Run(folder, "qwen3-moe-nvfp4", QWEN3_MOE, "--platform", "h200", quantization=NVFP4)
    run.none("moe_fp4")
    run.unmatched("model.layers.*.mlp.experts", "Marlin", E=128, N=768, K=2048, top_k=8)


def latent_limits(folder):
    """No model of this release has latent attention with a window or a cap: two that would."""
    tree = os.path.join(folder, "tree")
    shutil.copytree(SOURCES[0], tree, copy_function=os.symlink)
    for file, before, more in (
        ("deepseek_v2.py", 'prefix=add_prefix("attn_mqa", prefix),\n        )\n', "logit_cap=30.0"),
        (
            "minicpm3.py",
            'prefix=add_prefix("attn", prefix),\n        )\n',
            "sliding_window_size=127",
        ),
    ):
        path = os.path.join(tree, "sglang", "srt", "models", file)
        with open(path) as f:
            text = f.read()
        check(before in text, f"{file} is another one")
        os.remove(path)
        with open(path, "w") as f:
            f.write(
                text.replace(before, before.replace("\n        )\n", f" {more},\n        )\n"), 1)
            )
    plain = list(SOURCES)
    SOURCES[0] = tree
    try:
        run = Run(folder, "capped", DEEPSEEK, "--tp", "8")
        run.has("mla_paged_decode_h16_ckv512_kpe64_ps1_cap30.0")
        run.has("mla_ragged_prefill_causal_h16_qk192_vo128")  # its core has no cap
        run.none("mla_paged_decode_h16_ckv512_kpe64_ps64")
        check("mla_paged_decode_h16_ckv512_kpe64_ps1" not in run.definitions, "capped: without cap")
        run = Run(folder, "windowed", MINICPM3)
        run.has("mla_paged_decode_h40_ckv256_kpe32_ps1_sw127")
        check("mla_paged_decode_h40_ckv256_kpe32_ps1" not in run.definitions, "windowed: without")
    finally:
        SOURCES[:] = plain


def fused_launches(folder):
    """Layers that a step runs within a kernel of more than the layer: their own is not launched."""
    run = Run(folder, "qwen35", QWEN35, "--tp", "2")
    # kernels/ops/attention/fused_qk_rmsnorm_rope_gate.py; elementwise.py: the product with the
    # shared expert's gate, its sigmoid and the sum.
    for name in ("gemma_rmsnorm_h256", "gemm_n1_k2048"):
        run.not_launched(name)
    run.has("gemma_rmsnorm_h2048")
    run.has("gemm_n256_k2048")
    # kernels/ops/moe/router.py: the router's product, its cap and the choice of experts.
    run = Run(folder, "grok-2", GROK2, "--tp", "8")
    run.not_launched("gemm_fp32_n8_k8192")
    # models/deepseek_v2.py:927: product, activation and quantization of the shared expert; what
    # its second product reads was quantized there, and is a product as others are.
    experts = dict(NVFP4["quantization"], exclude_modules=["lm_head", "*self_attn*"])
    run = Run(
        folder,
        "v3-nvfp4",
        DEEPSEEK,
        *("--tp", "8", "--platform", "b200"),
        quantization=dict(NVFP4, quantization=experts),
    )
    run.not_launched("gemm_fp4_N4096_K7168_block_size16")
    run.has("gemm_fp4_N7168_K2048_block_size16")


def heads_that_are_not_called(folder):
    # models/dots_ocr.py:168: the language model inside has a head of its own.
    run = Run(folder, "dots", DOTS)
    run.unmatched("lm_head", "the layer is never called", N=151936, K=1536)
    run.has("gemm_n151936_k1536")


def float32_logits(folder):
    said = "logits are float32"
    # models/step3p5.py:218: with need_fp32_gate both operands are made float32.
    run = Run(folder, "step3p5", STEP)
    notes = [n["text"] for n in run.model["notes"] if n["path"].endswith(".gate")]
    check(any(said in n for n in notes), f"step3p5: {notes}")
    run.none("gemm_n288_k4096")  # what is launched is a product of float32 copies
    run = Run(folder, "step3p5-plain", dict(STEP, need_fp32_gate=False))
    notes = [n["text"] for n in run.model["notes"] if n["path"].endswith(".gate")]
    check(not any(said in n for n in notes), f"step3p5 without: {notes}")
    # models/minimax_m2.py:556: the router's weight itself is float32.
    run = Run(folder, "minimax-m2", MINIMAX)
    run.has("gemm_fp32_n256_k3072")
    run.none("gemm_n256_k3072")
    # FlashInfer's form states the dtype of the output, so there it is not written.
    run = Run(folder, "step3p5-fi-trace", STEP, "--dialect", "fi_trace")
    run.none("gemm_bf16_N288_K4096")
    run.unmatched("model.layers.*.moe.gate", said, N=288, K=4096)
    run = Run(folder, "deepseek-v3-fi-trace", DEEPSEEK, "--dialect", "fi_trace")
    run.none("gemm_bf16_N256_K7168")
    run.unmatched("model.layers.*.mlp.gate", said, N=256, K=7168)


def shapes_of(run):
    """(N, K) of every product at tp 1, with a definition or without one."""
    out = set()
    for u in run.model["unmatched"]:
        if u["role"] in ("linear", "gate", "head"):
            s = u.get("shape_at_tp1", u["shape"])
            out.add((s["N"], s["K"]))
    for d in run.definitions:
        parts = d.split("_")
        sizes = {p[0].lower(): p[1:] for p in parts if p[0] in "nkNK" and p[1:].isdigit()}
        if d.startswith("gemm") and {"n", "k"} <= set(sizes):
            out.add((int(sizes["n"]), int(sizes["k"])))
    return out


def run_config(config, quantization):
    return dict(config, quantization_config=quantization)


def shapes(folder):
    """What a quantization has no form for keeps the shapes of the 16-bit model."""
    for name, config, quantizations in (
        ("glm", GLM, (("channel", PER_CHANNEL), ("w4a16", W4A16))),
        ("qwen3-moe", QWEN3_MOE, (("channel", PER_CHANNEL), ("w4a16", W4A16))),
    ):
        plain = shapes_of(Run(folder, name, config))
        check(len(plain) >= 4, f"{name}: {plain}")
        for kind, quantization in quantizations:
            run = Run(folder, f"{name}-{kind}", run_config(config, quantization))
            check(plain <= shapes_of(run), f"{name} {kind}: lost {plain - shapes_of(run)}")
            e, n, k = (160, 1536, 5120) if name == "glm" else (128, 768, 2048)
            lines = [u for u in run.model["unmatched"] if u["role"] == "experts"]
            check(len(lines) == 1, f"{name} {kind}: {lines}")
            for u in lines:
                s = u["shape"]
                shared = u["facts"].get("num_shared_experts", 0)
                told = (s["E"] - shared, s["N"], s["K"], s["top_k"] - shared)
                check(told == (e, n, k, 8), f"{name} {kind}: {s}, shared {shared}")
                check(u["facts"]["method"].startswith("CompressedTensors"), f"{u['facts']}")
                check(u["origins"]["axes"]["N"]["value"] == n, f"{u['origins']['axes']}")
                check(u["params"] and u["deployment"] == "tp1" and u["count"] == 2, f"{u}")
            whole = Run(folder, f"{name}-{kind}", run_config(config, quantization), "--tp", "4")
            check(plain <= shapes_of(whole), f"{name} {kind} tp 4: {plain - shapes_of(whole)}")
            weight_only = [
                u["path"] for u in run.model["unmatched"] if u.get("facts", {}).get("weight_only")
            ]
            check(not weight_only, f"{name} {kind}: FP4's kernel is said of {weight_only}")
        run = Run(folder, name + "-fp8", config, "--engine-arg", "quantization=fp8")
        check(plain <= shapes_of(run), f"{name} fp8: lost {plain - shapes_of(run)}")
        run.unmatched("model.layers.*.mlp.experts", "quantized after loading")


def main():
    if not all(os.path.isdir(s) for s in SOURCES):
        print("skipped: no .kdex/sources (scripts/fetch-sources.sh)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        for test in (
            other_attention,
            sinks,
            chosen_keys,
            caches,
            weights_of_four_bits,
            latent_limits,
            fused_launches,
            heads_that_are_not_called,
            float32_logits,
            shapes,
        ):
            test(folder)
    return 1 if base.failed else 0


if __name__ == "__main__":
    sys.exit(main())
