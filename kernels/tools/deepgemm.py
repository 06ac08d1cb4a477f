"""DeepGEMM's FP8 products with scales in blocks (what SGLang runs) as peers: its kernels, launched through the driver.

KDEX_DEEPGEMM names the folder that holds deep_gemm/include (of its wheel or its repository), from which
`verify.py --build --peers` compiles the cubins of a run by nvcc into KDEX_CUBINS (build/cubins); nothing of it is here. Its host code chooses one
configuration a size by a model of its own; here those that it can choose are compiled and the best by time stands for it.
A product is (layout, m, n, k, groups): layout "dense"; "contiguous": rows in the order of their experts, each expert's
padded to a multiple of 128; "masked": as many rows for every expert, of which the first few are used.
"""

import concurrent.futures, ctypes, hashlib, os, subprocess, tempfile
import device, kdex

try:
    import torch
except ImportError:  # compiling alone does without
    torch = None

HEADERS = os.environ.get("KDEX_DEEPGEMM", "")
CUBINS = os.environ.get("KDEX_CUBINS", os.path.join(kdex.TOP, "build", "cubins"))
SMS, SHARED = 132, 232448
KINDS = {"dense": "Normal", "contiguous": "MGroupedContiguous", "masked": "MGroupedMasked"}


def up(a, b):
    return (a + b - 1) // b


def configuration(layout, n, k, groups, bm, bn, share):
    """Of tiles of bm x bn, loaded once for two blocks along A or B ("a", "b") or not (""); None if it can't be."""
    scales = 1 if 128 % bn == 0 else 2  # of B, for a tile
    if (
        bn > 128
        and 128 % (bn - 128)
        or (bm > 128 and bn > 128)
        or (layout == "masked" and share and up(n, bn) % 2)
    ):
        return None
    fixed = up(bm * bn * 2, 1024) * 1024 + 256 + up(up(k, 128) * 4 * scales, 8) * 8
    stage = (bm + bn) * 128 + up(bm * 4, 128) * 128
    stages = min(16, (SHARED - fixed) // stage)
    if stages < (3 if bm * bn >= 128 * 192 else 4):
        return None
    return dict(
        layout=layout,
        n=n,
        k=k,
        groups=groups,
        bm=bm,
        bn=bn,
        share=share,
        stages=stages,
        shared=fixed + stages * stage,
        threads=128 if bm <= 64 else 256,
        swizzle=next(s for s in (128, 64, 32) if bn * 2 % s == 0),
    )


def configurations(layout, m, n, k, groups=1):
    """Those worth a try. m: of a dense product; else any."""
    if layout == "dense":
        rows = (
            [128, 256] if m > 256 else [64] + [16] * (m <= 16) + [32] * (m <= 32) + [128] * (m > 64)
        )
        columns, shares = (
            ((96, 112, 128, 144, 160, 192), ("", "a", "b"))
            if m > 256
            else ((32, 48, 64, 80, 96, 128), ("",))
        )
    else:
        rows, columns = (
            ([128] if layout == "contiguous" else [64, 128]),
            (64, 96, 112, 128, 160, 192),
        )
        shares = ("", "a", "b") if layout == "contiguous" else ("", "a")
    found = (
        configuration(layout, n, k, groups, bm, bn, s)
        for bm in rows
        for bn in columns
        for s in shares
    )
    return [c for c in found if c]


def source(c):
    return f"""#include <deep_gemm/impls/sm90_fp8_gemm_1d2d.cuh>
using namespace deep_gemm;
static void instance() {{
    auto f = reinterpret_cast<void*>(&sm90_fp8_gemm_1d2d_impl<cute::UMMA::Major::K, 0, {c["n"]}, {c["k"]}, {c["groups"]}, {c["bm"]}, {c["bn"]}, 128, 128, 128, {c["swizzle"]}, {c["stages"]},
        128, {c["threads"]}, {2 if c["share"] else 1}, {"true" if c["share"] == "a" else "false"}, {SMS}, GemmType::{KINDS[c["layout"]]}, cutlass::bfloat16_t, epilogue::transform::EpilogueIdentity>);
}}
"""


def cubin_path(c):
    return os.path.join(
        CUBINS, f"deepgemm-{hashlib.sha256(source(c).encode()).hexdigest()[:24]}.cubin"
    )


def build(c):
    """With the options that it gives nvcc itself."""
    out = cubin_path(c)
    if os.path.exists(out):
        return
    os.makedirs(CUBINS, exist_ok=True)
    with tempfile.TemporaryDirectory() as at:
        text, made = os.path.join(at, "a.cu"), os.path.join(at, "a.cubin")
        with open(text, "w") as f:
            f.write(source(c))
        subprocess.run(
            [
                "nvcc",
                "-std=c++20",
                "-O3",
                "--expt-relaxed-constexpr",
                "--expt-extended-lambda",
                "--diag-suppress=39,161,174,177,186,940",
                "--ptxas-options=--register-usage-level=10",
                "-arch=sm_90a",
                "-I" + os.path.join(HEADERS, "deep_gemm", "include"),
                "-cubin",
                "-o",
                made,
                text,
            ],
            check=True,
        )
        with open(made, "rb") as f, open(out + ".part", "wb") as g:
            g.write(f.read())
    os.replace(out + ".part", out)


def layer_products(spec):
    """(n, k) of a layer's two products."""
    return (2 * spec["inter"], spec["hidden"]), (spec["hidden"], spec["inter"])


def build_all(gemms, layers):
    wanted = {cubin_path(c): c for m, n, k in gemms for c in configurations("dense", m, n, k)}
    wanted.update(
        {
            cubin_path(c): c
            for s in layers
            for n, k in layer_products(s)
            for layout in ("contiguous", "masked")
            for c in configurations(layout, 0, n, k, s["rows"])
        }
    )
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(build, wanted.values()))
    return len(wanted)


_functions = {}


def function(c):
    path = cubin_path(c)
    if path not in _functions:
        module, f, check, driver = (
            ctypes.c_void_p(),
            ctypes.c_void_p(),
            device.check,
            device.driver(),
        )
        check(
            driver.cuModuleLoadData(ctypes.byref(module), open(path, "rb").read()), f"load {path}"
        )
        check(driver.cuModuleEnumerateFunctions(ctypes.byref(f), 1, module), path)
        check(driver.cuFuncSetAttribute(f, 8, c["shared"]), f"{c['shared']} bytes of shared memory")
        _functions[path] = f
    return _functions[path]


class Launch:
    """d = a b^T of a configuration, bound to tensors: a [m, k], its scales [k / 128, m up to a multiple of 4] (a masked
    product: [groups, ...] of both), b [groups, n, k] and its scales, d; rows: which expert each row is of, or how many
    rows each expert uses. Call it to launch on torch's current stream."""

    def __init__(self, c, m, a, a_scale, b, b_scale, d, rows=None):
        n, k, each = c["n"], c["k"], c["groups"] if c["layout"] == "masked" else 1
        flat = lambda columns, lines, box, width, swizzle: dict(
            dims=(columns, lines), strides=(columns * width,), box=box, bytes=width, swizzle=swizzle
        )
        maps = (
            (a, flat(k, m * each, (128, c["bm"]), 1, 128)),
            (b, flat(k, n * c["groups"], (128, c["bn"]), 1, 128)),
            (d, flat(n, m * each, (c["swizzle"] // 2, c["bm"]), 2, c["swizzle"])),
            (a_scale, flat(up(m, 4) * 4, up(k, 128) * each, (c["bm"], 1), 4, 0)),
        )
        encoded = [device.encode(spec, t.data_ptr()) for t, spec in maps]
        plain = [
            ctypes.c_uint64(b_scale.data_ptr()),
            ctypes.c_uint64(rows.data_ptr() if rows is not None else 0),
        ] + [ctypes.c_uint32(x) for x in (m, n, k)]
        held = [ctypes.addressof(x) for x in plain] + [at for _, at in encoded]
        self.keep = plain, encoded, (a, a_scale, b, b_scale, d, rows)
        self.params = (ctypes.c_void_p * len(held))(*held)
        self.function, self.block, self.shared, self.c = (
            function(c),
            128 + c["threads"],
            c["shared"],
            c,
        )
        # launches start early, as ours; clusters of two where blocks share a load
        self.attributes = (ctypes.c_int32 * 36)(6, 0, 1, *[0] * 15, 4, 0, 2, 1, 1)

    def __call__(self):
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        config = device.LaunchConfig(
            (ctypes.c_uint32 * 3)(SMS, 1, 1),
            (ctypes.c_uint32 * 3)(self.block, 1, 1),
            self.shared,
            stream,
            ctypes.addressof(self.attributes),
            2 if self.c["share"] else 1,
        )
        device.check(
            device.driver().cuLaunchKernelEx(
                ctypes.byref(config), self.function, self.params, None
            ),
            str(self.c),
        )


def name(c):
    return f"{c['layout']} {c['bm']}x{c['bn']}" + (
        " shares " + c["share"].upper() if c["share"] else ""
    )


def quickest(layout, m, n, k, groups, launch):
    """The launch of the configuration that is the quickest in a few launches, of those that were built."""
    best = None
    for c in configurations(layout, m, n, k, groups):
        if not os.path.exists(cubin_path(c)):
            continue
        l = launch(c)
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        for _ in range(2):
            l()
        a.record()
        for _ in range(6):
            l()
        b.record()
        torch.cuda.synchronize()
        if best is None or a.elapsed_time(b) < best[0]:
            best = a.elapsed_time(b), l
    if best is None:
        raise RuntimeError("no cubins: build with KDEX_DEEPGEMM")
    return best[1]


def turned(scale):
    """[..., m, k / 128] as the kernels read it: [..., k / 128, m up to a multiple of 4]."""
    m = scale.shape[-2]
    return torch.nn.functional.pad(scale.transpose(-1, -2), (0, up(m, 4) * 4 - m)).contiguous()


def dense(sets):
    """Launches for tensors as verify.gemm_fp8 makes them; the first is checked against float64."""
    (m, k), n = sets[0]["A"].shape, sets[0]["B"].shape[0]
    launch = lambda c, t: Launch(
        c, m, t["A"], turned(t["a_scale"]), t["B"], t["b_scale"], torch.empty_like(t["C"])
    )
    best = quickest("dense", m, n, k, 1, lambda c: launch(c, sets[0])).c
    print("  DeepGEMM", name(best), flush=True)
    made = [launch(best, t) for t in sets]
    made[0]()
    a, a_scale, b, b_scale, d = made[0].keep[2][:5]
    check(best, d, wide(a, a_scale) @ wide_weights(b, b_scale).T)
    return made


def wide(values, scale):
    """float64 of [m, k] with scales [k / 128, m or more] as `turned` lays them out."""
    return values.double() * scale[:, : values.shape[0]].double().T.repeat_interleave(128, 1)


def wide_weights(values, scale):
    """float64 of [n, k] with scales of 128 x 128."""
    return values.double() * scale.double().repeat_interleave(128, 0)[
        : values.shape[0]
    ].repeat_interleave(128, 1)


def check(c, got, want):
    err = float((got.double() - want).norm() / want.norm())
    if not err < 1e-2:
        raise RuntimeError(f"DeepGEMM {name(c)}: an error of {err}")


def grouped(layout, x, x_scale, w, w_scale, rows, counts):
    """The launch of the best configuration of a grouped product, checked against float64 for three experts."""
    groups, n, k = w.shape
    m = x.shape[-2]
    d = torch.full((*x.shape[:-1], n), float("nan"), dtype=torch.bfloat16, device="cuda")
    best = quickest(
        layout, 0, n, k, groups, lambda c: Launch(c, m, x, x_scale, w, w_scale, d, rows)
    )
    d.fill_(float("nan"))
    best()
    starts = (torch.cumsum(up(counts, 128), 0) - up(counts, 128)) * 128
    for e in torch.argsort(counts, descending=True)[:3].tolist():
        count = int(counts[e])
        if not count:
            continue
        at = int(starts[e])
        part = (
            (lambda t: t[e])
            if layout == "masked"
            else (lambda t: t[..., at : at + count] if t is x_scale else t[at : at + count])
        )
        check(
            best.c,
            part(d)[:count],
            wide(part(x)[:count], part(x_scale)) @ wide_weights(w[e], w_scale[e]).T,
        )
    return best


def products(layout, t, spec, ids):
    """A call of the two grouped products of a layer (no routing, permutation, activation or sum) and their tiles."""
    rows, hidden, inter = spec["rows"], spec["hidden"], spec["inter"]
    here = ids.reshape(-1).long() - spec.get("first", 0)
    counts = torch.bincount(here[(here >= 0) & (here < rows)], minlength=rows)
    if layout == "masked":
        m = (ids.shape[0] // 256 + 1) * 256  # as SGLang sizes it
        lead, listed = (rows, m), counts.int()
    else:
        m = max(128, int(up(counts, 128).sum()) * 128)
        lead = (m,)
        padded = up(counts, 128) * 128
        listed = torch.full(
            (m,), -1, dtype=torch.int32, device="cuda"
        )  # no expert's: half a tile of these is left out
        expert = torch.repeat_interleave(torch.arange(rows, device="cuda"), padded)
        inside = (
            torch.arange(expert.numel(), device="cuda") - (torch.cumsum(padded, 0) - padded)[expert]
        )
        listed[: expert.numel()] = torch.where(inside < counts[expert], expert, -1).int()
    calls = []
    for w, width in ((1, hidden), (2, inter)):
        x = torch.empty(*lead, width, dtype=torch.float8_e4m3fn, device="cuda")
        for part in x.view(-1, width).split(1 << 16):
            part.copy_(torch.randn(part.shape, device="cuda"))
        scale = torch.rand(*lead[:-1], width // 128, up(m, 4) * 4, device="cuda") + 0.5
        calls.append(
            grouped(
                layout, x, scale, t[f"gemm{w}_weights"], t[f"gemm{w}_weights_scale"], listed, counts
            )
        )
    return lambda: [c() for c in calls], ", ".join(name(c.c) for c in calls)
