"""Runs `kdex modules` and torch_harness.py for the same checkpoints and deployments and compares whole trees.

usage: sweep.py KDEX --python PYTHON --source DIR... [--engine-source DIR...] [--site DIR]... --out DIR
                [--deployments tp1,tp8ep8,tp8dpa8,...] [--engine-arg NAME=VALUE]... [--platform NAME] [--only kdex,torch,compare] CHECKPOINT...

CHECKPOINT is a folder with a config.json. PYTHON has torch and what SGLang imports; --engine-source names whole wheels
where --source has only their Python files. Compared: status, the words of a refusal, every module's path and class,
every parameter's name, shape and dtype, and every attribute that is a number, text or list of these on both sides.
Ends with 1 where something differs, or where kdex made an assumption.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INNER = ("internal", "limit")
# torch's own record keeping, and names that differ by design
SKIP = set("layer_name _prefix T_destination dump_patches call_super_init training".split())


def skipped(name):
    return name in SKIP or name.endswith(
        ("_hooks", "_hooks_with_kwargs", "_hooks_always_called", "_full_backward_hook")
    )


def deployment(text):
    out = {"tp": 1, "ep": 1, "attention_dp": 1}
    for name, n in re.findall(r"(tp|ep|dpa)(\d+)", text):
        out["attention_dp" if name == "dpa" else name] = int(n)
    return out


def plain(v):
    """An attribute in a form that both sides can give, or None where they cannot."""
    if isinstance(v, str) and ("unknown" in v or " object at 0x" in v or v.startswith("/")):
        return None
    if isinstance(v, float):
        return float(f"{v:.9g}")
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v[:64]]
    if isinstance(v, dict):
        return None if v.get("class") == "unknown" else v.get("class", "dict")
    return v


def norm(text):
    text = re.sub(r" object at 0x[0-9a-f]+", "", str(text))
    return re.sub(r"(/tmp|/work|/home|/model)[^\s'\",)]*", "PATH", text)


def compare(k, t, folder):
    """[difference], of kdex's tree and torch's."""
    out = []
    if k.get("assumptions"):
        out.append(f"assumptions: {k['assumptions'][:2]}")
    if k.get("status") != t.get("status") or k.get("status") != "ok":
        keys = ("status", "error_type", "error")
        a, b = ([norm(str(x.get(i, "")).replace(folder, "/model")) for i in keys] for x in (k, t))
        if a != b or k.get("stage") in INNER:
            out.append(
                f"kdex {k.get('status')} {k.get('stage')} {k.get('error_type')}: {str(k.get('error'))[:300]!r} @ {(k.get('where') or [''])[-1][:200]}"
            )
            out.append(
                f"torch {t.get('status')} {t.get('stage')} {t.get('error_type')}: {str(t.get('error'))[:300]!r} @ {(t.get('where') or [''])[-1][:200]}"
            )
        return out
    for n in ("architecture", "model_class", "hf_config_class", "quant_config_class", "dtype"):
        if (k.get(n) or None) != (t.get(n) or None):
            out.append(f"{n}: kdex {k.get(n)} torch {t.get(n)}")
    km, tm = k["modules"], t["modules"]
    a, b = [(m["path"], m["class"]) for m in km], [(m["path"], m["class"]) for m in tm]
    if a != b:
        missing, extra = (
            collections.Counter(b) - collections.Counter(a),
            collections.Counter(a) - collections.Counter(b),
        )
        out.append(
            f"tree: {len(a)} and {len(b)} modules; missing {sum(missing.values())} {list(missing)[:3]}, extra {sum(extra.values())} {list(extra)[:3]}"
            + ("" if missing or extra else ", the order")
        )
    by = {m["path"]: m for m in tm}
    groups = collections.Counter()
    example = {}
    for m in km:
        o = by.get(m["path"])
        if o is None or o["class"] != m["class"]:
            continue
        p = {n: [v[0], v[1]] for n, v in m["params"].items()}
        if p != o["params"]:
            g = (m["class"], "params")
            groups[g] += 1
            example.setdefault(g, f"{m['path']}: kdex {p} torch {o['params']}")
        for n in set(m["attrs"]) | set(o["attrs"]):
            if skipped(n):
                continue
            if (n in m["attrs"]) != (n in o["attrs"]):
                if plain(m["attrs"].get(n, o["attrs"].get(n))) in (None, [], "dict", ""):
                    continue
                g = (m["class"], n, "only " + ("kdex" if n in m["attrs"] else "torch"))
                groups[g] += 1
                example.setdefault(
                    g, f"{m['path']}: {str(m['attrs'].get(n, o['attrs'].get(n)))[:150]}"
                )
                continue
            x, y = plain(m["attrs"][n]), plain(o["attrs"][n])
            if x != y and norm(x) != norm(y) and "dict" not in (x, y):
                g = (m["class"], n)
                groups[g] += 1
                example.setdefault(
                    g,
                    f"{m['path']}: kdex {str(m['attrs'][n])[:200]} torch {str(o['attrs'][n])[:200]}",
                )
            if (
                isinstance(m["attrs"][n], str)
                and "unknown" in m["attrs"][n]
                and isinstance(o["attrs"][n], (int, float, bool))
            ):
                g = (m["class"], n, "unknown")
                groups[g] += 1
                example.setdefault(g, f"{m['path']}: kdex {m['attrs'][n]} torch {o['attrs'][n]}")
    for g, n in groups.items():
        out.append(f"{n}x {' '.join(map(str, g))}: {example[g]}")
    return out


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("kdex")
    ap.add_argument("--python", required=True)
    ap.add_argument("--source", action="append", required=True)
    ap.add_argument("--engine-source", action="append")
    ap.add_argument("--site", action="append", default=[])
    ap.add_argument("--out", required=True)
    ap.add_argument("--deployments", default="tp1")
    ap.add_argument("--engine-arg", action="append", default=[])
    ap.add_argument("--platform", default="h200")
    ap.add_argument("--only", default="kdex,torch,compare")
    ap.add_argument("--seconds", type=int, default=180)
    ap.add_argument("checkpoints", nargs="+")
    a = ap.parse_args()
    steps = a.only.split(",")
    given = dict(x.split("=", 1) for x in a.engine_arg)
    jobs = []
    for c in a.checkpoints:
        c = os.path.abspath(c)
        for d in a.deployments.split(","):
            name = (
                f"{os.path.basename(c)}__{d}"
                + ("" if a.platform == "h200" else "__" + a.platform)
                + "".join(f"__{k}={v}" for k, v in given.items())
            )
            jobs.append(
                {
                    "name": name.replace("/", "_"),
                    "checkpoint": c,
                    **deployment(d),
                    "platform": a.platform,
                    "engine_args": given,
                }
            )
    for side in ("kdex", "torch"):
        os.makedirs(os.path.join(a.out, side), exist_ok=True)
    listed = os.path.join(a.out, "jobs.json")
    with open(listed, "w") as f:
        json.dump(jobs, f)
    if "torch" in steps:
        command = [
            a.python,
            os.path.join(HERE, "torch_harness.py"),
            "--jobs",
            listed,
            "--out",
            os.path.join(a.out, "torch"),
            "--seconds",
            str(a.seconds),
        ]
        for s in a.engine_source or a.source:
            command += ["--source", s]
        for s in a.site:
            command += ["--site", s]
        with open(os.path.join(a.out, "torch.log"), "w") as log:
            subprocess.run(command, stdout=log, stderr=log)
    if "kdex" in steps:
        for j in jobs:
            command = [
                a.kdex,
                "modules",
                "--format",
                "json",
                "--checkpoint",
                j["checkpoint"],
                "--tp",
                str(j["tp"]),
                "--ep",
                str(j["ep"]),
                "--attention-dp",
                str(j["attention_dp"]),
                "--platform",
                a.platform,
            ]
            for s in a.source:
                command += ["--source", s]
            for x in a.engine_arg:
                command += ["--engine-arg", x]
            started = time.time()
            try:
                run = subprocess.run(command, capture_output=True, text=True, timeout=a.seconds)
                text = run.stdout or json.dumps({"status": "none", "error": run.stderr[-500:]})
            except subprocess.TimeoutExpired:
                text = json.dumps({"status": "none", "error": "timed out"})
            with open(os.path.join(a.out, "kdex", j["name"] + ".json"), "w") as f:
                f.write(text)
            j["seconds"] = time.time() - started
    if "compare" not in steps:
        return 0
    count = collections.Counter()
    for j in jobs:
        try:
            with (
                open(os.path.join(a.out, "kdex", j["name"] + ".json")) as f,
                open(os.path.join(a.out, "torch", j["name"] + ".json")) as g,
            ):
                k, t = json.load(f), json.load(g)
        except (OSError, ValueError) as e:
            print("ABSENT ", j["name"], e)
            count["absent"] += 1
            continue
        out = compare(k, t, j["checkpoint"])
        kind = "DIFFERS" if out else "built" if k["status"] == "ok" else "refused alike"
        count[kind] += 1
        if out:
            print("DIFFERS", j["name"], k.get("status"), len(k.get("modules", ())), "modules")
            for x in out[:12]:
                print("       ", x[:600])
        else:
            print(
                kind,
                j["name"],
                len(k.get("modules", ()))
                if k["status"] == "ok"
                else f"{k['error_type']}: {str(k['error'])[:100]!r}",
            )
    print(", ".join(f"{n} {k}" for k, n in sorted(count.items())))
    return 1 if count["DIFFERS"] or count["absent"] else 0


if __name__ == "__main__":
    sys.exit(main())
