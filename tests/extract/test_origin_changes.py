"""Origins that are true, tried: with another value of a configuration's field (or of tp), each axis becomes what its
chain gives with that value, and an axis whose chain does not hold the field stays.

usage: test_origin_changes.py KDEX PROJECT [--configs FOLDER...] [--tp N] [--layers N] [--fields NAME...]
                              [--show N]

Without --configs two of examples/checkpoints with a few of their fields; with it, every integer field. The first
value is taken that the engine builds with: twice, half, then a little more. Skips (77) without sources.
"""

import argparse
import collections
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from test_names import shorten
from test_origins import Chain

SKIPPED = 77
EXAMPLES = {
    "meta-llama--Llama-3.2-3B": ["hidden_size", "num_key_value_heads", "intermediate_size"],
    "deepseek-ai--DeepSeek-V3": ["kv_lora_rank", "moe_intermediate_size"],
}
# Identifiers, and what the copy with few layers was made of.
LEFT_OUT = re.compile(r"(_token_id|layers)$")
PARTS_LEFT_OUT = ("quantization_config", "vision_config", "audio_config", "rope_scaling")


class Changed(Chain):
    """A chain in which one field, or one setting of the deployment, has another value."""

    def __init__(self, told, kind, name, before, after):
        super().__init__(told)
        self.kind, self.name, self.before, self.after = kind, name, before, after

    def compute(self, o):
        if (o["kind"], o.get("text"), o.get("value")) == (self.kind, self.name, self.before):
            return self.after
        if o["kind"] == "deployment" and o.get("inputs"):
            return self.of(o["inputs"][0])  # a setting that the engine made of others
        return super().compute(o)


def fields(config, prefix=""):
    """(dotted name, value) of each integer."""
    for key, value in config.items():
        if isinstance(value, dict) and key not in PARTS_LEFT_OUT:
            yield from fields(value, prefix + key + ".")
        elif isinstance(value, int) and not isinstance(value, bool) and value > 0:
            if not LEFT_OUT.search(key):
                yield prefix + key, value


def with_field(config, name, value):
    config = copy.deepcopy(config)
    *parts, last = name.split(".")
    part = config
    for p in parts:
        part = part[p]
    part[last] = value
    return config


def place(told):
    """What tells a definition of one run from the others: its modules, and its name without numbers."""
    return told["what"], re.sub(r"\d+(\.\d+)?", "#", told["definition"])


class Model:
    def __init__(self, kdex, folder, layers, tp, work):
        self.kdex, self.folder, self.tp, self.work = kdex, folder, tp, work
        with open(os.path.join(folder, "config.json")) as f:
            self.config = json.load(f)
        shorten(self.config, layers)
        self.runs = self.tried = 0
        self.wrong = []

    def run(self, config, tp):
        """The origins of a run with this configuration; [] where nothing was written."""
        self.runs += 1
        folder, out = (os.path.join(self.work, f"{n}{self.runs}") for n in ("model", "out"))
        shutil.copytree(self.folder, folder)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump(config, f)
        subprocess.run(
            [self.kdex, "extract", "--checkpoint", folder, "--tp", str(tp), "--out", out],
            capture_output=True,
        )
        told = []
        for file in sorted(glob.glob(os.path.join(out, ".kdex", "origins", "*.json"))):
            with open(file) as f:
                told.append(json.load(f))
        shutil.rmtree(folder)
        shutil.rmtree(out, ignore_errors=True)
        return told

    def changed(self, kind, name, value):
        """(another value, the run with it), or (None, []) where the engine takes none."""
        for other in (2 * value, value // 2, value + 64, value + 128, value + 8, value + 1):
            if other > 0 and other != value:
                config = with_field(self.config, name, other) if kind == "config" else self.config
                told = self.run(config, other if kind == "deployment" else self.tp)
                if told:
                    return other, told
        return None, []

    def try_one(self, base, kind, name, value):
        other, told = self.changed(kind, name, value)
        now = collections.defaultdict(list)
        for t in told:
            now[place(t)].append(t["axes"])
        for t in base:
            for axis, a in t["axes"].items():
                got = {axes[axis]["value"] for axes in now[place(t)] if axis in axes}
                # what a form makes of another axis is that axis' matter
                if not got or t["origins"][a["origin"]]["kind"] in ("unknown", "form"):
                    continue
                self.tried += 1
                wanted = Changed(t, kind, name, value, other).of(a["origin"])
                if wanted not in got:
                    self.wrong.append(
                        f"{t['what']} {t['definition']} {axis} = {a['value']}: {name} {value} -> "
                        f"{other} makes it {sorted(got)}, the chain says {wanted}"
                    )

    def try_all(self, chosen):
        base = self.run(self.config, self.tp)
        for name, value in fields(self.config):
            if not chosen or name in chosen:
                self.try_one(base, "config", name, value)
        self.try_one(base, "deployment", "tp", self.tp)
        return len(base)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("kdex")
    p.add_argument("project")
    p.add_argument("--configs", nargs="+", default=[])
    p.add_argument("--tp", type=int, default=4)
    p.add_argument("--layers", type=int, default=4)
    p.add_argument("--fields", nargs="+", default=[])
    p.add_argument("--show", type=int, default=20)
    a = p.parse_args()
    if not glob.glob(os.path.join(a.project, ".kdex", "sources", "sglang*")):
        print("skipped: no sources (scripts/fetch-sources.sh)")
        return SKIPPED
    examples = os.path.join(a.project, "examples", "checkpoints")
    todo = [(f, a.fields) for f in a.configs]
    todo = todo or [(os.path.join(examples, n), f) for n, f in EXAMPLES.items()]
    failed = 0
    for folder, chosen in todo:
        with tempfile.TemporaryDirectory() as work:
            model = Model(os.path.abspath(a.kdex), folder, a.layers, a.tp, work)
            count = model.try_all(chosen)
        print(
            f"{os.path.basename(os.path.normpath(folder))}: {count} definitions, {model.runs} runs, "
            f"{model.tried} axes tried, {len(model.wrong)} false",
            flush=True,
        )
        print("".join(f"  {line}\n" for line in model.wrong[: a.show]), end="")
        failed += bool(model.wrong) or not a.configs and not model.tried
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
