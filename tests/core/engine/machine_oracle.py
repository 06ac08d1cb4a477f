"""Runs `kdex modules` for every result of the oracle and prints a table of differences.

usage: machine_oracle.py KDEX --source DIR... [--engine NAME] [--oracle DIR] [--configs DIR] [--out DIR] [--shard I/N] [--max N] [NAME...]

--engine: which engine's results (their folder below --oracle, its sources must be among --source). NAME is a part of result names. Ends with 1 where a result differs; skips with a message where the oracle is missing.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "..", "shared")


KEPT = 1500  # characters of an error's text that a record may keep


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("kdex")
    ap.add_argument("--source", action="append", required=True)
    ap.add_argument("--engine", default="")
    ap.add_argument("--oracle", default=os.path.join(SHARED, "oracle"))
    ap.add_argument("--configs", default=os.path.join(SHARED, "configs"))
    ap.add_argument("--out", default="/tmp/kdex-machine-oracle")
    ap.add_argument("--shard", default="0/1")
    ap.add_argument("--seconds", type=int, default=180)
    ap.add_argument("--max", type=int, default=6)
    ap.add_argument("names", nargs="*")
    a = ap.parse_intermixed_args()
    if a.engine and os.path.isdir(os.path.join(a.oracle, a.engine)):
        a.oracle = os.path.join(a.oracle, a.engine)
    results = os.path.join(a.oracle, "results")
    if not os.path.isdir(results):
        print("skipped: no oracle at", a.oracle)
        return 0
    spec = importlib.util.spec_from_file_location(
        "oracle_compare", os.path.join(a.oracle, "compare.py")
    )
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    os.makedirs(a.out, exist_ok=True)
    names = sorted(n[:-5] for n in os.listdir(results) if n.endswith(".json"))
    names = [n for n in names if not a.names or any(x in n for x in a.names)]
    index, count = map(int, a.shard.split("/"))
    equal = differ = 0
    times = []
    for n in names[index::count]:
        with open(os.path.join(results, n + ".json")) as f:
            oracle = json.load(f)
        m = re.search(r"__tp\d+_ep\d+(?:_dpa?\d+)?__(\w+)$", n)
        config = os.path.join(a.configs, n.split("__")[0])
        command = [
            a.kdex,
            "modules",
            "--format",
            "json",
            "--checkpoint",
            config,
            "--tp",
            str(oracle["tp"]),
            "--ep",
            str(oracle["ep"]),
        ]
        for s in a.source:
            command += ["--source", s]
        if a.engine:
            command += ["--engine", a.engine]
        data_parallel = oracle.get("dp_attention") or oracle.get("dp") or 1
        if data_parallel > 1:
            command += ["--attention-dp", str(data_parallel)]
        if m:
            command += ["--platform", m[1]]
        for k, v in oracle["server_args_input"].items():
            if k in ("model_impl", "is_embedding"):
                command += ["--engine-arg", f"{k}={str(v).lower()}"]
        with open(os.path.join(config, "config.json")) as f:
            written = json.load(f).get("architectures")
        if (
            not a.engine
            and oracle.get("hf_architectures")
            and oracle["hf_architectures"] != written
        ):
            command += [
                "--engine-arg",
                "json_model_override_args="
                + json.dumps({"architectures": oracle["hf_architectures"]}),
            ]
        started = time.time()
        out = []
        try:
            run = subprocess.run(command, capture_output=True, timeout=a.seconds)
            text = run.stdout.decode(errors="replace")
            with open(os.path.join(a.out, n + ".json"), "w") as f:
                f.write(text)
            got = json.loads(text)
            if oracle["status"] == "ok":
                same, line, out = compare.compare(oracle, got, a.max)
                if got.get("status") != "ok":
                    line = f"{got.get('stage')}: {got.get('error_type')}: {str(got.get('error'))[:300]}"
                    out = got.get("where", [])[-a.max :]
                for k in ("hf_config_class", "quant_config_class"):
                    if same and (got.get(k) or None) != oracle.get(k):
                        same, out = False, out + [f"{k} wanted {oracle.get(k)} got {got.get(k)}"]
                for k, v in oracle["resolved"].items():
                    if (
                        k in got.get("resolved", {})
                        and got["resolved"][k] != v
                        and k != "trust_remote_code"
                    ):
                        same, out = (
                            False,
                            out + [f"resolved {k} wanted {v} got {got['resolved'][k]}"],
                        )
            else:
                keys = ("stage", "error_type", "error")
                if len(oracle.get("error") or "") == KEPT:
                    got["error"] = (got.get("error") or "")[:KEPT]
                same = all(got.get(k) == oracle.get(k) for k in keys)
                line = f"refused at {oracle['stage']}"
                out = [
                    f"{k} wanted {oracle.get(k)!r} got {got.get(k)!r}"
                    for k in keys
                    if got.get(k) != oracle.get(k)
                ]
                if not same:
                    out += got.get("where", [])[-a.max :]
        except subprocess.TimeoutExpired:
            same, line = False, "timed out"
        except ValueError:
            same, line = False, f"no JSON, status {run.returncode}"
            out = run.stderr.decode(errors="replace").splitlines()[-4:] + text.splitlines()[-2:]
        took = time.time() - started
        times.append(took)
        equal, differ = equal + bool(same), differ + (not same)
        print("EQUAL  " if same else "DIFFERS", n, line, f"{took:.1f} s")
        for x in out:
            print("      ", str(x)[:400])
        sys.stdout.flush()
    times.sort()
    if times:
        print(
            f"{equal} equal, {differ} differ; seconds: median {times[len(times) // 2]:.2f}, longest {times[-1]:.2f}"
        )
    return 0 if not differ else 1


if __name__ == "__main__":
    sys.exit(main())
