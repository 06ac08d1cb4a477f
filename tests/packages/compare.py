"""Runs the programs of this folder in the abstract machine and compares what they print with what the
packages themselves print.

usage: compare.py KDEX NAME [--record PYTHON]

expected/NAME.txt was printed under CPython 3.11 with the package that the program's first line
names; --record has an interpreter with that package print it again. Versions in addresses of
documentation are left out of the comparison.
"""

import difflib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = re.compile(r"(errors\.pydantic\.dev/)\d+\.\d+")


def printed(command, program):
    done = subprocess.run([*command, program], capture_output=True, text=True, cwd=HERE)
    return done.stdout + (f"status {done.returncode}\n{done.stderr}" if done.returncode else "")


def main():
    kdex, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    program = f"test_{name}.py"
    kept = os.path.join(HERE, "expected", name + ".txt")
    if "--record" in sys.argv:
        with open(kept, "w") as f:
            f.write(printed([sys.argv[-1], "-W", "ignore"], program))
    with open(kept) as f:
        wanted = f.read()
    assert wanted, f"nothing is expected of {name}"
    got = printed([kdex, "eval"], program)
    lines = [VERSION.sub(r"\1N", text).splitlines() for text in (wanted, got)]
    differ = list(difflib.unified_diff(*lines, "the package", "kdex", lineterm="", n=0))
    print("\n".join(differ[:40]))
    print(f"{len(lines[0])} lines, {'equal' if not differ else 'not equal'}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
