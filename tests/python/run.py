"""Runs behaviour programs under CPython 3.11 and under `kdex eval` and compares them.

usage: run.py KDEX [FILE...]        (all of test_*.py beside this file without FILE)

A program's assertions hold under both, and so does each value that they print (checks.py): what is
compared here is text outside of the machine. Without a Python 3.11 the assertions alone are run.
"""

import itertools
import pathlib
import re
import shutil
import subprocess
import sys


def python311():
    for name in ("python3.11", "python3"):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", VERSION]).returncode == 0:
            return path
    return None


VERSION = "import sys; sys.exit(sys.version_info[:2] != (3, 11))"
LINE = re.compile(r"^\d+ line (\d+) ")


def run(command, file):
    """The status, the lines of output, the end of the errors."""
    done = subprocess.run(
        [*command, file.name], cwd=file.parent, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout.splitlines(), done.stderr[-2000:]


def report(file, name, status, lines, errors):
    """Says what failed in one run; True where nothing did."""
    failed = [line for line in lines if line.startswith("FAILED")]
    if status == 0 and not failed:
        return True
    print(f"{file.name} under {name}: status {status}")
    print("\n".join(failed[:40]), errors, sep="\n")
    return False


def same(file, expected, got):
    """Compares the two outputs; True where they are equal but for the numbers of lines."""
    differ = 0
    for want, have in itertools.zip_longest(expected, got):
        if want is not None and have is not None and LINE.sub("", want) == LINE.sub("", have):
            continue
        differ += 1
        at = LINE.match(want or have)
        if differ <= 40:
            print(f"{file.name}:{at[1] if at else '?'}: CPython {want!r}, kdex {have!r}")
    return differ == 0


def main():
    kdex, *names = sys.argv[1:]
    kdex = str(pathlib.Path(kdex).resolve())
    python = python311()
    files = [pathlib.Path(n).resolve() for n in names] or sorted(
        pathlib.Path(__file__).resolve().parent.glob("test_*.py")
    )
    bad = assertions = 0
    for file in files:
        status, got, errors = run([kdex, "eval"], file)
        good = report(file, "kdex", status, got, errors)
        if python:
            status, expected, errors = run([python, "-B", "-W", "ignore"], file)
            good = report(file, "CPython", status, expected, errors) and good
            good = same(file, expected, got) and good
        bad += not good
        assertions += sum(1 for line in got if LINE.match(line))
    with_cpython = "as under CPython 3.11" if python else "no Python 3.11 here to compare with"
    print(
        f"{len(files) - bad} of {len(files)} programs pass, {assertions} assertions, {with_cpython}"
    )
    return 1 if bad else 0


sys.exit(main())
