#!/usr/bin/env python3
"""Load a dataset with flashinfer-bench and run every reference on CPU at small sizes.

usage: run_dataset_references.py DATASET_DIR [--full N]

Every definition is validated and every var axis given a small value; constant axes are made smaller
where a reference reads them from shapes (heads and widths of GEMMs, experts), so that all of them run
in minutes. Checked: it runs, and each output has the declared shape and dtype and no NaN. Without
flashinfer-bench the JSON files are read as they are, and that is said. Exits 77 without torch or sources. --full N also runs N
definitions of each op type at their own constants.
"""

import json
import math
import pathlib
import sys

try:
    import torch
except ImportError:
    print(
        "skipped: torch is not installed (cmake -DKDEX_TORCH_PYTHON=python names a Python that has it)"
    )
    sys.exit(77)
try:
    from flashinfer_bench.data import Definition
except ImportError as error:
    Definition = None
    print(f"flashinfer-bench is not installed ({error}): definitions are not validated by it")

DTYPES = {
    n: getattr(torch, n)
    for n in "float32 float16 bfloat16 float8_e4m3fn float8_e5m2 int64 int32 int16 int8 uint8 bool".split()
}


def consts(d):
    return {n: a["value"] for n, a in d["axes"].items() if a["type"] == "const"}


def shrink(d):
    """Smaller constants that keep the relations between the axes."""
    c, op = dict(consts(d)), d["op_type"]
    if op.startswith("gemm"):
        c["N"], c["K"] = min(c["N"], 192), min(c["K"], 256)
        for name, by in (("K_packed", 2), ("K_div_block_size", c.get("block_size", 128))):
            if name in c:
                c[name] = c["K"] // by
    elif op == "moe":
        h, i = 256, 128
        c.update(hidden_size=h, intermediate_size=i, gemm1_out_size=2 * i)
        for name, v in (
            ("num_hidden_blocks", 2),
            ("num_intermediate_blocks", 1),
            ("num_gemm1_out_blocks", 2),
            ("num_packed_hidden", h // 2),
            ("num_fp4_hidden_blocks", h // 16),
            ("num_packed_intermediate", i // 2),
            ("num_fp4_intermediate_blocks", i // 16),
        ):
            if name in c:
                c[name] = v
    elif op.startswith(("gqa", "mla")):
        pass
    return c


def indptr(lengths):
    out = [0]
    for n in lengths:
        out.append(out[-1] + n)
    return torch.tensor(out, dtype=torch.int32)


def make_inputs(d, c):
    names, op = d["inputs"], d["op_type"]
    var = {n: 3 for n, a in d["axes"].items() if a["type"] == "var"}
    given = {}
    if op.startswith(("gqa", "mla")):
        ps = c.get("page_size", 1)
        batch, q_lens, pages = 3, [1, 3, 0], [2, 4, 1]
        var.update(
            batch_size=batch,
            len_indptr=batch + 1,
            total_q=sum(q_lens),
            total_kv=sum(pages),
            num_kv_indices=sum(pages),
            num_pages=9,
            ckv_scale_groups=4,
        )
        given["qo_indptr"], given["kv_indptr"] = indptr(q_lens), indptr(pages)
        given["kv_indices"] = torch.randperm(9)[: sum(pages)].to(torch.int32)
        given["kv_last_page_len"] = torch.tensor([1, ps, max(1, ps // 2)], dtype=torch.int32)
    if op == "gemm_fp8":
        var.update(K_div_block=math.ceil(c["K"] / 128), N_div_block=math.ceil(c["N"] / 128))
    if "topk_ids" in names:
        given["topk_ids"] = torch.stack(
            [torch.randperm(c["num_local_experts"])[: c["top_k"]] for _ in range(3)]
        ).to(torch.int32)
        given["topk_weights"] = torch.rand(3, c["top_k"])
    sizes = {**var, **c}
    scalars = {
        "sm_scale": 0.1,
        "local_expert_offset": 0,
        "routed_scaling_factor": 2.5,
        "return_lse": 1,
        "alpha": 0.5,
        "block_size": c.get("block_size", 16),
        "top_k": c.get("top_k"),
        "n_group": c.get("n_group"),
        "topk_group": c.get("topk_group"),
        "num_fused_shared_experts": c.get("num_fused_shared_experts"),
        "ckv_scale": 1.5,
        "kpe_scale": 0.5,
        "k_scale": 1.5,
        "v_scale": 0.5,
    }
    args = []
    for n, t in names.items():
        if t["shape"] is None:
            args.append(scalars[n])
        elif n in given:
            args.append(given[n])
        else:
            shape, dtype = [sizes[a] for a in t["shape"]], DTYPES[t["dtype"]]
            if dtype in (torch.int8, torch.uint8):
                args.append(torch.randint(0, 127, shape).to(dtype))
            elif "scale" in n or n.endswith("_descale"):
                args.append((torch.rand(shape) * 0.1 + 0.01).to(dtype))
            else:
                args.append((torch.randn(shape) * 0.5).to(dtype))
    return args, sizes


def run_one(d, c):
    space = {}
    exec(compile(d["reference"], d["name"], "exec"), space)
    args, sizes = make_inputs(d, c)
    out = space["run"](*args)
    out = out if isinstance(out, tuple) else (out,)
    assert len(out) == len(d["outputs"]), f"{len(out)} outputs"
    for (n, t), o in zip(d["outputs"].items(), out):
        assert list(o.shape) == [sizes[a] for a in t["shape"]], f"{n} has shape {list(o.shape)}"
        assert o.dtype == DTYPES[t["dtype"]], f"{n} is {o.dtype}"
        assert not torch.isnan(o.to(torch.float32)).any(), f"{n} has NaN"


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    if not pathlib.Path(sys.argv[1], "definitions").is_dir():
        print(f"skipped: {sys.argv[1]} has no definitions")
        return 77
    full = int(sys.argv[sys.argv.index("--full") + 1]) if "--full" in sys.argv else 0
    files = sorted(pathlib.Path(sys.argv[1]).glob("definitions/*/*.json"))
    failed, ran_full = 0, {}
    torch.manual_seed(0)
    if Definition is not None:
        from flashinfer_bench.data import TraceSet

        loaded = TraceSet.from_path(sys.argv[1])
        print(
            f"flashinfer-bench loaded {len(loaded.definitions)} definitions of {len(files)} files"
        )
        failed += len(loaded.definitions) != len(files)
    for f in files:
        try:
            d = json.loads(f.read_text())
            if Definition is not None:
                Definition.model_validate(d)
            run_one(d, shrink(d))
            if ran_full.get(d["op_type"], 0) < full and d["op_type"] != "moe":
                run_one(d, consts(d))
                ran_full[d["op_type"]] = ran_full.get(d["op_type"], 0) + 1
        except Exception as error:
            failed += 1
            print(f"FAILED {f.parent.name}/{f.name}: {type(error).__name__}: {str(error)[:300]}")
    if full:
        print("at their own sizes:", ran_full)
    print(f"{len(files) - min(failed, len(files))} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
