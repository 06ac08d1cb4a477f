"""Writes overlay/torch/torch/_real_names.py: what the installed torch has and the overlay does not model.

Usage: real_names.py REAL_PYTHON   (an interpreter with torch)
"""

import json
import os
import subprocess
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
LIB = os.path.normpath(
    os.path.join(HERE, "..", "..", "core", "python", "overlay", "torch", "torch")
)

REAL = """
import importlib, json, sys
out = {}
for name in json.load(sys.stdin):
    try:
        m = importlib.import_module(name)
    except Exception:
        continue
    out[name] = [n for n in dir(m) if not (n.startswith('__') and n.endswith('__'))]
try:
    import torch
    out['version'] = torch.__version__
    out['Tensor'] = [n for n in dir(torch.Tensor) if not n.startswith('__')]
finally:
    print('NAMES' + json.dumps(out))
"""


def modules():
    for folder, _, files in os.walk(LIB):
        at = os.path.relpath(folder, os.path.dirname(LIB)).replace(os.sep, ".")
        for f in sorted(files):
            if f.endswith(".py"):
                yield at if f == "__init__.py" else at + "." + f[:-3]


def main():
    names = sorted(modules())
    hooked = []
    for n in names:
        path = os.path.join(os.path.dirname(LIB), *n.split("."))
        path = os.path.join(path, "__init__.py") if os.path.isdir(path) else path + ".py"
        if "def __getattr__" in open(path).read():
            hooked.append(n)
    done = subprocess.run(
        [sys.argv[1], "-W", "ignore", "-c", REAL],
        input=json.dumps(hooked),
        capture_output=True,
        text=True,
    )
    if "NAMES" not in done.stdout:
        raise SystemExit("torch failed: %d %s" % (done.returncode, done.stderr[-2000:]))
    real = json.loads(done.stdout[done.stdout.index("NAMES") + 5 :])
    sys.path.insert(0, HERE)
    import compare

    ours = compare.overlay_names(hooked)
    lines = [
        "# Names that torch %s has and the overlay leaves unknown, by module. Written by tests/torch/real_names.py."
        % real["version"].split("+")[0],
        "NAMES = {",
    ]
    for n in hooked:
        missing = sorted(set(real.get(n, ())) - set(ours.get(n, ())))
        if not missing:
            continue
        lines.append('    "%s":' % n)
        rows = textwrap.wrap(" ".join(missing), 140)
        for i, r in enumerate(rows):
            last = i == len(rows) - 1
            lines.append('        "%s%s"%s' % (r, "" if last else " ", "," if last else ""))
    lines.append("}")
    with open(os.path.join(LIB, "_real_names.py"), "w") as f:
        f.write("\n".join(lines) + "\n")
    ours = compare.overlay_names(["torch._tensor"], "dir(m.Tensor)")["torch._tensor"]
    missing = sorted(set(real["Tensor"]) - set(ours))
    with open(os.path.join(LIB, "_real_tensor_names.py"), "w") as f:
        f.write(
            "# Attributes of a tensor that torch %s has and the overlay leaves unknown. Written by tests/torch/real_names.py.\nNAMES = (\n"
            % real["version"].split("+")[0]
        )
        for r in textwrap.wrap(" ".join(missing), 140):
            f.write('    "%s "\n' % r)
        f.write(")\n")
    print(len(hooked), "modules,", len(missing), "attributes of tensors")


if __name__ == "__main__":
    main()
