"""Cubins, tensor maps and launches of plans through the driver API, for verify.py. Building needs NVRTC and the CUDA headers alone."""

import concurrent.futures, copy, ctypes, hashlib, os, threading

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CUBINS = os.environ.get("KDEX_CUBINS", os.path.join(HERE, "..", "build", "cubins"))


def cubin_path(plan):
    text = "".join(
        open(os.path.join(HERE, f)).read()
        for f in (plan["file"], "kdex_device.cuh", "kdex_wgmma.cuh")
        + (("kdex_rows.cuh",) if plan["file"] in ("moe.cu", "gemm_fp8.cu", "gemm_fp4.cu") else ())
        + (("kdex_fp4.cuh",) if plan["file"] in ("moe.cu", "gemm_fp4.cu") else ())
        + (("kdex_wide.cuh",) if plan["file"] == "moe.cu" else ())
    )
    key = hashlib.sha256(
        (text + repr(sorted(plan["defines"].items())) + (plan.get("target") or "")).encode()
    ).hexdigest()[:24]
    return os.path.join(CUBINS, f"{plan['file'][:-3]}-{key}.cubin")


_nvrtc = None


def nvrtc():
    """The library, from a toolkit or from the wheel beside torch."""
    global _nvrtc
    if _nvrtc is None:
        import glob, sys

        found = glob.glob("/usr/local/cuda/lib64/libnvrtc.so.*[0-9]") + [
            x
            for p in sys.path
            for x in glob.glob(os.path.join(p, "nvidia", "*", "lib", "libnvrtc.so.*"))
        ]
        _nvrtc = ctypes.CDLL(found[0])
    return _nvrtc


def units(plan):
    """The plan, and of its launches those that are of another unit, as plans."""
    return [plan] + [unit(plan, l) for l in plan["launches"] if "defines" in l]


def unit(plan, launch):
    return (
        {**plan, "file": launch["file"], "defines": launch["defines"]}
        if "defines" in launch
        else plan
    )


def build(plan):
    """The cubin's path and what the compiler said."""
    out = cubin_path(plan)
    if os.path.exists(out):
        return out, ""
    os.makedirs(CUBINS, exist_ok=True)
    arch = plan["defines"]["KDEX_ARCH"]
    arch = plan.get("target") or ("90a" if arch == 90 else str(arch))
    source = open(os.path.join(HERE, plan["file"])).read().encode()
    options = [
        o.encode()
        for o in [
            "-std=c++17",
            f"-arch=sm_{arch}",
            f"-I{HERE}",
            "-I/usr/local/cuda/include",
            "-I/usr/local/cuda/include/cccl",
            "-default-device",
        ]
        + [f"-D{k}={v}" for k, v in plan["defines"].items()]
    ]
    library, program, size = nvrtc(), ctypes.c_void_p(), ctypes.c_size_t()
    library.nvrtcCreateProgram(ctypes.byref(program), source, plan["file"].encode(), 0, None, None)
    failed = library.nvrtcCompileProgram(
        program, len(options), (ctypes.c_char_p * len(options))(*options)
    )
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    said = log.value.decode().strip()
    if failed:
        raise RuntimeError(f"{plan['file']} {plan['defines']}: {said[:1500]}")
    library.nvrtcGetCUBINSize(program, ctypes.byref(size))
    image = ctypes.create_string_buffer(size.value)
    library.nvrtcGetCUBIN(program, image)
    library.nvrtcDestroyProgram(ctypes.byref(program))
    part = f"{out}.{os.getpid()}.{threading.get_ident()}"
    with open(part, "wb") as f:
        f.write(image.raw)
    os.replace(part, out)
    return out, said


def build_all(plans, workers=None):
    """By processes: NVRTC compiles one program at a time in each."""
    unique = {cubin_path(p): p for p in plans}
    with concurrent.futures.ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        for p, (_, said) in zip(unique.values(), pool.map(build, unique.values())):
            if said:
                print(p["file"], p["defines"], said, flush=True)
    return len(unique)


_driver, _functions = None, {}


def driver():
    global _driver
    if _driver is None:
        _driver = ctypes.CDLL("libcuda.so.1")
    return _driver


def check(code, what):
    if code:
        name = ctypes.c_char_p()
        driver().cuGetErrorString(code, ctypes.byref(name))
        raise RuntimeError(f"{what}: {name.value.decode() if name.value else code}")


def function(plan, entry, shared):
    key = (cubin_path(plan), entry)
    if key not in _functions:
        module, f = ctypes.c_void_p(), ctypes.c_void_p()
        path, _ = build(plan)
        check(
            driver().cuModuleLoadData(ctypes.byref(module), open(path, "rb").read()), f"load {path}"
        )
        check(driver().cuModuleGetFunction(ctypes.byref(f), module, entry.encode()), entry)
        _functions[key] = f
    f = _functions[key]
    if shared > 48 * 1024:
        check(
            driver().cuFuncSetAttribute(f, 8, shared), f"{entry}: {shared} bytes of shared memory"
        )
    return f


def encode(spec, address):
    """A CUtensorMap, aligned to 64 bytes."""
    raw = ctypes.create_string_buffer(128 + 64)
    at = (ctypes.addressof(raw) + 63) & ~63
    rank = len(spec["dims"])
    u64, u32 = ctypes.c_uint64 * rank, ctypes.c_uint32 * rank
    kind = {4: 7, 2: 6, 1: 0}[
        spec["bytes"]
    ]  # float32, float16 (moves bits alike for bfloat16), uint8
    swizzle = {128: 3, 64: 2, 32: 1, 0: 0}[spec.get("swizzle", 128)]
    check(
        driver().cuTensorMapEncodeTiled(
            ctypes.c_void_p(at),
            kind,
            rank,
            ctypes.c_void_p(address or 256),
            u64(*spec["dims"]),
            (ctypes.c_uint64 * (rank - 1))(*spec["strides"]),
            u32(*spec["box"]),
            u32(*([1] * rank)),
            0,
            swizzle,
            3,
            0,
        ),
        f"tensor map {spec}",
    )
    return raw, at


class LaunchConfig(ctypes.Structure):
    _fields_ = [
        ("grid", ctypes.c_uint32 * 3),
        ("block", ctypes.c_uint32 * 3),
        ("shared", ctypes.c_uint32),
        ("stream", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("count", ctypes.c_uint32),
    ]


EARLY = (ctypes.c_int32 * 18)(6, 0, 1)  # a CUlaunchAttribute: programmatic stream serialization


class Launcher:
    """A plan bound to tensors (torch, on the device) and scalars; call it to launch on torch's current stream."""

    def __init__(self, plan, tensors, scalars=()):
        import torch

        self.torch, self.keep, self.calls = torch, [tensors], []
        scalars = dict(scalars)
        space = {
            n: torch.full((max(16, b),), 255, dtype=torch.uint8, device="cuda")
            for n, b in plan["workspace"].items()
        }
        self.space, self.zeroed = (
            space,
            [(space[n].data_ptr(), plan["workspace"][n]) for n in plan.get("zeroed", ())],
        )
        address = lambda n: (
            (space[n] if n in space else tensors[n]).data_ptr()
            if n in space or tensors.get(n) is not None
            else 0
        )
        for l in plan["launches"]:
            f = function(unit(plan, l), l["entry"], l["shared"])
            holders = []
            for kind, v in l["args"]:
                if kind == "tensor":
                    h = ctypes.c_uint64(address(v))
                elif kind == "map":
                    raw, at = encode(plan["maps"][v], address(plan["maps"][v]["tensor"]))
                    self.keep.append(raw)
                    holders.append(at)
                    continue
                elif kind == "int":
                    h = ctypes.c_int32(v)
                else:
                    v = scalars[v] if kind == "scalar" else v
                    h = ctypes.c_float(v) if isinstance(v, float) else ctypes.c_int32(v)
                self.keep.append(h)
                holders.append(ctypes.addressof(h))
            params = (ctypes.c_void_p * len(holders))(*holders)
            self.calls.append((l["entry"], f, l["grid"], l["block"], l["shared"], params))
        self.early = (
            plan["defines"]["KDEX_ARCH"] == 90 and os.environ.get("KDEX_EARLY", "1") == "1"
        )  # kernels wait for the launch before them

    def only(self, *entries):
        """Of the calls those of these entries, to time them; what they read must be there from a whole call."""
        part = copy.copy(self)
        part.calls, part.zeroed = [c for c in self.calls if c[0] in entries], []
        return part

    def __call__(self):
        stream = ctypes.c_void_p(self.torch.cuda.current_stream().cuda_stream)
        for at, count in self.zeroed:
            check(
                driver().cuMemsetD8Async(ctypes.c_void_p(at), 0, ctypes.c_size_t(count), stream),
                "memset",
            )
        for entry, f, grid, block, shared, params in self.calls:
            if 0 in grid:
                continue
            config = LaunchConfig(
                (ctypes.c_uint32 * 3)(*grid),
                (ctypes.c_uint32 * 3)(block, 1, 1),
                shared,
                stream,
                ctypes.addressof(EARLY),
                int(self.early),
            )
            check(driver().cuLaunchKernelEx(ctypes.byref(config), f, params, None), entry)
            if os.environ.get("KDEX_SYNC"):
                print(entry, grid, flush=True)
                check(driver().cuCtxSynchronize(), entry)
