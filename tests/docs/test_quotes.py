#!/usr/bin/env python3
"""The code that a page of docs/ quotes is the code of examples/.

usage: test_quotes.py PAGE.md
"""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
page = sys.argv[1]
text = (root / "docs" / page).read_text()
quotes = re.findall(r"<!-- quote (\S+)(?: (\S+))? -->\n```\w+\n(.*?)```", text, flags=re.S)
failed = 0
for name, part, quoted in quotes:
    source = (root / name).read_text()
    if part:
        source = re.split(rf" *(?:#|//) \[{part}\]\n", source)[1]
        same = source.rstrip() == quoted.rstrip()
    else:
        same = quoted in source
    if not same:
        failed += 1
        print(f"docs/{page} no longer quotes {name} {part}")
if len(quotes) < 5:
    failed += 1
    print(f"docs/{page} has lost quotes")
print(f"{len(quotes) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
