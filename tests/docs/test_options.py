#!/usr/bin/env python3
"""The tables of docs/pipeline.md are what `kdex options --markdown` prints.

usage: test_options.py KDEX [--write]    --write: puts them there
"""

import pathlib
import re
import subprocess
import sys

page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pipeline.md"
kdex, write = sys.argv[1], "--write" in sys.argv
text = page.read_text()
tables = differing = 0


def filled(match):
    global tables, differing
    table = subprocess.run(
        [kdex, *match[1].split()], capture_output=True, text=True, check=True
    ).stdout
    tables += 1
    whole = f"<!-- kdex {match[1]} -->\n\n{table}\n<!-- end -->"
    if whole != match[0]:
        differing += 1
        print(f"docs/pipeline.md differs from `kdex {match[1]}`; run {sys.argv[0]} {kdex} --write")
    return whole


new = re.sub(r"<!-- kdex (.*?) -->\n.*?<!-- end -->", filled, text, flags=re.S)
if write:
    page.write_text(new)
print(f"{tables} tables, {differing} differ")
sys.exit(0 if tables == 2 and (write or not differing) else 1)
