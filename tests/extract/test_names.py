"""One name, one thing: the definitions of many deployments are the same bytes in any order of the
checkpoints and however the run is split, without a conflict, in both dialects.

usage: test_names.py KDEX PROJECT [--configs DIR...] [--layers N] [--most N] [--rounds N]
                     [--dialect NAME] [--keep DIR] [--forward]

Without --configs the checkpoints are two of examples/checkpoints; with it, all of the folders. Each
is taken as it is, without a dtype and in float16. With --forward the definitions are those that
steps launch, speculative ones among them. Status 77: skipped.
"""

import argparse
import itertools
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import engine_sources

PLAIN = [{"tp": 1}, {"tp": 2}, {"tp": 8}, {"tp": 8, "ep": 8}, {"tp": 8, "attention_dp": 8}]
ARGUED = [
    {"tp": 1, "engine_args": {"dtype": "float16"}},
    {"tp": 1, "engine_args": {"quantization": "fp8"}},
    {"tp": 4, "engine_args": {"kv_cache_dtype": "fp8_e4m3"}},
]

# Speculation by heads of the target's own; refused where there are none.
SPECULATIVE = [{"tp": 8, "engine_args": {"speculative_algorithm": "EAGLE"}}]


def shorten(config: dict, layers: int) -> None:
    """Leaves the first layers, and as many entries of lists with one for each layer."""
    count = config.get("num_hidden_layers")
    if isinstance(count, int) and count > layers:
        for key, value in config.items():
            if isinstance(value, list) and len(value) == count:
                config[key] = value[:layers]
        config["num_hidden_layers"] = layers
    for part in ("text_config", "llm_config", "thinker_config"):
        if isinstance(config.get(part), dict):
            shorten(config[part], layers)


def variants(folder: pathlib.Path, to: pathlib.Path, layers: int | None) -> list[pathlib.Path]:
    """The checkpoint as it is, without a dtype, and in float16: folders with a config.json."""
    if layers:
        copy = to / folder.name
        shutil.copytree(folder, copy)
        config = json.loads((folder / "config.json").read_text())
        shorten(config, layers)
        (copy / "config.json").write_text(json.dumps(config))
        folder = copy
    config = json.loads((folder / "config.json").read_text())
    bare = {k: v for k, v in config.items() if k not in ("dtype", "torch_dtype")}
    out = [folder]
    for suffix, changed in (("-nodtype", bare), ("-float16", {**bare, "torch_dtype": "float16"})):
        copy = to / (folder.name + suffix)
        shutil.copytree(folder, copy)
        (copy / "config.json").write_text(json.dumps(changed))
        out.append(copy)
    return out


def pipeline(jobs: list, sources: list, dialect: str, forward: bool, out: pathlib.Path) -> str:
    """A pipeline file (YAML is a superset of JSON) of checkpoints with their deployments."""
    grouped = {}
    for checkpoint, deployment in jobs:
        grouped.setdefault(checkpoint, []).append(deployment)
    return json.dumps(
        {
            "sources": [str(s) for s in sources],
            "output_dir": str(out),
            "dialect": dialect,
            "gemm_at_tp": True,
            "forward": forward,  # without: all forms, and none of those that only calls tell
            "page_sizes": [1, 64],
            "max_seconds": 3600,  # a busy machine must not refuse a model in one run only
            "checkpoints": [{"path": str(c), "deployments": d} for c, d in grouped.items()],
        }
    )


class Runs:
    def __init__(
        self, kdex: pathlib.Path, sources: list, dialect: str, forward: bool, work: pathlib.Path
    ):
        self.kdex, self.sources, self.dialect, self.work = kdex, sources, dialect, work
        self.forward, self.failed = forward, 0

    def check(self, ok: bool, what: str) -> None:
        if not ok:
            self.failed += 1
            print(f"FAILED: {self.dialect}: {what}")

    def run(self, jobs: list, name: str) -> pathlib.Path:
        """Runs kdex over the jobs, into the dataset of this name."""
        out = self.work / f"{self.dialect}-{name}"
        file = self.work / "pipeline.yaml"
        file.write_text(pipeline(jobs, self.sources, self.dialect, self.forward, out))
        r = subprocess.run([self.kdex, "run", file], capture_output=True, text=True)
        self.check(r.returncode in (0, 1), f"{name}: status {r.returncode}: {r.stderr[-500:]}")
        report = json.loads((out / "report.json").read_text())
        conflicts = report["conflicts"]
        self.check(not conflicts, f"{name}: {len(conflicts)} conflicts: {conflicts[:3]}")
        self.check(not report["invalid_definitions"], f"{name}: {report['invalid_definitions']}")
        return out

    def same(self, a: pathlib.Path, b: pathlib.Path, what: str) -> None:
        x, y = definitions(a), definitions(b)
        self.check(set(x) == set(y), f"{what}: only in one: {sorted(set(x) ^ set(y))[:5]}")
        other = [n for n in x if n in y and x[n] != y[n]]
        self.check(not other, f"{what}: {len(other)} files differ: {other[:5]}")
        shared = [report_of(d)["shared_across_models"] for d in (a, b)]
        self.check(shared[0] == shared[1], f"{what}: shared_across_models differs")
        for of in (history_of, lambda dataset: report_of(dataset)["history"]):
            models = [{n: d["models"] for n, d in of(d)["definitions"].items()} for d in (a, b)]
            self.check(models[0] == models[1], f"{what}: the models of the history differ")


def definitions(dataset: pathlib.Path) -> dict[str, bytes]:
    folder = dataset / "definitions"
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.json")}


def report_of(dataset: pathlib.Path) -> dict:
    return json.loads((dataset / "report.json").read_text())


def history_of(dataset: pathlib.Path) -> dict:
    return json.loads((dataset / ".kdex/history.json").read_text())


def compare(runs: Runs, jobs: list, rounds: int, chance: random.Random) -> str:
    """One run; `rounds` in shuffled order; split in three; what was met."""
    one = runs.run(jobs, "one")
    for turn in range(rounds):
        chance.shuffle(jobs)
        runs.same(one, runs.run(jobs, f"shuffled{turn}"), f"shuffled {turn}")
    chance.shuffle(jobs)
    for part in range(3):
        last = runs.run(jobs[part::3], "split")
    runs.same(one, last, "split in three")
    runs.check(len(history_of(last)["runs"]) == 3, "the history has three runs")
    models = report_of(one)["models"]
    served = sum(m["status"] == "ok" for m in models)
    return f"{len(models)} deployments ({served} served), {len(definitions(one))} definitions"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kdex", type=pathlib.Path)
    parser.add_argument("project", type=pathlib.Path)
    parser.add_argument("--configs", type=pathlib.Path, nargs="+", default=[])
    parser.add_argument("--layers", type=int, help="of each model at most: many in little time")
    parser.add_argument("--most", type=int, help="this many deployments, chosen at random")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dialect", choices=("official", "fi_trace"))
    parser.add_argument("--forward", action="store_true", help="definitions of launches")
    parser.add_argument("--keep", type=pathlib.Path, help="work there and leave the datasets")
    args = parser.parse_args()
    args.project = args.project.resolve()
    sources = engine_sources.folders(args.project)
    if engine_sources.missing(sources):
        return 77
    missing = [c for c in args.configs if not c.is_dir()]
    if missing:
        print(f"skipped: there is no folder {missing[0]}")
        return 77
    examples = args.project / "examples/checkpoints"
    folders = [examples / n for n in ("Qwen--Qwen3-30B-A3B-FP8", "meta-llama--Llama-3.2-3B")]
    deployments = PLAIN[:1] + PLAIN[3:4] + ARGUED[2:]
    if args.configs:
        folders = sorted(f.parent for c in args.configs for f in c.glob("*/config.json"))
        deployments = PLAIN + ARGUED + (SPECULATIVE if args.forward else [])
    with tempfile.TemporaryDirectory() as folder:
        work = args.keep or pathlib.Path(folder)
        copies = pathlib.Path(folder) / "checkpoints"
        copies.mkdir()
        checkpoints = list(
            itertools.chain(*(variants(f.resolve(), copies, args.layers) for f in folders))
        )
        failed = 0
        for dialect in [args.dialect] if args.dialect else ["official", "fi_trace"]:
            runs = Runs(args.kdex, sources, dialect, args.forward, work)
            jobs = list(itertools.product(checkpoints, deployments))
            chance = random.Random(5)
            if args.most:
                jobs = chance.sample(jobs, min(args.most, len(jobs)))
            print(f"{dialect}: {compare(runs, jobs, args.rounds, chance)}", flush=True)
            failed += runs.failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
