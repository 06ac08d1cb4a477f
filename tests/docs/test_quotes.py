#!/usr/bin/env python3
"""The code that docs/writing-a-family.md quotes is the code of examples/family-rope."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
page = (root / "docs" / "writing-a-family.md").read_text()
quotes = re.findall(r"<!-- quote (\S+)(?: (\S+))? -->\n```\w+\n(.*?)```", page, flags=re.S)
failed = 0
for name, part, text in quotes:
    source = (root / name).read_text()
    if part:
        source = re.split(rf"(?:#|//) \[{part}\]\n", source)[1]
        same = source.rstrip() == text.rstrip()
    else:
        same = text in source
    if not same:
        failed += 1
        print(f"docs/writing-a-family.md no longer quotes {name} {part}")
if len(quotes) < 5:
    failed += 1
    print("docs/writing-a-family.md has lost quotes")
print(f"{len(quotes) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
