"""The plans of plugins/*/kernel.cpp and of kernels/tools/plans.py, which verify.py runs, are the same.

python3 plans_agree.py DUMP_PLANS KERNELS_TOOLS
"""

import json, subprocess, sys

sys.path.insert(0, sys.argv[2])
import plans

ARCHS = {"sm_80": 80, "sm_89": 89, "sm_90a": 90, "sm_100": 100, "sm_120": 120}
ROWS = (
    1,
    2,
    3,
    5,
    8,
    9,
    16,
    17,
    33,
    64,
    65,
    100,
    128,
    129,
    132,
    133,
    200,
    256,
    300,
    512,
    700,
    1024,
    2048,
    4096,
    8192,
)
BF16, FP8, F32, INT = "bfloat16", "float8_e4m3fn", "float32", "int32"


def definition(op, constants, variables, inputs, outputs, reference=""):
    axes = {
        **{n: {"type": "const", "value": v} for n, v in constants.items()},
        **{n: {"type": "var"} for n in variables},
    }
    tensor = lambda t: {"shape": None if t[0] is None else t[0].split(), "dtype": t[1]}
    return {
        "name": "it",
        "op_type": op,
        "axes": axes,
        "inputs": {n: tensor(t) for n, t in inputs.items()},
        "outputs": {n: tensor(t) for n, t in outputs.items()},
        "reference": reference + "\ndef run():\n    pass\n",
    }


def norms():
    for hidden in (73, 90, 64, 128, 1536, 2048, 4096, 5376, 7168, 16384):
        for fused in (0, 1):
            x = {
                "hidden_states": ("batch_size hidden_size", BF16),
                **({"residual": ("batch_size hidden_size", BF16)} if fused else {}),
                "weight": ("hidden_size", BF16),
            }
            y = {
                "output": ("batch_size hidden_size", BF16),
                **({"residual_output": ("batch_size hidden_size", BF16)} if fused else {}),
            }
            d = definition("rmsnorm", {"hidden_size": hidden}, ["batch_size"], x, y, "EPS = 1e-05")
            for rows in ROWS:
                yield (
                    d,
                    {"batch_size": rows},
                    lambda chip: plans.rmsnorm(
                        chip, hidden, "1e-05", fused, 0, rows, residual=fused
                    ),
                )


def gemms():
    for n, k in (
        (6144, 4096),
        (256, 7168),
        (28672, 4096),
        (18440, 2080),
        (4096, 14336),
        (264, 520),
        (57344, 8192),
        (5120, 25600),
        (2048, 2048),
        (2304, 2048),
        (1152, 4304),
        (9216, 4096),
        (151936, 2048),
    ):
        d = definition(
            "gemm",
            {"N": n, "K": k},
            ["M"],
            {"A": ("M K", "float16"), "B": ("N K", "float16")},
            {"C": ("M N", "float16")},
        )
        for m in ROWS:
            yield d, {"M": m}, lambda chip: plans.gemm(chip, m, n, k, 0)
    for n, k, dtype in (
        (6144, 4096, 0),
        (4096, 14336, 0),
        (264, 520, 0),
        (1076, 1152, 0),
        (538, 1152, 0),
        (1, 2048, 0),
        (1152, 538, 0),
        (4, 4, 0),
        (13, 7, 0),
        (256, 2048, 2),
        (8, 11264, 2),
        (16000, 4096, 2),
        (128000, 4096, 2),
        (37, 29, 2),
    ):
        for kn in (False, True):
            kind = ("float16", BF16, F32)[dtype]
            d = definition(
                "gemm",
                {"N": n, "K": k},
                ["M"],
                {"A": ("M K", kind), "B": ("K N" if kn else "N K", kind)},
                {"C": ("M N", kind)},
            )
            for m in ROWS:
                yield d, {"M": m}, lambda chip: plans.gemm(chip, m, n, k, dtype, kn)
    for n, k in ((1536, 7168), (24576, 1536), (7168, 2048), (520, 512), (5120, 256)):
        block = definition(
            "gemm_fp8",
            {"N": n, "K": k},
            ["M", "Kb", "Nb"],
            {
                "a": ("M K", FP8),
                "b": ("N K", FP8),
                "a_scale": ("M Kb", F32),
                "b_scale": ("Nb Kb", F32),
            },
            {"out": ("M N", BF16)},
        )
        whole = definition(
            "gemm_fp8",
            {"N": n, "K": k, "K_div_block_size": k // 128, "block_size": 128},
            ["M"],
            {"A": ("M K", FP8), "B": ("K_div_block_size N block_size", FP8), "alpha": (None, F32)},
            {"C": ("M N", BF16)},
        )
        for m in ROWS:
            for blocks, d in ((True, block), (False, whole)):
                yield d, {"M": m}, lambda chip: plans.gemm_fp8(chip, m, n, k, blocks)

    for n, k in (
        (1280, 4096),
        (36864, 7168),
        (512, 7168),
        (7168, 256),
        (272, 1040),
        (7168, 2048),
        (4096, 7168),
        (48, 128),
    ):
        d = definition(
            "gemm_fp4",
            {"N": n, "K": k, "block_size": 16, "K_packed": k // 2, "K_div_block_size": k // 16},
            ["M"],
            {
                "A": ("M K_packed", "int8"),
                "B": ("K_packed N", "int8"),
                "a_descale": ("M K_div_block_size", FP8),
                "b_descale": ("K_div_block_size N", FP8),
                "alpha": (None, F32),
            },
            {"C": ("M N", BF16)},
        )
        for m in ROWS:
            yield d, {"M": m}, lambda chip: plans.gemm_fp4(chip, m, n, k)


def attention():
    lse = lambda rows: {
        "output": (f"{rows} num_qo_heads head_dim", BF16),
        "lse": (f"{rows} num_qo_heads", F32),
    }
    for hq, hkv, width in (
        (32, 8, 128),
        (5, 1, 64),
        (8, 1, 256),
        (48, 2, 192),
        (32, 4, 512),
        (8, 2, 80),
        (8, 8, 96),
        (4, 4, 224),
        (16, 4, 160),
        (4, 4, 16),
        (4, 2, 320),
        (12, 1, 42),
        (28, 4, 73),
        (4, 2, 88),
    ):
        heads = {"num_qo_heads": hq, "num_kv_heads": hkv, "head_dim": width}
        q, scale = lambda rows: (f"{rows} num_qo_heads head_dim", BF16), {"sm_scale": (None, F32)}
        cache = {
            n: ("num_pages page_size num_kv_heads head_dim", BF16) for n in ("k_cache", "v_cache")
        }
        paged = {
            "kv_indptr": ("len_indptr", INT),
            "kv_indices": ("num_kv_indices", INT),
            "kv_last_page_len": ("batch_size", INT),
        }
        variables = [
            "total_q",
            "batch_size",
            "len_indptr",
            "num_pages",
            "num_kv_indices",
            "total_kv",
        ]
        decode = definition(
            "gqa_paged",
            {**heads, "page_size": 16},
            variables,
            {"q": q("batch_size"), **cache, **paged, **scale},
            lse("batch_size"),
        )
        prefill = definition(
            "gqa_paged",
            {**heads, "page_size": 16},
            variables,
            {"q": q("total_q"), **cache, "qo_indptr": ("len_indptr", INT), **paged, **scale},
            lse("total_q"),
        )
        ragged = definition(
            "gqa_ragged",
            heads,
            variables,
            {
                "q": q("total_q"),
                "k": ("total_kv num_kv_heads head_dim", BF16),
                "v": ("total_kv num_kv_heads head_dim", BF16),
                "qo_indptr": ("len_indptr", INT),
                "kv_indptr": ("len_indptr", INT),
                **scale,
            },
            lse("total_q"),
        )
        for batch, rows in ((1, 1), (1, 300), (8, 8192), (64, 64)):
            axes = {
                "batch_size": batch,
                "len_indptr": batch + 1,
                "total_q": rows,
                "total_kv": rows,
                "num_kv_indices": 4 * rows,
                "num_pages": 4 * rows,
            }
            yield (
                decode,
                axes,
                lambda chip: plans.gqa_decode(chip, batch, hq, hkv, width, 16, 1, 4 * rows),
            )
            yield (
                {
                    **decode,
                    "reference": decode["reference"] + "\nWINDOW_LEFT = 1023\nLOGIT_CAP = 30.0\n",
                },
                axes,
                lambda chip: plans.gqa_decode(
                    chip, batch, hq, hkv, width, 16, 1, 4 * rows, window=1023, cap=30
                ),
            )
            yield (
                prefill,
                axes,
                lambda chip: plans.gqa_prefill(chip, batch, rows, hq, hkv, width, width, 16, 1),
            )
            yield (
                ragged,
                axes,
                lambda chip: plans.gqa_prefill(chip, batch, rows, hq, hkv, width, width, 0, 0),
            )
    for heads, ckv, kpe in [(h, 512, 64) for h in (8, 16, 17, 32, 128)] + [
        (5, 256, 32),
        (40, 256, 32),
        (16, 512, 128),
        (20, 192, 16),
    ]:
        for prefill in (0, 1):
            rows = "total_q" if prefill else "batch_size"
            x = {
                "q_nope": (f"{rows} num_qo_heads head_dim_ckv", BF16),
                "q_pe": (f"{rows} num_qo_heads head_dim_kpe", BF16),
                "ckv_cache": ("num_pages page_size head_dim_ckv", BF16),
                "kpe_cache": ("num_pages page_size head_dim_kpe", BF16),
                **({"qo_indptr": ("len_indptr", INT)} if prefill else {}),
                "kv_indptr": ("len_indptr", INT),
                "kv_indices": ("num_kv_indices", INT),
                "kv_last_page_len": ("batch_size", INT),
                "sm_scale": (None, F32),
            }
            d = definition(
                "mla_paged",
                {"num_qo_heads": heads, "head_dim_ckv": ckv, "head_dim_kpe": kpe, "page_size": 64},
                ["total_q", "batch_size", "len_indptr", "num_pages", "num_kv_indices"],
                x,
                {
                    "output": (f"{rows} num_qo_heads head_dim_ckv", BF16),
                    "lse": (f"{rows} num_qo_heads", F32),
                },
            )
            for batch, total in ((1, 1), (4, 700), (64, 64)):
                yield (
                    d,
                    {
                        "batch_size": batch,
                        "len_indptr": batch + 1,
                        "total_q": total,
                        "num_kv_indices": 64 * batch,
                        "num_pages": 64 * batch,
                    },
                    lambda chip: plans.mla(
                        chip,
                        batch,
                        total if prefill else batch,
                        heads,
                        ckv,
                        kpe,
                        64,
                        1,
                        bool(prefill),
                        64 * batch,
                    ),
                )
                scales = {
                    "ckv_scale": (None, F32),
                    "ckv_scale_arr": ("num_pages page_size groups", F32),
                    "kpe_scale": (None, F32),
                }
                scaled = definition(
                    "mla_paged",
                    {n: a["value"] for n, a in d["axes"].items() if "value" in a},
                    [n for n, a in d["axes"].items() if "value" not in a] + ["groups"],
                    {**x, **scales},
                    {
                        "output": (f"{rows} num_qo_heads head_dim_ckv", BF16),
                        "lse": (f"{rows} num_qo_heads", F32),
                    },
                )
                yield (
                    scaled,
                    {
                        "batch_size": batch,
                        "len_indptr": batch + 1,
                        "total_q": total,
                        "num_kv_indices": 64 * batch,
                        "num_pages": 64 * batch,
                        "groups": 4,
                    },
                    lambda chip: plans.mla(
                        chip,
                        batch,
                        total if prefill else batch,
                        heads,
                        ckv,
                        kpe,
                        64,
                        1,
                        bool(prefill),
                        64 * batch,
                        groups=4,
                    ),
                )
    for heads, kv, qk, vo in (
        (16, 16, 192, 128),
        (5, 5, 96, 64),
        (8, 8, 256, 256),
        (8, 8, 64, 128),
        (4, 4, 512, 256),
        (4, 4, 320, 64),
        (8, 2, 80, 112),
        (4, 4, 73, 42),
    ):
        d = definition(
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
        )
        for batch, rows in ((1, 1), (1, 300), (8, 8192), (64, 64)):
            yield (
                d,
                {"len_indptr": batch + 1, "total_q": rows, "total_kv": rows},
                lambda chip: plans.gqa_prefill(chip, batch, rows, heads, kv, qk, vo, 0, 0),
            )


def experts():
    for experts, rows, top_k, hidden, inter in (
        (128, 128, 8, 2048, 768),
        (128, 16, 8, 2048, 768),
        (16, 16, 1, 5120, 1024),
        (64, 16, 6, 1152, 640),
        (128, 128, 8, 2816, 704),
        (64, 64, 6, 1280, 112),
        (32, 32, 4, 2880, 88),
    ):
        for weights in (0, 1, 2, 3):
            if any(size % (8, 128, 16, 64)[weights] for size in (hidden, inter)):
                continue
            kind = (BF16, FP8, FP8, "int8")[weights]
            x = {
                "routing_logits": ("seq_len num_experts", BF16),
                "hidden_states": ("seq_len hidden_size", kind),
                **({"hidden_states_scale": ("hb seq_len", F32)} if weights == 1 else {}),
                "gemm1_weights": ("num_local_experts out1 hidden_size", kind),
                **(
                    {"gemm1_weights_scale": ("num_local_experts ob hb", F32)}
                    if weights == 1
                    else {}
                ),
                "gemm2_weights": ("num_local_experts hidden_size intermediate_size", kind),
                **(
                    {"gemm2_weights_scale": ("num_local_experts hb ib", F32)}
                    if weights == 1
                    else {}
                ),
                **(
                    {
                        n: ("num_local_experts", F32)
                        for n in (
                            "output1_scales_scalar",
                            "output1_scales_gate_scalar",
                            "output2_scales_scalar",
                        )
                    }
                    if weights == 2
                    else {}
                ),
            }
            if weights == 3:
                x.update(
                    {
                        n: ("seq_len hb", FP8) if n[0] == "h" else ("num_local_experts hb ib", FP8)
                        for n in (
                            "hidden_states_scale",
                            "gemm1_weights_scale",
                            "gemm2_weights_scale",
                        )
                    },
                    **{
                        n: ("num_local_experts", F32)
                        for n in (
                            "output1_scale_scalar",
                            "output1_scale_gate_scalar",
                            "output2_scale_scalar",
                        )
                    },
                )
            d = definition(
                "moe",
                {
                    "num_experts": experts,
                    "num_local_experts": rows,
                    "hidden_size": hidden,
                    "intermediate_size": inter,
                    "out1": 2 * inter,
                    "hb": hidden // 128,
                    "ib": inter // 128,
                    "ob": inter // 64,
                },
                ["seq_len"],
                x,
                {"output": ("seq_len hidden_size", BF16)},
                f'TOP_K = {top_k}\nROUTING = "renorm"\nACTIVATION = "silu"',
            )
            for tokens in ROWS:
                yield (
                    d,
                    {"seq_len": tokens},
                    lambda chip: plans.moe(
                        chip,
                        tokens,
                        experts,
                        rows,
                        top_k,
                        hidden,
                        inter,
                        weights,
                        "renorm",
                        logits=1,
                    ),
                )


cases, wanted = [], []
for family in (norms, gemms, attention, experts):
    for d, axes, plan in family():
        for arch, number in ARCHS.items():
            cases.append(plan(plans.Chip(number)))
            wanted.append(
                {
                    "definition": d,
                    "arch": arch,
                    "axes": {
                        **{n: a["value"] for n, a in d["axes"].items() if "value" in a},
                        **axes,
                    },
                }
            )
done = subprocess.run([sys.argv[1]], input=json.dumps(wanted), capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stderr)
bad = compared = 0
for plan, asked, got in zip(cases, wanted, json.loads(done.stdout)):
    differ = []
    if not got["launches"]:
        # Too little shared memory: kdex says so where a launch of plans.py would fail.
        if (
            "shared memory" in got["why_not"]
            and max(l["shared"] for l in plan["launches"]) > plans.Chip(ARCHS[asked["arch"]]).shared
        ):
            continue
        differ.append(got["why_not"] or "no launch")
    if [l["entry"] for l in plan["launches"]] != [l["entry"] for l in got["launches"]]:
        differ.append(
            f"{[l['entry'] for l in plan['launches']]} and {[l['entry'] for l in got['launches']]}"
        )
    else:
        parts = any(
            l["entry"].endswith("_merge") for l in plan["launches"]
        )  # parts of the keys: kdex tries fewer sizes of them
        for ours, theirs in zip(plan["launches"], got["launches"]):
            for what in ("block", "shared") + (() if parts else ("grid",)):
                a, b = ours[what], theirs[what]
                if (list(a) if what == "grid" else a) != b:
                    differ.append(f"{ours['entry']} {what}: {a} and {b}")
            if len(ours["args"]) != theirs["arguments"]:
                differ.append(
                    f"{ours['entry']}: {len(ours['args'])} and {theirs['arguments']} arguments"
                )
            for name, value in ours.get("defines", plan["defines"]).items():
                if theirs["constants"].get(name) != str(value):
                    differ.append(
                        f"{ours['entry']} {name}: {value} and {theirs['constants'].get(name)}"
                    )
            compared += 1
    if differ:
        bad += 1
        if bad <= 20:
            print(
                asked["definition"]["op_type"],
                asked["arch"],
                asked["axes"],
                plan["defines"],
                *differ[:6],
                sep="\n  ",
            )
print(f"{len(cases)} plans, {compared} launches compared, {bad} plans differ")
sys.exit(1 if bad or not compared else 0)
