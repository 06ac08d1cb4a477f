"""No file of core/ or plugins/ outside an engine's own folder names an engine.

usage: test_names.py ROOT

The engines are the folders of core/engine that hold an engine.json. Pages (*.md) may name one.
"""

import os
import re
import sys


def main():
    root = sys.argv[1]
    engines = os.path.join(root, "core", "engine")
    names = [
        n
        for n in sorted(os.listdir(engines))
        if os.path.exists(os.path.join(engines, n, "engine.json"))
    ]
    assert names, "no engine found in " + engines
    word = re.compile("|".join(names), re.IGNORECASE)
    bad = []
    for top in ("core", "include", "plugins"):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders[:] = [f for f in folders if f != "__pycache__"]
            if folder == engines:
                folders[:] = [f for f in folders if f not in names]
            for name in sorted(f for f in files if not f.endswith(".md")):
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, root)
                with open(path, errors="replace") as f:
                    for n, line in enumerate(f, 1):
                        if word.search(line):
                            bad.append(f"{shown}:{n}: {line.strip()[:120]}")
    print("\n".join(bad))
    print(f"{len(bad)} lines name {' or '.join(names)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
