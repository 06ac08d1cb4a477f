"""Runs every test_*.py of this folder with kdex's torch overlay and compares what they print with what torch prints.

usage: compare.py [--machine KDEX] [--real PYTHON] [--record] [--verbose] [NAME...]

The overlay runs under this interpreter (3.11) and, with --machine, under `kdex eval`. What torch prints is kept in
expected/; --real runs an interpreter that has torch instead, --record writes its answers to expected/.
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OVERLAY = os.path.normpath(os.path.join(HERE, "..", "..", "core", "python", "overlay"))
SKIPPED = 77

# The one thing that the overlay asks of the machine, for a plain interpreter.
KDEX = """
import struct
class Unknown:
    def __init__(self, why): self.why = why
    def __getattr__(self, n):
        if n.startswith("__"): raise AttributeError(n)
        return Unknown(self.why + "." + n)
    def __call__(self, *a, **k): return Unknown(self.why + "()")
    def __repr__(self): return "<unknown " + self.why + ">"
    def __bool__(self): return False
def unknown(why): return Unknown(why)
def is_unknown(v): return isinstance(v, Unknown)
def compared(*comparison): pass
placed = {}
def address(o, n): return placed.setdefault(id(o), (o, 0x7F0000000000 + (len(placed) << 32)))[1]
def float_pack(v, size, little): return struct.pack(("<" if little else ">") + {2: "e", 4: "f", 8: "d"}[size], v)
def float_unpack(d, little): return struct.unpack(("<" if little else ">") + {2: "e", 4: "f", 8: "d"}[len(d)], d)[0]
"""


def overlay_folder(where):
    for part, package in (("torch", "torch"), ("packages", "numpy")):
        os.symlink(os.path.join(OVERLAY, part, package), os.path.join(where, package))
    with open(os.path.join(where, "_kdex.py"), "w") as f:
        f.write(KDEX)
    return dict(os.environ, PYTHONPATH=where, PYTHONDONTWRITEBYTECODE="1")


def overlay_names(modules, of="vars(m)"):
    program = (
        "import importlib, json, sys\nout = {}\nfor n in json.load(sys.stdin):\n    m = importlib.import_module(n)\n"
        "    out[n] = list(%s)\nprint(json.dumps(out))" % of
    )
    with tempfile.TemporaryDirectory() as where:
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(modules),
            capture_output=True,
            text=True,
            env=overlay_folder(where),
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def run(command, path, env=None):
    done = subprocess.run(
        [*command, os.path.basename(path)], capture_output=True, text=True, env=env, cwd=HERE
    )
    out = done.stdout
    if done.returncode:
        out += "\nstatus %d\n%s" % (done.returncode, done.stderr[-2000:])
    return out


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--real", help="an interpreter that has torch")
    p.add_argument("--machine", help="a kdex program")
    p.add_argument("--record", action="store_true")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    if (
        a.real
        and subprocess.run(
            [a.real, "-c", "import torch; torch._C.__file__"], capture_output=True
        ).returncode
    ):
        print("skipped: %s has no torch" % a.real)
        return SKIPPED
    ways = [("machine", [os.path.abspath(a.machine), "eval"], None)] if a.machine else []
    wrong = lines = 0
    tests = sorted(
        f[5:-3]
        for f in os.listdir(HERE)
        if f.startswith("test_") and f.endswith(".py") and (not a.names or f[5:-3] in a.names)
    )
    with tempfile.TemporaryDirectory() as folder:
        if sys.version_info[:2] == (3, 11):
            ways.append(("overlay", [sys.executable, "-W", "ignore"], overlay_folder(folder)))
        if not ways:
            print("skipped: neither Python 3.11 nor --machine")
            return SKIPPED
        for test in tests:
            path = os.path.join(HERE, "test_%s.py" % test)
            kept = os.path.join(HERE, "expected", test + ".txt")
            # programs about a CUDA machine are not run with a torch that has none
            if a.real and not open(path).readline().startswith("# [facts]"):
                real = run([a.real, "-W", "ignore"], path)
                if a.record:
                    os.makedirs(os.path.dirname(kept), exist_ok=True)
                    with open(kept, "w") as f:
                        f.write(real)
            else:
                with open(kept) as f:
                    real = f.read()
            real = real.splitlines()
            lines += len(real)
            for name, command, env in ways:
                diff = [
                    d
                    for d in difflib.unified_diff(
                        real, run(command, path, env).splitlines(), "torch", name, lineterm="", n=0
                    )
                    if not d.startswith("@@")
                ][2:]
                print(
                    "%-12s %s %5d lines, %d differ"
                    % (
                        test,
                        name,
                        len(real),
                        len([d for d in diff if d.startswith("-")]) or len(diff),
                    )
                )
                if diff:
                    wrong += 1
                    print("\n".join(diff if a.verbose else diff[:40]))
    print("%d programs, %d lines, %d runs differ" % (len(tests), lines, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
