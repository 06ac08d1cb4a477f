"""Solutions compile as FlashInfer-Bench's builder compiles them, for the architectures that they name.

python3 test_solutions.py KDEX

A small definition for each way through the kernels, so that every file of kernels/ is in a solution, compiled whole by
nvcc with tvm-ffi's headers for the architecture that has paths of its own, a few for the oldest, too
(KDEX_SOLUTION_ARCHS: all of them for others, or for all that they name). Needs no GPU. Skipped (77) without nvcc or tvm-ffi.
"""

import glob, json, os, re, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.abspath(__file__))
while not os.path.isdir(os.path.join(TOP, "kernels", "tools")):
    TOP = os.path.dirname(TOP)
sys.path.insert(0, os.path.join(TOP, "kernels", "tools"))
import definitions as d

KDEX = sys.argv[1]
FETCHED = os.path.join(TOP, ".kdex", "cuda")  # by scripts/fetch-nvcc.sh
if os.path.isdir(os.path.join(FETCHED, "tvm_ffi")):
    os.environ.setdefault("KDEX_TVM_FFI", os.path.join(FETCHED, "tvm_ffi"))
if os.path.isfile(os.path.join(FETCHED, "nvidia", "cu13", "bin", "nvcc")):
    os.environ.setdefault("KDEX_CUDA_HOME", os.path.join(FETCHED, "nvidia"))
SAMPLE = [
    d.rmsnorm(4096),
    d.gemm(6144, 4096, 1),
    d.gemm(8, 2048, 2),
    d.gemm_fp8(1536, 7168, 1),
    d.gemm_fp4(7168, 2048),
    d.gqa(8, 1, 128, 16, False),
    d.gqa(8, 1, 128, 16, False, fp8=1),
    d.gqa(8, 1, 128, 16, True, fp8=1),
    d.gqa(8, 1, 512, 16, True),
    d.gqa(8, 1, 80, 16, True),
    d.mla_paged(16, 512, 64, 1, False),
    d.moe(256, 32, 8, 7168, 2048, 1, "deepseek", n_group=8, topk_group=4),
    d.moe(32, 32, 4, 2048, 768, 3, "renorm"),
    d.activation(512),
    d.quantization(512),
    d.rope(128, 64),
    d.bmm(8, 128, 512),
]

# What is compiled for the oldest architecture, too: one definition of each family with tensor core products.
# All of them take as long again.
OLDEST, ON_OLDEST = "sm_80", (SAMPLE[1], SAMPLE[5], SAMPLE[10], SAMPLE[12])


def build(dataset, *options):
    command = [KDEX, "kernels", "build", dataset, "--jobs", "2", *options]
    return subprocess.run(command, capture_output=True, text=True)


def tvm_ffi_of(done):
    """The folder that the command found."""
    return re.search(r"tvm-ffi in (.*)/include:", done.stdout + done.stderr)[1]


with tempfile.TemporaryDirectory() as folder:
    for definition in SAMPLE:
        where = os.path.join(folder, "definitions", definition["op_type"])
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, definition["name"] + ".json"), "w") as f:
            json.dump(definition, f)
    archs = os.environ.get("KDEX_SOLUTION_ARCHS", "sm_90a").split()
    only = [] if archs == ["all"] else ["--check-only", *archs]
    done = build(folder, "--check-solutions", *only)
    for missing in ("nvcc was not found", "tvm-ffi were not found"):
        if missing in done.stderr:
            print("skipped:", done.stderr.strip())
            sys.exit(77)
    assert done.returncode == 0, done.stdout + done.stderr
    said = f"{len(SAMPLE)} distinct solutions compiled "
    assert said in done.stdout + done.stderr, done.stdout + done.stderr
    some = [x["name"] for x in ON_OLDEST]
    more = build(folder, "--check-solutions", "--check-only", OLDEST, "--definitions", *some)
    assert more.returncode == 0, more.stdout + more.stderr

    solutions = [
        json.load(open(f))
        for f in glob.glob(os.path.join(folder, "solutions", "**", "*.json"), recursive=True)
    ]
    assert len(solutions) == len(SAMPLE), len(solutions)
    covered = {s["path"] for x in solutions for s in x["sources"] if s["path"].endswith(".inl")}
    kernels = {
        os.path.relpath(f, os.path.join(TOP, "kernels"))[: -len(".cu")] + ".inl"
        for f in glob.glob(os.path.join(TOP, "kernels", "*", "*.cu"))
    }
    assert kernels == covered, ("in no solution of the sample", sorted(kernels - covered))
    for x in solutions:
        assert "sm_90a" in x["spec"]["target_hardware"], x["definition"]

    # What does not compile is told, and target_hardware is what did.
    bad = os.path.join(folder, "bad")
    os.makedirs(os.path.join(bad, "definitions", "rmsnorm"))
    with open(os.path.join(bad, "definitions", "rmsnorm", "x.json"), "w") as f:
        json.dump({**SAMPLE[0], "name": "x"}, f)
    home = os.path.join(folder, "home")
    nvcc = os.path.join(home, "bin", "nvcc")
    os.makedirs(os.path.dirname(nvcc))
    with open(nvcc, "w") as f:
        f.write(
            '#!/bin/sh\ncase "$*" in *--version*) echo ", V1.2.3";; '
            "*compute_80*) echo 'kernel.cu(3): error: not here' >&2; exit 2;; esac\n"
        )
    os.chmod(nvcc, 0o755)
    environment = {
        **os.environ,
        "KDEX_CUDA_HOME": home,
        "KDEX_TVM_FFI": tvm_ffi_of(done),
        "KDEX_CACHE": os.path.join(folder, "cache"),
    }
    done = subprocess.run(
        [KDEX, "kernels", "build", bad, "--check-solutions"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "x sm_80: kernel.cu(3): error: not here" in done.stderr, done.stderr
    (file,) = glob.glob(os.path.join(bad, "solutions", "**", "*.json"), recursive=True)
    hardware = json.load(open(file))["spec"]["target_hardware"]
    assert hardware and "sm_80" not in hardware and "sm_89" in hardware, hardware
    # A build without the check leaves what was found.
    done = build(bad)
    if "NVRTC was not found" not in done.stderr:
        assert "0 solutions written, 1 as before" in done.stdout, done.stdout + done.stderr
        assert json.load(open(file))["spec"]["target_hardware"] == hardware

print(f"{len(SAMPLE)} solutions with {len(kernels)} kernel files compile as they say")
