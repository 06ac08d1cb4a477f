"""`kdex list`, `diff` and `merge`: what is told of two datasets, two reports, and one pipeline over two releases.

usage: test_diff.py KDEX PROJECT. Status 77: skipped.
"""

import csv
import io
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

from small_llama import LLAMA
from whole_run import KDEX, PROJECT, SOURCES, check, status

SGLANG, TRANSFORMERS = SOURCES


def kdex(*words) -> subprocess.CompletedProcess:
    return subprocess.run([KDEX, *map(str, words)], capture_output=True, text=True)


def changed_release(folder: pathlib.Path) -> pathlib.Path:
    """SGLang by links, but for one line of its Llama: the feed-forward layer is twice as wide."""
    models = folder / "sglang/srt/models"
    models.mkdir(parents=True)
    for below, but in (("", "sglang"), ("sglang", "srt"), ("sglang/srt", "models")):
        for entry in (SGLANG / below).iterdir():
            if entry.name != but:
                os.symlink(entry, folder / below / entry.name)
    for entry in (SGLANG / "sglang/srt/models").iterdir():
        if entry.name != "llama.py":
            os.symlink(entry, models / entry.name)
    text = (SGLANG / "sglang/srt/models/llama.py").read_text()
    line = "intermediate_size=config.intermediate_size"
    check(text.count(line) == 1, "the line that is changed is there once")
    (models / "llama.py").write_text(text.replace(line, line + " * 2"))
    return folder


def releases(work: pathlib.Path) -> None:
    pipeline = work / "p.yaml"
    pipeline.write_text("checkpoints: [llama]\nfamilies: [gemm]\ntp: [1, 2, 3]\nforward: false\n")
    other = changed_release(work / "next")
    given = ("--pipeline", pipeline, "--keep", work / "kept")
    r = kdex("diff", SGLANG, other, *given, "--exit-code")
    check(r.returncode == 1, f"they differ: {r.returncode} {r.stderr[-300:]}")
    lines = [line.strip() for line in r.stdout.splitlines()]
    for line in (
        "~ gemm_n3072_k512 -> gemm_n6144_k512   model.layers.*.mlp.gate_up_proj",
        "~ gemm_n512_k1536 -> gemm_n512_k3072   model.layers.*.mlp.down_proj",
        "axes.K: 1536 -> 3072",
        "2 of 3 deployments differ: 0 appear, 0 vanish, 2 change, 0 of the engine's refusals",
    ):
        check(line in lines, f"'{line}' is told: {r.stdout}")
    told = [line for line in lines if line.startswith("B  K: ")]
    check(any("intermediate_size=config.intermediate_size * 2" in t for t in told), f"{told}")
    a, b = work / "kept/a", work / "kept/b"
    r = kdex("diff", a, b, "--format", "json")
    check(r.returncode == 0, f"without --exit-code: {r.stderr}")
    told = json.loads(r.stdout)
    (model,) = told["checkpoints"]
    check((told["deployments"], told["differing"]) == (3, 2), f"counts of {told['a']}")
    change = next(c for c in model["changes"] if c["a"] == "gemm_n512_k1536")
    check(change["deployments"] == ["tp1", "tp2"], f"its deployments: {change}")
    wanted = {"part": "axes", "name": "K", "a": "1536", "b": "3072"}
    check(wanted in change["differences"], f"its differences: {change['differences']}")
    r = kdex("diff", a / "report.json", b / "report.json")
    check("gemm_n512_k1536 -> gemm_n512_k3072" in r.stdout, f"of reports alone: {r.stdout}")
    r = kdex("diff", a, a, "--exit-code")
    check(r.returncode == 0 and "0 of 3 deployments differ" in r.stdout, f"itself: {r.stdout}")
    r = kdex("diff", a, work)
    check(r.returncode == 2 and "has no definitions" in r.stderr, f"no dataset: {r.stderr}")
    r = kdex("diff", a)
    check(r.returncode == 2 and "expected two" in r.stderr, f"one path: {r.stderr}")
    lists(a)


def lists(dataset: pathlib.Path) -> None:
    rows = list(csv.DictReader(io.StringIO(kdex("list", dataset, "--format", "csv").stdout)))
    sizes = {(r["name"], r["N"], r["K"], r["M"]) for r in rows}
    check(("gemm_n3072_k512", "3072", "512", "") in sizes, f"every axis is a column: {sizes}")
    row = next(r for r in rows if r["name"] == "gemm_n3072_k512")
    check((row["models"], row["deployments"]) == ("llama", "tp1;tp2"), f"where it was met: {row}")
    r = kdex("list", dataset, "--where", "op_type = gemm and N * K < 1e6", "--format", "json")
    names = [d["name"] for d in json.loads(r.stdout)]
    check("gemm_n512_k512" in names and "gemm_n3072_k512" not in names, f"--where: {names}")
    r = kdex("list", dataset, "--where", "op_typ = gemm")
    check(r.returncode == 2 and "did you mean 'op_type'" in r.stderr, f"a column: {r.stderr}")


def merges(work: pathlib.Path) -> None:
    """Runs of one model each, merged, are the run of both."""
    other = {**LLAMA, "num_key_value_heads": 4}
    (work / "wide").mkdir()
    (work / "wide/config.json").write_text(json.dumps(other))
    given = [x for s in (SGLANG, TRANSFORMERS) for x in ("--source", s)] + ["--forward", "false"]
    for out, models in (("x", ["llama"]), ("y", ["wide"]), ("both", ["llama", "wide"])):
        paths = [work / m for m in models]
        r = kdex("extract", *given, "--checkpoint", *paths, "--out", work / out, "--quiet")
        check(r.returncode == 0, f"extract {out}: {r.stderr[-300:]}")
    r = kdex("merge", work / "y", work / "x", "--out", work / "z")
    check(r.returncode == 0 and "; 0 conflicts" in r.stdout, f"merge: {r.stdout}{r.stderr}")

    def files(dataset: str) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (work / dataset).glob("definitions/*/*.json")}

    check(files("z") == files("both"), "merged definitions are those of one run")
    told, wanted = (
        json.loads((work / d / ".kdex/history.json").read_text()) for d in ("z", "both")
    )
    models = [{n: d["models"] for n, d in h["definitions"].items()} for h in (told, wanted)]
    check(models[0] == models[1] and len(told["runs"]) == 2, "the histories are joined")
    name = next(iter(told["definitions"]))
    check(kdex("explain", name, "--dataset", work / "z").returncode == 0, "origins are kept")
    check(kdex("validate", work / "z").returncode == 0, "the merged dataset is valid")
    (file,) = (work / "y/definitions").glob("*/gemm_n512_k512.json")
    definition = json.loads(file.read_text())
    definition["axes"]["N"]["value"] = 513
    file.write_text(json.dumps(definition))
    merged = []
    for order in (("x", "y"), ("y", "x")):
        out = work / "-".join(order)
        r = kdex("merge", *(work / d for d in order), "--out", out)
        wanted = "conflict: gemm_n512_k512 is kept as gemm_n512_k512_v2"
        check(r.returncode == 0 and wanted in r.stdout, f"a conflict: {r.stdout}{r.stderr}")
        merged.append(files(out.name))
    check(merged[0] == merged[1], "which one is the version does not depend on the order")
    steps_of_one_side(work, work / "x/report.json")
    r = kdex("merge", work / "x", "--out", work / "x")
    check(r.returncode == 2 and "is the output folder, too" in r.stderr, f"itself: {r.stderr}")


def steps_of_one_side(work: pathlib.Path, report: pathlib.Path) -> None:
    """Where no step of a side could be run, its definitions are of another kind: that is told."""
    told = json.loads(report.read_text())
    step = {"mode": "decode", "status": "failed", "why": "model_runner:\nTypeError: no 'ps'"}
    for model in told["models"]:
        model["steps"] = [step]
    (work / "built.json").write_text(json.dumps(told))
    r = kdex("diff", work / "built.json", report)
    wanted = "! definitions are of what is built, no step ran: model_runner: TypeError: no 'ps'"
    check(wanted in r.stdout, r.stdout + r.stderr)
    for model in told["models"]:
        model["steps"] = [step, {**step, "status": "ok"}]
    (work / "ran.json").write_text(json.dumps(told))
    r = kdex("diff", work / "ran.json", report, "--exit-code")
    check(r.returncode == 0 and "no step ran" not in r.stdout, r.stdout)


def shards(work: pathlib.Path) -> None:
    """Four processes, one of them without a model, merged: the bytes of one process."""
    given = [x for s in (SGLANG, TRANSFORMERS) for x in ("--source", s)] + ["--forward", "false"]
    given += ["--checkpoint", work / "llama", "--tp", 1, 2, 3, "--page-size", 1, 64]
    r = kdex("extract", *given, "--out", work / "whole", "--quiet")
    check(r.returncode == 0, f"one process: {r.stderr[-300:]}")
    parts = [work / f"part-{i}" for i in range(1, 5)]
    models = []
    for i, part in enumerate(parts, 1):
        r = kdex("extract", *given, "--out", part, "--quiet", "--shard", f"{i}/4")
        check(r.returncode == 0, f"shard {i}: {r.returncode} {r.stderr[-300:]}")
        report = json.loads((part / "report.json").read_text())
        models.append([m["deployment"] for m in report["models"]])
    wanted = [[f"tp{tp} ps1", f"tp{tp} ps64"] for tp in (1, 2, 3)]  # three ranks are refused
    check(models == [*wanted, []], f"the models of each: {models}")
    r = kdex("merge", *reversed(parts), "--out", work / "merged")
    check(r.returncode == 0, f"merge: {r.returncode} {r.stdout}{r.stderr}")
    one, joined = (
        {p.relative_to(work / d): p.read_bytes() for p in (work / d).glob("definitions/*/*.json")}
        for d in ("whole", "merged")
    )
    check(len(one) > 8 and one == joined, f"the same bytes: {set(one) ^ set(joined)}")
    for wrong in ("0/4", "5/4", "2", "a/b", "1/4x"):
        r = kdex("extract", *given, "--out", work / "none", "--shard", wrong)
        check(r.returncode == 2 and "must be I/N with I from 1 to N" in r.stderr, r.stderr)


def documentation(work: pathlib.Path) -> None:
    """The commands of docs/sweeps.md."""
    text = (PROJECT / "docs/sweeps.md").read_text()
    commands = re.search(r"```sh\n(.*?)```", text, re.S)[1].splitlines()
    (work / "sweep.yaml").write_text(
        f"sources: {json.dumps([str(s) for s in SOURCES])}\ncheckpoints: [llama]\n"
        "tp: [1, 2]\nforward: false\n"
    )
    for command in commands:
        _, *words = shlex.split(command)
        r = subprocess.run([KDEX, *words], capture_output=True, text=True, cwd=work)
        check(r.returncode == 0, f"{command}: {r.returncode} {r.stderr}")
    check(len(commands) == 3 and any((work / "dataset").rglob("*.json")), "merged as documented")


def all_checks(work: pathlib.Path) -> None:
    (work / "llama").mkdir()
    (work / "llama/config.json").write_text(json.dumps(LLAMA))
    releases(work)
    merges(work)
    shards(work)
    documentation(work)


if __name__ == "__main__":
    sys.exit(status(all_checks))
