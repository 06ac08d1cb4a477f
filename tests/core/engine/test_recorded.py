"""Module trees against what SGLang 0.5.23's constructors built on torch's meta device, recorded by torch_harness.py.

usage: test_recorded.py KDEX ROOT          runs kdex for every entry of recorded.json; skips without .kdex/sources
       test_recorded.py --record DIR NAME...   writes recorded.json from a sweep's folder (sweep.py --out DIR)

An entry holds the configuration, the deployment and, of the engine's tree, the number of modules and the SHA-256 of
[path, class, {parameter: [shape, dtype]}] of all of them in order; of a refusal its type and words.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "extract"))
import engine_sources  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "recorded.json")
SKIPPED = 77


def facts(tree):
    if tree["status"] != "ok":
        return {"error_type": tree["error_type"], "error": tree["error"]}
    rows = [
        [m["path"], m["class"], {n: [v[0], v[1]] for n, v in sorted(m["params"].items())}]
        for m in tree["modules"]
    ]
    return {"modules": len(rows), "sha256": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}


def record(folder, names):
    with open(os.path.join(folder, "jobs.json")) as f:
        jobs = {j["name"]: j for j in json.load(f)}
    entries = {}
    if os.path.exists(RECORDED):
        with open(RECORDED) as f:
            entries = json.load(f)
    for name in names:
        job = jobs[name]
        with open(os.path.join(folder, "torch", name + ".json")) as f:
            tree = json.load(f)
        with open(os.path.join(job["checkpoint"], "config.json")) as f:
            config = json.load(f)
        given = {k: job[k] for k in ("tp", "ep", "attention_dp", "platform", "engine_args")}
        entries[name] = {"config": config, "deployment": given, "engine": facts(tree)}
    with open(RECORDED, "w") as f:
        f.write(
            "{\n"
            + ",\n".join(f"{json.dumps(k)}: {json.dumps(entries[k])}" for k in sorted(entries))
            + "\n}\n"
        )


def main():
    if sys.argv[1] == "--record":
        record(sys.argv[2], sys.argv[3:])
        return 0
    kdex, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    sources = engine_sources.folders(root)
    if engine_sources.missing(sources):
        return SKIPPED
    with open(RECORDED) as f:
        entries = json.load(f)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, e in entries.items():
            at = os.path.join(folder, name.split("__")[0])
            os.makedirs(at, exist_ok=True)
            with open(os.path.join(at, "config.json"), "w") as f:
                json.dump(e["config"], f)
            d = e["deployment"]
            command = [
                kdex,
                "modules",
                "--format",
                "json",
                "--checkpoint",
                at,
                "--tp",
                str(d["tp"]),
                "--ep",
                str(d["ep"]),
                "--attention-dp",
                str(d["attention_dp"]),
                "--platform",
                d["platform"],
            ]
            command += engine_sources.options(sources)
            for k, v in d["engine_args"].items():
                command += ["--engine-arg", f"{k}={v}"]
            run = subprocess.run(command, capture_output=True, text=True, timeout=300)
            try:
                tree = json.loads(run.stdout)
                got = facts(tree)
            except (ValueError, KeyError):
                tree, got = {}, run.stderr[-300:] or run.stdout[:300]
            if got != e["engine"] or tree.get("assumptions"):
                bad += 1
                print(
                    f"{name}: the engine gave {e['engine']}, kdex {got} {tree.get('assumptions')} {tree.get('error', '')}"
                )
    print(f"{len(entries) - bad} of {len(entries)} trees equal the engine's")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
