#!/usr/bin/env python3
"""Bad input to `kdex kernels` and `kdex workloads`: one clear line, the right status, nothing withdrawn.

usage: test_hostile.py KDEX FAKE_DRIVER_FOLDER

The fake driver stands in for a GPU; its launches do nothing. What needs NVRTC is left out with a message where it is
not found.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

kdex, fake = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
work = tempfile.mkdtemp(prefix="kdex-hostile-")
failures = []
counted = 0


def run(*arguments, cache="cache", driver=False, **environment):
    env = dict(os.environ, KDEX_CACHE=os.path.join(work, cache), **environment)
    if driver:
        env["LD_LIBRARY_PATH"] = fake
    return subprocess.run([kdex, *arguments], capture_output=True, text=True, env=env, timeout=300)


def expect(what, done, status, pattern, most_lines=None):
    """Exactly one line of the output fits; no line is longer than a screen's worth; no second line of trouble."""
    global counted
    counted += 1
    out = done.stdout + done.stderr
    lines = [line for line in out.splitlines() if re.search(pattern, line)]
    trouble = [line for line in done.stderr.splitlines() if line.startswith("kdex:")]
    if (
        done.returncode != status
        or len(lines) != 1
        or len(lines[0]) > 400
        or len(trouble) > (1 if most_lines is None else most_lines)
    ):
        failures.append(
            f"{what}: status {done.returncode} (wanted {status}), {len(lines)} lines fit {pattern!r}\n{out[-1500:]}"
        )


def gemm(n=256, k=256, **changes):
    d = {
        "name": "gemm_x",
        "op_type": "gemm",
        "tags": [],
        "description": "",
        "axes": {
            "M": {"type": "var"},
            "N": {"type": "const", "value": n},
            "K": {"type": "const", "value": k},
        },
        "inputs": {
            "A": {"shape": ["M", "K"], "dtype": "float16"},
            "B": {"shape": ["N", "K"], "dtype": "float16"},
        },
        "outputs": {"C": {"shape": ["M", "N"], "dtype": "float16"}},
        "reference": "import torch\n\n\ndef run(A, B):\n    return A @ B.T\n",
    }
    d.update(changes)
    return d


def paged(**axes):
    values = {"num_qo_heads": 8, "num_kv_heads": 2, "head_dim": 64, "page_size": 16, **axes}
    cache = {"shape": ["num_pages", "page_size", "num_kv_heads", "head_dim"], "dtype": "bfloat16"}
    return {
        "name": "decode_x",
        "op_type": "gqa_paged",
        "tags": [],
        "description": "",
        "axes": {
            **{
                a: {"type": "var"}
                for a in ("batch_size", "num_pages", "len_indptr", "num_kv_indices")
            },
            **{a: {"type": "const", "value": v} for a, v in values.items()},
        },
        "constraints": ["len_indptr == batch_size + 1"],
        "inputs": {
            "q": {"shape": ["batch_size", "num_qo_heads", "head_dim"], "dtype": "bfloat16"},
            "k_cache": cache,
            "v_cache": cache,
            "kv_indptr": {"shape": ["len_indptr"], "dtype": "int32"},
            "kv_indices": {"shape": ["num_kv_indices"], "dtype": "int32"},
            "kv_last_page_len": {"shape": ["batch_size"], "dtype": "int32"},
            "sm_scale": {"shape": None, "dtype": "float32"},
        },
        "outputs": {
            "output": {"shape": ["batch_size", "num_qo_heads", "head_dim"], "dtype": "bfloat16"},
            "lse": {"shape": ["batch_size", "num_qo_heads"], "dtype": "float32"},
        },
        "reference": "def run(q, k_cache, v_cache, kv_indptr, kv_indices, kv_last_page_len, sm_scale):\n    return None\n",
    }


def moe(experts, top_k):
    var = {"type": "var"}
    sizes = dict(
        num_local_experts=experts,
        hidden_size=128,
        intermediate_size=128,
        gemm1_out_size=256,
        top_k=top_k,
    )
    tensor = lambda shape, dtype: {"shape": shape.split(), "dtype": dtype}
    return {
        "name": "moe_x",
        "op_type": "moe",
        "tags": [],
        "description": "",
        "axes": {"seq_len": var, **{a: {"type": "const", "value": v} for a, v in sizes.items()}},
        "inputs": {
            "topk_ids": tensor("seq_len top_k", "int32"),
            "topk_weights": tensor("seq_len top_k", "float32"),
            "hidden_states": tensor("seq_len hidden_size", "bfloat16"),
            "gemm1_weights": tensor("num_local_experts gemm1_out_size hidden_size", "bfloat16"),
            "gemm2_weights": tensor("num_local_experts hidden_size intermediate_size", "bfloat16"),
            "local_expert_offset": {"shape": None, "dtype": "int32"},
        },
        "outputs": {"output": tensor("seq_len hidden_size", "bfloat16")},
        "reference": "def run(topk_ids, topk_weights, hidden_states, gemm1_weights, "
        "gemm2_weights, local_expert_offset):\n    return None\n",
    }


def dataset(name, *definitions):
    folder = os.path.join(work, name)
    shutil.rmtree(folder, ignore_errors=True)
    for d in definitions:
        text = d if isinstance(d, str) else json.dumps(d)
        op, stem = ("gemm", "gemm_x") if isinstance(d, str) else (d["op_type"], d["name"])
        os.makedirs(os.path.join(folder, "definitions", op), exist_ok=True)
        with open(os.path.join(folder, "definitions", op, stem + ".json"), "w") as f:
            f.write(text)
    return folder


def build(name, definition, **kw):
    return run("kernels", "build", dataset(name, definition), **kw)


# Definitions. Those without a kernel are counted and end well; those that are no definitions are errors.
def changed(definition, **axes):
    for a, v in axes.items():
        definition["axes"][a] = {"type": "const", "value": v}
    return definition


expect(
    "N of 0",
    build("n", gemm(n=0)),
    0,
    r"^1 without a kernel: gemm: N 0 and K 256 must be at least 1",
)
expect(
    "N beyond a grid",
    build("n", gemm(n=5000000)),
    0,
    r"^1 without a kernel: gemm: N 5000000 is over 4194240",
)
expect(
    "head_dim 520",
    build("hd", paged(head_dim=520)),
    0,
    r"^1 without a kernel: gqa: head_dim 520 is not 1 to 512",
)
expect(
    "page_size 3",
    build("ps", paged(page_size=3)),
    0,
    r"^1 without a kernel: gqa: page_size 3 is not",
)
both = dataset("list", gemm(), paged(page_size=3))
expect(
    "list: a kernel",
    run("kernels", "list", both, CUDA_HOME="/nowhere"),
    0,
    r"^gemm_x +sm_90a +TMA and wgmma",
)
expect(
    "list: none, and why",
    run("kernels", "list", both),
    0,
    r"^decode_x +sm_90a +no kernel: gqa: page_size 3 is not a power of two$",
)
expect(
    "list: two architectures",
    run("kernels", "list", both, "--arch", "sm_80", "sm_90a"),
    0,
    r"^2 of 4 have a kernel$",
)
expect(
    "list: no such architecture",
    run("kernels", "list", both, "--arch", "sm_1"),
    2,
    r"unknown architecture|is too old",
)
expect(
    "list: nothing written",
    subprocess.run(["ls", both], capture_output=True, text=True),
    0,
    r"^definitions$",
)
expect(
    "N beyond 32 bits",
    build("big", gemm(n=2**40)),
    0,
    r"^1 without a kernel: the axis N is over 2147483647",
)
expect(
    "N and K whose product is beyond memory",
    build("huge", gemm(n=2**31 - 8, k=2**31 - 8)),
    0,
    r"^1 without a kernel: the tensor B is larger",
)
expect(
    "a page of 2**60",
    build("page", paged(page_size=2**60)),
    0,
    r"^1 without a kernel: the axis page_size is over",
)
expect(
    "integers for A",
    build(
        "int",
        gemm(
            inputs={
                "A": {"shape": ["M", "K"], "dtype": "int8"},
                "B": {"shape": ["N", "K"], "dtype": "int8"},
            }
        ),
    ),
    0,
    r"^1 without a kernel: gemm: the dtype of the input A is 'int8'",
)
expect(
    "no B",
    build("nob", gemm(inputs={"A": {"shape": ["M", "K"], "dtype": "float16"}})),
    0,
    r"^1 without a kernel: gemm: ",
)
expect("zero heads", build("heads", paged(num_kv_heads=0)), 0, r"^1 without a kernel: gqa: ")
expect(
    "an unknown operation",
    build("op", gemm(op_type="rope")),
    0,
    r"^1 without a kernel: no family has a kernel of op type rope",
)
for what, value in (
    ("10**30", 10**30),
    ("negative", -256),
    ("a half", 0.5),
    ("text", "256"),
    ("null", None),
    ("a list", [1]),
):
    expect(
        f"N {what}",
        build("axis", json.dumps(changed(gemm(), N=value))),
        2,
        r"axes.N.value' must be an integer of at least 0",
        1,
    )
missing = gemm()
del missing["axes"]["K"]
expect(
    "no axis K",
    build("axes", json.dumps(missing)),
    0,
    r"^1 without a kernel: the tensor A has an axis K that is not declared",
)
expect(
    "a dtype that is none",
    build("dtype", json.dumps(gemm(outputs={"C": {"shape": ["M", "N"], "dtype": "float17"}}))),
    0,
    r"^1 without a kernel: gemm: the dtype of the output C is 'float17'",
)
expect("cut short", build("cut", json.dumps(gemm())[:200]), 2, r"definitions/gemm/gemm_x.json", 1)
expect("nested", build("deep", "[" * 100000), 2, r"definitions/gemm/gemm_x.json", 1)
expect("empty", build("empty", ""), 2, r"definitions/gemm/gemm_x.json", 1)
good = dataset("good", gemm())
expect(
    "no folder",
    run("kernels", "build", os.path.join(work, "nothing")),
    2,
    r"nothing: not a directory",
)
os.makedirs(os.path.join(work, "bare"))
expect(
    "a folder without definitions",
    run("kernels", "build", os.path.join(work, "bare")),
    2,
    r"has no definitions",
)
expect(
    "an unknown name",
    run("kernels", "build", good, "--definitions", "gemm_y"),
    2,
    r"unknown definition or op type 'gemm_y'",
)
expect(
    "an unknown architecture's name",
    run("kernels", "build", good, "--arch", "hopper"),
    2,
    r"unknown architecture 'hopper'",
)
expect(
    "an old architecture",
    run("kernels", "build", good, "--arch", "sm_75"),
    2,
    r"'sm_75' is too old",
)
expect("no threads", run("kernels", "build", good, "--jobs", "0"), 2, r"--jobs")
expect("no workers", run("kernels", "verify", good, "--workers", "0"), 2, r"--workers")
expect(
    "a worker's command by hand",
    run("kernels", "verify-worker", "x"),
    2,
    r"is for internal use by `kdex kernels verify`",
)
expect(
    "no NVRTC",
    run("kernels", "build", good, cache="none", KDEX_CUDA_HOME=os.path.join(work, "bare")),
    2,
    r"NVRTC was not found",
)
expect(
    "more chosen than there are",
    run("workloads", dataset("topk", moe(4, 8))),
    1,
    r"8 of 4 experts cannot be chosen",
)
expect(
    "a page that no workload takes",
    run("workloads", dataset("pages", paged(page_size=2**60))),
    1,
    r"page_size \d+ is not from 1",
)
expect(
    "no pages at all",
    run("workloads", dataset("nopages", paged(page_size=0))),
    1,
    r"page_size 0 is not from 1",
)
if "libcuda.so.1" not in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True).stdout:
    expect("no driver", run("kernels", "verify", good), 2, r"libcuda.so.1\) was not found")

# What compiles.
nvrtc = run("kernels", "build", good)
if "NVRTC was not found" in nvrtc.stderr:
    print("not run: " + nvrtc.stderr.strip().splitlines()[-1])
else:
    expect("a good one", nvrtc, 0, r"^1 of 1 kernels, ")
    solution = os.path.join(good, "solutions", "kdex", "gemm", "gemm_x", "kdex_gemm_x.json")
    assert os.path.exists(solution)
    expect(
        "NVRTC does not know it",
        run("kernels", "build", good, "--arch", "sm_199"),
        1,
        r"^kdex: .*does not know sm_199",
    )
    with open(os.path.join(work, "file"), "w"):
        pass
    expect(
        "a cache that cannot be written",
        run("kernels", "build", good, cache="file/below"),
        0,
        r"cannot be written; nothing is kept",
    )
    expect(
        "PTX with lines",
        run(
            "kernels",
            "build",
            good,
            "--dump-ptx",
            "--lineinfo",
            "--dump-to",
            os.path.join(work, "dump"),
        ),
        0,
        r"^1 of 1 kernels, ",
    )
    dumps = [
        open(os.path.join(work, "dump", f)).read()
        for f in os.listdir(os.path.join(work, "dump"))
        if f.endswith(".ptx")
    ]
    if not dumps or not all(".entry" in t and ".loc" in t for t in dumps):
        failures.append(
            f"--dump-ptx --lineinfo: {len(dumps)} listings, not all with .entry and .loc"
        )
    shutil.rmtree(os.path.join(work, "dump"))
    expect(
        "no disassembler",
        run(
            "kernels",
            "build",
            good,
            "--dump-sass",
            "--dump-to",
            os.path.join(work, "dump"),
            PATH="/nowhere",
            KDEX_CUDA_HOME=os.environ.get("KDEX_CUDA_HOME") or os.path.join(work, "bare"),
        ),
        2,
        r"neither nvdisasm nor cuobjdump",
    )

    # Workloads: an error of the workload, no word against the kernel.
    def workload(axes=None, inputs=None, **other):
        return {
            "definition": "gemm_x",
            "workload": {
                "uuid": "u",
                "axes": {"M": 4} if axes is None else axes,
                "inputs": {"A": {"type": "random"}, "B": {"type": "random"}}
                if inputs is None
                else inputs,
                **other,
            },
        }

    def verify(what, text, status, pattern, folder=good, name="gemm/gemm_x", **kw):
        os.makedirs(os.path.join(folder, "workloads", os.path.dirname(name)), exist_ok=True)
        with open(os.path.join(folder, "workloads", name + ".jsonl"), "w") as f:
            f.write(text if isinstance(text, str) else json.dumps(text) + "\n")
        expect(
            what,
            run("kernels", "verify", folder, "--workers", "1", driver=True, **kw),
            status,
            pattern,
        )

    for axes, pattern in (
        ({"M": 0}, "the axis M must be an integer from 1"),
        ({"M": -1}, "the axis M must be"),
        ({"M": 10**30}, "the axis M must be"),
        ({"M": 1.5}, "the axis M must be"),
        ({"M": "4"}, "the axis M must be"),
        ({}, "the axis M is missing"),
        ({"M": 4, "N": 8}, "'N' is not a variable axis"),
        ([4], "kdex: .*gemm_x"),
        (None, None),
    ):
        if pattern:
            verify(f"axes {axes}", workload(axes=axes), 1, pattern)
    for inputs, pattern in (
        ({"A": {"type": "random"}}, "the input B is missing"),
        ({"A": {"type": "zeros"}, "B": {"type": "random"}}, "unknown type 'zeros'"),
        ({"A": {"type": "scalar", "value": 1}, "B": {"type": "random"}}, "the input A is a tensor"),
        (
            {
                "A": {"type": "safetensors", "path": "no/such", "tensor_key": "A"},
                "B": {"type": "random"},
            },
            "no/such",
        ),
        (
            {
                "A": {"type": "safetensors", "path": solution, "tensor_key": "A"},
                "B": {"type": "random"},
            },
            "safetensors",
        ),
        ("x", "kdex: .*gemm_x"),
    ):
        verify(f"inputs {inputs}", workload(inputs=inputs), 1, pattern)
    verify("no JSON", "{\n", 1, "kdex: .*gemm_x.jsonl")
    verify("nested JSON", "[" * 100000 + "\n", 1, "kdex: .*gemm_x.jsonl")
    verify(
        "rows beyond any GPU",
        workload(axes={"M": 2**36}),
        1,
        r"^kdex: gemm_x: .*out of memory|RUNTIME_ERROR .*out of memory",
    )
    if not os.path.exists(solution):
        failures.append("a bad workload had the solution withdrawn")

    attention = dataset("attention", paged())
    run("kernels", "build", attention)

    def tensors(values):
        header, data = {}, b""
        for name, v in values.items():
            header[name] = {
                "dtype": "I32",
                "shape": [len(v)],
                "data_offsets": [len(data), len(data) + 4 * len(v)],
            }
            data += struct.pack(f"<{len(v)}i", *v)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + data

    for what, indptr, indices, last, pattern in (
        (
            "an index beyond the pages",
            [0, 1, 3],
            [0, 1, 9],
            [16, 3],
            r"kv_indices\[2\] is 9, not from 0 to 3",
        ),
        ("a negative index", [0, 1, 3], [0, -1, 2], [16, 3], r"kv_indices\[1\] is -1"),
        (
            "an indptr that falls",
            [0, 4, 3],
            [0, 1, 2],
            [16, 3],
            r"kv_indptr\[1\] is 4, not ascending",
        ),
        (
            "an indptr that ends early",
            [0, 1, 2],
            [0, 1, 2],
            [16, 3],
            r"kv_indptr\[2\] is 2, not ascending",
        ),
        (
            "a last page that is too long",
            [0, 1, 3],
            [0, 1, 2],
            [17, 3],
            r"kv_last_page_len\[0\] is 17, not from 1 to 16",
        ),
    ):
        with open(os.path.join(attention, "t"), "wb") as f:
            f.write(tensors({"kv_indptr": indptr, "kv_indices": indices, "kv_last_page_len": last}))
        stored = {
            k: {"type": "safetensors", "path": "t", "tensor_key": k}
            for k in ("kv_indptr", "kv_indices", "kv_last_page_len")
        }
        verify(
            what,
            {
                "definition": "decode_x",
                "workload": {
                    "uuid": "u",
                    "axes": {"batch_size": 2, "num_pages": 4, "len_indptr": 3, "num_kv_indices": 3},
                    "inputs": {
                        **{k: {"type": "random"} for k in ("q", "k_cache", "v_cache")},
                        **stored,
                        "sm_scale": {"type": "scalar", "value": 0.125},
                    },
                },
            },
            1,
            pattern,
            attention,
            "gqa_paged/decode_x",
        )

shutil.rmtree(work, ignore_errors=True)
for f in failures:
    print("FAILED " + f)
print(f"{counted - len(failures)} of {counted} inputs answered as they should")
sys.exit(1 if failures else 0)
