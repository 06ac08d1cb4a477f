"""Runs into one dataset: what a report says that it stands on, what definitions gain from a second
run, which conflicts are named, and which runs are refused.

usage: test_runs.py KDEX PROJECT. Status 77: skipped.
"""

import json
import pathlib
import subprocess
import sys

from whole_run import KDEX, PROJECT, SOURCES, check, status

SGLANG, TRANSFORMERS = SOURCES


def extract(dataset: pathlib.Path, model: str, *arguments: str, sources=(SGLANG, TRANSFORMERS)):
    command = [KDEX, "extract", "--checkpoint", PROJECT / "examples/checkpoints" / model]
    command += [x for s in sources for x in ("--source", s)] + ["--out", dataset]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=PROJECT)


def report(dataset: pathlib.Path) -> dict:
    return json.loads((dataset / "report.json").read_text())


def origins(dataset: pathlib.Path, name: str) -> dict:
    return json.loads((dataset / f".kdex/origins/{name}.json").read_text())


def change(dataset: pathlib.Path, name: str, edit) -> None:
    (file,) = (dataset / "definitions").glob(f"*/{name}.json")
    definition = json.loads(file.read_text())
    edit(definition)
    file.write_text(json.dumps(definition, indent=2) + "\n")


def stands_on(dataset: pathlib.Path) -> None:
    r = extract(dataset, "meta-llama--Llama-3.1-8B", "--tp", "8", "--page-size", "1")
    check(r.returncode == 0, f"first run: {r.stderr[-300:]}")
    run = report(dataset)["run"]
    version = subprocess.run([KDEX, "--version"], capture_output=True, text=True).stdout.split()[1]
    check(run["kdex"] == version, f"kdex {run['kdex']}, not {version}")
    told = {s["package"]: s for s in run["sources"]}
    for name, folder, wanted in (
        ("sglang", SGLANG, "0.5.23"),
        ("transformers", TRANSFORMERS, "5.19.0"),
    ):
        s = told[name]
        check((s["version"], s["given"]) == (wanted, str(folder)), f"source {s}")
        check(len(s["sha256"]) == 64 and s["files"] > 1000, f"digest of {s}")
    pipeline = run["pipeline"]
    check(pipeline["dialect"] == "official" and pipeline["add_tags"] is True, "the dialect")
    (deployment,) = pipeline["checkpoints"][0]["deployments"]
    check((deployment["tp"], deployment["page_size"]) == (8, 1), f"deployment {deployment}")
    stages = [s["name"] for s in pipeline["stages"]]
    check(
        stages == ["extract", "calls", "match", "deduplicate", "save", "report"], f"stages {stages}"
    )
    check("gemm" in [f["name"] for f in pipeline["families"]], "the families")
    check(run["platforms"]["h200"]["capability"] == [9, 0], "the platform's facts")
    kept = json.loads((dataset / f".kdex/runs/{run['id']}.json").read_text())
    check(kept == report(dataset), "the report is kept in .kdex/runs")
    page = (dataset / "report.html").read_text()
    for text in (run["id"], told["sglang"]["sha256"], str(TRANSFORMERS)):
        check(text in page, f"{text} in report.html")


def adds_up(dataset: pathlib.Path) -> None:
    first = report(dataset)["run"]["id"]
    name = "gqa_paged_decode_h4_kv1_d128_ps1"
    r = extract(dataset, "Qwen--Qwen3-30B-A3B", "--tp", "8", "--page-size", "1")
    check(r.returncode == 0, f"second run: {r.stderr[-300:]}")
    second = report(dataset)
    both = ["Qwen/Qwen3-30B-A3B", "meta-llama/Llama-3.1-8B"]
    check(second["shared_across_models"].get(name) == both, "shared with the run before")
    (row,) = (d for d in second["definitions"] if d["name"] == name)
    check(row["status"] == "existing" and len(row["models"]) == 2, f"its row: {row}")
    (file,) = (dataset / "definitions").glob(f"*/{name}.json")
    tags = [t for t in json.loads(file.read_text())["tags"] if t.startswith("model:")]
    check(tags == ["model:llama-3.1-8b", "model:qwen3-30b-a3b"], f"its tags: {tags}")
    told = origins(dataset, name)
    check((told["written_by"], told["run"]) == (first, second["run"]["id"]), "its origins' runs")
    history = json.loads((dataset / ".kdex/history.json").read_text())
    check(history["runs"] == [first, second["run"]["id"]], "the history's runs")
    told = second["history"]
    check(told["runs"] == history["runs"], f"the report's runs: {told['runs']}")
    check(told["definitions"] == history["definitions"], "the report holds what all runs wrote")
    check(told["definitions"][name]["models"] == row["models"], f"{told['definitions'][name]}")
    models = {m for d in told["definitions"].values() for m in d["models"]}
    check(len(models) == 2, f"models of both runs: {models}")
    r = subprocess.run(
        [KDEX, "explain", name, "--dataset", dataset], capture_output=True, text=True
    )
    check(f"written by run {first}, found again by run" in r.stdout, f"explain: {r.stdout[:300]}")


def names_differences(dataset: pathlib.Path) -> None:
    change(dataset, "gemm_n6144_k4096", lambda d: d["axes"]["N"].update(value=6145))
    change(
        dataset,
        "rmsnorm_h4096",
        lambda d: d.update(reference=d["reference"].replace("def run", "x = 1\n\n\ndef run", 1)),
    )
    r = extract(dataset, "meta-llama--Llama-3.1-8B", "--tp", "8", "--page-size", "1")
    check(r.returncode == 0, f"conflicts: {r.stderr[-300:]}")
    conflicts = {c["name"]: c for c in report(dataset)["conflicts"]}
    check(sorted(conflicts) == ["gemm_n6144_k4096", "rmsnorm_h4096"], f"{sorted(conflicts)}")
    wanted = [{"part": "axes", "name": "N", "dataset": "6145", "found": "6144"}]
    check(conflicts["gemm_n6144_k4096"]["differences"] == wanted, f"{conflicts}")
    (line,) = conflicts["rmsnorm_h4096"]["differences"]
    check((line["part"], line["dataset"]) == ("reference", "x = 1"), f"the reference: {line}")
    check("axes.N: 6145 in the dataset, 6144 found" in r.stdout, "the table names both values")
    written = {p.stem for p in (dataset / "definitions").rglob("*_v2.json")}
    check(written == {"gemm_n6144_k4096_v2", "rmsnorm_h4096_v2"}, f"versions {written}")


def refuses(dataset: pathlib.Path) -> None:
    r = extract(dataset, "meta-llama--Llama-3.1-8B", "--dialect", "fi_trace")
    words = "holds definitions of the dialect 'official'"
    check(r.returncode == 2 and words in r.stderr, f"another dialect: {r.stderr[-300:]}")


def tells_two_places(dataset: pathlib.Path) -> None:
    r = extract(dataset, "meta-llama--Llama-3.2-3B", sources=(SGLANG,))
    (line,) = [w for w in report(dataset)["warnings"] if "transformers" in w]
    words = (
        "the sources that were given have no package transformers: version 5.19.0 was taken from"
    )
    check(line.startswith(words) and line in r.stdout, f"two places: {line}")


def all_checks(work: pathlib.Path) -> None:
    dataset = work / "dataset"
    stands_on(dataset)
    adds_up(dataset)
    names_differences(dataset)
    refuses(dataset)
    tells_two_places(work / "other")


if __name__ == "__main__":
    sys.exit(status(all_checks))
