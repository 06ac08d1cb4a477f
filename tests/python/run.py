"""Runs each behaviour program under CPython 3.11 and under `kdex eval`: the same output and status, or a diff.

usage: run.py KDEX [FILE...]        (all of test_*.py beside this file without FILE)
"""

import difflib
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77


def python311():
    for name in ("python3.11", "python3"):
        path = shutil.which(name)
        if (
            path
            and subprocess.run(
                [path, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
            ).returncode
            == 0
        ):
            return path
    return None


def output(command, file):
    done = subprocess.run(
        [*command, file.name], cwd=file.parent, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout, done.stderr


def main():
    kdex, *names = sys.argv[1:]
    kdex = str(pathlib.Path(kdex).resolve())
    python = python311()
    if not python:
        print("no Python 3.11 here: skipped")
        return SKIPPED
    files = [pathlib.Path(n).resolve() for n in names] or sorted(
        pathlib.Path(__file__).resolve().parent.glob("test_*.py")
    )
    bad = 0
    for file in files:
        expected_status, expected, _ = output([python, "-B", "-W", "ignore"], file)
        status, got, err = output([kdex, "eval"], file)
        if (status, got) == (expected_status, expected):
            continue
        bad += 1
        print(f"{file.name}: status {status}, expected {expected_status}")
        diff = list(
            difflib.unified_diff(
                expected.splitlines(), got.splitlines(), "CPython", "kdex", lineterm="", n=0
            )
        )
        print("\n".join(diff[:40]))
        print(err[-2000:])
    print(f"{len(files) - bad} of {len(files)} programs give CPython's output")
    return 1 if bad else 0


sys.exit(main())
