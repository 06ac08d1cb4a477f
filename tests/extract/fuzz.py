"""Seeded mutations of real inputs: the program must end with a status of its own, in bounded time, whatever they say.

usage: fuzz.py KDEX PROJECT [--count N] [--seed N] [KIND...]

KIND: python (kdex eval), yaml (kdex run), config (kdex modules; needs .kdex/sources). An input that fails is kept in
the current folder.
"""

import argparse
import copy
import glob
import io
import json
import keyword
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import tokenize

import engine_sources

parser = argparse.ArgumentParser()
parser.add_argument("kdex")
parser.add_argument("project")
parser.add_argument("--count", type=int, default=100)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("kinds", nargs="*", default=["python", "yaml", "config"])
options = parser.parse_args()
KDEX, PROJECT = os.path.abspath(options.kdex), os.path.abspath(options.project)
SOURCES = engine_sources.folders(PROJECT)
INTERNAL = re.compile(
    rb"basic_string|std::|json\.exception|filesystem error|vector::|terminate called|bad_alloc|SystemError|InternalError|Sanitizer|runtime error:|YAML::|a fault of kdex"
)
chance = random.Random(options.seed)
failed = 0

OPERATORS = (
    "+ - * / // % ** @ & | ^ ~ << >> < > <= >= == != := = += ( ) [ ] { } , : ; . -> ... \n".split(
        " "
    )
)
NAMES = (
    "None True False self cls super type object int str list dict set tuple len range print isinstance getattr setattr delattr __class__ __dict__ __mro__ __getattr__ __call__ __init__ "
    "__new__ __iter__ __next__ __hash__ __eq__ __slots__ property staticmethod classmethod yield await async lambda x y a iter next map zip sorted sum min max bytes bytearray frozenset slice "
    "memoryview globals locals vars dir eval exec compile __import__ open hash id repr format Exception StopIteration"
).split()
LITERALS = [
    "0",
    "1",
    "-1",
    "2**63",
    "10**30",
    "1e308",
    "float('nan')",
    "''",
    "b''",
    "[]",
    "{}",
    "()",
    "None",
    "'\\ud800'",
    "'a'*1000",
    "range(10**18)",
    "lambda *a, **k: a",
    "...",
    "[1,2,3]",
    "{'a':1}",
    "object()",
    "type('T',(),{})",
    "(i for i in [1])",
    "0.1",
    "1j",
    "type",
    "__import__('_kdex').unknown('u')",
    "slice(None)",
    "NotImplemented",
]
VALUES = [
    None,
    True,
    0,
    -1,
    1,
    3,
    7,
    2**31,
    2**63 - 1,
    2**64,
    10**30,
    -(10**30),
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "float16",
    "\0",
    "../../etc/passwd",
    "a" * 10000,
    [],
    [1],
    [None],
    ["x"],
    [[[]]],
    {},
    {"a": 1},
    {"": None},
    [0] * 1000,
    "10",
    1e-320,
]


def python_input():
    """A real program with some of its tokens changed; values rather than syntax, mostly."""
    while True:
        with open(chance.choice(PROGRAMS)) as f:
            text = f.read()
        tokens = [
            t
            for t in tokenize.generate_tokens(io.StringIO(text).readline)
            if t.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
        ]
        if len(tokens) < 5:
            continue
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        edits = []
        for _ in range(chance.choice([1, 1, 2, 3, 6])):
            t = chance.choice(tokens)
            value = t.type in (tokenize.NUMBER, tokenize.STRING) or (
                t.type == tokenize.NAME and not keyword.iskeyword(t.string)
            )
            new = (
                chance.choice(LITERALS)
                if value and chance.random() < 0.6
                else chance.choice(
                    [
                        "",
                        chance.choice(tokens).string,
                        t.string + " " + t.string,
                        chance.choice(NAMES + keyword.kwlist),
                        chance.choice(OPERATORS),
                        "(" * 50,
                    ]
                )
            )
            edits.append(
                (starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1], new)
            )
        for a, b, new in sorted(edits, reverse=True):
            text = text[:a] + new + text[b:]
        return text.encode("utf-8", "surrogatepass")


def yaml_input():
    with open(os.path.join(PROJECT, "pipelines", "quickstart.yaml"), "rb") as f:
        text = bytearray(f.read())
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at, way = chance.randrange(len(text)), chance.random()
        if way < 0.4:
            text[at] = chance.choice(b"{}[]&*!|>'\"%@`#,:?-\n\t \0\xff")
        elif way < 0.6:
            del text[at : at + chance.randrange(1, 30)]
        elif way < 0.8:
            text[at:at] = bytes([chance.choice(b"{}[]&*!|>'\"%@`#,:?-\n\t ")]) * chance.choice(
                [1, 1, 3, 100]
            )
        else:
            other = chance.randrange(len(text))
            text[at:at] = text[other : other + 40]
    return bytes(text)


def config_input():
    with open(chance.choice(CONFIGS)) as f:
        config = json.load(f)

    def paths(j, at=()):
        items = (
            j.items()
            if isinstance(j, dict)
            else list(enumerate(j))[:3]
            if isinstance(j, list)
            else ()
        )
        return [p for k, v in items for p in [at + (k,), *paths(v, at + (k,))]]

    places = paths(config)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place, j = chance.choice(places), config
        try:
            for k in place[:-1]:
                j = j[k]
            if chance.random() < 0.15:
                del j[place[-1]]
            else:
                j[place[-1]] = copy.deepcopy(chance.choice(VALUES))
        except (KeyError, IndexError, TypeError):
            pass
    return json.dumps(config).encode()


PROGRAMS = sorted(
    f
    for f in glob.glob(os.path.join(PROJECT, "tests", "python", "test_*.py"))
    + glob.glob(os.path.join(PROJECT, "core", "python", "overlay", "stdlib", "*.py"))
    if os.path.getsize(f) < 30000
)
CONFIGS = sorted(glob.glob(os.path.join(PROJECT, "examples", "checkpoints", "*", "config.json")))
KINDS = {
    "python": (python_input, "program.py", lambda f: ["eval", f, "--seconds", "5"], 30),
    "yaml": (yaml_input, "pipeline.yaml", lambda f: ["run", f, "--families", "no_such_family"], 20),
    "config": (
        config_input,
        "config.json",
        lambda f: [
            "modules",
            "--checkpoint",
            f,
            "--format",
            "json",
            *engine_sources.options(SOURCES),
        ],
        60,
    ),
}


def main():
    global failed
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        for kind in options.kinds:
            make, name, command, seconds = KINDS[kind]
            if kind == "config" and engine_sources.missing(SOURCES):
                print("config: skipped: run scripts/fetch-sources.sh first")
                continue
            worst, statuses = 0, {}
            for i in range(options.count if kind != "config" else max(1, options.count // 10)):
                data = make()
                file = os.path.join(work, name)
                with open(file, "wb") as f:
                    f.write(data)
                before = time.monotonic()
                try:
                    r = subprocess.run(
                        [KDEX, *command(file)],
                        stdin=subprocess.DEVNULL,
                        capture_output=True,
                        timeout=seconds + 60,
                        cwd=work,
                    )
                    status, text = r.returncode, r.stdout + r.stderr
                except subprocess.TimeoutExpired:
                    status, text = "none", b""
                took = time.monotonic() - before
                worst = max(worst, took)
                statuses[status] = statuses.get(status, 0) + 1
                # What a program prints is its own affair; that of the other kinds is not.
                spoken = INTERNAL.search(
                    text if kind != "python" else text.splitlines()[-1] if text else b""
                )
                if (
                    status not in (0, 1, 2)
                    or took > seconds
                    or spoken
                    or (status == 2 and len(r.stderr.strip().splitlines()) != 1)
                ):
                    failed += 1
                    kept = os.path.abspath(f"fuzz-{kind}-{options.seed}-{i}-{name}")
                    with open(kept, "wb") as f:
                        f.write(data)
                    print(
                        f"FAILED: {kind} {i}: status {status}, {took:.1f} s, kept as {kept}: {text[-300:]!r}",
                        flush=True,
                    )
            print(
                f"{kind}: {sum(statuses.values())} inputs, statuses {statuses}, at most {worst:.1f} s",
                flush=True,
            )
    return 1 if failed else 0


sys.exit(main())
