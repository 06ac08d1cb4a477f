"""Runs every result of the oracle through the harness and prints a table of differences.

usage: compare_oracle.py [--oracle DIR] [--configs DIR] --source DIR... [--out DIR] [--shard I/N] [NAME...]

NAME is a part of result names. Each run is a process forked from one that has imported the engine
for that platform. Skips with a message where the oracle is missing.
"""

import argparse
import io
import json
import os
import re
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "..", "shared")
sys.path.insert(0, HERE)


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--oracle", default=os.path.join(SHARED, "oracle"))
    ap.add_argument("--configs", default=os.path.join(SHARED, "configs"))
    ap.add_argument("--source", action="append", required=True)
    ap.add_argument("--out")
    ap.add_argument("--shard", default="0/1")
    ap.add_argument("--seconds", type=int, default=60)
    ap.add_argument("--max", type=int, default=6)
    ap.add_argument("names", nargs="*")
    a = ap.parse_args()
    if not os.path.isdir(os.path.join(a.oracle, "results")):
        print("skipped: no oracle at", a.oracle)
        return 0
    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "oracle_compare", os.path.join(a.oracle, "compare.py")
    )
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    import cpython_harness as harness

    results = os.path.join(a.oracle, "results")
    names = sorted(n[:-5] for n in os.listdir(results) if n.endswith(".json"))
    names = [n for n in names if not a.names or any(x in n for x in a.names)]
    index, count = map(int, a.shard.split("/"))
    configs = sorted({n.split("__")[0] for n in names})
    mine = set(configs[index::count])
    names = [n for n in names if n.split("__")[0] in mine]
    by_platform = {}
    for n in names:
        m = re.search(r"__tp\d+_ep\d+(?:_dpa\d+)?__(\w+)$", n)
        by_platform.setdefault(m[1] if m else "h200", []).append(n)
    for platform, runs in by_platform.items():
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            continue
        driver = harness.install(a.source)
        driver.prepare(platform)
        for n in runs:
            oracle = json.load(open(os.path.join(results, n + ".json")))
            started = time.time()
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                sys.stdout.flush()
                continue
            signal.alarm(a.seconds)
            try:
                given = oracle["server_args_input"]
                request = {
                    "checkpoint": os.path.join(os.path.abspath(a.configs), n.split("__")[0]),
                    "tp": oracle["tp"],
                    "ep": oracle["ep"],
                    "attention_dp": oracle.get("dp_attention") or 1,
                    "page_size": None,
                    "platform": platform,
                    "architectures": harness.models,
                    "engine_args": {
                        k: v for k, v in given.items() if k in ("model_impl", "is_embedding")
                    },
                }
                with open(os.path.join(request["checkpoint"], "config.json")) as f:
                    written = json.load(f).get("architectures")
                if oracle.get("hf_architectures") and oracle["hf_architectures"] != written:
                    # a draft head's own architecture, given over the config that it shares with its target
                    request["engine_args"]["json_model_override_args"] = json.dumps(
                        {"architectures": oracle["hf_architectures"]}
                    )
                result = driver.build(request)
                got = harness.to_json(result)
                line, out = None, []
                if oracle["status"] == "ok":
                    ok, line, out = compare.compare(oracle, got, a.max)
                    for k in ("hf_config_class", "quant_config_class", "architecture"):
                        if got.get(k) != oracle.get(k) and got.get("status") == "ok":
                            ok, out = False, out + [f"{k} wanted {oracle.get(k)} got {got.get(k)}"]
                    have = got.get("resolved", {})
                    for k, v in oracle.get("resolved", {}).items():
                        if k in have and have[k] != v and got.get("status") == "ok":
                            out = out + [f"resolved {k} wanted {v} got {have[k]}"]
                else:
                    keys = ("stage", "error_type", "error", "where")
                    ok = all(got.get(k) == oracle.get(k) for k in keys[:3])
                    line = f"refused at {oracle['stage']}"
                    out = [
                        f"{k} wanted {oracle.get(k)!r} got {got.get(k)!r}"
                        for k in keys
                        if got.get(k) != oracle.get(k)
                    ]
                if not ok and result.get("exception") is not None:
                    text = io.StringIO()
                    traceback.print_exception(result["exception"], file=text)
                    out += text.getvalue().splitlines()[-7:]
                print("EQUAL  " if ok else "DIFFERS", n, line, f"{time.time() - started:.1f} s")
                for x in out:
                    print("      ", x[:400])
                if a.out:
                    os.makedirs(a.out, exist_ok=True)
                    with open(os.path.join(a.out, n + ".json"), "w") as f:
                        json.dump(got, f, default=str)
            except BaseException:
                print("DIFFERS", n, "harness failed")
                print("      ", "\n       ".join(traceback.format_exc().splitlines()[-9:]))
            sys.stdout.flush()
            os._exit(0)
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
