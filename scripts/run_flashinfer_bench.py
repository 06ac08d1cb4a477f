#!/usr/bin/env python3
"""Runs FlashInfer-Bench over a dataset with kdex's solutions and counts what passed.

usage: run_flashinfer_bench.py DATASET [--compilers 14] [--runners 6] [--definitions NAME ...] [--options "..."]

flashinfer-bench compiles a solution when it comes to it, one after the other: here they are compiled by its own builder in
many processes first, into the cache that it looks in. Then `flashinfer-bench run` is started in a few processes, each with
its share of the definitions; those with gigabytes of weights come last and alone. What has no trace afterwards, or failed
to run beside the others (they share the GPU's memory), is tried once more. Needs torch with CUDA, nvcc and the package flashinfer-bench.
"""

import argparse
import collections
import concurrent.futures
import glob
import json
import os
import subprocess
import sys
import time

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("dataset")
parser.add_argument("--compilers", type=int, default=max(1, (os.cpu_count() or 2) - 2))
parser.add_argument("--runners", type=int, default=6)
parser.add_argument("--definitions", nargs="+", help="only these")
parser.add_argument(
    "--options",
    default="--warmup-runs 1 --iterations 3 --num-trials 1 --timeout 60",
    help="of flashinfer-bench run",
)
WIDTH = {"float32": 4, "int32": 4, "int64": 8, "float16": 2, "bfloat16": 2, "int16": 2}
loaded = None


def compile_one(dataset, name):
    """Seconds, and the error's last line; in a process of its own."""
    global loaded
    from flashinfer_bench.compile.builders.tvm_ffi_builder import TVMFFIBuilder
    from flashinfer_bench.data import TraceSet

    loaded = loaded or TraceSet.from_path(dataset)
    start, error = time.time(), ""
    try:
        for solution in loaded.solutions[name]:
            TVMFFIBuilder().build(loaded.definitions[name], solution)
    except Exception as e:
        lines = (
            [line for line in str(e).splitlines() if "error" in line]
            or str(e).splitlines()
            or [type(e).__name__]
        )
        error = lines[0]
    return name, time.time() - start, error


def large(definition):
    """Whether the tensors that every workload has exceed 2 GiB, drawn as float32 by flashinfer-bench."""
    total = 0
    for t in definition["inputs"].values():
        size = 4 if t["dtype"].startswith("float8") else WIDTH.get(t["dtype"], 1)
        for axis in t["shape"] or []:
            size *= definition["axes"][axis].get("value", 1)
        total += size
    return total > 2 << 30


def traces(dataset):
    found = collections.defaultdict(dict)
    for file in glob.glob(dataset + "/traces/**/*.jsonl", recursive=True):
        for line in open(file):
            t = json.loads(line)
            if t.get("evaluation"):
                found[t["definition"]][t["workload"]["uuid"]] = t["evaluation"]
    return found


def run(dataset, names, options, more=()):
    command = "from flashinfer_bench.cli.main import cli; cli()"
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            command,
            "run",
            "--local",
            dataset,
            *options.split(),
            "--definitions",
            *names,
            *more,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main():
    o = parser.parse_args()
    import torch

    if torch.cuda.is_available() and torch.cuda.get_device_capability() == (
        9,
        0,
    ):  # tvm-ffi compiles for plain sm_90 else: no TMA, no wgmma
        os.environ.setdefault("TVM_FFI_CUDA_ARCH_LIST", "9.0a")
    start = time.time()
    definitions = {}
    for file in glob.glob(o.dataset + "/definitions/*/*.json"):
        with open(file) as f:
            definitions[os.path.basename(file)[:-5]] = json.load(f)
    names = sorted(
        {
            os.path.basename(os.path.dirname(f))
            for f in glob.glob(o.dataset + "/solutions/*/*/*/*.json")
        }
        & set(definitions)
    )
    without = len(definitions) - len(names)
    names = [n for n in names if not o.definitions or n in o.definitions]
    wanted = {n: 0 for n in names}
    for n in names:
        for file in glob.glob(f"{o.dataset}/workloads/*/{n}.jsonl"):
            wanted[n] += sum(1 for line in open(file) if line.strip())
    errors = {}
    with concurrent.futures.ProcessPoolExecutor(o.compilers) as pool:
        for done in concurrent.futures.as_completed(
            [pool.submit(compile_one, o.dataset, n) for n in names]
        ):
            name, seconds, error = done.result()
            if error:
                errors[name] = error
            print(
                f"{time.time() - start:6.0f} s  compiled {name} in {seconds:.0f} s {error}",
                flush=True,
            )
    print(
        f"{len(names) - len(errors)} of {len(names)} solutions compiled after {time.time() - start:.0f} s",
        flush=True,
    )
    small = [n for n in names if n not in errors and not large(definitions[n])]
    for process in [
        run(o.dataset, small[i :: o.runners], o.options)
        for i in range(o.runners)
        if small[i :: o.runners]
    ]:
        process.wait()
    print(f"small ones run after {time.time() - start:.0f} s", flush=True)
    have = traces(o.dataset)
    failed = [n for n in names if any(e["status"] == "RUNTIME_ERROR" for e in have[n].values())]
    rest = [n for n in names if n not in errors and n not in failed and len(have[n]) < wanted[n]]
    if rest:
        run(o.dataset, rest, o.options, ["--resume"]).wait()
    if failed:
        run(o.dataset, failed, o.options).wait()
    have = traces(o.dataset)
    passed = whole = 0
    for n in names:
        counts = collections.Counter(e["status"] for e in have[n].values())
        passed += counts["PASSED"] > 0
        whole += 0 < wanted[n] == counts["PASSED"]
        if counts["PASSED"] < wanted[n]:
            log = next(
                (
                    (e.get("log") or "").strip().splitlines()[-1:] or [str(e.get("correctness"))]
                    for e in have[n].values()
                    if e["status"] != "PASSED"
                ),
                ["no trace"],
            )
            print(f"{n}: {dict(counts)} of {wanted[n]}: {errors.get(n) or log[0]}"[:300])
    print(
        f"{passed} of {len(names)} definitions have a PASSED trace, {whole} in all workloads, {without} definitions of the "
        f"dataset have no solution; {time.time() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
