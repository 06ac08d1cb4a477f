"""Builds the kernels for the device at hand, compares them with float64 formulas on poisoned outputs and
fresh random inputs, and times them beside torch. Needs torch, cupy and nvcc; writes one JSON.

    python3 kernels/tools/verify.py OUT.json [--quick]
"""
import concurrent.futures, functools, json, math, os, subprocess, sys, tempfile
import cupy, torch
import numpy as np

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUICK = "--quick" in sys.argv
GOLDENS = {  # axes of definitions: (file, constants, entry points)
    "rmsnorm": [(h, 0) for h in (128, 512, 1536, 3072, 4096, 7168)] + [(h, 1) for h in (3072, 4096, 5120, 5376)],
    "gemm": [(256, 7168), (2048, 5376), (4096, 4096), (4608, 3584), (3584, 18944), (28672, 4096)],
    "gqa": [(32, 8, 128), (16, 2, 128), (20, 4, 128), (5, 1, 128), (48, 8, 128), (32, 16, 128), (6, 1, 128),
            (24, 8, 128), (24, 4, 128), (32, 4, 128), (16, 1, 128), (8, 1, 256)],
}
torch.manual_seed(int.from_bytes(os.urandom(4), "little"))
results = {"device": torch.cuda.get_device_name(), "checks": [], "times": []}


def build(source, **constants):
    return cupy.RawModule(path=cubin(source, **constants))


@functools.lru_cache(None)
def cubin(source, **constants):
    major, minor = torch.cuda.get_device_capability()
    arch = f"{major}{minor}" + ("a" if major == 9 else "")
    out = os.path.join(tempfile.mkdtemp(), "k.cubin")
    nvcc = os.environ.get("NVCC", "/usr/local/cuda/bin/nvcc")
    subprocess.run([nvcc if os.path.exists(nvcc) else "nvcc", "-std=c++17", "-cubin", f"-gencode=arch=compute_{arch},code=sm_{arch}", "-o", out,
                    os.path.join(HERE, source)] + [f"-D{k}={v}" for k, v in constants.items()], check=True)
    return out


def build_all():
    """The same builds as below, on all cores ahead of time."""
    jobs = [("rmsnorm.cu", dict(HIDDEN=h, EPS=1e-5, FUSED=f, GEMMA=g)) for h, f in GOLDENS["rmsnorm"] for g in (0, 1)]
    jobs += [("gemm.cu", dict(KDEX_DTYPE=0, N=n, K=k, BM=bm, BN=bn, STAGES=st, ROWS=rows)) for n, k in GOLDENS["gemm"]
             for bm, bn, st, rows in ((128, 128, 3, 4), (64, 64, 4, 1), (16, 128, 4, 8))]
    jobs += [("gqa.cu", dict(HQ=hq, HKV=hkv, D=d, PAGE=page, PREFILL=prefill, LAST=1 if page > 1 else 0))
             for hq, hkv, d in GOLDENS["gqa"] for page, prefill in ((1, 0), (64, 0), (16, 0), (0, 1), (1, 1), (64, 1))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: cubin(job[0], **job[1]), jobs))


def launch(kernel, grid, block, args, shared=0):
    if shared > 48 * 1024:
        kernel.max_dynamic_shared_size_bytes = shared
    args = [np.uint64(a.data_ptr()) if isinstance(a, torch.Tensor) else np.uint64(0) if a is None else
            np.float32(a) if isinstance(a, float) else np.int32(a) for a in args]
    with cupy.cuda.Stream.from_external(torch.cuda.current_stream()):
        kernel(grid, block, tuple(args), shared_mem=shared)


def error(got, want):
    got, want = got.double(), want.double()
    if not torch.isfinite(got).all():
        return float("nan")
    return ((got - want).norm() / want.norm().clamp_min(1e-30)).item()


def note(name, case, err, limit, **more):
    ok = err < limit
    results["checks"].append({"kernel": name, "case": case, "error": err, "ok": ok, **more})
    if not ok:
        print("WRONG", name, case, err, more, flush=True)


def timed(calls):
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
    for _ in range(7):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record(); graph.replay(); b.record(); torch.cuda.synchronize()
        times.append(a.elapsed_time(b) * 1000 / len(calls))
    return sorted(times)[3]


def speed(op, case, ours, peer, peer_name):
    row = {"op": op, "case": case, "us": timed(ours)}
    if peer:
        row["peer"], row["peer_us"] = peer_name, timed(peer)
        row["ratio"] = row["peer_us"] / row["us"]
    results["times"].append(row)
    print(op, case, {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items() if k not in ("op", "case")}, flush=True)


def poison(*shape, dtype=torch.bfloat16):
    return torch.full(shape, float("nan"), dtype=dtype, device="cuda")


def norm_plan(hidden):
    vectors, group = hidden // 8, 8
    while group < 1024 and group * 2 < vectors:
        group *= 2
    threads = max(128, group)
    return threads // group, threads


def rmsnorm():
    for hidden, fused in GOLDENS["rmsnorm"]:
        for gemma in (0, 1):
            kernel = build("rmsnorm.cu", HIDDEN=hidden, EPS=1e-5, FUSED=fused, GEMMA=gemma).get_function("rmsnorm")
            rows, threads = norm_plan(hidden)
            run = lambda x, r, w, y: launch(kernel, ((x.shape[0] + rows - 1) // rows,), (threads,), (x, r, w, y, x.shape[0]))
            for batch in (1, 2, 7, 64, 333, 4096):
                x, r = (torch.randn(batch, hidden, device="cuda").bfloat16() for _ in range(2))
                w, y = torch.randn(hidden, device="cuda").bfloat16(), poison(batch, hidden)
                run(x, r, w, y)
                v = x.double() + (r.double() if fused else 0)
                want = v * torch.rsqrt(v.square().mean(-1, keepdim=True) + 1e-5) * (w.double() + gemma)
                note("rmsnorm", [hidden, fused, gemma, batch], error(y, want), 1e-2)
            if not gemma and hidden in (4096, 7168):
                for batch in (1, 64, 4096, 16384):
                    n = max(2, min(20, int(4e8 // (batch * hidden * 2)) + 1))
                    sets = [(torch.randn(batch, hidden, device="cuda").bfloat16(), torch.randn(batch, hidden, device="cuda").bfloat16(),
                             torch.randn(hidden, device="cuda").bfloat16(), poison(batch, hidden)) for _ in range(n)]
                    peer = None if fused else [(lambda s=s: torch.nn.functional.rms_norm(s[0], (hidden,), s[2], 1e-5)) for s in sets]
                    speed("fused_add_rmsnorm" if fused else "rmsnorm", [batch, hidden], [(lambda s=s: run(*s)) for s in sets], peer, "torch")


def gemm():
    for n, k in GOLDENS["gemm"]:
        plans = {bm: (build("gemm.cu", KDEX_DTYPE=0, N=n, K=k, BM=bm, BN=bn, STAGES=st, ROWS=rows), bm, bn, st, rows)
                 for bm, bn, st, rows in ((128, 128, 3, 4), (64, 64, 4, 1), (16, 128, 4, 8))}

        def run(a, b, c):
            m = a.shape[0]
            if m <= 4:
                module, _, _, _, rows = plans[64 if m == 1 else 128]
                return launch(module.get_function("gemm_rows"), ((n + 7) // 8, (m + rows - 1) // rows), (256,), (a, b, c, m))
            module, bm, bn, st, _ = plans[16 if m <= 16 else 64 if m <= 64 else 128]
            launch(module.get_function("gemm_tiled"), ((m + bm - 1) // bm, (n + bn - 1) // bn), (256,), (a, b, c, m), (bm + bn) * 128 * st)

        for m in (1, 2, 5, 16, 33, 64, 129, 1000):
            a, b = torch.randn(m, k, device="cuda").half(), torch.randn(n, k, device="cuda").half() / math.sqrt(k)
            c = poison(m, n, dtype=torch.float16)
            run(a, b, c)
            note("gemm", [m, n, k], error(c, a.double() @ b.double().T), 1e-2)
        for m in (1, 16, 64, 1024, 8192):
            sets = [(torch.randn(m, k, device="cuda").half(), torch.randn(n, k, device="cuda").half() / math.sqrt(k), poison(m, n, dtype=torch.float16))
                    for _ in range(max(2, min(10, int(2e8 // (n * k * 2)) + 1)))]
            speed("gemm", [m, n, k], [(lambda s=s: run(*s)) for s in sets], [(lambda s=s: torch.mm(s[0], s[1].T, out=s[2])) for s in sets], "cuBLAS")


def attention_reference(q, keys, values, scale, causal):
    """q [nq,HQ,D], keys and values [nk,HKV,D] in float64."""
    nq, hq, _ = q.shape
    nk, hkv, _ = keys.shape
    if nk == 0:
        return torch.zeros_like(q), torch.full((nq, hq), -math.inf, dtype=torch.float64, device=q.device)
    keys, values = keys.repeat_interleave(hq // hkv, 1), values.repeat_interleave(hq // hkv, 1)
    z = torch.einsum("ihd,jhd->hij", q, keys) * scale
    if causal:
        see = torch.arange(nk, device=q.device)[None] <= torch.arange(nq, device=q.device)[:, None] + nk - nq
        z = z.masked_fill(~see, -math.inf)
    lse = torch.logsumexp(z, -1)
    out = torch.einsum("hij,jhd->ihd", torch.exp(z - lse[..., None]), values)
    return out, lse.T / math.log(2)


class Attention:
    def __init__(self, hq, hkv, d, page, prefill):
        self.hq, self.hkv, self.d, self.page, self.prefill = hq, hkv, d, page, prefill
        module = build("gqa.cu", HQ=hq, HKV=hkv, D=d, PAGE=page, PREFILL=prefill, LAST=1 if page > 1 else 0)
        self.partial, self.merge = module.get_function("gqa_partial"), module.get_function("gqa_merge")

    def inputs(self, nqs, nks):
        pages = [(n + max(1, self.page) - 1) // max(1, self.page) for n in nks]
        total = sum(pages)
        tensor = lambda x: torch.tensor(x, dtype=torch.int32, device="cuda")
        size = max(1, self.page)
        count = total + (3 if self.page else 0)
        shape = (count, size, self.hkv, self.d) if self.page else (max(1, total), self.hkv, self.d)
        s = {"q": torch.randn(sum(nqs), self.hq, self.d, device="cuda").bfloat16(),
             "k": torch.randn(shape, device="cuda").bfloat16(), "v": torch.randn(shape, device="cuda").bfloat16(),
             "qo": tensor([0] + list(np.cumsum(nqs))), "kv": tensor([0] + list(np.cumsum(pages))),
             "idx": torch.randperm(count, device="cuda")[:total].int() if self.page else None,
             "last": tensor([(n - 1) % size + 1 if n else 1 for n in nks]) if self.page > 1 else None,
             "nqs": nqs, "nks": nks}
        rows = sum(nqs) * self.hq
        groups = len(nqs) * self.hkv * ((max(nqs) * (self.hq // self.hkv) + (63 if self.prefill else 15)) // (64 if self.prefill else 16))
        s["splits"] = 1 if self.prefill and groups > 264 else max(1, min(64, (528 if self.prefill else 1980) // groups, (max(nks) + 127) // 128))
        s["out"], s["lse"] = poison(sum(nqs), self.hq, self.d), poison(sum(nqs), self.hq, dtype=torch.float32)
        s["po"], s["pl"] = poison(s["splits"], rows, self.d, dtype=torch.float32), poison(s["splits"], rows, dtype=torch.float32)
        return s

    def run(self, s):
        ratio, total = self.hq // self.hkv, s["q"].shape[0]
        block = 64 if self.prefill else 16
        grid = ((max(s["nqs"]) * ratio + block - 1) // block, len(s["nqs"]) * self.hkv, s["splits"])
        launch(self.partial, grid, (128,), (s["q"], s["k"], s["v"], s["qo"], s["kv"], s["idx"], s["last"], self.d ** -0.5, s["po"], s["pl"], total, s["splits"]))
        launch(self.merge, (total * self.hq,), (64,), (s["po"], s["pl"], s["out"], s["lse"], total * self.hq, s["splits"]))

    def check(self, nqs, nks):
        s = self.inputs(nqs, nks)
        self.run(s)
        outs, lses = [], []
        q0 = k0 = 0
        for nq, nk in zip(nqs, nks):
            n_pages = (nk + max(1, self.page) - 1) // max(1, self.page)
            pick = (lambda t: t[s["idx"][k0:k0 + n_pages].long()].reshape(-1, self.hkv, self.d)[:nk]) if self.page else (lambda t: t[k0:k0 + nk])
            o, l = attention_reference(s["q"][q0:q0 + nq].double(), pick(s["k"]).double(), pick(s["v"]).double(), self.d ** -0.5, self.prefill)
            outs.append(o), lses.append(l)
            q0, k0 = q0 + nq, k0 + n_pages
        want, lse = torch.cat(outs), torch.cat(lses)
        seen = torch.isfinite(lse)
        name = "gqa_" + ("paged" if self.page else "ragged") + ("_prefill" if self.prefill else "_decode")
        case = [self.hq, self.hkv, self.d, self.page, nqs if len(nqs) < 9 else len(nqs), nks if len(nks) < 9 else max(nks)]
        note(name, case, error(s["out"], want), 1e-2)
        same = torch.equal(seen, torch.isfinite(s["lse"])) and not torch.isnan(s["lse"]).any().item()
        note(name + ".lse", case, error(s["lse"][seen], lse[seen]) if same else float("nan"), 1e-3)


def gqa():
    for hq, hkv, d in GOLDENS["gqa"]:
        for page in (1, 64, 16) if not QUICK else (1, 64):
            a = Attention(hq, hkv, d, page, 0)
            for nks in ([1], [63, 64, 65], [0, 5, 1], [2048] * 4, [1000, 17, 129, 4097], [777] * 64):
                a.check([1] * len(nks), nks)
        for page in (0, 1, 64):
            a = Attention(hq, hkv, d, page, 1)
            for nqs, nks in (([1], [1]), ([5, 64, 1], [5, 64, 128]), ([63, 65], [64, 200]), ([300], [1000]), ([17, 1, 33], [17, 2, 64])):
                a.check(nqs, nks)
    for hq, hkv, page, batch, length in ((32, 8, 1, 1, 8192), (32, 8, 1, 64, 2048), (32, 8, 64, 64, 2048), (32, 4, 64, 128, 4096)):
        a = Attention(hq, hkv, 128, page, 0)
        sets = [a.inputs([1] * batch, [length] * batch) for _ in range(2 if batch > 1 else 6)]
        speed("gqa_decode", [hq, hkv, 128, page, batch, length], [(lambda s=s: a.run(s)) for s in sets], None, "")
    a = Attention(32, 8, 128, 0, 1)
    for batch, length in ((1, 8192), (8, 1024)):
        s = a.inputs([length] * batch, [length] * batch)
        q, k, v = (s[x].view(batch, length, -1, 128).transpose(1, 2) for x in "qkv")
        peer = lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        speed("gqa_prefill", [32, 8, 128, batch, length], [lambda: a.run(s)] * 2, [peer] * 2, "torch sdpa")


build_all()
print("built", flush=True)
for family in (rmsnorm, gqa, gemm):
    try:
        family()
        torch.cuda.synchronize()
    except Exception as e:
        results["checks"].append({"kernel": family.__name__, "ok": False, "exception": str(e)[:2000]})
        print("FAILED", family.__name__, str(e)[:2000], flush=True)
    with open(sys.argv[1], "w") as f:
        json.dump(results, f, indent=1)
bad = sum(not c["ok"] for c in results["checks"])
print(len(results["checks"]), "checks,", bad, "wrong")
sys.exit(1 if bad else 0)
