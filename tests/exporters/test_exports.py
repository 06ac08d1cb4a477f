"""`kdex export`: each form's file, read as the project that the form is from reads it, and the numbers in it.

usage: test_exports.py KDEX PROJECT
"""

import copy
import csv
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from small_dataset import DENSE, EXPERTS, write

KDEX, PROJECT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures = []


def check(ok, what):
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def kdex(*words, cwd=None):
    return subprocess.run([KDEX, *map(str, words)], capture_output=True, text=True, cwd=cwd)


def export(dataset, form, *options):
    r = kdex("export", form, dataset, *options)
    check(r.returncode == 0, f"{form}: {r.returncode} {r.stderr}")
    return r


def aiter_shapes(dataset):
    r = export(dataset, "aiter-shapes")
    models = json.loads((dataset / "exports/aiter/model_shapes.json").read_text())
    check(set(models) == {DENSE, EXPERTS}, list(models))
    dense = models[DENSE]
    check(
        dense["gemm_a16w16"]
        == [{"N": 4096, "K": 14336, "TP_dim": "K"}, {"N": 6144, "K": 4096, "TP_dim": "N"}],
        dense["gemm_a16w16"],
    )
    check(dense["unified_attention"] == [{"hq": 32, "hkv": 8, "dqk": 128, "dv": 128}], dense)
    check(dense["rmsnorm"] == [{"N": 4096}], dense)
    other = models[EXPERTS]
    check(other["gemm_a8w8_blockscale"] == [{"N": 2112, "K": 4096, "TP_dim": None}], other)
    check(
        other["moe_op_gemm_a8w8_blockscale"] == [{"E": 384, "Dim1": 4096, "Dim2": 2048, "TopK": 4}],
        other,
    )
    # The benchmark's own step: the size that TP_dim names is divided, the others are not.
    for shapes in (
        s for m in models.values() for k, s in m.items() if "gemm_a" in k and "moe" not in k
    ):
        for shape in shapes:
            key = shape["TP_dim"]
            check(key is None or shape[key] % 8 == 0, f"{shape} over eight ranks")
    check("left out" not in r.stderr, r.stderr)


def aiter_csv(dataset):
    export(dataset, "aiter-csv", "--tokens", "1,64")
    folder = dataset / "exports/aiter"
    with open(folder / "bf16_untuned_gemm.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    check(
        list(rows[0]) == ["M", "N", "K", "bias", "dtype", "outdtype", "scaleAB", "bpreshuffle"],
        rows[0],
    )
    shapes = [(r["M"], r["N"], r["K"]) for r in rows]
    check(("64", "4096", "1792") in shapes and len(shapes) == len(set(shapes)) == 8, shapes)
    check({r["dtype"] for r in rows} == {"torch.bfloat16"}, rows)
    with open(folder / "a8w8_blockscale_untuned_gemm.csv", newline="") as f:
        check(
            list(csv.reader(f)) == [["M", "N", "K"], ["1", "2112", "4096"], ["64", "2112", "4096"]],
            "fp8",
        )
    with open(folder / "untuned_fmoe.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    one = {
        k: rows[0][k]
        for k in ("token", "model_dim", "inter_dim", "expert", "topk", "q_type", "use_g1u1")
    }
    check(
        one == {"token": "1", "model_dim": "4096", "inter_dim": "1024", "expert": "384", "topk": "4",
                "q_type": "QuantType.per_1x128", "use_g1u1": "1"}, one
    )  # fmt: skip
    check([r["expert"] for r in rows] == ["384", "384", "48", "48"], rows)


def weight_shapes(dataset):
    export(dataset, "weight-shapes")
    space = {}
    exec((dataset / "exports/weight-shapes/weight_shapes.py").read_text(), space)
    # As the benchmarks take them: each weight's dimension over the ranks.
    divided = []
    for kn, dim in copy.deepcopy(space["WEIGHT_SHAPES"][DENSE]):
        kn[dim] //= 8
        divided.append(tuple(kn))
    check(sorted(divided) == [(1792, 4096), (4096, 768)], divided)
    check(space["WHOLE_SHAPES"] == {EXPERTS: [[4096, 384], [4096, 2112]]}, space["WHOLE_SHAPES"])


def tuned_files(dataset):
    export(dataset, "tuned-files", "--devices", "NVIDIA_H200,NVIDIA_B200")
    names = json.loads((dataset / "exports/tuned-files/names.json").read_text())
    name = "E=48,N=1024,device_name=NVIDIA_B200,dtype=fp8_w8a8,block_shape=[128, 128].json"
    check(names.get(name) == [f"{EXPERTS} tp8 ep8"], names)
    check(
        "N=2112,K=4096,device_name=NVIDIA_H200,dtype=fp8_w8a8,block_shape=[128, 128].json" in names,
        names,
    )
    export(dataset, "tuned-files", "--spaces", "false")
    names = json.loads((dataset / "exports/tuned-files/names.json").read_text())
    check(
        "E=384,N=1024,device_name=NVIDIA_H200,dtype=fp8_w8a8,block_shape=[128,128].json" in names,
        names,
    )


def others(dataset):
    export(dataset, "model-configs")
    sizes = json.loads((dataset / "exports/model-configs/model_configs.json").read_text())
    check(sizes["owner"]["Dense-1B"]["intermediate_size"] == 14336, sizes)
    check(sizes["owner"]["Experts-FP8"]["num_expert"] == 384, sizes)
    export(dataset, "deepgemm")
    space = {}
    exec((dataset / "exports/deepgemm/shapes.py").read_text(), space)
    check(space["fp8_nk"] == [(2112, 4096)] and (4096, 1792) in space["bf16_nk"], space["bf16_nk"])
    check(
        space["fp8_m_grouped"]
        == [(384, 2048, 4096), (384, 4096, 1024), (48, 2048, 4096), (48, 4096, 1024)],
        space["fp8_m_grouped"],
    )
    export(dataset, "nvbench", "--tokens", "1,8")
    lines = (dataset / "exports/nvbench/arguments.txt").read_text().splitlines()
    check("--benchmark gemm --axis N=4096 --axis K=1792 --axis tokens=[1,8]" in lines, lines)
    check(
        all(
            re.fullmatch(r"--benchmark \w+( --axis \w+=(\d+|\[[\d,]+\]))+", line) for line in lines
        ),
        lines,
    )
    export(dataset, "csv")
    with open(dataset / "exports/csv/kernels.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    check(len(rows) == 15, len(rows))
    row = next(r for r in rows if r["definition"] == "gemm_n4096_k1792")
    got = [row[k] for k in ("checkpoint", "deployment", "modules", "N", "M")]
    check(got == [DENSE, "tp8 ps1", "layers.*.down_proj", "4096", ""], row)


def validated(dataset):
    """`kdex validate --format json`: this dataset lacks descriptions, which is a warning."""
    r = kdex("validate", dataset, "--format", "json")
    told = json.loads(r.stdout)
    check(r.returncode == 0 and told["definitions"] == 9 and told["errors"] == [], told)
    check({"definition", "check", "message"} == set(told["warnings"][0]), told["warnings"][:1])


def refusals(dataset):
    r = kdex("export", "aiter-shape", dataset)
    check(r.returncode == 2 and "did you mean 'aiter-shapes'" in r.stderr, r.stderr)
    r = kdex("export", "csv", dataset, "--table", dataset / "none.csv")
    check(r.returncode == 2 and "none.csv: cannot be read" in r.stderr, r.stderr)
    table = dataset / "bad.csv"
    table.write_text("M,N,K\n1,two,3\n")
    r = kdex("export", "csv", dataset, "--table", table)
    check(r.returncode == 2 and "row 1: expected a whole number, not 'two'" in r.stderr, r.stderr)
    r = kdex("check", table, "--as", "nvbench", "--checkpoint", "x")
    check(r.returncode == 2 and "are written, not read" in r.stderr, r.stderr)


def documentation(dataset, work):
    """The commands of docs/exports.md that need no sources."""
    text = (PROJECT / "docs/exports.md").read_text()
    commands = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines()
    ]
    commands = [shlex.split(c, comments=True) for c in commands if c.startswith("kdex export")]
    check(len(commands) > 8, "the page has its commands")
    forms = {line.split()[0] for line in kdex("export").stdout.splitlines()}
    check(forms == {c[2] for c in commands if len(c) > 2}, f"the page names each form: {forms}")
    for c in commands:
        r = kdex(*c[1:], cwd=work)
        check(r.returncode == 0, f"{shlex.join(c)}: {r.returncode} {r.stderr}")


with tempfile.TemporaryDirectory() as folder:
    path = write(pathlib.Path(folder) / "dataset")
    for part in (aiter_shapes, aiter_csv, weight_shapes, tuned_files, others, validated, refusals):
        part(path)
    documentation(path, folder)
sys.exit(1 if failures else 0)
