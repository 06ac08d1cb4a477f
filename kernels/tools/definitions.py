"""Definitions of any size, as kdex's families read them: what verify.py runs and tests/core/cuda/plan_hashes.py asks plans for.

Each function gives a dict in the form of a dataset's JSON. Its reference holds the constants that planners read and
computes nothing; names, axes and tensors are those of the definitions that kdex writes.
"""

BF16, FP16, FP8, F32, INT = "bfloat16", "float16", "float8_e4m3fn", "float32", "int32"
KINDS = (FP16, BF16, F32)  # by KDEX_DTYPE


def definition(name, op, constants, variables, inputs, outputs, reference=()):
    """inputs and outputs: (axes in one text or None for a scalar, dtype) by name; reference: pairs of constants."""
    tensor = lambda t: {"shape": None if t[0] is None else t[0].split(), "dtype": t[1]}
    return {
        "name": name,
        "op_type": op,
        "axes": {
            **{n: {"type": "const", "value": v} for n, v in constants.items()},
            **{n: {"type": "var"} for n in variables},
        },
        "inputs": {n: tensor(t) for n, t in inputs.items()},
        "outputs": {n: tensor(t) for n, t in outputs.items()},
        "reference": "".join(f"{n} = {v}\n" for n, v in reference) + "\ndef run():\n    pass\n",
    }


def rmsnorm(hidden, fused=0, gemma=0, residual=0, weight=BF16):
    """fused: the residual is added first; residual: that sum is an output too; gemma: weights are offsets from 1;
    weight: its dtype."""
    rows = "batch_size hidden_size"
    inputs = {"hidden_states": (rows, BF16)}
    if fused:
        inputs["residual"] = (rows, BF16)
    inputs["weight"] = ("hidden_size", weight)
    outputs = {"output": (rows, BF16)}
    if residual:
        outputs["residual_out"] = (rows, BF16)
    return definition(
        f"{'fused_add_' * fused}{'gemma_' * gemma}rmsnorm_h{hidden}{'_sum' * residual}"
        + f"_weight_{weight}" * (weight != BF16),
        "rmsnorm",
        {"hidden_size": hidden},
        ["batch_size"],
        inputs,
        outputs,
        [("EPS", "1e-05")] + [("WEIGHT_OFFSET", "1.0")] * gemma,
    )


def activation(hidden, function="silu"):
    """function: silu, gelu or gelu_tanh of the first half of a row, times the second."""
    return definition(
        f"{function}_and_mul_h{hidden}",
        "activation",
        {"hidden_size": hidden, "hidden_div_2": hidden // 2},
        ["num_tokens"],
        {"input": ("num_tokens hidden_size", BF16)},
        {"output": ("num_tokens hidden_div_2", BF16)},
        [("FUNCTION", f'"{function}"')],
    )


def quantization(k, group=128):
    """FP8 values of a token's groups, each with a scale."""
    return definition(
        f"per_token_group_quant_fp8_k{k}_g{group}",
        "quantization",
        {"K": k, "group_size": group, "num_groups": k // group},
        ["M"],
        {"input": ("M K", BF16)},
        {"output_q": ("M K", FP8), "output_s": ("M num_groups", F32)},
        [("GROUP_SIZE", group)],
    )


def rope(head, rotary, neox=True):
    """neox: an element turns with the one half a rotary width away, else with its neighbour."""
    q, k = "num_tokens num_qo_heads head_size", "num_tokens num_kv_heads head_size"
    return definition(
        f"rope_with_cos_sin_cache_{'neox' if neox else 'gptj'}_style_d{head}_rd{rotary}",
        "rope",
        {"head_size": head, "rotary_dim": rotary},
        ["num_tokens", "num_qo_heads", "num_kv_heads", "max_seq_len"],
        {
            "q": (q, BF16),
            "k": (k, BF16),
            "cos_sin_cache": ("max_seq_len rotary_dim", F32),
            "positions": ("num_tokens", "int64"),
        },
        {"q_out": (q, BF16), "k_out": (k, BF16)},
        [("IS_NEOX", neox)],
    )


def bmm(batch, n, k, kn=False):
    """kn: each item's B is [K, N]."""
    return definition(
        f"bmm_{'kn_' * kn}bf16_b{batch}_n{n}_k{k}",
        "bmm",
        {"batch_size": batch, "N": n, "K": k},
        ["M"],
        {"A": ("batch_size M K", BF16), "B": (f"batch_size {'K N' if kn else 'N K'}", BF16)},
        {"C": ("batch_size M N", BF16)},
    )


def gemm(n, k, dtype=0, kn=False):
    """dtype 0 float16, 1 bfloat16, 2 float32; kn: B is [K, N], FlashInfer's form."""
    kind = KINDS[dtype]
    short = {FP16: "fp16", BF16: "bf16", F32: "fp32"}[kind]
    return definition(
        f"gemm_{kind}_n{n}_k{k}" + "_kn" * kn,
        f"gemm_{short}" if kn else "gemm",
        {"N": n, "K": k},
        ["M"],
        {"A": ("M K", kind), "B": ("K N" if kn else "N K", kind)},
        {"C": ("M N", kind)},
    )


def gemm_fp8(n, k, blocks):
    """blocks: scales of 1 x 128 and 128 x 128; else one factor, and B as [K / 128, N, 128]."""
    if blocks:
        return definition(
            f"gemm_fp8_block_n{n}_k{k}",
            "gemm_fp8",
            {"N": n, "K": k},
            ["M", "K_div_block", "N_div_block"],
            {
                "a": ("M K", FP8),
                "b": ("N K", FP8),
                "a_scale": ("M K_div_block", F32),
                "b_scale": ("N_div_block K_div_block", F32),
            },
            {"out": ("M N", BF16)},
        )
    return definition(
        f"gemm_fp8_tensor_n{n}_k{k}",
        "gemm_fp8",
        {"N": n, "K": k, "K_div_block_size": k // 128, "block_size": 128},
        ["M"],
        {"A": ("M K", FP8), "B": ("K_div_block_size N block_size", FP8), "alpha": (None, F32)},
        {"C": ("M N", BF16)},
    )


def gemm_fp4(n, k, dtype=1):
    return definition(
        f"gemm_fp4_{KINDS[dtype]}_n{n}_k{k}",
        "gemm_fp4",
        {"N": n, "K": k, "block_size": 16, "K_packed": k // 2, "K_div_block_size": k // 16},
        ["M"],
        {
            "A": ("M K_packed", "int8"),
            "B": ("K_packed N", "int8"),
            "a_descale": ("M K_div_block_size", FP8),
            "b_descale": ("K_div_block_size N", FP8),
            "alpha": (None, F32),
            "block_size": (None, INT),
        },
        {"C": ("M N", KINDS[dtype])},
    )


def gqa(hq, hkv, width, page, prefill, last=True, dtype=1, window=-1, cap=0, sinks=None, fp8=0):
    """page 0: ragged; last: with kv_last_page_len; window: keys before a query's own, below 0 all; sinks: their dtype;
    fp8 1: a cache of e4m3, 2: queries too."""
    kind, rows = KINDS[dtype], "total_q" if prefill else "batch_size"
    heads = {"num_qo_heads": hq, "num_kv_heads": hkv, "head_dim": width}
    inputs = {"q": (f"{rows} num_qo_heads head_dim", FP8 if fp8 == 2 else kind)}
    if page:
        heads["page_size"] = page
        cache = ("num_pages page_size num_kv_heads head_dim", FP8 if fp8 else kind)
        inputs.update(k_cache=cache, v_cache=cache)
    else:
        inputs.update({n: ("total_kv num_kv_heads head_dim", kind) for n in ("k", "v")})
    if prefill:
        inputs["qo_indptr"] = ("len_indptr", INT)
    inputs["kv_indptr"] = ("len_indptr", INT)
    variables = [rows, "len_indptr"]
    if page:
        inputs["kv_indices"] = ("num_kv_indices", INT)
        variables += ["num_pages", "num_kv_indices"]
        if last:
            inputs["kv_last_page_len"] = ("batch_size", INT)
            variables += ["batch_size"] * prefill
    else:
        variables += ["total_kv"]
    inputs["sm_scale"] = (None, F32)
    if fp8:
        inputs.update(k_scale=(None, F32), v_scale=(None, F32))
    if sinks:
        inputs["sinks"] = ("num_qo_heads", sinks)
    return definition(
        f"gqa_{'paged' if page else 'ragged'}_{'prefill' if prefill else 'decode'}_{kind}_h{hq}_kv{hkv}_d{width}"
        + f"_p{page}" * bool(page)
        + "_last" * bool(page and last)
        + f"_window{window}" * (window >= 0)
        + f"_cap{cap}" * bool(cap)
        + f"_sinks_{sinks}" * bool(sinks)
        + ("", "_fp8_cache", "_fp8")[fp8],
        "gqa_paged" if page else "gqa_ragged",
        heads,
        variables,
        inputs,
        {
            "output": (f"{rows} num_qo_heads head_dim", kind),
            "lse": (f"{rows} num_qo_heads", F32),
        },
        [("WINDOW_LEFT", window)] * (window >= 0)
        + [("LOGIT_CAP", float(cap))] * bool(cap)
        + [("OUTPUT", f"torch.{kind}")] * bool(fp8),
    )


def limits(window, cap):
    """The name's end and the reference's constants; none where there is neither."""
    if window < 0 and not cap:
        return "", []
    name = f"_window{window}" * (window >= 0) + f"_cap{cap}" * bool(cap)
    return name, [("WINDOW_LEFT", window), ("LOGIT_CAP", float(cap))]


def mla_paged(heads, ckv, kpe, page, prefill, last=True, scaled=False, window=-1, cap=0, fp8=0):
    """scaled: a quantized cache, with scales of groups of the latent's columns; window, cap, fp8 as in gqa."""
    rows = "total_q" if prefill else "batch_size"
    queries, cache = FP8 if fp8 == 2 else BF16, FP8 if fp8 else BF16
    limited, constants = limits(window, cap)
    inputs = {
        "q_nope": (f"{rows} num_qo_heads head_dim_ckv", queries),
        "q_pe": (f"{rows} num_qo_heads head_dim_kpe", queries),
        "ckv_cache": ("num_pages page_size head_dim_ckv", cache),
        "kpe_cache": ("num_pages page_size head_dim_kpe", cache),
        **({"qo_indptr": ("len_indptr", INT)} if prefill else {}),
        "kv_indptr": ("len_indptr", INT),
        "kv_indices": ("num_kv_indices", INT),
        **({"kv_last_page_len": ("batch_size", INT)} if last else {}),
        "sm_scale": (None, F32),
    }
    if scaled:
        inputs["ckv_scale"] = (None, F32)
        inputs["ckv_scale_arr"] = ("num_pages page_size ckv_scale_groups", F32)
        inputs["kpe_scale"] = (None, F32)
        inputs["return_lse"] = (None, INT)
    if fp8:
        inputs.update(k_scale=(None, F32), v_scale=(None, F32))
        constants = constants + [("OUTPUT", f"torch.{BF16}")]
    return definition(
        f"mla_paged_{'prefill' if prefill else 'decode'}_h{heads}_ckv{ckv}_kpe{kpe}_p{page}"
        + "_last" * last
        + "_scaled" * scaled
        + limited
        + ("", "_fp8_cache", "_fp8")[fp8],
        "mla_paged",
        {"num_qo_heads": heads, "head_dim_ckv": ckv, "head_dim_kpe": kpe, "page_size": page},
        [rows, "len_indptr", "num_pages", "num_kv_indices"]
        + ["batch_size"] * (prefill and last)
        + ["ckv_scale_groups"] * scaled,
        inputs,
        {
            "output": (f"{rows} num_qo_heads head_dim_ckv", BF16),
            "lse": (f"{rows} num_qo_heads", F32),
        },
        constants,
    )


def mla_ragged(heads, kv, qk, vo, window=-1, cap=0):
    limited, constants = limits(window, cap)
    return definition(
        f"mla_ragged_h{heads}_kv{kv}_qk{qk}_vo{vo}{limited}",
        "mla_ragged",
        {"num_qo_heads": heads, "num_kv_heads": kv, "qk_dim": qk, "vo_dim": vo},
        ["total_q", "total_kv", "len_indptr"],
        {
            "q": ("total_q num_qo_heads qk_dim", BF16),
            "k": ("total_kv num_kv_heads qk_dim", BF16),
            "v": ("total_kv num_kv_heads vo_dim", BF16),
            "qo_indptr": ("len_indptr", INT),
            "kv_indptr": ("len_indptr", INT),
            "sm_scale": (None, F32),
        },
        {"output": ("total_q num_qo_heads vo_dim", BF16), "lse": ("total_q num_qo_heads", F32)},
        constants,
    )


def moe(
    experts,
    rows,
    top_k,
    hidden,
    inter,
    weights,
    routing="renorm",
    n_group=1,
    topk_group=1,
    shared=0,
    activation="silu",
    logits=1,
    dtype=1,
    gated=False,
    offset=False,
):
    """weights 0: 16-bit, 1: FP8 in blocks, 2: FP8 with a scale an expert, 3: NVFP4. routing: deepseek, renorm,
    default, sigmoid_renorm, llama4 (weights of the input), or given (ids and weights as inputs). gated: FlashInfer's
    form of FP8 in blocks with deepseek's routing. offset: another rank has experts too; FP8 in blocks routed by the
    logits has a form without them. logits: the dtype of the router's logits."""
    kind = (KINDS[dtype], FP8, FP8, "int8")[weights]
    grouped, given = routing == "deepseek", routing == "given"
    if weights == 2 and experts != rows:
        raise ValueError("FP8 with a scale an expert has no form for a rank's share")
    one_rank = weights == 1 and not grouped and not given and not offset
    held = "num_weight_rows" if shared else "num_experts" if weights == 2 else "num_local_experts"
    seen = "num_local_experts" if one_rank else "num_experts"
    hb, ib = "num_hidden_blocks", "num_intermediate_blocks"
    if weights == 3:
        hb, ib = "num_fp4_hidden_blocks", "num_fp4_intermediate_blocks"
    hidden_axis = "num_packed_hidden" if weights == 3 else "hidden_size"
    inter_axis = "num_packed_intermediate" if weights == 3 else "intermediate_size"
    inputs = {}
    if shared and gated:
        inputs["num_fused_shared_experts"] = (None, INT)
    if given:
        inputs["topk_ids"] = ("seq_len top_k", INT)
        inputs["topk_weights"] = ("seq_len top_k", F32)
    else:
        inputs["routing_logits"] = (f"seq_len {seen}", KINDS[logits])
    if grouped:
        inputs["routing_bias"] = (seen, BF16)
    inputs["hidden_states"] = (f"seq_len {hidden_axis}", kind)
    if weights in (1, 3):
        inputs["hidden_states_scale"] = (
            (f"{hb} seq_len", F32) if weights == 1 else (f"seq_len {hb}", FP8)
        )
    scales = F32 if weights == 1 else FP8
    inputs["gemm1_weights"] = (f"{held} gemm1_out_size {hidden_axis}", kind)
    if weights in (1, 3):
        rows1 = "num_gemm1_out_blocks" if weights == 1 else "gemm1_out_size"
        inputs["gemm1_weights_scale"] = (f"{held} {rows1} {hb}", scales)
    if gated:
        for name in ("gemm1_alpha", "gemm1_beta", "gemm1_clamp_limit"):
            inputs[name] = (held, F32)
    inputs["gemm2_weights"] = (f"{held} hidden_size {inter_axis}", kind)
    if weights in (1, 3):
        rows2 = hb if weights == 1 else "hidden_size"
        inputs["gemm2_weights_scale"] = (f"{held} {rows2} {ib}", scales)
    if weights >= 2:
        s = "scales" if weights == 2 else "scale"
        for name in (f"output1_{s}_scalar", f"output1_{s}_gate_scalar", f"output2_{s}_scalar"):
            inputs[name] = (held, F32)
    if gated:
        for name in ("top_k", "n_group", "topk_group"):
            inputs[name] = (None, INT)
    if not one_rank and weights != 2:
        inputs["local_expert_offset"] = (None, INT)
    if grouped:
        inputs["routed_scaling_factor"] = (None, F32)
    axes = {
        held: rows,
        "hidden_size": hidden,
        "intermediate_size": inter,
        "gemm1_out_size": 2 * inter,
    }
    if shared:
        axes["num_fused_shared_experts"] = shared
    if not one_rank and not given:
        axes["num_experts"] = experts
    if gated or shared or weights != 1 or not grouped or n_group == 1:
        axes["top_k"] = top_k
    if grouped and (gated or shared):
        axes.update(n_group=n_group, topk_group=topk_group)
    if weights == 1:
        up = lambda n: (n + 127) // 128
        axes.update(num_hidden_blocks=up(hidden), num_intermediate_blocks=up(inter))
        axes.update(num_gemm1_out_blocks=up(2 * inter))
    if weights == 3:
        axes.update(num_packed_hidden=hidden // 2, num_fp4_hidden_blocks=hidden // 16)
        axes.update(num_packed_intermediate=inter // 2, num_fp4_intermediate_blocks=inter // 16)
    constants = [("TOP_K", top_k), ("SHARED", shared), ("OUT_DTYPE", f"torch.{KINDS[dtype]}")]
    if grouped:
        constants += [("N_GROUP", n_group), ("TOPK_GROUP", topk_group)]
    elif not given:
        constants.append(("ROUTING", f'"{routing}"'))
    constants += [("ACTIVATION", f'"{activation}"'), ("WEIGHT_ON_INPUT", routing == "llama4")]
    return definition(
        f"moe_w{weights}_{routing}_e{experts}_r{rows}_k{top_k}_h{hidden}_i{inter}_g{n_group}_{topk_group}"
        f"_s{shared}_{activation}_l{logits}_{KINDS[dtype]}" + "_gated" * gated + "_offset" * offset,
        "moe",
        axes,
        ["seq_len"],
        inputs,
        {"output": ("seq_len hidden_size", KINDS[dtype])},
        constants,
    )
