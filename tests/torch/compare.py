"""Runs every test_*.py of this folder with the real torch and with kdex's overlay and compares what they print.

Usage: compare.py [--real PYTHON] [--machine KDEX] [--verbose] [NAME...]
The overlay runs under this interpreter and, with --machine, under `kdex eval` too.
Without an interpreter that has torch (--real, or KDEX_TORCH_PYTHON, or this one) it says so and ends well.
"""
import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIB = os.path.normpath(os.path.join(HERE, "..", "..", "core", "python", "lib"))

# The one thing that the overlay asks of the machine, for a plain interpreter.
KDEX = '''
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
def float_pack(v, size, little):
    f = ("<" if little else ">") + {2: "e", 4: "f", 8: "d"}[size]
    return struct.pack(f, v)
def float_unpack(d, little): return struct.unpack(("<" if little else ">") + {2: "e", 4: "f", 8: "d"}[len(d)], d)[0]
'''


def overlay_folder(where):
    os.symlink(os.path.join(LIB, "torch"), os.path.join(where, "torch"))
    with open(os.path.join(where, "_kdex.py"), "w") as f:
        f.write(KDEX)
    return dict(os.environ, PYTHONPATH=where, PYTHONDONTWRITEBYTECODE="1")


def overlay_names(modules):
    program = ("import importlib, json, sys\nout = {}\nfor n in json.load(sys.stdin):\n"
               "    out[n] = list(vars(importlib.import_module(n)))\nprint(json.dumps(out))")
    with tempfile.TemporaryDirectory() as where:
        done = subprocess.run([sys.executable, "-c", program], input=json.dumps(modules), capture_output=True, text=True, env=overlay_folder(where))
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def run(command, path, env=None):
    done = subprocess.run([*command, path], capture_output=True, text=True, env=env, cwd=HERE)
    out = done.stdout
    if done.returncode:
        out += "\nstatus %d\n%s" % (done.returncode, done.stderr[-2000:])
    return out


def has_torch(python):
    probe = subprocess.run([python, "-c", "import torch; print(torch._C.__file__)"], capture_output=True, text=True)
    return probe.returncode == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--real", default=os.environ.get("KDEX_TORCH_PYTHON", sys.executable))
    p.add_argument("--machine", default=os.environ.get("KDEX"), help="a kdex program")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    if not has_torch(a.real):
        print("skipped: %s has no torch" % a.real)
        return 0
    tests = sorted(f for f in os.listdir(HERE) if f.startswith("test_") and f.endswith(".py") and (not a.names or f[5:-3] in a.names))
    wrong = lines = 0
    with tempfile.TemporaryDirectory() as folder:
        env = overlay_folder(folder)
        for f in tests:
            path = os.path.join(HERE, f)
            real = run([a.real, "-W", "ignore"], path).splitlines()
            lines += len(real)
            ways = [("overlay", [sys.executable, "-W", "ignore"], env)]
            if a.machine:
                ways.append(("machine", [os.path.abspath(a.machine), "eval"], None))
            for name, command, where in ways:
                diff = [d for d in difflib.unified_diff(real, run(command, path, where).splitlines(), "torch", name, lineterm="", n=0) if not d.startswith("@@")][2:]
                print("%-20s %s %5d lines, %d differ" % (f, name, len(real), len([d for d in diff if d.startswith("-")]) or len(diff)))
                if diff:
                    wrong += 1
                    print("\n".join(diff if a.verbose else diff[:40]))
    print("%d programs, %d lines, %d runs differ" % (len(tests), lines, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
