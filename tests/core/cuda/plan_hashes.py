"""The launches that kdex plans for some 14,000 definitions, architectures and sizes are those of plan_hashes.txt.

    python3 tests/core/cuda/plan_hashes.py build/release/kdex            compares, and names the plans that differ
    python3 tests/core/cuda/plan_hashes.py build/release/kdex --write    writes plan_hashes.txt anew

A line is a definition, an architecture and a hash for each size. The first half of a hash is of the code (files,
entries, constants), the second of the launches (grids, blocks, shared memory, arguments with their values, tensor maps,
buffers). Names of constants, files, entries, maps and buffers are in the first half alone: after they were renamed,
the second half must be as before. A constant that a unit's file does not use is an error.
"""

import hashlib, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = HERE
while not os.path.isdir(os.path.join(TOP, "kernels", "tools")):
    TOP = os.path.dirname(TOP)
sys.path.insert(0, os.path.join(TOP, "kernels", "tools"))
import definitions as d

FILE = os.path.join(HERE, "plan_hashes.txt")
ARCHS = ("sm_80", "sm_89", "sm_90a", "sm_100", "sm_120")
ROWS = (1, 2, 3, 5, 8, 9, 16, 17, 33, 64, 65, 100, 128, 129, 132, 133, 200, 256, 300, 512, 700)
ROWS += (1024, 2048, 4096, 8192)


def each(axis, values=ROWS):
    return [{axis: v} for v in values]


def norms():
    for hidden in (73, 90, 64, 128, 1536, 2048, 4096, 5376, 7168, 16384):
        for fused in (0, 1):
            yield d.rmsnorm(hidden, fused, 0, fused), each("batch_size")
    for hidden in (90, 128, 512, 4096):
        yield d.rmsnorm(hidden, 0, 0, 0, d.F32), each("batch_size")


HALF = ((6144, 4096), (256, 7168), (28672, 4096), (18440, 2080), (4096, 14336), (264, 520))
HALF += ((57344, 8192), (5120, 25600), (2048, 2048), (2304, 2048), (1152, 4304), (9216, 4096))
HALF += ((151936, 2048), (160, 6144), (384, 5120), (64, 4096))
FORMS = [(n, k, 0) for n, k in ((6144, 4096), (4096, 14336), (264, 520), (1076, 1152))]
FORMS += [(n, k, 0) for n, k in ((538, 1152), (1, 2048), (1152, 538), (4, 4), (13, 7))]
FORMS += [(n, k, 2) for n, k in ((256, 2048), (8, 11264), (16000, 4096), (128000, 4096), (37, 29))]
FP8 = ((1536, 7168), (24576, 1536), (7168, 2048), (520, 512), (5120, 256), (2624, 6144))
FP8 += ((6144, 12288),)
FP4 = ((1280, 4096), (36864, 7168), (512, 7168), (7168, 256), (272, 1040), (7168, 2048))
FP4 += ((4096, 7168), (48, 128))


def gemms():
    for n, k in HALF:
        yield d.gemm(n, k), each("M")
    for n, k, dtype in FORMS:
        for kn in (False, True):
            if (n, k, dtype, kn) not in [(*h, 0, False) for h in HALF]:
                yield d.gemm(n, k, dtype, kn), each("M")
    for n, k in FP8:
        for blocks in (True, False):
            yield d.gemm_fp8(n, k, blocks), each("M")
    for n, k in FP4:
        yield d.gemm_fp4(n, k), each("M")


def launched():
    """Of families whose definitions come from what a step launches."""
    for batch, n, k in ((16, 512, 128), (16, 128, 512), (128, 512, 128), (128, 128, 512)):
        yield d.bmm(batch, n, k), each("M")
    for batch, n, k in ((8, 520, 192), (3, 130, 100), (64, 256, 512)):
        yield d.bmm(batch, n, k, kn=True), each("M")
    for hidden, function in ((14336, "silu"), (512, "gelu"), (26, "gelu_tanh")):
        yield d.activation(hidden, function), each("num_tokens")
    for k, group in ((7168, 128), (2048, 128), (512, 64)):
        yield d.quantization(k, group), each("M")
    for head, rotary, neox in ((128, 128, True), (64, 64, False), (256, 64, True)):
        sizes = [
            {"num_tokens": n, "num_qo_heads": 32, "num_kv_heads": 8, "max_seq_len": 4096}
            for n in ROWS
        ]
        yield d.rope(head, rotary, neox), sizes


HEADS = ((32, 8, 128), (5, 1, 64), (8, 1, 256), (48, 2, 192), (32, 4, 512), (8, 2, 80), (8, 8, 96))
HEADS += ((4, 4, 224), (16, 4, 160), (4, 4, 16), (4, 2, 320), (12, 1, 42), (28, 4, 73), (4, 2, 88))


def decode_sizes(page):
    """Batches and keys of all sequences together."""
    return [
        {
            "batch_size": batch,
            "len_indptr": batch + 1,
            "num_pages": keys // page + 3,
            "num_kv_indices": max(1, keys // page),
        }
        for batch in (1, 8, 64, 128)
        for keys in (batch, 4096, 131072, 1048576)
    ]


def gqa():
    sizes = [
        {"total_q": rows, "len_indptr": batch + 1, "tokens": 4 * rows, "batch_size": batch}
        for batch, rows in ((1, 1), (1, 300), (8, 8192), (64, 64))
    ]
    paged = [
        {
            "total_q": s["total_q"],
            "len_indptr": s["len_indptr"],
            "num_pages": s["tokens"],
            "num_kv_indices": s["tokens"],
            "batch_size": s["batch_size"],
        }
        for s in sizes
    ]
    ragged = [
        {"total_q": s["total_q"], "len_indptr": s["len_indptr"], "total_kv": s["total_q"]}
        for s in sizes
    ]
    for hq, hkv, width in HEADS:
        yield d.gqa(hq, hkv, width, 16, False), decode_sizes(16)
        yield d.gqa(hq, hkv, width, 16, False, window=1023, cap=30), decode_sizes(16)
        yield d.gqa(hq, hkv, width, 16, True), paged
        yield d.gqa(hq, hkv, width, 0, True), ragged
    for sinks, fp8 in (("bfloat16", 0), (None, 1), (None, 2), ("float32", 2)):
        for hq, hkv, width in ((64, 8, 64), (32, 8, 128), (32, 4, 512), (12, 1, 42)):
            more = dict(window=127 if sinks else -1, sinks=sinks, fp8=fp8)
            yield d.gqa(hq, hkv, width, 16, False, **more), decode_sizes(16)
            yield d.gqa(hq, hkv, width, 16, True, **more), paged
            if not fp8:
                yield d.gqa(hq, hkv, width, 0, True, **more), ragged
    for page in (1, 64):
        yield d.gqa(32, 8, 128, page, False, last=page > 1), decode_sizes(page)
        without = (
            paged
            if page > 1
            else [{k: v for k, v in s.items() if k != "batch_size"} for s in paged]
        )
        yield d.gqa(32, 8, 128, page, True, last=page > 1), without


def mla():
    heads = [(h, 512, 64) for h in (8, 16, 17, 32, 128)]
    heads += [(5, 256, 32), (40, 256, 32), (16, 512, 128), (20, 192, 16)]
    for h, ckv, kpe in heads:
        for scaled in (False, True):
            more = {"ckv_scale_groups": 4} if scaled else {}
            yield (
                d.mla_paged(h, ckv, kpe, 64, False, not scaled, scaled),
                [{**s, **more} for s in decode_sizes(64)],
            )
            prefills = [
                {
                    **({} if scaled else {"batch_size": batch}),
                    "len_indptr": batch + 1,
                    "total_q": total,
                    "num_kv_indices": 64 * batch,
                    "num_pages": 64 * batch,
                    **more,
                }
                for batch, total in ((1, 1), (4, 700), (64, 64))
            ]
            yield d.mla_paged(h, ckv, kpe, 64, True, not scaled, scaled), prefills
    for h, more in ((16, dict(window=511)), (5, dict(cap=30)), (128, dict(window=100, cap=20))):
        for fp8 in (0, 1, 2):
            yield d.mla_paged(h, 512, 64, 64, False, fp8=fp8, **more), decode_sizes(64)
            yield (
                d.mla_paged(h, 512, 64, 64, True, fp8=fp8, **more),
                [
                    {
                        "batch_size": batch,
                        "len_indptr": batch + 1,
                        "total_q": total,
                        "num_kv_indices": 64 * batch,
                        "num_pages": 64 * batch,
                    }
                    for batch, total in ((1, 1), (4, 700), (64, 64))
                ],
            )
    ragged = [
        {"len_indptr": batch + 1, "total_q": rows, "total_kv": rows}
        for batch, rows in ((1, 1), (1, 300), (8, 8192), (64, 64))
    ]
    sizes = ((16, 16, 192, 128), (5, 5, 96, 64), (8, 8, 256, 256), (8, 8, 64, 128))
    sizes += ((4, 4, 512, 256), (4, 4, 320, 64), (8, 2, 80, 112), (4, 4, 73, 42))
    for h, kv, qk, vo in sizes:
        yield d.mla_ragged(h, kv, qk, vo), ragged
    yield d.mla_ragged(16, 16, 192, 128, window=511, cap=30), ragged


LAYERS = ((128, 128, 8, 2048, 768), (128, 16, 8, 2048, 768), (16, 16, 1, 5120, 1024))
LAYERS += ((64, 16, 6, 1152, 640), (128, 128, 8, 2816, 704), (64, 64, 6, 1280, 112))
LAYERS += ((32, 32, 4, 2880, 88),)


def moe():
    for sizes in LAYERS:
        for weights in (0, 1, 2, 3):
            if not any(size % (8, 128, 16, 64)[weights] for size in sizes[3:]):
                held_here = sizes[0] == sizes[1]
                if held_here or weights != 2:  # which has no form for a rank's share
                    yield d.moe(*sizes, weights, offset=not held_here), each("seq_len")
    deepseek = dict(routing="deepseek", n_group=8, topk_group=4, logits=2, offset=True)
    yield d.moe(256, 32, 8, 7168, 2048, 1, **deepseek), each("seq_len")
    yield d.moe(256, 33, 8, 7168, 2048, 1, shared=1, **deepseek), each("seq_len")
    for routing in ("given", "llama4", "default", "sigmoid_renorm"):
        yield d.moe(64, 64, 1, 1024, 512, 0, routing), each("seq_len")
    yield d.moe(32, 32, 4, 2816, 2816, 1, gated=True, **deepseek), each("seq_len")


def short(value):
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:4]


def hash_of(plan):
    """Eight hex digits: of the code, and of the launches."""
    if "error" in plan:
        raise SystemExit(plan["error"])
    if plan["why_not"]:
        return short("none") * 2
    buffers = {b["name"]: f"buffer {i}" for i, b in enumerate(plan["buffers"])}
    named = lambda name: buffers.get(name, name)
    maps = {
        m["name"]: [named(m["tensor"])] + [v for k, v in m.items() if k not in ("name", "tensor")]
        for m in plan["maps"]
    }

    def argument(a):
        ((kind, value),) = a.items()
        return [kind, maps[value] if kind == "map" else named(value)]

    units = plan["units"]
    code = [
        [units[l["unit"]]["file"], l["entry"], list(units[l["unit"]]["constants"].items())]
        for l in plan["launches"]
    ]
    launches = [
        [l["grid"], l["block"], l["shared"], [argument(a) for a in l["arguments"]]]
        for l in plan["launches"]
    ]
    bytes_of = [[b["bytes"], b["zeroed"]] for b in plan["buffers"]]
    return short(code) + short([plan["programmatic_launch"], launches, bytes_of])


def hashes(kdex):
    """A list of (definition and architecture, sizes, hashes)."""
    groups = [
        (f"{definition['name']} {arch}", sizes, definition, arch)
        for family in (norms, gemms, launched, gqa, mla, moe)
        for definition, sizes in family()
        for arch in ARCHS
    ]
    names = [g[0] for g in groups]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1][:3]
    requests = [
        {"definition": definition, "arch": arch, "axes": axes}
        for _, sizes, definition, arch in groups
        for axes in sizes
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(requests, file)
        file.flush()
        done = subprocess.run(
            [kdex, "kernels", "plan", "--json", "--requests", file.name],
            capture_output=True,
            text=True,
        )
    answers = done.stdout.splitlines()
    if len(answers) != len(requests):
        raise SystemExit(
            f"{len(requests)} plans were asked for, {len(answers)} came: {done.stderr}"
        )
    plans = list(map(json.loads, answers))
    found = iter(map(hash_of, plans))
    got = [(name, sizes, [next(found) for _ in sizes]) for name, sizes, _, _ in groups]
    return got, unused_constants(plans)


def unused_constants(plans):
    """Lines that name each constant which some unit is given and its file never names."""
    given = {
        (u["file"], name) for p in plans for u in p.get("units", []) for name in u["constants"]
    }
    texts = {}
    for file in {file for file, _ in given}:
        with open(os.path.join(TOP, "kernels", file)) as source:
            texts[file] = set(re.findall(r"\w+", re.sub(r"//.*", "", source.read())))
    return [
        f"{file} is given {name}, which it does not use"
        for file, name in sorted(given)
        if name not in texts[file] and name != "KDEX_DTYPE"  # which headers use
    ]


def differences(got, want):
    """Lines that name each plan that differs, and how."""
    for name, sizes, values in got:
        if name not in want:
            yield f"{name}: not in plan_hashes.txt"
            continue
        before = want.pop(name)
        if len(before) != len(values):
            yield f"{name}: {len(values)} sizes instead of {len(before)}"
        for axes, a, b in zip(sizes, values, before):
            what = ["code"] * (a[:4] != b[:4]) + ["launches"] * (a[4:] != b[4:])
            if what:
                yield f"{name} {axes}: another {' and '.join(what)}"
    for name in want:
        yield f"{name}: no longer planned"


def main():
    got, unused = hashes(sys.argv[1])
    count = sum(len(values) for _, _, values in got)
    if "--write" in sys.argv:
        with open(FILE, "w") as f:
            for name, _, values in got:
                f.write(f"{name} {' '.join(values)}\n")
        print(f"{count} plans written")
        return 0
    with open(FILE) as f:
        want = {" ".join(w[:2]): w[2:] for w in map(str.split, f)}
    found = list(differences(got, want))
    print(*found[:40], *unused, sep="\n")
    code = sum("code" in x.rsplit(": another", 1)[-1] for x in found)
    launches = sum("launches" in x.rsplit(": another", 1)[-1] for x in found)
    print(f"{count} plans, {len(found)} differ ({code} in code, {launches} in launches)")
    return 1 if found or unused or not count else 0


if __name__ == "__main__":
    sys.exit(main())
