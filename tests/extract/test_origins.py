"""Origins that are true: each literal stands where it is said to stand, each chain gives its axis' value, and no
setting of the deployment is called a literal.

usage: test_origins.py KDEX PROJECT [--configs FOLDER] [--sizes TP,EP,ATTENTION_DP ...] [--each N] [--keep FOLDER]
                       [--forward] [--more ARGUMENTS]

With --each N a configuration takes N of the sizes, the next one the N that begin one later. With --forward the
definitions are those of what steps launch, and those that only calls tell; --more: further arguments of
`kdex extract`, as "--engine-arg speculative_algorithm=EAGLE".
Without --configs it takes the configurations of examples/checkpoints. The sources are read with Python's own parser,
so that nothing here rests on kdex's.
"""

import argparse
import ast
import collections
import concurrent.futures
import glob
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile

import engine_sources

# Sizes that tell a deployment's number from the literals 1, 2 and 64 of the sources.
SIZES = [
    "1,1,1",
    "2,1,1",
    "4,1,1",
    "8,1,1",
    "4,2,1",
    "8,8,1",
    "4,1,2",
    "8,4,4",
    "3,1,1",
    "5,1,1",
    "7,1,1",
]
# Where the engine declares its server arguments: a number written there is a setting's default.
SETTINGS = re.compile(r"^sglang/srt/(arg_groups/|server_args\.py)")
GIVEN = ("tp", "ep", "attention_dp")
COUNTS = ("literals elsewhere", "chains of another value", "settings as literals")


class Sources:
    """The literals of the source folders by file, line and column."""

    def __init__(self, folders):
        self.folders, self.files = folders, {}

    def literals(self, file):
        if file not in self.files:
            self.files[file] = self.read(file)
        return self.files[file]

    def read(self, file):
        for folder in self.folders:
            path = os.path.join(folder, file)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as f:
                    tree = ast.parse(f.read())
                return {
                    (n.lineno, n.col_offset + 1): n.value
                    for n in ast.walk(tree)
                    if isinstance(n, ast.Constant)
                    and isinstance(n.value, (bool, int, float, type(None)))
                }
        return None

    def holds(self, source, value):
        """Whether a literal of this value and type stands at "file:line:column"; without a column, on the line."""
        file, line, column = re.fullmatch(r"(.*?):(\d+)(?::(\d+))?", source).groups()
        found = self.literals(file) or {}
        if column:
            places = [(int(line), int(column))]
        else:
            places = [at for at in found if at[0] == int(line)]
        return any(at in found and found[at] == value for at in places)


def divided(a, b):
    return a / b


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b=None: -a if b is None else a - b,
    "*": lambda a, b: a * b,
    "/": divided,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "~": lambda a: ~a,
    "max": max,
    "min": min,
    "sum": lambda *n: sum(n),
    "int": int,
    "float": float,
    "abs": abs,
    "round": round,
    "gcd": math.gcd,
    "lcm": math.lcm,
    "prod": lambda *n: math.prod(n),
    "ceil": math.ceil,
    "floor": math.floor,
    "trunc": math.trunc,
    "sqrt": math.sqrt,
    "log2": math.log2,
    "log": math.log,
    "pow": pow,
    "isqrt": math.isqrt,
    "bit_length": lambda n: n.bit_length(),
}


def field(config, path):
    """The value at a dotted path of a configuration, where there is one."""
    for part in path.split("."):
        if isinstance(config, list) and part.isdigit() and int(part) < len(config):
            config = config[int(part)]
        elif isinstance(config, dict) and part in config:
            config = config[part]
        else:
            return None
    return config


class Chain:
    """The origins of one definition, evaluated from the leaves up; `config`: of the checkpoint."""

    def __init__(self, told, config=None):
        self.origins, self.values, self.config = told["origins"], {}, config or {}

    def of(self, at):
        """The value, computed; None where a leaf's value is not given."""
        if at not in self.values:
            self.values[at] = self.compute(self.origins[at])
        return self.values[at]

    def compute(self, o):
        inputs = o.get("inputs", [])
        if o["kind"] == "operation":
            if o["text"] == "len":
                return self.length(inputs)
            numbers = [self.of(i) for i in inputs]
            if None in numbers or not numbers:
                return None
            return OPERATIONS[o["text"]](*numbers)
        if o["kind"] == "way":
            return self.of(inputs[0])
        return o.get("value")

    def length(self, inputs):
        """The number of entries of a configuration's field; None where it is no file of the checkpoint."""
        (counted,) = (self.origins[i] for i in inputs)
        held = self.config.get(os.path.basename(counted.get("source", "")))
        return None if held is None else len(field(held, counted["text"]))

    def behind(self, at):
        """The inputs of an origin, but for what a setting of the deployment was made of."""
        o = self.origins[at]
        return [] if o["kind"] == "deployment" else o.get("inputs", [])

    def reached(self, at, inputs):
        """Every origin that a chain leads to, once."""
        seen, todo = set(), [at]
        while todo:
            i = todo.pop()
            if i not in seen:
                seen.add(i)
                todo += inputs(i)
        return seen


def configurations(folder):
    """The JSON files of a checkpoint's folder by name."""
    out = {}
    for path in glob.glob(os.path.join(folder, "*.json")):
        with open(path) as f:
            out[os.path.basename(path)] = json.load(f)
    return out


class Checks:
    def __init__(self, sources):
        self.sources = sources
        self.bad = {c: [] for c in COUNTS}
        self.seen = collections.Counter()
        self.kinds = collections.Counter()

    def fault(self, count, text):
        self.bad[count].append(text)

    def definition(self, told, sizes, config):
        chain = Chain(told, config)
        name = f"{told['checkpoint']} {told['deployment']} {told['definition']}"
        reached, bare = set(), set()
        for axis, a in told["axes"].items():
            self.seen["axes"] += 1
            try:
                value = chain.of(a["origin"])
            except (KeyError, ArithmeticError, TypeError, ValueError) as e:
                value = f"{type(e).__name__} {e}"
            if a["origin"] == 0:
                self.seen["axes not recorded"] += 1
            elif value != a["value"]:
                self.fault(COUNTS[1], f"{name} {axis} = {a['value']}, the chain gives {value}")
            reached |= chain.reached(a["origin"], lambda i: chain.origins[i].get("inputs", []))
            bare |= chain.reached(a["origin"], chain.behind)
        for i in sorted(reached):
            self.origin(name, chain, i, sizes if i in bare else None, config)

    def origin(self, name, chain, i, sizes, config):
        """One origin; `sizes` of the deployment, where no setting stands before it."""
        o = chain.origins[i]
        self.kinds[o["kind"]] += 1
        source = o.get("source", "")
        if o["kind"] == "literal":
            true = self.sources.holds(source, o.get("value"))
            if not true:
                self.fault(COUNTS[0], f"{name}: {o.get('value')} {source}")
            value = o.get("value")
            if sizes and (SETTINGS.match(source) or not true and value in sizes and value != 1):
                self.fault(COUNTS[2], f"{name}: {value} {source}")
        if o["kind"] == "operation" and "value" in o and chain.of(i) != o["value"]:
            self.fault(COUNTS[1], f"{name}: {o['text']} = {o['value']} {source}: {chain.of(i)}")
        if sizes and o["kind"] == "deployment" and o["text"] in GIVEN:
            # 1 too: names with tp 1 come from a tree that is built so
            if o["value"] not in (1, sizes[GIVEN.index(o["text"])]):
                self.fault(COUNTS[1], f"{name}: {o['text']} is not {o['value']}")
        if o["kind"] == "deployment" and o.get("inputs") and chain.of(o["inputs"][0]) != o["value"]:
            self.fault(COUNTS[1], f"{name}: setting {o['text']} = {o['value']} is of another value")
        if o["kind"] == "config" and source.startswith("/model/") and "value" in o:
            if field(config.get(os.path.basename(source)), o["text"]) != o["value"]:
                self.fault(COUNTS[1], f"{name}: config field {o['text']} is not {o['value']}")


def shape(chain, at):
    """A chain without its numbers: what two deployments of one model have alike."""
    o = chain.origins[at]
    text = "" if o["kind"] in ("literal", "unknown") else o.get("text", "")
    return (o["kind"], text, o.get("source", ""), tuple(shape(chain, i) for i in chain.behind(at)))


def leaves(chain, at, out):
    o = chain.origins[at]
    if o["kind"] == "literal":
        out.append(o.get("value"))
    for i in chain.behind(at):
        leaves(chain, i, out)
    return out


def compare(checks, told):
    """Where two deployments have one chain, their literals are the same: what differs is a setting."""
    first = {}
    for t in told:
        chain = Chain(t)
        for axis, a in t["axes"].items():
            key = (t["checkpoint"], t["what"], axis, shape(chain, a["origin"]))
            mine = leaves(chain, a["origin"], [])
            if first.setdefault(key, mine) != mine:
                checks.fault(
                    COUNTS[2],
                    f"{t['checkpoint']} {t['deployment']} {t['definition']} {axis}: literals "
                    f"{mine}, {first[key]} at another deployment",
                )


def extract(kdex, folder, sizes, out, more):
    tp, ep, dp = sizes.split(",")
    return subprocess.run(
        [kdex, "extract", "--checkpoint", folder, "--tp", tp, "--ep", ep, "--attention-dp", dp]
        + ["--family-option", "gemm.at_tp=true", "--out", out, "--jobs", "1", *more],
        capture_output=True,
        text=True,
    )


def turns(folders, sizes, each):
    """(folder, size) of what is to be built."""
    n = each or len(sizes)
    return [(f, sizes[(i + k) % len(sizes)]) for i, f in enumerate(folders) for k in range(n)]


def run(kdex, project, folders, sizes, each, work, jobs, more):
    source_folders = engine_sources.folders(project)
    checks = Checks(Sources(source_folders))
    built = refused = 0

    def one(folder, s):
        out = os.path.join(work, os.path.basename(folder) + "--" + s)
        return folder, s, out, extract(kdex, folder, s, out, more)

    told = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for folder, s, out, r in pool.map(lambda fs: one(*fs), turns(folders, sizes, each)):
            files = sorted(glob.glob(os.path.join(out, ".kdex", "origins", "*.json")))
            built, refused = built + bool(files), refused + (not files)
            config = configurations(folder)
            for file in files:
                with open(file) as f:
                    told.append(json.load(f))
                checks.definition(told[-1], [int(n) for n in s.split(",")], config)
    compare(checks, told)
    print(
        f"{len(folders)} configurations, {built} deployments built, {refused} refused, {len(told)} definitions, "
        f"{checks.seen['axes']} axes, of these {checks.seen['axes not recorded']} without an origin"
    )
    print("origins reached:", dict(sorted(checks.kinds.items())))
    return checks


def main():
    p = argparse.ArgumentParser()
    p.add_argument("kdex")
    p.add_argument("project")
    p.add_argument("--configs", default="")
    p.add_argument("--only", default="")
    p.add_argument("--sizes", nargs="*", default=SIZES)
    p.add_argument("--each", type=int, default=0)
    p.add_argument("--keep", default="")
    p.add_argument("--forward", action="store_true")
    p.add_argument("--more", type=shlex.split, default=[])
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--show", type=int, default=10)
    a = p.parse_args()
    if engine_sources.missing(engine_sources.folders(a.project)):
        return 77
    where = a.configs or os.path.join(a.project, "examples", "checkpoints")
    if not os.path.isdir(where):
        print(f"skipped: {where} is not there")
        return 77
    folders = sorted(
        os.path.join(where, n)
        for n in os.listdir(where)
        if a.only in n and os.path.isfile(os.path.join(where, n, "config.json"))
    )
    with tempfile.TemporaryDirectory() as work:
        checks = run(
            os.path.abspath(a.kdex),
            a.project,
            folders,
            a.sizes,
            a.each,
            a.keep or work,
            a.jobs,
            # without --forward all forms are written: what steps launch is a part of them
            a.more + ([] if a.forward else ["--forward", "false"]),
        )
    failed = 0
    for count in COUNTS:
        found = checks.bad[count]
        print(f"{count}: {len(found)}")
        for text in found[: a.show]:
            print("  ", text)
        failed += bool(found)
    if not checks.seen["axes"]:
        print("FAILED: nothing was built")
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
