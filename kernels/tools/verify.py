"""Compares the kernels with float64 formulas on poisoned outputs and fresh random inputs, and times them beside
torch and cuBLAS. The launches are those of `kdex kernels plan` (kdex.py), some with constants of the tuning set. Needs
kdex (KDEX, default build/release/kdex), torch and a GPU; cubins that its cache (KDEX_CACHE) lacks are built first, on all
cores, which needs NVRTC.

    python3 kernels/tools/verify.py OUT.json [--quick] [--only gemm,gqa] [--tune] [--peers] [--checks] [--times]
    compute-sanitizer --tool memcheck python3 kernels/tools/verify.py OUT.json --small
    compute-sanitizer --tool racecheck python3 kernels/tools/verify.py OUT.json --tiny
    python3 kernels/tools/verify.py --build [--quick ...]     no GPU: builds what the run of the same options loads
    python3 kernels/tools/verify.py --dry [--quick ...]       no GPU: asks for every plan and binds its arguments
"""

import itertools, json, math, os, subprocess, sys
import deepgemm, definitions, device, kdex, peers

QUICK, TUNE, BUILD = "--quick" in sys.argv, "--tune" in sys.argv, "--build" in sys.argv
DRY = BUILD or "--dry" in sys.argv  # nothing is launched
ONLY = next((sys.argv[i + 1].split(",") for i, a in enumerate(sys.argv) if a == "--only"), None)
TINY = "--tiny" in sys.argv  # each kernel once, as small as it goes
SMALL = TINY or "--small" in sys.argv  # few and little cases, for compute-sanitizer
CHECKS, TIMES = "--times" not in sys.argv, "--checks" not in sys.argv and not SMALL
ARCH, SMS, SHARED = "sm_90a", 132, 227 * 1024  # the chip; bytes of a block's shared memory
NORMS = [
    (h, f, g)
    for h in (73, 90, 100, 128, 1536, 3072, 4096, 5120, 5376, 7168)
    for f in (0, 1)
    for g in (0, 1)
]
GEMMS = [
    (256, 7168),
    (2048, 5376),
    (4096, 4096),
    (4608, 3584),
    (4096, 14336),
    (6144, 4096),
    (28672, 4096),
]
TIMED_GEMMS = [(6144, 4096), (28672, 4096), (4096, 14336), (256, 7168)]
TUNED_GEMMS = [(1024, 256, 7168), (2048, 256, 7168)] + [
    (m, n, k) for m in (1, 16, 64, 128, 256) for n, k in TIMED_GEMMS
]
GQAS = [
    (32, 8, 128),
    (16, 2, 128),
    (20, 4, 128),
    (5, 1, 128),
    (48, 8, 128),
    (32, 16, 128),
    (6, 1, 128),
    (24, 4, 128),
    (32, 4, 128),
    (16, 1, 128),
    (8, 1, 256),
]
FP8_GEMMS = (
    (1, 1536, 7168),
    (64, 1536, 7168),
    (1, 24576, 7168),
    (64, 24576, 7168),
    (4096, 1536, 7168),
    (4096, 7168, 2048),
    (4096, 24576, 1536),
)
LAYERS = (
    dict(
        experts=256,
        rows=32,
        first=0,
        top_k=8,
        hidden=7168,
        inter=2048,
        weights=1,
        routing="deepseek",
        n_group=8,
        topk_group=4,
        factor=2.5,
    ),
    dict(
        experts=128,
        rows=128,
        first=0,
        top_k=8,
        hidden=2048,
        inter=768,
        weights=1,
        routing="renorm",
        logits=1,
    ),
    dict(
        experts=16,
        rows=16,
        first=0,
        top_k=1,
        hidden=5120,
        inter=1024,
        weights=2,
        routing="llama4",
        logits=1,
    ),
    dict(
        experts=128,
        rows=128,
        first=0,
        top_k=8,
        hidden=2048,
        inter=768,
        weights=0,
        routing="renorm",
        logits=1,
    ),
    dict(
        experts=128,
        rows=128,
        first=0,
        top_k=8,
        hidden=2816,
        inter=704,
        weights=0,
        routing="renorm",
        logits=1,
    ),
    dict(
        experts=128,
        rows=128,
        first=0,
        top_k=8,
        hidden=2048,
        inter=96,
        weights=0,
        routing="renorm",
        logits=1,
    ),
    dict(
        experts=128,
        rows=128,
        first=0,
        top_k=8,
        hidden=4096,
        inter=1536,
        weights=3,
        routing="renorm",
        logits=1,
    ),
)
LAYER_TOKENS = (1, 16, 64, 256, 1024, 4096)
if SMALL:
    NORMS, GEMMS, TIMED_GEMMS, GQAS = [(1536, 0, 0), (7168, 1, 1)], [(264, 520)], [], [(6, 1, 128)]
PEERS = "--peers" in sys.argv
results = {"checks": [], "times": []}
if DRY:
    from no_torch import torch
else:
    import torch

    torch.manual_seed(int.from_bytes(os.urandom(4), "little"))
    results["device"] = torch.cuda.get_device_name()
FLOAT_NORMS = [
    (h, f, 0, "float32")
    for h in ((128, 512) if TINY else (73, 90, 100, 128, 512, 1536, 4096, 7168, 16384))
    for f in (0, 1)
]
wanted = []  # plans that were bound, without a GPU
CASE = ""  # told with every check: the path that ARCH is set to, where it is not the best
COMPILE_FOR = None  # what the compiler is told instead of ARCH


def up(a, b):
    return (a + b - 1) // b


def plan_of(definition, set=None, **axes):
    """The launches of a definition at sizes of its axes, with constants of the tuning that are set."""
    return kdex.plan(definition, axes, ARCH, SMS, set, COMPILE_FOR)


def bind(plan, tensors, scalars=()):
    if DRY:
        wanted.append(plan)
        return device.NotLaunched(plan, tensors, scalars)
    return device.Launcher(plan, tensors, scalars)


def error(got, want):
    got, want = got.double(), want.double()
    if not torch.isfinite(got).all():
        return float("nan")
    return ((got - want).norm() / want.norm().clamp_min(1e-30)).item()


def note(name, case, err, limit):
    if DRY:
        return
    if CASE:
        case = case + [CASE]
    ok = err < limit
    results["checks"].append({"kernel": name, "case": case, "error": err, "ok": ok})
    if not ok:
        print("WRONG", name, case, err, flush=True)


def timed(calls, rounds=7):
    """Median microseconds of a call; `calls` rotate over inputs, replayed as one graph."""
    if DRY:
        return 0.0
    for c in calls[:2]:
        c()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for c in calls:
            c()
    a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    a.record()
    graph.replay()
    b.record()
    torch.cuda.synchronize()
    for _ in range(min(200, int(15 / max(a.elapsed_time(b), 0.02)))):  # the clock rises under load
        graph.replay()
    times = []
    for _ in range(rounds):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record()
        graph.replay()
        b.record()
        torch.cuda.synchronize()
        times.append(a.elapsed_time(b) * 1000 / len(calls))
    return sorted(times)[rounds // 2]


def speed(op, case, ours, peers=(), amount=0, unit="TB/s"):
    """peers: (name, calls) of others; a peer that fails is left out. amount: bytes or operations of a call in units
    of 1e12, for the rate that is printed. ratio: the best peer's time over ours."""
    if DRY:
        return
    row = {"op": op, "case": case, "us": timed(ours)}
    for name, calls in peers:
        try:
            calls = calls() if callable(calls) else calls
            if calls:
                row.setdefault("peers", {})[name] = timed(calls)
        except Exception as e:
            print(
                "peer",
                name,
                "did not run:",
                str(e)[:200].replace("\n", " "),
                str(e.__cause__)[:200],
                flush=True,
            )
    if row.get("peers"):
        row["ratio"] = min(row["peers"].values()) / row["us"]
    if amount:
        row[unit] = amount / row["us"] * 1e6
    results["times"].append(row)
    print(
        op,
        case,
        {
            k: round(v, 3) if isinstance(v, float) else v
            for k, v in row.items()
            if k not in ("op", "case")
        },
        flush=True,
    )


def flashinfer():
    """FlashInfer where it is installed and --peers was given."""
    if DRY or "--peers" not in sys.argv:
        return None
    try:
        import flashinfer as module

        return module
    except ImportError as e:
        print("no FlashInfer:", str(e)[:200])
        return None


def bench_space():
    return torch.empty(256 << 20, dtype=torch.uint8, device="cuda")


def poison(*shape, dtype=None):
    return torch.full(shape, float("nan"), dtype=dtype or torch.bfloat16, device="cuda")


def randn(*shape, dtype=None):
    return torch.randn(*shape, device="cuda").to(dtype or torch.bfloat16)


def rmsnorm():
    for hidden, fused, gemma, weight in [(*norm, "bfloat16") for norm in NORMS] + FLOAT_NORMS:

        def make(batch, residual=0):
            t = {
                "residual_out": poison(batch, hidden),
                "hidden_states": randn(batch, hidden),
                "residual": randn(batch, hidden) if fused else None,
                "weight": randn(hidden, dtype=getattr(torch, weight)),
                "output": poison(batch, hidden),
            }
            form = definitions.rmsnorm(hidden, fused, gemma, residual, weight)
            return t, bind(plan_of(form, batch_size=batch), t)

        for batch in (1, 2, 7, 64, 333, 4096) if not SMALL else (1, 3) if not TINY else (3,):
            if not CHECKS:
                break
            t, run = make(batch, fused)
            run()
            v = t["hidden_states"].double() + (t["residual"].double() if fused else 0)
            want = (
                v
                * torch.rsqrt(v.square().mean(-1, keepdim=True) + 1e-5)
                * (t["weight"].double() + gemma)
            )
            case = [hidden, fused, gemma, batch] + [weight] * (weight != "bfloat16")
            note("rmsnorm", case, error(t["output"], want), 1e-2)
            if fused:
                note("rmsnorm.residual", [hidden, gemma, batch], error(t["residual_out"], v), 1e-2)
        if not gemma and hidden in (4096, 7168) and weight == "bfloat16" and TIMES:
            for batch in (1, 64, 4096, 16384):
                count = max(4, min(20, int(4e8 // (batch * hidden * 2)) + 1))
                sets = [make(batch, fused) for _ in range(1 if DRY else count)]
                found, fi = [], flashinfer()
                if not fused:
                    found.append(
                        (
                            "torch",
                            [
                                (
                                    lambda t=t: torch.nn.functional.rms_norm(
                                        t["hidden_states"], (hidden,), t["weight"], 1e-5
                                    )
                                )
                                for t, _ in sets
                            ],
                        )
                    )
                    if fi:
                        found.append(
                            (
                                "FlashInfer",
                                [
                                    (
                                        lambda t=t: fi.norm.rmsnorm(
                                            t["hidden_states"], t["weight"], 1e-5, out=t["output"]
                                        )
                                    )
                                    for t, _ in sets
                                ],
                            )
                        )
                elif fi:
                    found.append(
                        (
                            "FlashInfer",
                            [
                                (
                                    lambda t=t: fi.norm.fused_add_rmsnorm(
                                        t["hidden_states"], t["residual"], t["weight"], 1e-5
                                    )
                                )
                                for t, _ in sets
                            ],
                        )
                    )
                speed(
                    "fused_add_rmsnorm" if fused else "rmsnorm",
                    [batch, hidden],
                    [r for _, r in sets],
                    found,
                    batch * hidden * (4 if fused else 2) * 2e-12,
                )


def rooms(size):
    """Clusters of this size that find room with a block a multiprocessor."""
    return {1: SMS, 2: SMS // 2, 4: 28, 8: 14}[size]


def tile_rows(m):
    """Rows of A in a tile of few."""
    return next((t for t in (8, 16, 32, 64) if m <= t), 128)


def spread_variants(m, n, k, kn=False, every=False):
    """Those whose busiest multiprocessor has little more to do than it must, or every one."""
    found = []
    tokens_tried = (
        (None,) if m <= 64 else (64, 128) if m <= 128 else (128, 192) if m <= 192 else (128, 256)
    )
    for split, share, wgs, nt, per_sm in itertools.product(
        (1, 2, 4), (1, 2, 4), (1, 2, 3), tokens_tried, (1, 2)
    ):
        tile = nt or tile_rows(m)
        if (
            split * share > 8
            or tile % (8 * share)
            or k < 64 * split
            or wgs * tile > 512
            or (wgs == 3 and tile > 128)
        ):
            continue
        tiles, tokens, room = up(n, 64 * wgs * share), up(m, tile), rooms(split * share)
        clusters = up(tiles, up(tiles, max(1, room // tokens)))
        load = up(up(tiles, clusters) * up(k, 64), split) * wgs * up(clusters * tokens, room) * tile
        try:
            plan = plan_of(
                definitions.gemm(n, k, kn=kn),
                dict(
                    KERNEL="stream_k",
                    BLOCK_M=tile,
                    SPLIT_K=split,
                    CLUSTER_MULTICAST=share,
                    NUM_MATH_WARPGROUPS=wgs,
                    CTAS_PER_SM=per_sm,
                    NUM_CLUSTERS=clusters,
                ),
                M=m,
            )
        except kdex.PlanError:  # more shared memory than there is
            continue
        constants = plan["units"][0]["constants"]
        stages = next(int(v) for name, v in constants.items() if name.endswith("STAGES"))
        if stages >= 3 and plan["launches"][0]["shared"] <= SHARED // per_sm - 1024:
            name = f"spread {split} share {share} x {clusters} wgs {wgs} nt {nt} per {per_sm}"
            found.append((load, name, plan, split, share))
    for load, name, plan, split, share in found:
        if every or (
            load <= 1.4 * min(f[0] for f in found)
            and split * share <= 4
            and (share == 1 or m > 16)
            and (" per 1" in name or m <= 128)
            and split <= 2
            and (m <= 64 or share > 1 or split == 2)
        ):
            yield name, plan


def gemm_variants(m, n, k, kn=False):
    """Every way to run a size that is worth trying."""
    ask = lambda **set: plan_of(definitions.gemm(n, k, kn=kn), set, M=m)
    if m <= 4:
        yield "rows", ask(KERNEL="gemv", BLOCK_M=1 if m == 1 else 2 if m == 2 else 4)
    if m <= 256 or n <= 512:
        for split in [s for s in (1, 2, 4, 8) if s <= up(k, 64)]:
            for wgs in (1, 2) if m <= 64 else (1, 2, 3):
                for nt in (None,) if m <= 64 else (64, 128):
                    for per_sm in (2, 3) if m <= 16 and wgs == 1 else (1, 2) if m > 16 else (2,):
                        yield (
                            f"stream split {split} wgs {wgs} nt {nt} per {per_sm}",
                            ask(
                                KERNEL="swap_ab_split_k",
                                BLOCK_M=nt or tile_rows(m),
                                SPLIT_K=split,
                                NUM_MATH_WARPGROUPS=wgs,
                                CTAS_PER_SM=per_sm,
                            ),
                        )
    if m <= 256 and n % 8 == 0:
        yield from spread_variants(m, n, k, kn)
    if m > 64 and n % 8 == 0:
        for bn, split, across in itertools.product(
            range(64, 257, 64 if kn else 32),
            (1, 2, 4),
            (False,) if kn or m > 256 else (False, True),
        ):
            if up(k, 64) >= 4 * split:
                yield (
                    f"tma {bn} split {split}" + (" across" if across else ""),
                    ask(KERNEL="tma", BLOCK_N=bn, SPLIT_K=split, MULTICAST_A=int(across)),
                )


def tiled(m, n, k, kn=False, tile=None):
    """The portable tiles on this chip."""
    bm, bn = tile or ((16, 128) if m <= 16 else (64, 64) if m <= 64 or n < 8 else (128, 128))
    form = definitions.gemm(n, k, kn=kn)
    return plan_of(form, dict(KERNEL="tiled", BLOCK_M=bm, BLOCK_N=bn), M=m)


def product(m, n, k, plan=None, dtype=0, kn=False):
    """dtype 0 float16, 1 bfloat16, 2 float32; kn: B is [K, N]."""
    kind = (torch.float16, torch.bfloat16, torch.float32)[dtype]
    t = {
        "A": randn(m, k, dtype=kind),
        "B": (torch.randn(*((k, n) if kn else (n, k)), device="cuda") / math.sqrt(k)).to(kind),
        "C": poison(m, n, dtype=kind),
    }
    return t, bind(plan or plan_of(definitions.gemm(n, k, dtype, kn), M=m), t)


def gemm_check(m, n, k, plan=None, name="", dtype=0, kn=False):
    t, run = product(m, n, k, plan, dtype, kn)
    run()
    if not DRY:
        b = t["B"].double()
        note(
            "gemm" + (" [K, N]" if kn else "") + (" float32" if dtype == 2 else "") + name,
            [m, n, k],
            error(t["C"], t["A"].double() @ (b if kn else b.T)),
            1e-5 if dtype == 2 else 1e-2,
        )


def gemm():
    for n, k in GEMMS if CHECKS else ():
        for m in (1, 2, 5, 16, 33, 64, 129, 300, 1000) if not TINY else ():
            gemm_check(m, n, k)
    sizes = (
        ((200, 264, 1032), (3, 264, 1032))
        if SMALL
        else ((200, 4096, 4096), (3, 4096, 4096), (100, 4096, 4096))
    )
    for m, n, k in sizes if CHECKS else ():  # every path on one size
        variants = list(gemm_variants(m, n, k)) + [("tiled", tiled(m, n, k))]
        for name, plan in (
            variants
            if not TINY
            else [
                v
                for v in variants
                if v[0] in ("rows", "tma 128 split 1", "tma 96 split 2 across", "tiled")
                or "split 4 wgs 2" in v[0]
            ]
        ):
            gemm_check(m, n, k, plan, " " + name)
    spread_checks(False)
    for n, k in TIMED_GEMMS if TIMES else ():
        for m in (1, 16, 64, 128, 256, 1024, 2048, 8192):
            count = 1 if DRY else max(3, min(12, int(3e8 // (n * k * 2)) + 1))
            sets = [product(m, n, k) for _ in range(count)]
            if TUNE and (m, n, k) in TUNED_GEMMS:
                best = []
                for name, plan in gemm_variants(m, n, k):
                    runs = [bind(plan, t) for t, _ in sets]
                    if not DRY:
                        best.append((timed(runs, 3), name))
                if not DRY:
                    print(
                        "  tune",
                        [m, n, k],
                        [f"{name}: {us:.1f}" for us, name in sorted(best)],
                        flush=True,
                    )
            speed(
                "gemm",
                [m, n, k],
                [r for _, r in sets],
                ()
                if DRY
                else [
                    (
                        "cuBLAS",
                        [(lambda t=t: torch.mm(t["A"], t["B"].T, out=t["C"])) for t, _ in sets],
                    )
                ],
                2e-12 * m * n * k,
                "TFLOP/s",
            )


def spread_checks(kn):
    """Tiles that blocks share, the last of them ragged."""
    for m, n, k in (
        (
            ((3, 6152, 1032), (50, 6152, 1032), (100, 6152, 1032), (300, 6152, 1032))
            if not SMALL
            else ((70, 456, 520),)
        )
        if CHECKS
        else ()
    ):
        for name, plan in spread_variants(m, n, k, kn, True):
            if not TINY or ("share 2" in name and "wgs 1" in name and "per 1" in name):
                gemm_check(m, n, k, plan, " " + name, kn=kn)


def gemm_forms():
    """B as [K, N], sizes that are no multiples of 8, float32."""
    for n, k in GEMMS if CHECKS else ():
        for m in (1, 2, 7, 16, 64, 129, 1024) if not TINY else (129,):
            gemm_check(m, n, k, dtype=m % 2, kn=True)
    sizes = (
        ((200, 264, 1032), (3, 264, 1032))
        if SMALL
        else ((200, 4096, 4096), (3, 4096, 4096), (100, 4096, 4096), (300, 200, 72))
    )
    for m, n, k in sizes if CHECKS else ():  # every path on one size
        variants = list(gemm_variants(m, n, k, kn=True)) + [
            (f"tiled {tile}", tiled(m, n, k, True, tile))
            for tile in ((16, 128), (64, 64), (128, 128))
        ]
        for name, plan in (
            variants
            if not TINY
            else [
                v
                for v in variants
                if v[0] in ("rows", "tma 192 split 1") or "tiled" in v[0] or "split 4 wgs 2" in v[0]
            ]
        ):
            gemm_check(m, n, k, plan, " " + name, kn=True)
    spread_checks(True)
    odd_gemms(True)
    float_gemms()
    for kn, n, k, dtype in (
        [(True, n, k, 0) for n, k in TIMED_GEMMS]
        + [
            (kn, n, k, 2)
            for n, k in ((256, 2048), (8, 11264), (16000, 4096))
            for kn in (False, True)
        ]
        if TIMES
        else ()
    ):
        for m in (1, 16, 64, 128, 256, 1024, 2048, 8192) if dtype == 0 else (1, 16, 64, 1024, 4096):
            count = (
                1 if DRY else max(3, min(12, int(3e8 // (n * k * (4 if dtype == 2 else 2))) + 1))
            )
            sets = [product(m, n, k, None, dtype, kn) for _ in range(count)]
            if TUNE and (m, n, k) in TUNED_GEMMS:
                best = []
                for name, plan in gemm_variants(m, n, k, kn):
                    runs = [bind(plan, t) for t, _ in sets]
                    if not DRY:
                        best.append((timed(runs, 3), name))
                if not DRY:
                    print(
                        "  tune [K, N]",
                        [m, n, k],
                        [f"{name}: {us:.1f}" for us, name in sorted(best)],
                        flush=True,
                    )
            speed(
                "gemm" + (" [K, N]" if kn else "") + (" float32" if dtype == 2 else ""),
                [m, n, k],
                [r for _, r in sets],
                ()
                if DRY
                else [
                    (
                        "cuBLAS",
                        [
                            (lambda t=t: torch.mm(t["A"], t["B"] if kn else t["B"].T, out=t["C"]))
                            for t, _ in sets
                        ],
                    )
                ],
                2e-12 * m * n * k,
                "TFLOP/s",
            )


def odd_gemms(all_sizes):
    """Sizes whose rows are not multiples of 16 bytes, in either form of B."""
    sizes = [
        (1076, 1152),
        (1152, 538),
        (1, 2048),
        (2, 3072),
        (4, 4),
        (16, 4),
        (6, 2048),
        (12, 520),
        (77, 131),
        (130, 1284),
    ]
    for n, k in (sizes if all_sizes and not SMALL else sizes[-6:]) if CHECKS else ():
        for m in (1, 3, 7, 64, 129, 1000) if not SMALL else (3, 70, 130) if not TINY else (70,):
            for kn in (False, True):
                gemm_check(m, n, k, None, " odd", dtype=m % 2, kn=kn)


def float_gemms():
    for n, k in (
        (
            ((256, 2048), (8, 11264), (4, 11264), (16000, 4096), (37, 29), (300, 1034))
            if not SMALL
            else ((264, 520), (8, 520), (37, 29))
        )
        if CHECKS
        else ()
    ):
        for m in (1, 2, 4, 7, 16, 64, 129, 1024) if not SMALL else (3, 9, 70) if not TINY else (9,):
            for kn in (False, True):
                gemm_check(m, n, k, dtype=2, kn=kn)
    for m, n, k in ((300, 520, 1034),) if CHECKS and not TINY else ():  # every tile, shared and not
        for kn in (False, True):
            for tile in ((16, 256), (64, 64), (128, 128)):
                for split in (1, 3):
                    gemm_check(
                        m,
                        n,
                        k,
                        plan_of(
                            definitions.gemm(n, k, 2, kn),
                            dict(KERNEL="float32", BLOCK_M=tile[0], BLOCK_N=tile[1], SPLIT_K=split),
                            M=m,
                        ),
                        f" {tile} split {split}",
                        2,
                        kn,
                    )


def attention_reference(q, keys, values, scale, causal, window=-1, cap=0, sinks=None):
    """q [nq,HQ,D], keys and values [nk,HKV,D] in float64; output and lse in base 2. window: keys before a query's own;
    sinks [HQ]: logits without values."""
    nq, hq, _ = q.shape
    nk, hkv, _ = keys.shape
    if nk == 0 or nq == 0:
        alone = q.new_full((nq, hq), -math.inf) if sinks is None else sinks.double().expand(nq, hq)
        return q.new_zeros(nq, hq, values.shape[2]), alone / math.log(2)
    keys, values = keys.repeat_interleave(hq // hkv, 1), values.repeat_interleave(hq // hkv, 1)
    z = torch.einsum("ihd,jhd->hij", q, keys) * scale
    if cap:
        z = torch.tanh(z / cap) * cap
    j, last = (
        torch.arange(nk, device=q.device)[None],
        torch.arange(nq, device=q.device)[:, None] + nk - nq,
    )
    if causal:
        z = z.masked_fill(j > last, -math.inf)
    if window >= 0:
        z = z.masked_fill(j < last - window, -math.inf)
    lse = torch.logsumexp(z, -1)
    if sinks is not None:
        lse = torch.logaddexp(lse, sinks.double()[:, None])
    weights = torch.exp(z - lse.clamp_min(-1e300)[..., None])  # 0 where a query sees no key
    return torch.einsum("hij,jhd->ihd", weights, values), lse.T / math.log(2)


def paging(nks, page):
    """kv_indptr, kv_indices over shuffled pages, kv_last_page_len, pages in the cache."""
    tensor = lambda x: torch.tensor(x, dtype=torch.int32, device="cuda")
    counts = [up(n, page) for n in nks]
    indptr = tensor([sum(counts[:i]) for i in range(len(counts) + 1)])
    total = sum(counts)
    return (
        indptr,
        torch.randperm(total + 3, device="cuda")[:total].int(),
        tensor([(n - 1) % page + 1 if n else 1 for n in nks]),
        total + 3,
    )


def random_e4m3(*shape):
    return torch.randn(*shape, device="cuda").to(torch.float8_e4m3fn)


def spoil(cache, page, rows):
    """NaN in rows of a page that no key fills."""
    if cache.dtype == torch.float8_e4m3fn:
        cache.view(torch.uint8)[page, rows] = 0x7F
    else:
        cache[page, rows] = float("nan")


def pages_of(cache, pages):
    """These pages of a cache in float64."""
    if cache.dtype == torch.float8_e4m3fn:
        return cache.view(torch.uint8)[pages].view(torch.float8_e4m3fn).double()
    return cache[pages].double()


KV_SCALES = {"k_scale": 0.75, "v_scale": 1.25}


def offsets(ns):
    return torch.tensor([sum(ns[:i]) for i in range(len(ns) + 1)], dtype=torch.int32, device="cuda")


def compare(name, case, got, got_lse, want, want_lse):
    seen = torch.isfinite(want_lse)
    note(name, case, error(got, want), 1e-2)
    same = torch.equal(seen, torch.isfinite(got_lse)) and not torch.isnan(got_lse).any().item()
    note(name + ".lse", case, error(got_lse[seen], want_lse[seen]) if same else float("nan"), 1e-3)


def attention(
    hq,
    hkv,
    d,
    dv,
    page,
    nqs,
    nks,
    prefill,
    kernel=None,
    split_size=None,
    window=-1,
    cap=0,
    half=False,
    more=(),
    sinks=None,
    fp8=0,
):
    """A gqa case: its tensors, its launcher and a check of it. kernel, split_size, more: constants that are set. sinks:
    their dtype; fp8 1: a cache of e4m3, 2: queries too."""
    batch, total_q = len(nks), sum(nqs)
    dtype = torch.float16 if half else torch.bfloat16
    if d == dv:
        form = definitions.gqa(
            hq, hkv, d, page, prefill, page > 1, int(not half), window, cap, sinks, fp8
        )
    else:
        form = definitions.mla_ragged(hq, hkv, d, dv, window, cap)
    pages = sum(up(n, max(1, page)) for n in nks)
    set = {"KERNEL": kernel} if kernel else {}
    set.update({"KV_SPLIT_SIZE": split_size} if split_size else {}, **dict(more))
    plan = plan_of(
        form,
        set,
        batch_size=batch,
        len_indptr=batch + 1,
        total_q=total_q,
        total_kv=max(1, sum(nks)),
        num_pages=pages + 3,
        num_kv_indices=pages,
    )
    t = {
        "q": random_e4m3(total_q, hq, d) if fp8 == 2 else randn(total_q, hq, d, dtype=dtype),
        "output": poison(total_q, hq, dv, dtype=dtype),
        "lse": poison(total_q, hq, dtype=torch.float32),
        "qo_indptr": offsets(nqs),
    }
    if page:
        t["kv_indptr"], t["kv_indices"], t["kv_last_page_len"], count = paging(nks, page)
        cache = random_e4m3 if fp8 else lambda *shape: randn(*shape, dtype=dtype)
        t["k_cache"], t["v_cache"] = cache(count, page, hkv, d), cache(count, page, hkv, dv)
        for i, n in enumerate(nks):  # what no key fills must not be read
            if n % page:
                last = t["kv_indices"][t["kv_indptr"][i + 1] - 1].long()
                spoil(t["k_cache"], last, slice(n % page, None))
                spoil(t["v_cache"], last, slice(n % page, None))
        if page == 1:
            t["kv_last_page_len"] = None
    else:
        t["kv_indptr"] = offsets(nks)
        t["k_cache"], t["v_cache"] = (
            randn(max(1, sum(nks)), hkv, d, dtype=dtype),
            randn(max(1, sum(nks)), hkv, dv, dtype=dtype),
        )
        t["k"], t["v"] = t["k_cache"], t["v_cache"]
    if sinks:
        t["sinks"] = (3 * torch.randn(hq, device="cuda")).to(getattr(torch, sinks))
    scale, k_scale, v_scale = d**-0.5, *(KV_SCALES.values() if fp8 else (1.0, 1.0))
    run = bind(plan, t, {"sm_scale": scale, **KV_SCALES})

    def check():
        run()
        if DRY:
            return
        outs, lses = [], []
        for i, nk in enumerate(nks):
            a, b = t["kv_indptr"][i].item(), t["kv_indptr"][i + 1].item()
            pick = lambda x: (
                pages_of(x, t["kv_indices"][a:b].long()).reshape(-1, hkv, x.shape[-1])[:nk]
                if page
                else x[a:b].double()
            )
            o, l = attention_reference(
                t["q"][sum(nqs[:i]) : sum(nqs[: i + 1])].double(),
                pick(t["k_cache"]) * k_scale,
                pick(t["v_cache"]) * v_scale,
                scale,
                prefill,
                window,
                cap,
                t.get("sinks"),
            )
            outs.append(o), lses.append(l)
        name = (
            "gqa_"
            + ("paged" if page else "ragged")
            + ("_prefill" if prefill else "_decode")
            + (f"_{kernel}" if kernel else "")
            + (f" {d}" if d > 256 or d % 64 else "")
            + ("_window" if window >= 0 else "")
            + ("_cap" if cap else "")
            + ("_sinks" if sinks else "")
            + ("", "_fp8_cache", "_fp8")[fp8]
        )
        short = lambda x: x if len(x) < 9 else [len(x), max(x)]
        compare(
            name,
            [hq, hkv, d, dv, page, short(nqs), short(nks)],
            t["output"],
            t["lse"],
            torch.cat(outs),
            torch.cat(lses),
        )

    return t, run, check


def gqa():
    decodes = ([1], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097], [777] * 64)
    prefills = (
        ([1], [1]),
        ([5, 64, 1], [5, 64, 128]),
        ([63, 65], [64, 200]),
        ([300], [1000]),
        ([17, 1, 33], [17, 2, 64]),
        ([256, 0, 3], [256, 7, 3]),
        ([700], [700]),
    )
    for hq, hkv, d in (GQAS[:3] + GQAS[-1:] if QUICK else GQAS) if CHECKS else ():
        for page in (1, 16, 64) if not SMALL else (1, 16) if not TINY else (16,):
            for nks in (
                decodes
                if not SMALL
                else ([63, 64, 65], [0, 5, 700])
                if not TINY
                else ([0, 5, 600], [1500])
            ):
                attention(hq, hkv, d, d, page, [1] * len(nks), nks, False)[2]()
        for page in (0, 1, 64) if not SMALL else (0, 64) if not TINY else (64,):
            for nqs, nks in prefills if not SMALL else prefills[:3] if not TINY else prefills[1:2]:
                attention(hq, hkv, d, d, page, nqs, nks, True)[2]()
    for page in (0, 64) if not SMALL else (64,):
        for nqs, nks in (prefills if not SMALL else prefills[1:2]) if CHECKS else ():
            attention(32, 8, 128, 128, page, nqs, nks, True, kernel="prefill")[2]()
            if not page:
                attention(16, 16, 192, 128, page, nqs, nks, True)[2]()
    for window, cap in ((100, 0), (0, 0), (-1, 30.0), (37, 20.0)) if CHECKS and not SMALL else ():
        for nks in ([1], [63, 64, 65], [0, 5, 1], [1000, 17, 129, 3097]):
            attention(32, 8, 128, 128, 16, [1] * len(nks), nks, False, window=window, cap=cap)[2]()
        for kernel in ("prefill", "prefill_wgmma"):
            for nqs, nks in prefills:
                attention(
                    32, 8, 128, 128, 64, nqs, nks, True, kernel=kernel, window=window, cap=cap
                )[2]()


def gqa_forms():
    """Attention sinks, caches of e4m3, and both."""
    decodes = ([1], [31, 32, 33], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097])
    prefills = (([5, 64, 1], [5, 64, 128]), ([17, 0, 33], [17, 2, 64]), ([300], [1000]))
    prefills += (([3, 5], [0, 2]),)  # queries that see no key
    heads = ((64, 8, 64), (32, 8, 128), (20, 1, 256), (8, 2, 80), (6, 1, 240), (5, 5, 16))
    heads += ((16, 2, 512), (6, 2, 73), (4, 4, 272))
    if SMALL:
        decodes, prefills, heads = ([0, 5, 600],), prefills[1:2], ((6, 1, 128), (6, 2, 80))
        heads += ((6, 1, 512), (6, 2, 73)) if not TINY else ()
    kinds = (("bfloat16", 0), (None, 1), (None, 2), ("bfloat16", 2), ("float32", 1))
    for (hq, hkv, d), (sinks, fp8) in itertools.product(heads, kinds) if CHECKS else ():
        more = dict(sinks=sinks, fp8=fp8, window=127 if sinks else -1)
        for page in (1, 16, 64) if not SMALL else (16,):
            for nks in decodes:
                split = 256 if SMALL else None
                case = [hq, hkv, d, d, page, [1] * len(nks), nks, False]
                attention(*case, split_size=split, **more)[2]()
                if (d, page) == (128, 64):
                    attention(*case, half=True, **more)[2]()
        for page in (0, 1, 64) if not SMALL else (64,):
            for nqs, nks in prefills if page or not fp8 else ():
                attention(hq, hkv, d, d, page, nqs, nks, True, **more)[2]()
    for kernel in ("prefill", "any_head_dim") if CHECKS and not SMALL else ():
        for nqs, nks in prefills:
            for sinks, fp8 in kinds:
                more = dict(kernel=kernel, sinks=sinks, fp8=fp8)
                attention(64, 8, 64, 64, 64, nqs, nks, True, **more)[2]()
                attention(16, 2, 128, 128, 1, nqs, nks, True, cap=20.0, **more)[2]()
    if CHECKS and not SMALL:
        for nks in decodes:
            attention(
                32, 8, 128, 128, 64, [1] * len(nks), nks, False, fp8=2, kernel="any_head_dim"
            )[2]()
            attention(32, 8, 128, 128, 64, [1] * len(nks), nks, False, fp8=1, cap=20.0)[2]()


def gqa_forms_times():
    """Decode over caches of e4m3 beside 16 bits; prefill with sinks."""
    for hq, hkv, d, page, batch, length in (
        ()
        if not TIMES
        else (
            (32, 8, 128, 1, 1, 8192),
            (32, 8, 128, 1, 64, 2048),
            (32, 8, 128, 64, 64, 2048),
            (32, 4, 128, 64, 128, 4096),
            (64, 8, 64, 64, 64, 4096),
            (8, 1, 256, 64, 128, 4096),
        )
    ):
        for sinks, fp8 in ((None, 0), ("bfloat16", 0), (None, 1), (None, 2)):
            amount = batch * length * hkv * d * (2 if fp8 else 4) * 1e-12
            count = 1 if DRY else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
            case = [hq, hkv, d, d, page, [1] * batch, [length] * batch, False]
            sets = [attention(*case, sinks=sinks, fp8=fp8) for _ in range(count)]
            name = "gqa_decode" + "_sinks" * bool(sinks) + ("", "_fp8_cache", "_fp8")[fp8]
            speed(name, [hq, hkv, d, page, batch, length], [s[1] for s in sets], (), amount)
    for hq, hkv, d, batch, length in (
        () if not TIMES else ((64, 8, 64, 1, 8192), (32, 8, 128, 8, 1024), (32, 8, 128, 1, 8192))
    ):
        for sinks, fp8 in ((None, 0), ("bfloat16", 0), (None, 1), (None, 2)):
            case = [hq, hkv, d, d, 64, [length] * batch, [length] * batch, True]
            run = attention(*case, sinks=sinks, fp8=fp8)[1]
            name = "gqa_prefill" + "_sinks" * bool(sinks) + ("", "_fp8_cache", "_fp8")[fp8]
            amount = batch * length * length * hq * 2 * d * 1e-12
            speed(name, [hq, hkv, d, 64, batch, length], [run] * 3, (), amount, "TFLOP/s")


def gqa_wide():
    """Heads of more than 256, and of no multiple of 64."""
    heads = (
        ((32, 4, 512), (16, 2, 512), (2, 1, 512), (40, 2, 512), (8, 2, 80), (28, 4, 73))
        if not SMALL
        else ((6, 1, 512), (4, 2, 80), (6, 2, 73))
        if not TINY
        else ((6, 1, 512),)
    )
    decodes = (
        [1],
        [15, 16, 17],
        [31, 32, 33],
        [63, 64, 65],
        [0, 5, 1],
        [1000, 17, 129, 4097],
        [777] * 64,
    )
    prefills = (
        ([1], [1]),
        ([5, 64, 1], [5, 64, 128]),
        ([63, 65], [64, 200]),
        ([256, 0, 3], [256, 7, 3]),
        ([300], [1000]),
    )
    for hq, hkv, d in heads if CHECKS else ():
        for page in (1, 64) if not SMALL else (64,):
            for nks in decodes if not SMALL else ([0, 5, 600],):
                attention(
                    hq,
                    hkv,
                    d,
                    d,
                    page,
                    [1] * len(nks),
                    nks,
                    False,
                    split_size=256 if SMALL else None,
                )[2]()
        for page in (0, 1, 64) if not SMALL else (0, 64) if not TINY else (64,):
            for nqs, nks in prefills if not SMALL else prefills[1:2]:
                attention(hq, hkv, d, d, page, nqs, nks, True)[2]()
    if SMALL or not CHECKS:
        return
    for d in (16, 96, 112, 160, 240, 272, 320, 384, 496, 42, 73, 88, 129, 510):
        attention(8, 2, d, d, 16, [1, 1, 1], [700, 0, 33], False)[2]()
        for nqs, nks in prefills:
            attention(8, 2, d, d, 0, nqs, nks, True)[2]()
        attention(5, 1, d, d, 64, [300, 700], [1000, 700], True, half=True)[2]()
    for d, dv in ((96, 64), (80, 16), (240, 208), (64, 128), (320, 96), (73, 42)):
        for nqs, nks in prefills:
            attention(16, 16, d, dv, 0, nqs, nks, True)[2]()
    for nqs, nks in prefills:  # where another is the rule
        attention(8, 2, 80, 80, 64, nqs, nks, True, kernel="any_head_dim")[2]()
        attention(16, 2, 512, 512, 64, nqs, nks, True, kernel="any_head_dim")[2]()
        attention(16, 2, 384, 384, 1, nqs, nks, True)[2]()
    attention(16, 16, 512, 256, 0, [63, 65], [64, 200], True)[2]()
    attention(16, 2, 512, 512, 64, [1, 1], [1000, 129], False, half=True)[2]()
    attention(16, 2, 512, 512, 64, [63, 65], [64, 200], True, half=True)[2]()
    attention(16, 16, 512, 320, 0, [63, 65], [64, 200], True)[2]()
    for window, cap in ((100, 0), (0, 0), (-1, 30.0), (37, 20.0)):
        for d in (512, 80):
            attention(
                16, 2, d, d, 16, [1] * 4, [1000, 17, 129, 3097], False, window=window, cap=cap
            )[2]()
            for nqs, nks in prefills:
                attention(16, 2, d, d, 64, nqs, nks, True, window=window, cap=cap)[2]()


def last_page_len(t, page):
    """What FlashInfer's wrappers want also where a page is a token."""
    return (
        t["kv_last_page_len"]
        if page > 1
        else torch.ones(len(t["kv_indptr"]) - 1, dtype=torch.int32, device="cuda")
    )


def decode_peer(sets, hq, hkv, d, page):
    calls = []
    for t, _, _ in sets:
        w = flashinfer().BatchDecodeWithPagedKVCacheWrapper(
            bench_space(), "NHD", use_tensor_cores=True
        )
        w.plan(
            t["kv_indptr"],
            t["kv_indices"],
            last_page_len(t, page),
            hq,
            hkv,
            d,
            page,
            q_data_type=torch.bfloat16,
            kv_data_type=torch.bfloat16,
        )
        calls.append(lambda w=w, t=t: w.run(t["q"], (t["k_cache"], t["v_cache"]), return_lse=True))
    return calls


def gqa_wide_times():
    for hq, hkv, page, batch, length in (
        () if not TIMES else ((32, 4, 1, 1, 8192), (32, 4, 64, 64, 2048), (16, 2, 64, 64, 4096))
    ):
        amount = batch * length * hkv * 512 * 4e-12
        count = 1 if DRY else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
        sets = [
            attention(hq, hkv, 512, 512, page, [1] * batch, [length] * batch, False)
            for _ in range(count)
        ]

        def sdpa():  # over keys that are already in order
            many = [
                [
                    t[x]
                    .reshape(-1, hkv, 512)[: batch * length]
                    .view(batch, length, hkv, 512)
                    .transpose(1, 2)
                    for x in ("k_cache", "v_cache")
                ]
                for t, _, _ in sets
            ]
            return [
                (
                    lambda t=t, k=k, v=v: torch.nn.functional.scaled_dot_product_attention(
                        t["q"].view(batch, hq, 1, 512), k, v, enable_gqa=True
                    )
                )
                for (t, _, _), (k, v) in zip(sets, many)
            ]

        speed(
            "gqa_decode",
            [hq, hkv, 512, page, batch, length],
            [s[1] for s in sets],
            [("torch sdpa", sdpa)]
            + (
                [("FlashInfer", lambda: decode_peer(sets, hq, hkv, 512, page))]
                if flashinfer()
                else []
            ),
            amount,
        )
    for hq, hkv, batch, length, page in (
        () if not TIMES else ((32, 4, 1, 4096, 0), (32, 4, 8, 1024, 64), (32, 4, 1, 8192, 64))
    ):
        t, run, _ = attention(hq, hkv, 512, 512, page, [length] * batch, [length] * batch, True)

        def sdpa_prefill():
            q, k, v = (
                t[x]
                .reshape(-1, *t[x].shape[-2:])[: batch * length]
                .view(batch, length, -1, 512)
                .transpose(1, 2)
                for x in ("q", "k_cache", "v_cache")
            )
            return [
                lambda: torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, is_causal=True, enable_gqa=True
                )
            ] * 3

        speed(
            "gqa_prefill",
            [hq, hkv, 512, 512, page, batch, length],
            [run] * 3,
            [("torch sdpa", sdpa_prefill)],
            batch * length * length * hq * 1024e-12,
            "TFLOP/s",
        )


def gqa_decode():
    """Times alone."""
    for hq, hkv, d, page, batch, length in (
        ()
        if not TIMES
        else (
            (32, 8, 128, 1, 1, 8192),
            (32, 8, 128, 1, 64, 2048),
            (32, 8, 128, 64, 64, 2048),
            (32, 4, 128, 64, 128, 4096),
            (32, 8, 128, 64, 16, 1024),
            (32, 32, 96, 64, 64, 1024),
            (32, 8, 80, 64, 64, 2048),
        )
    ):
        amount = batch * length * hkv * d * 4e-12
        count = 1 if DRY else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
        sets = [
            attention(hq, hkv, d, d, page, [1] * batch, [length] * batch, False)
            for _ in range(count)
        ]
        if TUNE and not DRY:
            best = []
            for split_size in (256, 512, 1024, 2048, 4096):
                runs = [
                    attention(
                        hq, hkv, d, d, page, [1] * batch, [length] * batch, False, None, split_size
                    )
                    for _ in sets
                ]
                best.append((timed([run for _, run, _ in runs], 3), split_size))
            print("  tune split_size", [(c, round(us, 1)) for us, c in sorted(best)])
        speed(
            "gqa_decode",
            [hq, hkv, d, page, batch, length],
            [s[1] for s in sets],
            [("FlashInfer", lambda: decode_peer(sets, hq, hkv, d, page))]
            if flashinfer() and d == 128
            else (),
            amount,
        )


def gqa_prefill():
    """Times alone."""
    for hq, hkv, d, dv, batch, length, page in (
        ()
        if not TIMES
        else (
            (32, 8, 128, 128, 1, 8192, 0),
            (32, 8, 128, 128, 8, 1024, 0),
            (32, 8, 128, 128, 1, 8192, 1),
            (32, 8, 128, 128, 1, 8192, 64),
            (32, 8, 128, 128, 8, 1024, 1),
            (32, 8, 128, 128, 8, 1024, 64),
            (16, 16, 192, 128, 1, 8192, 0),
            (8, 1, 256, 256, 1, 4096, 0),
            (32, 32, 96, 96, 1, 4096, 0),
            (32, 32, 80, 80, 1, 4096, 0),
            (40, 40, 96, 64, 1, 4096, 0),
        )
    ):
        t, run, _ = attention(hq, hkv, d, dv, page, [length] * batch, [length] * batch, True)
        found = []
        if not DRY and page == 0:
            q, k, v = (
                t[x].view(batch, length, -1, t[x].shape[-1]).transpose(1, 2)
                for x in ("q", "k_cache", "v_cache")
            )
            found.append(
                (
                    "torch sdpa",
                    [
                        lambda: torch.nn.functional.scaled_dot_product_attention(
                            q, k, v, is_causal=True, enable_gqa=hq != hkv
                        )
                    ]
                    * 3,
                )
            )

        def prefill_peer():
            kinds = dict(causal=True, q_data_type=torch.bfloat16, kv_data_type=torch.bfloat16)
            if page == 0:
                w = flashinfer().BatchPrefillWithRaggedKVCacheWrapper(
                    bench_space(), "NHD", backend="fa3"
                )
                w.plan(t["qo_indptr"], t["kv_indptr"], hq, hkv, d, head_dim_vo=dv, **kinds)
                return [lambda: w.run(t["q"], t["k_cache"], t["v_cache"], return_lse=True)] * 3
            w = flashinfer().BatchPrefillWithPagedKVCacheWrapper(
                bench_space(), "NHD", backend="fa3"
            )
            w.plan(
                t["qo_indptr"],
                t["kv_indptr"],
                t["kv_indices"],
                last_page_len(t, page),
                hq,
                hkv,
                d,
                page,
                **kinds,
            )
            return [lambda: w.run(t["q"], (t["k_cache"], t["v_cache"]), return_lse=True)] * 3

        if not DRY and flashinfer() and d == 128:
            found.append(("FlashInfer fa3", prefill_peer))
        if TUNE:
            static = {"DYNAMIC_ITEMS": 0}
            _, other, _ = attention(
                hq, hkv, d, dv, page, [length] * batch, [length] * batch, True, more=static
            )
            if not DRY:
                print("  tune: taken", timed([run] * 3, 3), "in fixed turns", timed([other] * 3, 3))
        speed(
            "gqa_prefill",
            [hq, hkv, d, dv, page, batch, length],
            [run] * 3,
            found,
            batch * length * length * hq * (d + dv) * 1e-12,
            "TFLOP/s",
        )


def latent(
    heads,
    page,
    nqs,
    nks,
    prefill,
    ckv=512,
    kpe=64,
    rows=None,
    split_size=None,
    keys_tile=None,
    groups=0,
    window=-1,
    cap=0,
    fp8=0,
):
    """An mla case; groups: how many scales a row of the latent has, 0: none. rows, split_size, keys_tile: set."""
    if groups:  # the form with scales has whole pages
        nks = [up(n, page) * page for n in nks]
    batch, total_q, pages = len(nks), sum(nqs), sum(up(n, page) for n in nks)
    set = {n: v for n, v in (("KV_SPLIT_SIZE", split_size), ("BLOCK_KV", keys_tile)) if v}
    if rows:
        set["KERNEL"] = {16: "attend", 64: "attend_wgmma"}[rows]
    plan = plan_of(
        definitions.mla_paged(
            heads, ckv, kpe, page, prefill, page > 1 and not groups, groups > 0, window, cap, fp8
        ),
        set,
        batch_size=batch,
        len_indptr=batch + 1,
        total_q=total_q,
        num_pages=pages + 3,
        num_kv_indices=pages,
        ckv_scale_groups=groups,
    )
    t = {
        "q_nope": (random_e4m3 if fp8 == 2 else randn)(total_q, heads, ckv),
        "q_pe": (random_e4m3 if fp8 == 2 else randn)(total_q, heads, kpe),
        "output": poison(total_q, heads, ckv),
        "lse": poison(total_q, heads, dtype=torch.float32),
        "qo_indptr": offsets(nqs) if prefill else None,
    }
    t["kv_indptr"], t["kv_indices"], t["kv_last_page_len"], count = paging(nks, page)
    cache = random_e4m3 if fp8 else randn
    t["ckv_cache"], t["kpe_cache"] = cache(count, page, ckv), cache(count, page, kpe)
    for i, n in enumerate(nks):
        if n % page:
            last = t["kv_indices"][t["kv_indptr"][i + 1] - 1].long()
            spoil(t["ckv_cache"], last, slice(n % page, None))
            spoil(t["kpe_cache"], last, slice(n % page, None))
    scale, whole = 192**-0.5, {"ckv_scale": 0.75, "kpe_scale": 1.25}
    if groups:
        t["ckv_scale_arr"] = torch.rand(count, page, groups, device="cuda") + 0.5
    run = bind(plan, t, {"sm_scale": scale, **whole, **KV_SCALES})

    def check():
        run()
        if DRY:
            return
        outs, lses = [], []
        for i, nk in enumerate(nks):
            pages = t["kv_indices"][t["kv_indptr"][i] : t["kv_indptr"][i + 1]].long()
            c, r = (
                pages_of(t[x], pages).reshape(-1, 1, t[x].shape[-1])[:nk]
                for x in ("ckv_cache", "kpe_cache")
            )
            if groups:
                c = (
                    c
                    * t["ckv_scale_arr"][pages]
                    .reshape(-1, 1, groups)[:nk]
                    .double()
                    .repeat_interleave(ckv // groups, -1)
                    * whole["ckv_scale"]
                )
                r = r * whole["kpe_scale"]
            q = torch.cat(
                [t[x][sum(nqs[:i]) : sum(nqs[: i + 1])].double() for x in ("q_nope", "q_pe")], -1
            )
            k_scale, v_scale = KV_SCALES.values() if fp8 else (1.0, 1.0)
            o, l = attention_reference(
                q, torch.cat([c, r], -1) * k_scale, c * v_scale, scale, prefill, window, cap
            )
            outs.append(o), lses.append(l)
        short = lambda x: x if len(x) < 9 else [len(x), max(x)]
        compare(
            ("mla_prefill" if prefill else "mla_decode")
            + (" scaled" if groups else "")
            + ("_window" if window >= 0 else "")
            + ("_cap" if cap else "")
            + ("", "_fp8_cache", "_fp8")[fp8],
            [heads, page, *([ckv, kpe] if (ckv, kpe) != (512, 64) else []), short(nqs), short(nks)],
            t["output"],
            t["lse"],
            torch.cat(outs),
            torch.cat(lses),
        )

    return t, run, check


def mla():
    if SMALL:
        for rows in (16, 64) if ARCH == "sm_90a" else (16,):
            latent(24, 64, [1, 1, 1], [200, 64, 1], False, rows=rows, split_size=128)[2]()
            latent(16, 64, [5, 3], [150, 3], True, rows=rows)[2]()
        latent(24, 64, [1, 1, 1], [200, 64, 1], False, split_size=128, groups=4)[2]()
        latent(24, 64, [1, 1, 1], [200, 64, 1], False, ckv=192, kpe=48, split_size=128)[2]()
        return
    if CHECKS:
        mla_checks()
        mla_widths()
    if TIMES:
        mla_times()


def mla_checks():
    for heads, page in ((16, 1), (16, 64), (128, 64), (8, 64), (20, 1)):
        for nks in ([1], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097], [777] * 64):
            latent(heads, page, [1] * len(nks), nks, False)[2]()
        for nqs, nks in (
            ([1], [1]),
            ([5, 64, 1], [5, 64, 128]),
            ([63, 65], [64, 200]),
            ([17, 0, 33], [17, 2, 64]),
            ([300], [1000]),
        ):
            latent(heads, page, nqs, nks, True)[2]()
    for keys_tile in (32, 64):
        latent(16, 64, [1, 1, 1], [1000, 64, 1], False, keys_tile=keys_tile, rows=16)[2]()
    for rows in (16, 64):  # both kernels where the other is the rule
        for nks in ([1], [63, 64, 65], [0, 5, 1], [1000, 17, 129, 4097]):
            latent(16, 1, [1] * len(nks), nks, False, rows=rows)[2]()
            latent(128, 64, [1] * len(nks), nks, False, rows=rows, split_size=256)[2]()
        for nqs, nks in (([5, 64, 1], [5, 64, 128]), ([17, 0, 33], [17, 2, 64]), ([300], [1000])):
            latent(16, 64, nqs, nks, True, rows=rows)[2]()


def mla_widths():
    """Latents and rotary parts of other widths."""
    for ckv, kpe in ((256, 32), (64, 16), (192, 48), (448, 80), (512, 128), (320, 96)):
        for rows in (16, 64) if ARCH == "sm_90a" else (16,):
            for heads, page in ((40, 64), (5, 1)):
                for nks in ([1], [63, 64, 65], [0, 5, 1], [1000, 17, 129, 4097]):
                    latent(heads, page, [1] * len(nks), nks, False, ckv=ckv, kpe=kpe, rows=rows)[
                        2
                    ]()
                for nqs, nks in (
                    ([5, 64, 1], [5, 64, 128]),
                    ([17, 0, 33], [17, 2, 64]),
                    ([300], [1000]),
                ):
                    latent(heads, page, nqs, nks, True, ckv=ckv, kpe=kpe, rows=rows)[2]()
        for groups in (1, 4, ckv // 16, ckv // 2):
            latent(20, 64, [1] * 4, [1000, 170, 0, 4097], False, ckv=ckv, kpe=kpe, groups=groups)[
                2
            ]()
            latent(20, 1, [300], [1000], True, ckv=ckv, kpe=kpe, groups=groups)[2]()
    latent(16, 64, [1, 1, 1], [1000, 64, 1], False, ckv=256, kpe=32, rows=16, keys_tile=32)[2]()


def mla_forms():
    """Latent attention with a window or a cap, caches of e4m3, and both."""
    decodes = ([1], [63, 64, 65], [0, 5, 1], [1000, 17, 129, 4097])
    prefills = (([5, 64, 1], [5, 64, 128]), ([17, 0, 33], [17, 2, 64]), ([300], [1000]))
    kinds = ((100, 0, 0), (0, 0, 0), (-1, 30.0, 0), (37, 20.0, 0), (-1, 0, 1), (-1, 0, 2))
    kinds += ((200, 20.0, 2),)
    if SMALL:
        decodes, prefills, kinds = ([200, 64, 1],), prefills[1:2], ((70, 20.0, 2),)
    for (window, cap, fp8), rows in itertools.product(
        kinds, (16, 64) if ARCH == "sm_90a" else (16,)
    ):
        more = dict(window=window, cap=cap, fp8=fp8, rows=rows)
        for heads, page in ((16, 1), (16, 64), (128, 64), (5, 16)) if not SMALL else ((24, 64),):
            for nks in decodes if CHECKS else ():
                for split in (128, None) if not SMALL else (128,):
                    latent(heads, page, [1] * len(nks), nks, False, split_size=split, **more)[2]()
            for nqs, nks in prefills if CHECKS else ():
                latent(heads, page, nqs, nks, True, **more)[2]()
    if SMALL:
        return
    for nqs, nks in prefills if CHECKS else ():
        for window, cap in ((100, 0), (-1, 30.0), (37, 20.0)):
            attention(16, 16, 192, 128, 0, nqs, nks, True, window=window, cap=cap)[2]()
            latent(20, 64, nqs, nks, True, ckv=192, kpe=48, window=window, cap=cap)[2]()
    for heads in (16, 128) if TIMES else ():
        for more in ({}, {"window": 1023}, {"cap": 30.0}, {"fp8": 1}, {"fp8": 2}):
            sets = [
                latent(heads, 64, [1] * 64, [4096] * 64, False, **more)
                for _ in range(1 if DRY else 2)
            ]
            speed("mla_decode " + str(more), [heads, 64, 64, 4096], [s[1] for s in sets])


def mla_scaled():
    for heads, page in ((16, 1), (16, 64), (128, 64), (20, 1)) if CHECKS and not SMALL else ():
        for groups in (
            1,
            4,
            32,
            512,
        ):  # above 32 the keys are rounded, which the lse of a single key shows
            for nks in (
                ([1], [63, 64, 65], [0, 5, 1], [1000, 17, 129, 4097])
                if groups <= 32
                else ([1000, 170, 0, 4097],)
            ):
                latent(heads, page, [1] * len(nks), nks, False, groups=groups)[2]()
            for nqs, nks in (
                (([5, 64, 1], [5, 64, 128]), ([17, 0, 33], [17, 2, 64]), ([300], [1000]))
                if groups <= 32
                else (([300], [1000]),)
            ):
                latent(heads, page, nqs, nks, True, groups=groups)[2]()
    for heads in (16, 128) if TIMES and not SMALL else ():
        sets = [
            latent(heads, 64, [1] * 64, [4096] * 64, False, groups=4)
            for _ in range(1 if DRY else 2)
        ]
        speed(
            "mla_decode scaled",
            [heads, 64, 64, 4096],
            [s[1] for s in sets],
            (),
            64 * 4096 * 1168e-12,
        )


def mla_times():
    for heads, page, batch, length in (
        (16, 1, 1, 8192),
        (16, 1, 64, 2048),
        (16, 64, 64, 4096),
        (128, 64, 64, 4096),
        (128, 1, 1, 8192),
        (128, 64, 16, 2048),
    ):
        amount = batch * length * 1152e-12
        count = 1 if DRY else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
        sets = [latent(heads, page, [1] * batch, [length] * batch, False) for _ in range(count)]
        if TUNE:
            best = []
            for rows in (16, 64):
                for split_size in (128, 256, 512, 1024, 2048, 4096):
                    runs = [
                        latent(
                            heads,
                            page,
                            [1] * batch,
                            [length] * batch,
                            False,
                            rows=rows,
                            split_size=split_size,
                        )[1]
                        for _ in sets
                    ]
                    if not DRY:
                        best.append((timed(runs, 3), split_size, rows))
            if not DRY:
                print(
                    "  tune split_size, rows",
                    [(c, k, round(us, 1)) for us, c, k in sorted(best)[:6]],
                )

        def mla_peer():
            calls = []
            for t, _, _ in sets:
                w = flashinfer().mla.BatchMLAPagedAttentionWrapper(bench_space(), backend="fa3")
                lengths = torch.full((batch,), length, dtype=torch.int32, device="cuda")
                w.plan(
                    torch.arange(batch + 1, dtype=torch.int32, device="cuda"),
                    t["kv_indptr"],
                    t["kv_indices"],
                    lengths,
                    heads,
                    512,
                    64,
                    page,
                    False,
                    192**-0.5,
                    torch.bfloat16,
                    torch.bfloat16,
                )
                calls.append(
                    lambda w=w, t=t: w.run(
                        t["q_nope"], t["q_pe"], t["ckv_cache"], t["kpe_cache"], return_lse=True
                    )
                )
            return calls

        speed(
            "mla_decode",
            [heads, page, batch, length],
            [s[1] for s in sets],
            [("FlashInfer fa3", mla_peer)] if flashinfer() else (),
            amount,
        )
    for heads, batch, length in ((16, 1, 2048), (16, 1, 8192), (128, 1, 2048), (128, 4, 1024)):
        t, run, _ = latent(heads, 64, [length] * batch, [length] * batch, True)

        def prefill_peer():
            w = flashinfer().mla.BatchMLAPagedAttentionWrapper(bench_space(), backend="fa3")
            lengths = torch.full((batch,), length, dtype=torch.int32, device="cuda")
            w.plan(
                t["qo_indptr"],
                t["kv_indptr"],
                t["kv_indices"],
                lengths,
                heads,
                512,
                64,
                64,
                True,
                192**-0.5,
                torch.bfloat16,
                torch.bfloat16,
            )
            return [
                lambda: w.run(
                    t["q_nope"], t["q_pe"], t["ckv_cache"], t["kpe_cache"], return_lse=True
                )
            ] * 3

        speed(
            "mla_prefill",
            [heads, 64, batch, length],
            [run] * 3,
            [("FlashInfer fa3", prefill_peer)] if flashinfer() else (),
            batch * length * length * heads * (576 + 512) * 1e-12,
            "TFLOP/s",
        )


def e4m3(*shape):
    return torch.randn(*shape, device="cuda").to(torch.float8_e4m3fn)


def scales(*shape):
    return torch.rand(*shape, device="cuda") + 0.5


def spread(scale, dim, size):
    """A scale for every 128 along dim, repeated to `size`."""
    return scale.double().repeat_interleave(128, dim).narrow(dim, 0, size)


def gemm_fp8():
    def again(m, n, k, blocks, t, **set):
        """A launcher on the same tensors, with constants that are set."""
        axes = {"M": m, "K_div_block": k // 128, "N_div_block": up(n, 128)}
        return bind(plan_of(definitions.gemm_fp8(n, k, blocks), set, **axes), t, {"alpha": 0.02})

    def make(m, n, k, blocks):
        t = {
            "A": e4m3(m, k),
            "B": e4m3(n, k) if blocks else e4m3(k // 128, n, 128),
            "C": poison(m, n),
        }
        if blocks:
            t.update(a_scale=scales(m, k // 128), b_scale=scales(up(n, 128), k // 128))
            t.update(a=t["A"], b=t["B"], out=t["C"])
        return t, again(m, n, k, blocks, t)

    for n, k in (
        ((1536, 7168), (7168, 2048), (2112, 7168), (4096, 512))
        if not SMALL
        else ((520, 512),)
        if not TINY
        else ((520, 2048),)  # every stage is filled again
    ):
        for blocks in (True, False) if CHECKS else ():
            for m in (
                (1, 5, 16, 33, 64, 129, 700, 1500)
                if not SMALL
                else (5, 129)
                if not TINY
                else (5, 70)
            ):
                t, run = make(m, n, k, blocks)
                run()
                wide = {
                    w: again(m, n, k, blocks, t, KERNEL="fp8_block", BLOCK_N=w)
                    for w in ((64, 96, 128, 192, 256) if not SMALL else (96,) if TINY else ())
                    if ARCH == "sm_90a"
                }
                if DRY:
                    continue
                a, b = t["A"].double(), t["B"].double()
                if blocks:
                    want = (a * spread(t["a_scale"], 1, k)) @ (
                        b * spread(spread(t["b_scale"], 0, n), 1, k)
                    ).T
                else:
                    want = a @ b.permute(1, 0, 2).reshape(n, k).T * 0.02
                note(
                    "gemm_fp8_" + ("block" if blocks else "tensor"),
                    [m, n, k],
                    error(t["C"], want),
                    5e-2,
                )
                for w, other in wide.items():
                    t["C"].fill_(float("nan"))
                    other()
                    kind = "block" if blocks else "tensor"
                    note(f"gemm_fp8_{kind} wide {w}", [m, n, k], error(t["C"], want), 5e-2)
    for blocks in (True, False) if TIMES else ():
        for m, n, k in FP8_GEMMS:
            sets = [
                make(m, n, k, blocks)
                for _ in range(1 if DRY else max(2, min(10, int(2e8 / (n * k)) + 1)))
            ]
            if TUNE and blocks and m >= 256:
                for wide in (64, 96, 128, 192, 256):
                    runs = [
                        again(m, n, k, blocks, t, KERNEL="fp8_block", BLOCK_N=wide) for t, _ in sets
                    ]
                    if not DRY:
                        print("  tune wide", wide, round(timed(runs, 3), 1), flush=True)
            if TUNE:
                best = []
                for nt, split in ((64, 1), (96, 1), (128, 1), (128, 2), (32, 4), (16, 8), (64, 4)):
                    runs = [
                        again(m, n, k, blocks, t, KERNEL="fp8_swap_ab", BLOCK_M=nt, SPLIT_K=split)
                        for t, _ in sets
                    ]
                    if not DRY and nt < m + 64:
                        best.append((timed(runs, 3), nt, split))
                if not DRY:
                    print("  tune nt, split", [(n, x, round(us, 1)) for us, n, x in sorted(best)])
            found = []
            if not DRY and PEERS:
                found = (
                    block_peers(sets, m)
                    if blocks
                    else [("cuBLAS", lambda: cublas_fp8(sets, n, k))]
                    if m % 16 == 0
                    else []
                )
            speed(
                "gemm_fp8_" + ("block" if blocks else "tensor"),
                [m, n, k],
                [r for _, r in sets],
                found,
                2e-12 * m * n * k,
                "TFLOP/s",
            )


MAGNITUDES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def packed(*shape):
    """Two values of four bits in a byte."""
    return torch.randint(-128, 128, shape, device="cuda", dtype=torch.int8)


def fp4_scales(*shape):
    return (torch.randn(*shape, device="cuda").clamp(-2, 2)).to(torch.float8_e4m3fn)


def from_fp4(values, scale):
    """float64 [rows, k] of [rows, k / 2] bytes and scales [rows, k / 16]."""
    code = values.view(torch.uint8).long()
    code = torch.stack((code & 15, code >> 4), -1).reshape(values.shape[0], -1)
    magnitude = torch.tensor(MAGNITUDES, dtype=torch.float64, device="cuda")[code & 7]
    return torch.where(code >= 8, -magnitude, magnitude) * scale.double().repeat_interleave(16, 1)


def fp4_streams(m, n, k):
    """Rows of a tile and blocks that share one, those worth a try."""
    for nt in (16, 32, 64, 96, 128):
        if nt < m + 32 and (nt >= m or nt >= 64):
            for split in (1, 2, 4, 8):
                if split <= up(k, 128) and (split == 1 or up(n, 256) * up(m, nt) * split <= SMS):
                    yield nt, split


def gemm_fp4():
    def again(m, n, k, dtype, t, set):
        """A launcher on the same tensors, with constants that are set."""
        scalars = {"alpha": 0.03 / math.sqrt(k)}
        return bind(plan_of(definitions.gemm_fp4(n, k, dtype), set, M=m), t, scalars)

    def make(m, n, k, dtype=1, **set):
        t = {
            "A": packed(m, k // 2),
            "B": packed(k // 2, n),
            "a_descale": fp4_scales(m, k // 16),
            "b_descale": fp4_scales(k // 16, n),
            "C": poison(m, n, dtype=torch.bfloat16 if dtype else torch.float16),
        }
        return t, again(m, n, k, dtype, t, set)

    stream = lambda nt, split: dict(KERNEL="nvfp4_swap_ab", BLOCK_M=nt, SPLIT_K=split)
    sizes = (
        ((1280, 4096), (5376, 2688), (512, 7168), (7168, 256), (272, 1040), (48, 16))
        if not SMALL
        else ((272, 400),)
    )
    for n, k in sizes if CHECKS else ():
        for m in (
            (1, 7, 16, 17, 33, 64, 129, 700, 1500)
            if not SMALL
            else (7, 40, 130)
            if not TINY
            else (20, 70)
        ):
            ways = [{}] if n != 272 else [dict(dtype=d) for d in (1, 0)]
            if ARCH == "sm_90a" and n == 272:
                ways += [
                    dict(dtype=d, **x)
                    for d in (1, 0)
                    for x in [dict(KERNEL="dequantize"), dict(KERNEL="nvfp4_tiled")]
                    + [stream(*x) for x in fp4_streams(m, n, k)]
                ]
            for way in ways:
                t, run = make(m, n, k, **way)
                run()
                if not DRY:
                    want = (
                        from_fp4(t["A"], t["a_descale"])
                        @ from_fp4(t["B"].T.contiguous(), t["b_descale"].T.contiguous()).T
                        * (0.03 / math.sqrt(k))
                    )
                    note(
                        "gemm_fp4" + (" stream" if way.get("KERNEL") == "nvfp4_swap_ab" else ""),
                        [m, n, k, way],
                        error(t["C"], want),
                        4e-3,
                    )
    for m, n, k in (
        (
            (1, 4096, 7168),
            (16, 7168, 16384),
            (64, 7168, 2048),
            (128, 7168, 2048),
            (1, 36864, 7168),
            (64, 36864, 7168),
            (256, 7168, 2048),
            (4096, 7168, 2048),
            (4096, 9216, 4096),
        )
        if TIMES
        else ()
    ):
        sets = [make(m, n, k) for _ in range(1 if DRY else max(2, min(12, int(4e8 / (n * k)) + 1)))]
        if TUNE:
            best = []
            for name, set in [
                ("mma.sync", dict(KERNEL="nvfp4_tiled")),
                ("widened first", dict(KERNEL="dequantize")),
            ] + [(f"stream {x}", stream(*x)) for x in fp4_streams(m, n, k)]:
                runs = [again(m, n, k, 1, t, set) for t, _ in sets]
                if not DRY:
                    best.append((timed(runs, 3), name))
            if not DRY:
                print("  tune", [(s, round(us, 1)) for us, s in sorted(best, key=lambda x: x[0])])
        wide = [] if DRY else [(randn(m, k), randn(n, k)) for _ in sets[:4]]
        speed(
            "gemm_fp4",
            [m, n, k],
            [r for _, r in sets],
            [
                (
                    "cuBLAS bf16",
                    [(lambda a=a, b=b: torch.nn.functional.linear(a, b)) for a, b in wide],
                )
            ],
            2e-12 * m * n * k,
            "TFLOP/s",
        )


def cublas_fp8(sets, n, k):
    one = torch.ones((), device="cuda")
    return [
        (
            lambda t=t, b=t["B"].permute(1, 0, 2).reshape(n, k).contiguous().T: torch._scaled_mm(
                t["A"], b, one, one, out_dtype=torch.bfloat16
            )
        )
        for t, _ in sets
    ]


def block_peers(sets, m):
    """cuBLAS, DeepGEMM and SGLang's Triton kernel, the latter two in the best of their configurations and checked."""

    def checked(name, calls, out):
        calls[0]()
        sets[0][1]()
        err = error(out(), sets[0][0]["C"])
        if not err < 2e-2:
            raise RuntimeError(f"{name}: its result differs from ours by {err}")
        return calls

    def triton():
        best = min(
            (c for c in peers.GEMM_CONFIGS if c[0] <= max(16, m) and (c[0] > 16 or m <= 16)),
            key=lambda c: timed([peers.gemm_block(sets[0][0], c)[0]] * 3, 3),
        )
        made = [peers.gemm_block(t, best) for t, _ in sets]
        return checked("Triton", [c for c, _ in made], lambda: made[0][1])

    found = [
        ("cuBLAS", lambda: [peers.cublas_block(t) for t, _ in sets]),
        ("DeepGEMM", lambda: deepgemm.dense([t for t, _ in sets])),
    ]
    return found + [("SGLang Triton", triton)] if peers.SGLANG else found


def route_reference(t, spec):
    logits, k = t["routing_logits"].float(), spec["top_k"]
    kind = spec["routing"]
    if kind == "deepseek":
        score = torch.sigmoid(logits)
        b = score + t["routing_bias"].float()
        groups = spec["n_group"]
        if groups > 1:
            grouped = b.view(b.shape[0], groups, -1)
            kept = torch.sort(
                grouped.topk(2, -1).values.sum(-1), dim=1, descending=True, stable=True
            ).indices[:, : spec["topk_group"]]
            open_group = torch.zeros(b.shape[0], groups, dtype=torch.bool, device="cuda").scatter_(
                1, kept, True
            )
            b = torch.where(open_group[..., None], grouped, -math.inf).reshape(b.shape)
        ids = torch.sort(b, dim=1, descending=True, stable=True).indices[:, :k]
        s = score.gather(1, ids)
        return ids, s / (s.sum(1, keepdim=True) + 1e-20) * spec["factor"]
    ids = torch.sort(logits, dim=1, descending=True, stable=True).indices[:, :k]
    best = logits.gather(1, ids)
    if kind == "renorm":
        return ids, torch.softmax(best, 1)
    if kind == "default":
        return ids, torch.softmax(logits, 1).gather(1, ids)
    s = torch.sigmoid(best)
    return ids, s / s.sum(1, keepdim=True) if kind == "sigmoid_renorm" else s


def experts(tokens, spec, nt=None):
    """A layer's tensors and launcher; spec has definitions.moe's sizes and `first`, `factor`, `activation`, `gated`, `float16`; `counts`:
    the tokens of each expert, of which a token takes one."""
    e, rows, k, hidden, inter, weights = (
        spec[x] for x in ("experts", "rows", "top_k", "hidden", "inter", "weights")
    )
    shared, first = spec.get("shared", 0), spec.get("first", 0)
    form = definitions.moe(
        e,
        rows,
        k,
        hidden,
        inter,
        weights,
        spec["routing"],
        spec.get("n_group", 1),
        spec.get("topk_group", 1),
        shared,
        spec.get("activation", "silu"),
        spec.get("logits", 2),
        0 if spec.get("float16") else 1,
        bool(spec.get("gated")),
        offset=True,
    )
    chosen = (("BLOCK_M", nt), ("GROUPED", spec.get("wide")), ("DEQUANTIZE", spec.get("many")))
    plan = plan_of(form, {n: int(v) for n, v in chosen if v is not None}, seq_len=tokens)
    kind = torch.float16 if spec.get("float16") else torch.bfloat16
    key = json.dumps(
        {n: v for n, v in spec.items() if n not in ("many", "wide", "counts")}, sort_keys=True
    )
    if key not in experts.kept:
        experts.kept.clear()
        w = {}
        if weights == 3:
            for name, n, depth in (
                ("gemm1_weights", 2 * inter, hidden),
                ("gemm2_weights", hidden, inter),
            ):
                w[name], w[name + "_scale"] = (
                    packed(rows, n, depth // 2),
                    fp4_scales(rows, n, depth // 16),
                )
            for n, by in (
                ("output1_scale_scalar", hidden * 46),
                ("output1_scale_gate_scalar", hidden * 46),
                ("output2_scale_scalar", inter * 7),
            ):
                w[n] = scales(rows) / math.sqrt(
                    by
                )  # values of FP4 with their scales are of about 2.6
        elif weights:
            make = lambda *s: torch.cat([e4m3(1, *s[1:]) for _ in range(s[0])])
            w["gemm1_weights"], w["gemm2_weights"] = (
                make(rows, 2 * inter, hidden),
                make(rows, hidden, inter),
            )
            if weights == 1:
                w["gemm1_weights_scale"] = scales(
                    rows, 2 * inter // 128, hidden // 128
                ) / math.sqrt(hidden)
                w["gemm2_weights_scale"] = scales(rows, hidden // 128, inter // 128) / math.sqrt(
                    inter
                )
            else:
                for n, by in (
                    ("output1_scales_scalar", hidden),
                    ("output1_scales_gate_scalar", hidden),
                    ("output2_scales_scalar", inter),
                ):
                    w[n] = scales(rows) / math.sqrt(by)
        else:
            w["gemm1_weights"] = torch.cat(
                [
                    (torch.randn(1, 2 * inter, hidden, device="cuda") / math.sqrt(hidden)).to(kind)
                    for _ in range(rows)
                ]
            )
            w["gemm2_weights"] = torch.cat(
                [
                    (torch.randn(1, hidden, inter, device="cuda") / math.sqrt(inter)).to(kind)
                    for _ in range(rows)
                ]
            )
        experts.kept[key] = w
    t = dict(experts.kept[key])
    t["routing_logits"] = torch.randn(tokens, e, device="cuda").to(
        (torch.float16, torch.bfloat16, torch.float32)[spec.get("logits", 2)]
    )
    t["routing_bias"] = (
        torch.randn(e, device="cuda").bfloat16() * 0.1 if spec["routing"] == "deepseek" else None
    )
    t["hidden_states"] = (
        packed(tokens, hidden // 2)
        if weights == 3
        else e4m3(tokens, hidden)
        if weights
        else randn(tokens, hidden, dtype=kind)
    )
    if spec.get("large") and weights == 0:
        t["hidden_states"] = (t["hidden_states"].float() * spec["large"]).to(
            t["hidden_states"].dtype
        )
    t["hidden_states_scale"] = (
        scales(hidden // 128, tokens) * (spec.get("large", 1) if weights == 1 else 1)
        if weights == 1
        else fp4_scales(tokens, hidden // 16)
        if weights == 3
        else None
    )
    if "counts" in spec:
        ids = torch.tensor(
            [r for r, n in enumerate(spec["counts"]) for _ in range(n)],
            dtype=torch.int32,
            device="cuda",
        )
        ids = ids[torch.randperm(tokens, device="cuda")].reshape(tokens, 1)
        t["routing_logits"].scatter_(1, ids.long(), 6.0)  # above all others
    if spec["routing"] == "given":
        t["topk_ids"] = (
            ids
            if "counts" in spec
            else torch.stack([torch.randperm(e, device="cuda")[:k] for _ in range(tokens)]).int()
        )
        t["topk_weights"] = torch.rand(tokens, k, device="cuda")
    if spec.get("gated"):
        t["gemm1_alpha"], t["gemm1_beta"], t["gemm1_clamp_limit"] = (
            torch.rand(rows, device="cuda") + 1,
            torch.randn(rows, device="cuda"),
            torch.rand(rows, device="cuda") + 0.5,
        )
    t["output"] = poison(tokens, hidden, dtype=kind)
    return t, bind(
        plan, t, {"local_expert_offset": first, "routed_scaling_factor": spec.get("factor", 1.0)}
    )


experts.kept = {}


def beyond_float16():
    """Outputs that pass float16's largest number are infinite, with their sign, and none is NaN."""
    small = dict(experts=64, rows=64, first=0, top_k=6, hidden=1024, inter=384, factor=2.5)
    for weights in (0, 1):
        for tokens in (1, 16, 300) if not TINY else (3,):
            for wide in ((0, 1, 2) if TINY else (0, 2)) if ARCH == "sm_90a" else (None,):
                spec = dict(small, weights=weights, routing="renorm", float16=1, large=256)
                if wide is not None:
                    spec["wide"] = wide
                t, run = experts(tokens, spec)
                run()
                if DRY:
                    continue
                got, want = t["output"].double(), experts_reference(t, spec)
                over, under = want.abs() > 70000, want.abs() < 60000
                right = (got.isinf() & (got.sign() == want.sign()))[over].all() and got[
                    under
                ].isfinite().all()
                off = error(got[under], want[under])
                case = [weights, tokens, wide, int(over.sum()), int(under.sum())]
                ok = right and (over.any() or tokens < 16) and not got.isnan().any()
                note("moe beyond float16", case, off if ok else math.nan, 5e-2 if weights else 1e-2)


def experts_reference(t, spec):
    rows, hidden, inter, weights, shared, first = (
        spec["rows"],
        spec["hidden"],
        spec["inter"],
        spec["weights"],
        spec.get("shared", 0),
        spec.get("first", 0),
    )
    ids, w = (
        (t["topk_ids"].long(), t["topk_weights"])
        if spec["routing"] == "given"
        else route_reference(t, spec)
    )
    x = (
        t["hidden_states"].double()
        if weights != 3
        else from_fp4(t["hidden_states"], t["hidden_states_scale"])
    )
    if weights == 1:
        x = x * spread(t["hidden_states_scale"], 0, hidden).T
    y = torch.zeros(x.shape[0], hidden, dtype=torch.float64, device="cuda")
    for r in range(rows):
        if r >= rows - shared:
            tokens, weight = torch.arange(x.shape[0], device="cuda"), x.new_ones(x.shape[0], 1)
        else:
            hit = ids == r + first
            tokens = hit.any(1).nonzero().reshape(-1)
            weight = torch.where(hit, w, 0).sum(1)[tokens].double().reshape(-1, 1)
        if not tokens.numel():
            continue
        w1, w2 = (
            from_fp4(t[n][r], t[n + "_scale"][r]) if weights == 3 else t[n][r].double()
            for n in ("gemm1_weights", "gemm2_weights")
        )
        if weights == 1:
            w1 = w1 * spread(spread(t["gemm1_weights_scale"][r], 0, 2 * inter), 1, hidden)
            w2 = w2 * spread(spread(t["gemm2_weights_scale"][r], 0, hidden), 1, inter)
        on_input = spec["routing"] == "llama4" and r < rows - shared
        g = (x[tokens] * weight if on_input else x[tokens]) @ w1.T
        up, gate = g[:, :inter], g[:, inter:]
        factor = {2: "scales", 3: "scale"}.get(weights)
        if factor:
            up, gate = (
                up * t[f"output1_{factor}_scalar"][r].double(),
                gate * t[f"output1_{factor}_gate_scalar"][r].double(),
            )
        kind = spec.get("activation", "silu")
        if spec.get("gated"):
            alpha, beta, limit = (
                t[x][r].double() for x in ("gemm1_alpha", "gemm1_beta", "gemm1_clamp_limit")
            )
            up, gate = up.clamp(-limit, limit) + beta, gate.clamp(max=limit)
            gate = gate * torch.sigmoid(alpha * gate)
        else:
            gate = (
                gate * torch.sigmoid(gate)
                if kind == "silu"
                else torch.nn.functional.gelu(
                    gate, approximate="none" if kind == "gelu" else "tanh"
                )
            )
        out = (gate * up) @ w2.T
        if factor:
            out = out * t[f"output2_{factor}_scalar"][r].double()
        y[tokens] += out if on_input else out * weight
    return y


# Routings of definitions.moe that the family has forms of, by weights. The kernel that routes knows nothing of
# weights, so each of its paths is in one of them.
ROUTINGS = {
    0: (("deepseek", 2), ("renorm", 1), ("default", 2), ("sigmoid_renorm", 2), ("given", 2)),
    2: (("renorm", 1), ("default", 2), ("sigmoid_renorm", 2)),
    3: (("deepseek", 2), ("renorm", 1), ("default", 2), ("sigmoid_renorm", 2)),
}
ROUTINGS[1] = ROUTINGS[0]


def moe():
    if CHECKS:
        beyond_float16()
    small = dict(experts=64, rows=16, first=16, top_k=6, hidden=1024, inter=384, factor=2.5)
    specs = [
        dict(
            small,
            weights=w,
            routing=r,
            n_group=8 if r == "deepseek" else 1,
            topk_group=4 if r == "deepseek" else 1,
            logits=lf,
        )
        for w in (0, 1, 2, 3)
        for r, lf in ROUTINGS[w]
    ]
    specs += [dict(small, weights=w, routing="llama4", top_k=1) for w in (0, 1, 2, 3)]
    specs += [
        dict(small, weights=1, routing="deepseek", n_group=1, topk_group=1, shared=1, rows=17),
        dict(
            small, weights=1, routing="renorm", experts=384, rows=384, first=0, top_k=8, inter=256
        ),
    ]
    if TINY:
        specs = [
            dict(
                small,
                weights=w,
                routing="deepseek",
                n_group=8,
                topk_group=4,
                hidden=256,
                inter=128,
                **more,
            )
            for w in (0, 1)
            for more in ({}, dict(wide=1), dict(wide=2))[: 1 + 2 * (ARCH == "sm_90a")]
        ]
        specs += [
            dict(small, weights=w, routing="renorm", hidden=208, inter=80) for w in (0, 2)
        ] + [dict(small, weights=3, routing="renorm", hidden=320, inter=192)]
    elif SMALL:
        specs = (
            specs[:1]
            + specs[5:7]
            + specs[-5:-2]
            + [
                dict(small, weights=w, routing="renorm", hidden=h, inter=i)
                for w, h, i in ((0, 1280, 112), (0, 328, 704), (2, 208, 80), (3, 320, 192))
            ]
        )
        specs += [dict(specs[-1], many=True)] * (ARCH == "sm_90a")
    else:
        specs += [
            dict(small, weights=w, routing="renorm", **more)
            for w in (0, 1)
            for more in (dict(activation="gelu"), dict(activation="gelu_tanh"))
        ]
        specs += [
            dict(small, weights=w, routing="renorm", hidden=1152, inter=640) for w in (0, 1, 2)
        ]  # odd numbers of blocks of 128
        # ends within a block of 128, of either size
        edges = (
            (1280, 112),
            (2816, 704),
            (1024, 88),
            (512, 96),
            (512, 192),
            (512, 64),
            (2880, 192),
            (72, 40),
        )
        specs += [
            dict(small, weights=0, routing="renorm", hidden=h, inter=i, activation="gelu")
            for h, i in edges
        ]
        specs += [
            dict(
                small,
                weights=0,
                routing="deepseek",
                n_group=8,
                topk_group=4,
                hidden=h,
                inter=i,
                float16=1,
            )
            for h, i in edges[:6]
        ]
        specs += [
            dict(small, weights=2, routing="renorm", hidden=h, inter=i)
            for h, i in ((1168, 208), (512, 48))
        ]
        specs += [
            dict(small, weights=0, routing=r, float16=f, logits=l)
            for r in ("renorm", "default")
            for f, l in ((1, 1), (1, 0), (0, 0))
        ]
        specs += [
            dict(small, weights=3, routing="renorm", hidden=h, inter=i, float16=f)
            for h, i, f in ((1152, 192, 0), (512, 320, 1), (320, 64, 0))
        ]
        if ARCH == "sm_90a":  # widened first
            specs += [
                dict(small, weights=3, routing="renorm", hidden=h, inter=i, float16=f, many=True)
                for h, i, f in ((1024, 384, 0), (1152, 192, 0), (512, 320, 1), (320, 64, 0))
            ]
            specs += [
                dict(
                    small,
                    weights=3,
                    routing="deepseek",
                    n_group=1,
                    topk_group=1,
                    shared=1,
                    rows=17,
                    many=True,
                )
            ]
            counts = dict(
                experts=14,
                rows=14,
                first=0,
                top_k=1,
                counts=(257, 0, 1, 63, 64, 65, 128, 0, 129, 192, 193, 256, 513, 0),
            )
            specs += [
                dict(small, weights=w, routing=r, hidden=h, inter=i, wide=wide, **counts, **more)
                for w, r, h, i, more in (
                    (1, "given", 1024, 384, {}),
                    (1, "given", 1152, 640, {}),
                    (1, "given", 256, 128, {}),
                    (2, "default", 1168, 208, {}),
                    (2, "default", 512, 48, {}),
                    (0, "given", 1280, 112, {}),
                    (0, "given", 72, 40, {}),
                    (3, "default", 1152, 192, dict(many=True)),
                )
                for wide in ((1, 2) if w < 3 else (2,))
            ]
            specs += [
                dict(spec, wide=wide)
                for spec in specs
                if spec["weights"] != 3 and spec["routing"] in ("deepseek", "llama4")
                for wide in (1, 2)
            ]  # few tokens too
        specs += [
            dict(small, weights=3, routing="deepseek", n_group=1, topk_group=1, shared=1, rows=17),
            dict(
                small,
                weights=3,
                routing="renorm",
                experts=512,
                rows=64,
                first=128,
                top_k=10,
                inter=256,
            ),
        ]
    if not SMALL:
        specs.append(dict(small, weights=1, routing="deepseek", n_group=8, topk_group=4, gated=1))
    # FP8 with a scale an expert has no form for a rank's share.
    specs = [dict(s, experts=s["rows"], first=0) if s["weights"] == 2 else s for s in specs]
    for spec in specs if CHECKS else ():
        for tokens in (
            (sum(spec["counts"]),)
            if "counts" in spec
            else (1, 7, 64, 300, 1100)
            if not SMALL
            else (7, 70)
            if not TINY
            else (70,)
        ):
            t, run = experts(tokens, spec)
            run()
            if DRY:
                continue
            name = (
                f"moe weights {spec['weights']}"
                + (" widened first" if spec.get("many") else "")
                + (f" wide {spec['wide']}" if spec.get("wide") else "")
                + (
                    " " + spec["activation"]
                    if "activation" in spec
                    else " gated"
                    if "gated" in spec
                    else ""
                )
            )
            note(
                name,
                [tokens, spec["routing"], spec["experts"], spec["rows"]],
                error(t["output"], experts_reference(t, spec)),
                5e-2 if spec["weights"] in (1, 2) else 1e-2,
            )
    for spec in LAYERS if not SMALL else ():
        for tokens in LAYER_TOKENS:
            t, run = experts(tokens, spec)
            if tokens in (16, 256) and not DRY and CHECKS:
                run()
                note(
                    f"moe big weights {spec['weights']}",
                    [tokens, spec["experts"], spec["hidden"]],
                    error(t["output"], experts_reference(t, spec)),
                    5e-2 if spec["weights"] in (1, 2) else 1e-2,
                )
            if TIMES:
                layer_times(t, run, tokens, spec)


def layer_times(t, run, tokens, spec):
    """Three rows: the whole layer; all but the routing beside SGLang's Triton layer behind its routing and sort; the two
    products (ours with the activation) beside DeepGEMM's."""
    case = [
        tokens,
        spec["experts"],
        spec["rows"],
        spec["hidden"],
        spec["inter"],
        ("bf16", "fp8 block", "fp8", "fp4")[spec["weights"]],
    ]
    amount = (
        tokens
        * spec["top_k"]
        * spec["rows"]
        / spec["experts"]
        * spec["hidden"]
        * spec["inter"]
        * 6e-12
    )
    speed("moe", case, [run] * 3, (), amount, "TFLOP/s")
    if TUNE:
        best = []
        for nt in (16, 32, 64, 96, 128):
            other, again = experts(tokens, spec, nt)
            if not DRY:
                best.append((timed([again] * 3, 3), nt))
        if spec["weights"] != 3:
            for wide in (1, 2):
                other, again = experts(tokens, dict(spec, wide=wide))
                if not DRY:
                    best.append((timed([again] * 3, 3), f"wide {wide}"))
        if spec["weights"] == 3:
            for many in (False, True):
                other, again = experts(tokens, dict(spec, many=many))
                if not DRY:
                    best.append((timed([again] * 3, 3), "widened first" if many else "packed"))
        if not DRY:
            print(
                "  tune nt",
                [(n, round(us, 1)) for us, n in sorted(best, key=lambda x: x[0])],
                flush=True,
            )
    if DRY or not PEERS:
        return
    ids, weight = route_reference(t, spec)
    run()
    want = t["output"].clone()
    if peers.SGLANG and spec["weights"] != 3:

        def triton():
            best = min(
                peers.configs(spec, tokens),
                key=lambda c: timed([peers.layer(t, spec, ids, weight, c)[0]] * 3, 3),
            )
            call, out = peers.layer(t, spec, ids, weight, best)
            call()
            if (
                spec["weights"] != 2 and not error(out, want) < 6e-2
            ):  # with a scale an expert its activation has none
                raise RuntimeError(f"its result differs from ours by {error(out, want)}")
            print("  best configuration", best)
            return [call] * 3

        speed(
            "moe behind the routing",
            case,
            [run.only("moe_place", "moe_up", "moe_down", "moe_sum")] * 3,
            [("SGLang Triton", triton)],
        )
    if spec["weights"] == 1:

        def deep(layout):
            call, tiles = deepgemm.products(layout, t, spec, ids)
            print("  DeepGEMM", tiles, flush=True)
            return [call] * 3

        speed(
            "moe products",
            case,
            [run.only("moe_up", "moe_down")] * 3,
            [(f"DeepGEMM {x}", lambda x=x: deep(x)) for x in ("contiguous", "masked")],
        )


BMMS = [(b, n, k) for b in (16, 128) for n, k in ((512, 128), (128, 512))]


def bmm_product(batch, m, n, k, kn=False, set=None):
    t = {
        "A": randn(batch, m, k),
        "B": randn(batch, *((k, n) if kn else (n, k))) / math.sqrt(k),
        "C": poison(batch, m, n),
    }
    return t, bind(plan_of(definitions.bmm(batch, n, k, kn), set, M=m), t)


def bmm_variants(m, n, k, kn):
    yield "tiled", dict(KERNEL="tiled", BLOCK_M=64, BLOCK_N=64)
    for tile, groups in ((8, 1), (32, 2), (128, 1)):
        for split in (1, 2):
            if up(k, 64) >= split:
                yield (
                    f"swap AB {tile} {groups} {split}",
                    dict(
                        KERNEL="swap_ab_split_k",
                        BLOCK_M=tile,
                        NUM_MATH_WARPGROUPS=groups,
                        SPLIT_K=split,
                    ),
                )
    for columns in (64, 128, 192, 256):
        for across in (0,) if kn else (0, 1):
            yield (
                f"tma {columns} {across}",
                dict(KERNEL="tma", BLOCK_N=columns, MULTICAST_A=across),
            )


def bmm():
    """Products for each item of a batch, beside torch.bmm."""
    sizes = BMMS + [(8, 512, 192), (7, 264, 72), (3, 130, 100), (5, 72, 1032), (2, 6, 4)]
    if SMALL:
        sizes = [(3, 136, 200), (2, 130, 100)]
    for batch, n, k in sizes if CHECKS else ():
        for m in (1, 3, 16, 33, 100, 129, 700) if not SMALL else (3, 150):
            for kn in (False, True):
                case, name = [batch, m, n, k], "bmm" + " [K, N]" * kn
                sets = [("", None)]
                if (k % 8, n % 8) == (0, 0) and (m > 64 or TINY) and ARCH == "sm_90a":
                    sets += bmm_variants(m, n, k, kn)
                for variant, set in sets:
                    t, run = bmm_product(batch, m, n, k, kn, set)
                    run()
                    if not DRY:
                        b = t["B"].double()
                        want = t["A"].double() @ (b if kn else b.transpose(1, 2))
                        note(
                            name + (" " + variant if variant else ""),
                            case,
                            error(t["C"], want),
                            1e-2,
                        )
    for batch, n, k in BMMS + [(8, 512, 128), (64, 512, 192), (64, 256, 512)] if TIMES else ():
        for m in (1, 16, 64, 128, 256, 512, 1024, 2048, 8192):
            bytes_of = 2 * batch * (m * k + n * k + m * n)
            count = 1 if DRY else max(3, min(20, int(1.3e8 // bytes_of) + 1))
            sets = [bmm_product(batch, m, n, k) for _ in range(count)]
            turns = 1 if DRY else max(1, 20 // count)
            speed(
                "bmm",
                [batch, m, n, k],
                [r for _, r in sets] * turns,
                ()
                if DRY
                else [
                    (
                        "torch.bmm",
                        [
                            lambda t=t: torch.bmm(t["A"], t["B"].transpose(1, 2), out=t["C"])
                            for t, _ in sets
                        ]
                        * turns,
                    )
                ],
                bytes_of * 1e-12,
            )


def activation():
    for hidden, function in ((14336, "silu"), (4096, "gelu_tanh"), (1000, "gelu"), (26, "silu")):
        for rows in (1, 7, 64, 4096) if CHECKS and not SMALL else (3,):
            t = {"input": randn(rows, hidden), "output": poison(rows, hidden // 2)}
            bind(plan_of(definitions.activation(hidden, function), num_tokens=rows), t)()
            if DRY:
                continue
            gate, up_part = t["input"].double().chunk(2, 1)
            act = {
                "silu": torch.nn.functional.silu,
                "gelu": torch.nn.functional.gelu,
                "gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
            }[function]
            note(
                "activation",
                [hidden, function, rows],
                error(t["output"], act(gate) * up_part),
                1e-2,
            )


def quantization():
    for k, group in ((7168, 128), (2048, 128), (512, 64)):
        for rows in (1, 7, 64, 4096) if CHECKS and not SMALL else (3,):
            t = {
                "input": randn(rows, k),
                "output_q": torch.full((rows, k), 0xFF, dtype=torch.uint8, device="cuda"),
                "output_s": poison(rows, k // group, dtype=torch.float32),
            }
            bind(plan_of(definitions.quantization(k, group), M=rows), t)()
            if DRY:
                continue
            x = t["input"].double().reshape(rows, k // group, group)
            scale = x.abs().amax(2).clamp(min=1e-10) / 448
            note("quantization.scale", [k, group, rows], error(t["output_s"], scale), 1e-6)
            got = t["output_q"].view(torch.float8_e4m3fn).double().reshape(x.shape)
            note("quantization", [k, group, rows], error(got * scale[..., None], x), 5e-2)


def rotary():
    for head, width, neox in ((128, 128, True), (64, 64, False), (256, 64, True)):
        for rows in (1, 7, 64, 1024) if CHECKS and not SMALL else (3,):
            heads, kv, longest = 24, 3, 4096
            t = {
                "q": randn(rows, heads, head),
                "k": randn(rows, kv, head),
                "cos_sin_cache": randn(longest, width, dtype=torch.float32),
                "positions": torch.randint(0, longest, (rows,), device="cuda"),
                "q_out": poison(rows, heads, head),
                "k_out": poison(rows, kv, head),
            }
            axes = dict(num_tokens=rows, num_qo_heads=heads, num_kv_heads=kv, max_seq_len=longest)
            bind(plan_of(definitions.rope(head, width, neox), **axes), t)()
            if DRY:
                continue
            row = t["cos_sin_cache"][t["positions"]].double()[:, None]
            cos, sin = row[..., : width // 2], row[..., width // 2 :]
            half = width // 2
            a, b = (
                (slice(0, half), slice(half, width))
                if neox
                else (slice(0, width, 2), slice(1, width, 2))
            )
            for x, out in (("q", "q_out"), ("k", "k_out")):
                x, want = t[x].double(), t[x].double().clone()
                want[..., a] = x[..., a] * cos - x[..., b] * sin
                want[..., b] = x[..., a] * sin + x[..., b] * cos
                note("rotary." + out, [head, width, neox, rows], error(t[out], want), 1e-2)


def portable():
    """The paths of other architectures, compiled for this one."""
    global ARCH, CASE, COMPILE_FOR, SMALL, TIMES
    before = ARCH, SMALL, TIMES
    for arch in ("sm_80", "sm_89") if CHECKS else ():
        ARCH, CASE, COMPILE_FOR, SMALL, TIMES = arch, f"as for {arch}", "sm_90", True, False
        for family in (gqa, gqa_wide, gqa_forms, mla, mla_forms, gemm_fp8, gemm_fp4, moe, bmm):
            family()
        for m, n, k in ((3, 264, 1032), (64, 4096, 4096), (200, 264, 1032)):
            for kn in (False, True):
                gemm_check(m, n, k, kn=kn)
        odd_gemms(False)
    ARCH, SMALL, TIMES = before
    CASE, COMPILE_FOR = "", None


FAMILIES = {
    f.__name__: f
    for f in (
        rmsnorm,
        gemm,
        gemm_forms,
        bmm,
        activation,
        quantization,
        rotary,
        gqa,
        gqa_wide,
        gqa_forms,
        gqa_forms_times,
        gqa_decode,
        gqa_prefill,
        gqa_wide_times,
        mla,
        mla_scaled,
        mla_forms,
        gemm_fp8,
        gemm_fp4,
        moe,
        portable,
    )
}


def main():
    if not DRY:  # all cubins at once, by all cores
        subprocess.run([sys.executable, __file__, "--build", *sys.argv[2:]], check=True)
    for name, family in FAMILIES.items():
        if ONLY and name not in ONLY:
            continue
        try:
            family()
            if not DRY:
                torch.cuda.synchronize()
        except Exception as e:
            if DRY:
                raise
            results["checks"].append({"kernel": name, "ok": False, "exception": str(e)[:2000]})
            import traceback

            traceback.print_exc()
            print("FAILED", name, str(e)[:500], flush=True)
        if not DRY:
            with open(sys.argv[1], "w") as f:
                json.dump(results, f, indent=1)
    if DRY:
        launches = sum(len(p["launches"]) for p in wanted)
        print(len(wanted), "plans were bound,", launches, "launches")
        if BUILD:
            print(kdex.build(wanted), "units are built")
        if BUILD and PEERS and deepgemm.HEADERS:
            layers = [s for s in LAYERS if s["weights"] == 1] if not ONLY or "moe" in ONLY else []
            print(
                deepgemm.build_all(FP8_GEMMS if not ONLY or "gemm_fp8" in ONLY else [], layers),
                "of DeepGEMM",
            )
        return 0
    worst = {}
    for c in results["checks"]:
        if "error" in c:
            w = worst.setdefault(c["kernel"], [0, 0.0])
            w[0] += 1
            w[1] = max(w[1], c["error"]) if c["error"] == c["error"] else float("nan")
    for name, (count, err) in worst.items():
        print(f"{name}: {count} checks, largest error {err:.2e}")
    bad = sum(not c["ok"] for c in results["checks"])
    print(len(results["checks"]), "checks,", bad, "wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
