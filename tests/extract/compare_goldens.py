#!/usr/bin/env python3
"""Hold a dataset's definitions against reference definitions of the public dataset.

usage: compare_goldens.py GOLDENS_DIR DATASET_DIR [--dialect fi_trace] [--all] [--configs DIR]

Compared: name, op_type, axes (as a map: type, value), constraints, inputs and outputs (order,
shape, dtype). Prints a table; a golden that is known to be wrong for its model
(docs/official-dataset.md) is counted apart, and so is one that no checkpoint of README.md gives (with
--configs: none of that folder; routes that need a quantization of their own are none).
With fi_trace a golden whose sizes the dataset does not have is held against a definition of the same
form (the name but for its numbers), sizes left out.
Exit 0 where every other golden is equal, 1 where one differs or is missing, 2 on bad input.
"""

import json
import os
import re
import sys

# Goldens that kdex writes differently on purpose; the reasons stand in docs/official-dataset.md.
KNOWN = {
    "gqa_paged_prefill_causal_h16_kv1_d128_ps64": "kv_last_page_len has one entry a sequence",
    "gqa_paged_prefill_causal_h24_kv8_d128_ps64": "kv_last_page_len has one entry a sequence",
    "gqa_paged_prefill_causal_h32_kv16_d128_ps64": "kv_last_page_len has one entry a sequence",
}
# The same for FlashInfer's own trace output, by the name's beginning: the parts that differ, and why.
KNOWN_FI_TRACE = {
    "fused_add_rmsnorm": ({"outputs"}, "a name of an input cannot be an output's: residual_out"),
    "gemma_fused_add_rmsnorm": (
        {"outputs"},
        "a name of an input cannot be an output's: residual_out",
    ),
    "gemm_fp4": (
        {"axes", "inputs"},
        "it declares no axes for packed bytes and blocks, and leaves the global scale out",
    ),
    "gemm_fp8_N": (
        {"axes", "inputs"},
        "it declares no axes for the blocks that its tensors name, and leaves the scale out",
    ),
    "moe_fp4_block_scale": (
        {"inputs"},
        "packed bytes are int8 (the format has no unsigned dtype); arguments that the engine leaves unset are left out",
    ),
}


def facts(d):
    # "unknown" is what a trace writes for index tensors; it is no dtype of the format.
    dtype = lambda t: "int32" if t.get("dtype") == "unknown" else t.get("dtype")
    tensors = lambda ts: [(n, t.get("shape"), dtype(t)) for n, t in ts.items()]
    return {
        "op_type": d["op_type"],
        "axes": {n: (a["type"], a.get("value")) for n, a in d["axes"].items()},
        "constraints": sorted(d.get("constraints", [])),
        "inputs": tensors(d["inputs"]),
        "outputs": tensors(d["outputs"]),
    }


def load(folder):
    found = {}
    for base, _, names in os.walk(folder):
        for n in names:
            if n.endswith(".json"):
                with open(os.path.join(base, n)) as f:
                    d = json.load(f)
                if isinstance(d, dict) and "op_type" in d:
                    found[d["name"]] = d
    return found


def form(d):
    """The name and the facts without sizes."""
    known = facts(d)
    known["axes"] = {n: kind for n, (kind, _) in known["axes"].items()}
    return re.sub(r"(?<!fp)(?<!bf)\d+", "#", d["name"]), known


def routes(readme, configs=None):
    """Golden name -> the ways in which README.md maps it to a checkpoint (of the folder `configs`, if given)."""
    out = {}
    with open(readme) as f:
        for line in f:
            cells = [c.strip() for c in line.split("|")]
            if len(cells) > 3 and re.fullmatch(r"[a-z0-9_]+", cells[1]):
                column = 3 if re.fullmatch(r"\d+e-\d+", cells[2]) else 2
                ways = [
                    w.strip()
                    for w in cells[column].split("<br>")
                    if "--" in w and ", quantization " not in w
                ]
                if configs is not None:
                    ways = [
                        w for w in ways if os.path.isdir(os.path.join(configs, w.split(",")[0]))
                    ]
                out[cells[1]] = ways
    return out


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    fi_trace = "fi_trace" in args
    configs = sys.argv[sys.argv.index("--configs") + 1] if "--configs" in sys.argv[:-1] else None
    args = [a for a in args if a not in ("fi_trace", configs)]
    if len(args) != 2 or not all(os.path.isdir(a) for a in args):
        print(__doc__, file=sys.stderr)
        return 2
    goldens_dir, dataset = args
    goldens = load(os.path.join(goldens_dir, "fi_trace") if fi_trace else goldens_dir)
    if not fi_trace:
        for name in list(load(os.path.join(goldens_dir, "fi_trace"))):
            if not os.path.exists(
                os.path.join(goldens_dir, goldens[name]["op_type"], name + ".json")
            ):
                goldens.pop(name)
        for sub in os.listdir(goldens_dir):
            if sub != "fi_trace" and os.path.isdir(os.path.join(goldens_dir, sub)):
                goldens.update(load(os.path.join(goldens_dir, sub)))
    mapped = {} if fi_trace else routes(os.path.join(goldens_dir, "README.md"), configs)
    ours = load(os.path.join(dataset, "definitions"))
    forms = dict(form(d) for d in ours.values())
    counts = {}
    for name in sorted(goldens):
        # The longest beginning that fits.
        parts, known = (
            max(
                ((start, *k) for start, k in KNOWN_FI_TRACE.items() if name.startswith(start)),
                default=("", set(), None),
            )[1:]
            if fi_trace
            else ({"axes", "inputs"}, KNOWN.get(name))
        )
        if name not in ours and fi_trace and form(goldens[name])[0] in forms:
            shape, want = form(goldens[name])
            wrong = [k for k in want if want[k] != forms[shape][k]]
            known = known if set(wrong) <= parts else None
            verdict = "form equal" if not wrong else "form known" if known else "form differs"
            detail = (
                known
                if wrong and known
                else "; ".join(f"{k}: golden {want[k]} kdex {forms[shape][k]}" for k in wrong)
            )
        elif name not in ours:
            verdict = "missing" if mapped.get(name) else "no checkpoint"
            detail = ""
        else:
            want, got = facts(goldens[name]), facts(ours[name])
            wrong = [k for k in want if want[k] != got[k]]
            known = known if set(wrong) <= parts else None
            verdict = "equal" if not wrong else ("known" if known else "differs")
            detail = (
                known
                if wrong and known
                else "; ".join(f"{k}: golden {want[k]} kdex {got[k]}" for k in wrong)
            )
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict not in ("equal", "no checkpoint") or "--all" in sys.argv:
            print(f"{verdict:14} {name}  {detail}")
    print(", ".join(f"{n} {v}" for v, n in sorted(counts.items())), f"of {len(goldens)}")
    return 1 if any(counts.get(v) for v in ("missing", "differs", "form differs")) else 0


if __name__ == "__main__":
    sys.exit(main())
