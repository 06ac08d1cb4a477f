"""Runs that are killed, and writers that meet: every file is whole at any moment, and the next run completes the
dataset to the same bytes.

usage: test_interrupted.py KDEX PROJECT [--kills N] [--pipeline FILE] [--seed N]

Without --pipeline one model's definitions are written; half of the kills fall between the start and the end of a
run, half into the time in which it writes.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import engine_sources

parser = argparse.ArgumentParser()
parser.add_argument("kdex")
parser.add_argument("project")
parser.add_argument("--kills", type=int, default=12)
parser.add_argument("--pipeline")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
KDEX, PROJECT = os.path.abspath(options.kdex), os.path.abspath(options.project)
SOURCES = engine_sources.folders(PROJECT)
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what, flush=True)


def start(pipeline, dataset, *more):
    return subprocess.Popen(
        [KDEX, "run", pipeline, "--set", f"output_dir={dataset}", *more],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def contents(dataset):
    """Path -> bytes of all that a run must make again: no reports, and no names of runs."""
    out = {}
    for folder, _, files in os.walk(dataset):
        for f in files:
            path = os.path.join(folder, f)
            with open(path, "rb") as data:
                out[os.path.relpath(path, dataset)] = data.read()
    for path in list(out):
        if path.startswith(".kdex/runs/"):
            del out[path]
        elif path.startswith(".kdex/") and path.endswith(".json"):
            out[path] = re.sub(
                rb'"(runs|run|written_by)": (\[[^]]*\]|"[^"]*")', rb'"\1": 0', out[path]
            )
    for timed in ("report.json", "report.html"):
        out.pop(timed, None)
    return out


def all_whole(dataset, what):
    for path, data in {**contents(dataset), "report.json": None}.items():
        if path.endswith(".json") and ".kdex-tmp-" not in path:
            try:
                if data is None:
                    if not os.path.exists(os.path.join(dataset, path)):
                        continue
                    with open(os.path.join(dataset, path), "rb") as f:
                        data = f.read()
                json.loads(data)
            except ValueError as e:
                check(False, f"{what}: {path} is not whole: {e}")


def known(dataset, what):
    """What a killed run left is known as kdex's, with the run and what it stands on."""
    found = []
    for folder, _, files in os.walk(os.path.join(dataset, "definitions")):
        found += [f[:-5] for f in files if f.endswith(".json") and not f.startswith(".")]
    if not found:
        return
    with open(os.path.join(dataset, ".kdex", "history.json")) as f:
        told = json.load(f)["definitions"]
    for name in found:
        run = told.get(name, {}).get("written_by")
        check(run, f"{what}: {name} counts as somebody else's")
        with open(os.path.join(dataset, ".kdex", "runs", f"{run}.json")) as f:
            check(json.load(f)["run"]["sources"], f"{what}: what run {run} stands on")


def same(dataset, wanted, what):
    have = contents(dataset)
    for path in sorted(set(have) | set(wanted)):
        check(
            have.get(path) == wanted.get(path),
            f"{what}: {path} "
            + (
                "is missing"
                if path not in have
                else "is left over"
                if path not in wanted
                else "differs"
            ),
        )
    r = subprocess.run([KDEX, "validate", dataset], capture_output=True, text=True)
    check(r.returncode == 0, f"{what}: {r.stdout[:500]}{r.stderr}")


def kills(work, pipeline):
    reference, dataset = os.path.join(work, "reference"), os.path.join(work, "killed")
    check(start(pipeline, reference).wait() == 0, "the run ends well")
    before = time.monotonic()
    check(start(pipeline, reference + "2").wait() == 0, "the run ends well again")
    length = time.monotonic() - before
    wanted = contents(reference)
    same(reference + "2", wanted, "two runs")
    chance = random.Random(options.seed)
    alive = 0
    for i in range(options.kills):
        if i % 4 == 0:
            shutil.rmtree(dataset, ignore_errors=True)
        run = start(pipeline, dataset)
        if i % 2:
            end = time.monotonic() + 3 * length
            had = sum(len(f) for _, _, f in os.walk(dataset))
            while (
                run.poll() is None
                and time.monotonic() < end
                and sum(len(f) for _, _, f in os.walk(dataset)) <= had + 2
            ):
                time.sleep(0.002)
            time.sleep(chance.random() * 0.15)
        else:
            time.sleep(chance.random() * length)
        if run.poll() is None:
            alive += 1
        run.send_signal(signal.SIGKILL)
        run.wait()
        all_whole(dataset, f"kill {i}")
        known(dataset, f"kill {i}")
        if i % 4 == 3 or i == options.kills - 1:
            check(start(pipeline, dataset).wait() == 0, f"the run after kill {i}")
            same(dataset, wanted, f"after kill {i}")
    print(
        f"{options.kills} kills, {alive} of them of a running process, in runs of {length:.1f} s",
        flush=True,
    )
    check(alive * 3 >= options.kills, "too few of the kills met a running process")


def writers(work, pipeline, others, name):
    """Four at once, of one or of several pipelines, over a dataset with a definition that all of them contradict."""
    dataset, reference = os.path.join(work, name), os.path.join(work, name + "-reference")
    for d in (dataset, reference):
        check(start(pipeline, d, "--families", "rmsnorm").wait() == 0, "the first run of " + name)
        shutil.rmtree(os.path.join(d, ".kdex"))
        os.remove(os.path.join(d, "report.json"))
        for folder, _, files in os.walk(os.path.join(d, "definitions")):
            for f in files:
                with open(os.path.join(folder, f), "r+") as file:
                    definition = json.load(file)
                    definition["constraints"] = ["1 == 1"]
                    file.seek(0)
                    file.truncate()
                    json.dump(definition, file, indent=2)
    for p in others:
        check(start(p, reference).wait() == 0, "one after the other: " + p)
    running = [start(others[i % len(others)], dataset) for i in range(4)]
    for i, r in enumerate(running):
        check(r.wait() == 0, f"{name}: writer {i} ended with {r.returncode}")
    all_whole(dataset, name)
    for p in others:
        check(start(p, dataset).wait() == 0, "the run after them")
    left, right = contents(dataset), contents(reference)
    for path in sorted(set(left) | set(right)):
        if path.startswith("definitions"):
            check(
                path in left and path in right,
                f"{name}: {path} is {'left over' if path in left else 'missing'}",
            )
    check(
        any("_v2" in p for p in left) and not any("_v3" in p for p in left),
        name + ": the contradicted definitions have one further version",
    )
    r = subprocess.run([KDEX, "validate", dataset], capture_output=True, text=True)
    check(r.returncode == 0, f"{name}: {r.stdout[:500]}")


def one_model(work, checkpoint, more=""):
    file = os.path.join(work, f"{checkpoint}.yaml")
    with open(file, "w") as f:
        f.write(
            f"sources: [{SOURCES[0]}, {SOURCES[1]}]\nfamilies: [rmsnorm, gemm, gqa]\nforward: false\ncheckpoints: [{PROJECT}/examples/checkpoints/{checkpoint}]\n{more}"
        )
    return file


def main():
    if engine_sources.missing(SOURCES):
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        llama = one_model(work, "meta-llama--Llama-3.1-8B")
        kills(work, options.pipeline or llama)
        writers(work, llama, [llama], "same")
        writers(
            work,
            llama,
            [
                llama,
                one_model(work, "meta-llama--Llama-3.1-70B", "deployments: [{tp: 1}, {tp: 8}]\n"),
            ],
            "different",
        )
    return 1 if failed else 0


sys.exit(main())
