"""Compares the kernels with float64 formulas on poisoned outputs and fresh random inputs, and times them beside
torch and cuBLAS. Needs torch and a GPU; with --build only nvcc: it compiles what the run will load.

    python3 kernels/tools/verify.py OUT.json [--quick] [--only gemm,gqa] [--tune]
    python3 kernels/tools/verify.py --build
"""
import json, math, os, sys
import device, plans
from plans import Chip

QUICK, TUNE, BUILD = "--quick" in sys.argv, "--tune" in sys.argv, "--build" in sys.argv
ONLY = next((sys.argv[i + 1].split(",") for i, a in enumerate(sys.argv) if a == "--only"), None)
CHIP = Chip(90)
NORMS = [(h, f, g) for h in (128, 1536, 3072, 4096, 5120, 5376, 7168) for f in (0, 1) for g in (0, 1)]
GEMMS = [(256, 7168), (2048, 5376), (4096, 4096), (4608, 3584), (4096, 14336), (6144, 4096), (28672, 4096)]
TIMED_GEMMS = [(6144, 4096), (28672, 4096), (4096, 14336), (256, 7168)]
GQAS = [(32, 8, 128), (16, 2, 128), (20, 4, 128), (5, 1, 128), (48, 8, 128), (32, 16, 128), (6, 1, 128), (24, 4, 128),
        (32, 4, 128), (16, 1, 128), (8, 1, 256)]
results = {"checks": [], "times": []}
if not BUILD:
    import torch
    torch.manual_seed(int.from_bytes(os.urandom(4), "little"))
    results["device"] = torch.cuda.get_device_name()
wanted = []  # plans, with --build


def bind(plan, tensors=None, scalars=()):
    if BUILD:
        wanted.append(plan)
        return lambda: None
    return device.Launcher(plan, tensors, scalars)


def error(got, want):
    got, want = got.double(), want.double()
    if not torch.isfinite(got).all():
        return float("nan")
    return ((got - want).norm() / want.norm().clamp_min(1e-30)).item()


def note(name, case, err, limit):
    ok = err < limit
    results["checks"].append({"kernel": name, "case": case, "error": err, "ok": ok})
    if not ok:
        print("WRONG", name, case, err, flush=True)


def timed(calls, rounds=5):
    """Median microseconds of a call; `calls` rotate over inputs, replayed as one graph."""
    for c in calls[:2]:
        c()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for c in calls:
            c()
    graph.replay()
    times = []
    for _ in range(rounds):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record(); graph.replay(); b.record(); torch.cuda.synchronize()
        times.append(a.elapsed_time(b) * 1000 / len(calls))
    return sorted(times)[rounds // 2]


def speed(op, case, ours, peer=None, peer_name="", amount=0, unit="TB/s"):
    """amount: bytes or operations of a call, in units of 1e12, for the rate that is printed."""
    if BUILD:
        return
    row = {"op": op, "case": case, "us": timed(ours)}
    if peer:
        row["peer"], row["peer_us"] = peer_name, timed(peer)
        row["ratio"] = row["peer_us"] / row["us"]
    if amount:
        row[unit] = amount / row["us"] * 1e6
    results["times"].append(row)
    print(op, case, {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items() if k not in ("op", "case")}, flush=True)


def poison(*shape, dtype=None):
    return torch.full(shape, float("nan"), dtype=dtype or torch.bfloat16, device="cuda")


def randn(*shape, dtype=None):
    return torch.randn(*shape, device="cuda").to(dtype or torch.bfloat16)


def rmsnorm():
    for hidden, fused, gemma in NORMS:
        def make(batch):
            t = {} if BUILD else {"hidden_states": randn(batch, hidden), "residual": randn(batch, hidden) if fused else None,
                                  "weight": randn(hidden), "output": poison(batch, hidden)}
            return t, bind(plans.rmsnorm(CHIP, hidden, 1e-5, fused, gemma, batch), t)

        for batch in (1, 2, 7, 64, 333, 4096) if not BUILD else (1,):
            t, run = make(batch)
            run()
            if BUILD:
                continue
            v = t["hidden_states"].double() + (t["residual"].double() if fused else 0)
            want = v * torch.rsqrt(v.square().mean(-1, keepdim=True) + 1e-5) * (t["weight"].double() + gemma)
            note("rmsnorm", [hidden, fused, gemma, batch], error(t["output"], want), 1e-2)
        if not gemma and hidden in (4096, 7168) and not BUILD:
            for batch in (1, 64, 4096, 16384):
                sets = [make(batch) for _ in range(max(4, min(20, int(4e8 // (batch * hidden * 2)) + 1)))]
                peer = None if fused else [(lambda t=t: torch.nn.functional.rms_norm(t["hidden_states"], (hidden,), t["weight"], 1e-5)) for t, _ in sets]
                speed("fused_add_rmsnorm" if fused else "rmsnorm", [batch, hidden], [r for _, r in sets], peer, "torch", batch * hidden * (3 if fused else 2) * 2e-12)


def gemm_variants(m, n, k):
    """Every way to run a size that is worth trying."""
    if m <= 4:
        yield "rows", plans.gemm_rows(CHIP, m, n, k)
    if m <= 256:
        for split in (1, 2, 4, 8):
            for nt in ((None,) if m <= 64 else (64, 128)):
                yield f"stream split {split} nt {nt}", plans.gemm_stream(CHIP, m, n, k, split=split, nt=nt)
    if m >= 128:
        for bn in (128, 192, 256):
            yield f"tma {bn}", plans.gemm_tma(CHIP, m, n, k, bn=bn)


def gemm():
    def make(m, n, k, plan=None):
        t = {} if BUILD else {"A": randn(m, k, dtype=torch.float16), "B": (torch.randn(n, k, device="cuda") / math.sqrt(k)).half(), "C": poison(m, n, dtype=torch.float16)}
        return t, bind(plan or plans.gemm(CHIP, m, n, k), t)

    for n, k in GEMMS:
        for m in (1, 2, 5, 16, 33, 64, 129, 300, 1000):
            t, run = make(m, n, k)
            run()
            if not BUILD:
                note("gemm", [m, n, k], error(t["C"], t["A"].double() @ t["B"].double().T), 1e-2)
    for m, n, k in ((200, 4096, 4096), (3, 4096, 4096), (100, 4096, 4096)):  # every path on one size
        for name, plan in list(gemm_variants(m, n, k)) + [("tiled", plans.gemm_tiled(CHIP, m, n, k))]:
            t, run = make(m, n, k, plan)
            run()
            if not BUILD:
                note("gemm " + name, [m, n, k], error(t["C"], t["A"].double() @ t["B"].double().T), 1e-2)
    for n, k in TIMED_GEMMS:
        for m in (1, 16, 64, 128, 256, 1024, 2048, 8192):
            count = 1 if BUILD else max(3, min(12, int(3e8 // (n * k * 2)) + 1))
            sets = [make(m, n, k) for _ in range(count)]
            if TUNE:
                best = []
                for name, plan in gemm_variants(m, n, k):
                    runs = [bind(plan, t) for t, _ in sets]
                    if not BUILD:
                        best.append((timed(runs, 3), name))
                if not BUILD:
                    print("  tune", [m, n, k], [f"{name}: {us:.1f}" for us, name in sorted(best)[:4]], flush=True)
            speed("gemm", [m, n, k], [r for _, r in sets],
                  None if BUILD else [(lambda t=t: torch.mm(t["A"], t["B"].T, out=t["C"])) for t, _ in sets], "cuBLAS", 2e-12 * m * n * k, "TFLOP/s")


def attention_reference(q, keys, values, scale, causal):
    """q [nq,HQ,D], keys and values [nk,HKV,D] in float64; output and lse in base 2."""
    nq, hq, _ = q.shape
    nk, hkv, _ = keys.shape
    if nk == 0 or nq == 0:
        return q.new_zeros(nq, hq, values.shape[2]), q.new_full((nq, hq), -math.inf)
    keys, values = keys.repeat_interleave(hq // hkv, 1), values.repeat_interleave(hq // hkv, 1)
    z = torch.einsum("ihd,jhd->hij", q, keys) * scale
    if causal:
        see = torch.arange(nk, device=q.device)[None] <= torch.arange(nq, device=q.device)[:, None] + nk - nq
        z = z.masked_fill(~see, -math.inf)
    lse = torch.logsumexp(z, -1)
    return torch.einsum("hij,jhd->ihd", torch.exp(z - lse[..., None]), values), lse.T / math.log(2)


def paging(nks, page):
    """kv_indptr, kv_indices over shuffled pages, kv_last_page_len, pages in the cache."""
    tensor = lambda x: torch.tensor(x, dtype=torch.int32, device="cuda")
    counts = [plans.up(n, page) for n in nks]
    indptr = tensor([sum(counts[:i]) for i in range(len(counts) + 1)])
    total = sum(counts)
    return indptr, torch.randperm(total + 3, device="cuda")[:total].int(), tensor([(n - 1) % page + 1 if n else 1 for n in nks]), total + 3


def offsets(ns):
    return torch.tensor([sum(ns[:i]) for i in range(len(ns) + 1)], dtype=torch.int32, device="cuda")


def compare(name, case, got, got_lse, want, want_lse):
    seen = torch.isfinite(want_lse)
    note(name, case, error(got, want), 1e-2)
    same = torch.equal(seen, torch.isfinite(got_lse)) and not torch.isnan(got_lse).any().item()
    note(name + ".lse", case, error(got_lse[seen], want_lse[seen]) if same else float("nan"), 1e-3)


def attention(hq, hkv, d, dv, page, nqs, nks, prefill, kernel=None, chunk=None):
    """A gqa case: its tensors, its launcher and a check of it."""
    batch, total_q = len(nks), sum(nqs)
    pages = sum(plans.up(n, max(1, page)) for n in nks)
    if prefill:
        plan = plans.gqa_prefill(CHIP, batch, total_q, hq, hkv, d, dv, page, int(page > 1), kernel=kernel)
    else:
        plan = plans.gqa_decode(CHIP, batch, hq, hkv, d, page, int(page > 1), pages, chunk=chunk)
    if BUILD:
        bind(plan)
        return {}, lambda: None, lambda: None
    t = {"q": randn(total_q, hq, d), "output": poison(total_q, hq, dv), "lse": poison(total_q, hq, dtype=torch.float32), "qo_indptr": offsets(nqs)}
    if page:
        t["kv_indptr"], t["kv_indices"], t["kv_last_page_len"], count = paging(nks, page)
        t["k_cache"], t["v_cache"] = randn(count, page, hkv, d), randn(count, page, hkv, dv)
        for i, n in enumerate(nks):  # what no key fills must not be read
            if n % page:
                last = t["kv_indices"][t["kv_indptr"][i + 1] - 1].long()
                t["k_cache"][last, n % page:] = float("nan")
                t["v_cache"][last, n % page:] = float("nan")
        if page == 1:
            t["kv_last_page_len"] = None
    else:
        t["kv_indptr"] = offsets(nks)
        t["k_cache"], t["v_cache"] = randn(max(1, sum(nks)), hkv, d), randn(max(1, sum(nks)), hkv, dv)
    scale = d ** -0.5
    run = bind(plan, t, {"sm_scale": scale})

    def check():
        run()
        outs, lses = [], []
        for i, nk in enumerate(nks):
            a, b = t["kv_indptr"][i].item(), t["kv_indptr"][i + 1].item()
            pick = lambda x: (x[t["kv_indices"][a:b].long()].reshape(-1, hkv, x.shape[-1])[:nk] if page else x[a:b]).double()
            o, l = attention_reference(t["q"][sum(nqs[:i]):sum(nqs[:i + 1])].double(), pick(t["k_cache"]), pick(t["v_cache"]), scale, prefill)
            outs.append(o), lses.append(l)
        name = "gqa_" + ("paged" if page else "ragged") + ("_prefill" if prefill else "_decode") + (f"_{kernel}" if kernel else "")
        short = lambda x: x if len(x) < 9 else [len(x), max(x)]
        compare(name, [hq, hkv, d, dv, page, short(nqs), short(nks)], t["output"], t["lse"], torch.cat(outs), torch.cat(lses))
    return t, run, check


def gqa():
    decodes = ([1], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097], [777] * 64)
    prefills = (([1], [1]), ([5, 64, 1], [5, 64, 128]), ([63, 65], [64, 200]), ([300], [1000]), ([17, 1, 33], [17, 2, 64]), ([256, 0, 3], [256, 7, 3]), ([700], [700]))
    for hq, hkv, d in GQAS[:3] + GQAS[-1:] if QUICK else GQAS:
        for page in (1, 16, 64):
            for nks in decodes:
                attention(hq, hkv, d, d, page, [1] * len(nks), nks, False)[2]()
        for page in (0, 1, 64):
            for nqs, nks in prefills:
                attention(hq, hkv, d, d, page, nqs, nks, True)[2]()
    for page in (0, 64):
        for nqs, nks in prefills:
            attention(32, 8, 128, 128, page, nqs, nks, True, kernel=1)[2]()
            if not page:
                attention(16, 16, 192, 128, page, nqs, nks, True)[2]()
    for hq, hkv, page, batch, length in ((32, 8, 1, 1, 8192), (32, 8, 1, 64, 2048), (32, 8, 64, 64, 2048), (32, 4, 64, 128, 4096), (32, 8, 64, 16, 1024)):
        amount = batch * length * hkv * 128 * 4e-12
        count = 1 if BUILD else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
        sets = [attention(hq, hkv, 128, 128, page, [1] * batch, [length] * batch, False) for _ in range(count)]
        if TUNE and not BUILD:
            best = []
            for chunk in (256, 512, 1024, 2048, 4096):
                plan = plans.gqa_decode(CHIP, batch, hq, hkv, 128, page, int(page > 1), batch * length // page, chunk=chunk)
                best.append((timed([bind(plan, t, {"sm_scale": 128 ** -0.5}) for t, _, _ in sets], 3), chunk))
            print("  tune chunk", [(c, round(us, 1)) for us, c in sorted(best)])
        speed("gqa_decode", [hq, hkv, 128, page, batch, length], [s[1] for s in sets], amount=amount)
    for hq, hkv, d, dv, batch, length, page in ((32, 8, 128, 128, 1, 8192, 0), (32, 8, 128, 128, 8, 1024, 0), (32, 8, 128, 128, 1, 8192, 1), (32, 8, 128, 128, 1, 8192, 64),
                                                (16, 16, 192, 128, 1, 8192, 0), (8, 1, 256, 256, 1, 4096, 0)):
        t, run, _ = attention(hq, hkv, d, dv, page, [length] * batch, [length] * batch, True)
        peer = None
        if not BUILD and page == 0:
            q, k, v = (t[x].view(batch, length, -1, t[x].shape[-1]).transpose(1, 2) for x in ("q", "k_cache", "v_cache"))
            peer = lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=hq != hkv)
        speed("gqa_prefill", [hq, hkv, d, dv, page, batch, length], [run] * 3, [peer] * 3 if peer else None, "torch sdpa", batch * length * length * hq * (d + dv) * 1e-12, "TFLOP/s")


def latent(heads, page, nqs, nks, prefill, **tuned):
    batch, total_q, ckv, kpe = len(nks), sum(nqs), 512, 64
    plan = plans.mla(CHIP, batch, total_q, heads, ckv, kpe, page, int(page > 1), prefill, sum(plans.up(n, page) for n in nks), **tuned)
    if BUILD:
        bind(plan)
        return {}, lambda: None, lambda: None
    t = {"q_nope": randn(total_q, heads, ckv), "q_pe": randn(total_q, heads, kpe), "output": poison(total_q, heads, ckv),
         "lse": poison(total_q, heads, dtype=torch.float32), "qo_indptr": offsets(nqs) if prefill else None}
    t["kv_indptr"], t["kv_indices"], t["kv_last_page_len"], count = paging(nks, page)
    t["ckv_cache"], t["kpe_cache"] = randn(count, page, ckv), randn(count, page, kpe)
    for i, n in enumerate(nks):
        if n % page:
            last = t["kv_indices"][t["kv_indptr"][i + 1] - 1].long()
            t["ckv_cache"][last, n % page:] = float("nan")
            t["kpe_cache"][last, n % page:] = float("nan")
    scale = 192 ** -0.5
    run = bind(plan, t, {"sm_scale": scale})

    def check():
        run()
        outs, lses = [], []
        for i, nk in enumerate(nks):
            pages = t["kv_indices"][t["kv_indptr"][i]:t["kv_indptr"][i + 1]].long()
            c, r = (t[x][pages].reshape(-1, 1, t[x].shape[-1])[:nk].double() for x in ("ckv_cache", "kpe_cache"))
            q = torch.cat([t[x][sum(nqs[:i]):sum(nqs[:i + 1])].double() for x in ("q_nope", "q_pe")], -1)
            o, l = attention_reference(q, torch.cat([c, r], -1), c, scale, prefill)
            outs.append(o), lses.append(l)
        short = lambda x: x if len(x) < 9 else [len(x), max(x)]
        compare("mla_prefill" if prefill else "mla_decode", [heads, page, short(nqs), short(nks)], t["output"], t["lse"], torch.cat(outs), torch.cat(lses))
    return t, run, check


def mla():
    for heads, page in ((16, 1), (16, 64), (128, 64), (8, 64), (20, 1)):
        for nks in ([1], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097], [777] * 64):
            latent(heads, page, [1] * len(nks), nks, False)[2]()
        for nqs, nks in (([1], [1]), ([5, 64, 1], [5, 64, 128]), ([63, 65], [64, 200]), ([17, 0, 33], [17, 2, 64]), ([300], [1000])):
            latent(heads, page, nqs, nks, True)[2]()
    for keys_tile in (32, 64):
        latent(16, 64, [1, 1, 1], [1000, 64, 1], False, keys_tile=keys_tile)[2]()
    for heads, page, batch, length in ((16, 1, 1, 8192), (16, 1, 64, 2048), (16, 64, 64, 4096), (128, 64, 64, 4096)):
        amount = batch * length * 1152e-12
        count = 1 if BUILD else max(2, min(8, int(3e8 / (amount * 1e12)) + 1))
        sets = [latent(heads, page, [1] * batch, [length] * batch, False) for _ in range(count)]
        if TUNE:
            best = []
            for keys_tile in (64, 32):
                for chunk in (256, 512, 1024, 2048, 4096):
                    plan = plans.mla(CHIP, batch, batch, heads, 512, 64, page, int(page > 1), False, batch * length // page, chunk=chunk, keys_tile=keys_tile)
                    runs = [bind(plan, t, {"sm_scale": 0.07}) for t, _, _ in sets]
                    if not BUILD:
                        best.append((timed(runs, 3), chunk, keys_tile))
            if not BUILD:
                print("  tune chunk, keys", [(c, k, round(us, 1)) for us, c, k in sorted(best)[:6]])
        speed("mla_decode", [heads, page, batch, length], [s[1] for s in sets], amount=amount)
    t, run, _ = latent(16, 64, [2048], [2048], True)
    speed("mla_prefill", [16, 64, 1, 2048], [run] * 3, amount=2048 * 2048 * 16 * (576 + 512) * 1e-12, unit="TFLOP/s")


FAMILIES = {f.__name__: f for f in (rmsnorm, gemm, gqa, mla)}


def main():
    for name, family in FAMILIES.items():
        if ONLY and name not in ONLY:
            continue
        try:
            family()
            if not BUILD:
                torch.cuda.synchronize()
        except Exception as e:
            if BUILD:
                raise
            results["checks"].append({"kernel": name, "ok": False, "exception": str(e)[:2000]})
            import traceback
            traceback.print_exc()
            print("FAILED", name, str(e)[:500], flush=True)
        if not BUILD:
            with open(sys.argv[1], "w") as f:
                json.dump(results, f, indent=1)
    if BUILD:
        print(device.build_all(wanted), "cubins")
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
