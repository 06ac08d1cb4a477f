"""`kdex check`: tables of the forms that can be read, held against a small Llama and against a dataset.

usage: test_check.py KDEX PROJECT. Status 77: skipped, there are no sources.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "extract"))
from small_dataset import write  # noqa: E402
from small_llama import LLAMA  # noqa: E402
from whole_run import KDEX, PROJECT, SOURCES, check, status  # noqa: E402


def kdex(*words, cwd=None):
    return subprocess.run([KDEX, *map(str, words)], capture_output=True, text=True, cwd=cwd)


def held(table, form, *words):
    """A table against the small Llama: the words of its lines by their sizes."""
    sources = [w for s in SOURCES for w in ("--source", s)]
    r = kdex("check", table, "--as", form, *sources, *words)
    check(r.returncode == 0, f"{form}: {r.returncode} {r.stderr}")
    out = {}
    for line in r.stdout.splitlines()[1:]:
        word, rest = line.split(None, 1)
        out[" ".join(re.findall(r"\w+=\d+", rest.split(";")[0].split(": ")[0]))] = (word, rest)
    return out


def csv_of_a_llama(work):
    model = work / "small"
    model.mkdir()
    (model / "config.json").write_text(json.dumps(LLAMA))
    table = work / "shapes.csv"
    # q, k and v of 8 and 2 heads of 64; the down projection; one that no layer has; over two ranks.
    table.write_text("M,N,K\n1,768,512\n64,768,512\n1,512,1536\n1,9999,512\n1,384,512\n")
    rows = held(table, "aiter-csv", "--checkpoint", model, "--tp", 1, 2)
    check(rows["N=768 K=512"][0] == "run" and "(2 rows)" in rows["N=768 K=512"][1], rows)
    check("model.layers.*.self_attn.qkv_proj" in rows["N=768 K=512"][1], rows)
    check("mlp.down_proj" in rows["N=512 K=1536"][1], rows)
    check(rows["N=384 K=512"][0] == "run", "the product of one of two ranks")
    check(
        rows["N=9999 K=512"][0] == "none" and "closest: N=4096 K=512" in rows["N=9999 K=512"][1],
        rows,
    )
    check(rows["N=3072 K=512"][0] == "missing" and "gate_up_proj" in rows["N=3072 K=512"][1], rows)


def over_a_dataset(work):
    """The same of tables and a dataset that is there, as `kdex export` with --table."""
    dataset = write(work / "dataset")
    shapes = work / "weight_shapes.py"
    shapes.write_text(
        'WEIGHT_SHAPES = {\n  "Experts": [([4096, 64 * 6], 0)],\n'
        '  "Dense": [([4096, 6144], 1), ([14336, 4096], 0)],\n}\n'
    )
    r = kdex(
        "export", "weight-shapes", dataset, "--table", shapes, "--part", "Dense", "--format", "json"
    )
    told = json.loads(r.stdout)
    check(
        [x["sizes"] for x in told["run"]] == [{"N": 6144, "K": 4096}, {"N": 4096, "K": 14336}], told
    )
    check([x["sizes"]["N"] for x in told["missing"]] == [384, 2112], told)
    r = kdex("export", "weight-shapes", dataset, "--table", shapes, "--part", "Expert")
    check('"Experts": 1 shapes, 1 run' in r.stdout, r.stdout)
    r = kdex("export", "weight-shapes", dataset, "--table", shapes, "--part", "Others")
    check(r.returncode == 2 and "name one of: Dense, Experts" in r.stderr, r.stderr)
    names = work / "configs"
    names.mkdir()
    for name in ("E=48,N=1024,device_name=NVIDIA_H200,dtype=fp8_w8a8,block_shape=[128, 128].json",
                 "E=8,N=1024,device_name=NVIDIA_H200.json", "E=8,N=1,device_name=NVIDIA_A100.json", "README"):  # fmt: skip
        (names / name).write_text("{}")
    r = kdex("export", "tuned-files", dataset, "--table", names)
    lines = r.stdout.splitlines()
    check(": 2 shapes, 1 run" in lines[0], lines)
    check(
        any(x.startswith("  none") and "E=8 N=1024; closest: E=48 N=1024" in x for x in lines),
        lines,
    )
    table = work / "model_shapes.json"
    table.write_text(json.dumps({"Experts": {
        "gemm_a16w16": [{"N": 256, "K": 4096, "TP_dim": None}],
        "moe_op_gemm_a8w8_blockscale": [{"E": 384, "Dim1": 4096, "Dim2": 2048, "TopK": 4}]}}))  # fmt: skip
    r = kdex("export", "aiter-shapes", dataset, "--table", table)
    check("gemm_a16w16 N=256 K=4096; closest: N=384 K=4096 of layers.*.gate" in r.stdout, r.stdout)
    check("  run      moe_op_gemm_a8w8_blockscale E=384" in r.stdout, r.stdout)


def documentation(work):
    """The check of docs/exports.md, over a table of the form."""
    text = (PROJECT / "docs/exports.md").read_text()
    command = re.search(r"^kdex (check .*)$", text, re.M)[1]
    (work / "model_shapes.json").write_text(
        json.dumps(
            {
                "Llama3 8B": {
                    "gemm_a16w16": [{"N": 6144, "K": 4096, "TP_dim": "N"}],
                    "rmsnorm": [{"N": 4096}],
                }
            }
        )
    )
    r = kdex(*shlex.split(command), *(w for s in SOURCES for w in ("--source", s)), cwd=work)
    check(r.returncode == 0 and '"Llama3 8B": 2 shapes, 2 run' in r.stdout, r.stdout + r.stderr)


def all_parts(work):
    over_a_dataset(work)
    csv_of_a_llama(work)
    documentation(work)


sys.exit(status(all_parts))
