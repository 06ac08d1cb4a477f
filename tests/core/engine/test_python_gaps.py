"""The table of what CPython's builtin types and names have and the machine lacks (python_gaps.py) is whole and holds
nothing that is there: what it names is kdex's own limit, and no refusal of the engine's.

usage: test_python_gaps.py KDEX ROOT            skips without a Python 3.11
       test_python_gaps.py KDEX ROOT --table    prints the table as it should be
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
# Prints a line for each type: its name, its base's, then what it has. NAMES: what of builtins is asked.
PROGRAM = r"""
import builtins, types

def made():
    yield

TYPES = [t for m in (builtins, types) for t in vars(m).values() if isinstance(t, type)]
TYPES += [type(x) for x in (None, ..., NotImplemented, {}.keys(), {}.values(), {}.items(), made())]
WANTED = dict(WANTED_TEXT)
for t in sorted(set(TYPES), key=lambda t: t.__name__):
    wanted = WANTED.get(t.__name__, dir(t))
    print(t.__name__, t.__base__.__name__ if t.__base__ else "-", *[n for n in wanted if hasattr(t, n)])
"""
# Types of this kind have no code of their own that an engine could ask.
LEFT_OUT = {"DynamicClassAttribute", "_GeneratorWrapper"}


def python311():
    for name in ("python3.11", "python3"):
        path = shutil.which(name)
        old = "import sys; sys.exit(sys.version_info[:2] != (3, 11))"
        if path and subprocess.run([path, "-c", old]).returncode == 0:
            return path
    return None


def printed(command, text):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "program.py")
        with open(file, "w") as f:
            f.write(text)
        done = subprocess.run([*command, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def types_of(command, wanted):
    lines = printed(command, PROGRAM.replace("WANTED_TEXT", repr(wanted)))
    return {name: (base, names) for name, base, *names in map(str.split, lines)}


def names_of(command, python):
    """Names of the module builtins that a program finds, of those that CPython has."""
    all_names = printed([python], "import builtins\nprint(*dir(builtins))")[0].split()
    asked = "".join(
        f"try:\n    {n}\n    print('{n}')\nexcept NameError:\n    pass\n"
        for n in all_names
        if n.isidentifier() and n not in ("True", "False", "None")
    )
    return set(printed(command, asked))


def missing(kdex, python):
    """(names by type, names of builtins) that CPython has and the machine lacks, and how many types were compared; a
    name once, at the base."""
    theirs = {n: t for n, t in types_of([python], {}).items() if n not in LEFT_OUT}
    ours = types_of([kdex, "eval"], {n: t[1] for n, t in theirs.items()})
    lacking = {n: set(names) - set(ours[n][1]) for n, (_, names) in theirs.items() if n in ours}
    out = {}
    for name, names in lacking.items():
        base = theirs[name][0]
        while base != "-":
            names = names - lacking.get(base, set())
            base = theirs[base][0] if base in theirs else "-"
        if names:
            out[name] = names
    return out, names_of([python], python) - names_of([kdex, "eval"], python), len(lacking)


def table(root):
    path = os.path.join(root, "core/engine/common/driver_common/python_gaps.py")
    spec = importlib.util.spec_from_file_location("python_gaps", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {n: set(t.split()) for n, t in module.TYPES.items()}, set(module.NAMES.split())


def main():
    kdex, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    python = python311()
    if python is None:
        print("skipped: no Python 3.11 to compare with")
        return SKIPPED
    types, names, compared = missing(kdex, python)
    if "--table" in sys.argv:
        for name in sorted(types):
            print(f'    "{name}": "{" ".join(sorted(types[name]))}",')
        print(f'NAMES = "{" ".join(sorted(names))}"')
        return 0
    assert types and names, "nothing was compared"
    kept_types, kept_names = table(root)
    wrong = [
        f"{n}: {sorted(types.get(n, set()) ^ kept_types.get(n, set()))}"
        for n in sorted({*types, *kept_types})
        if types.get(n) != kept_types.get(n)
    ]
    if names != kept_names:
        wrong.append(f"builtins: {sorted(names ^ kept_names)}")
    lacking = f"{sum(map(len, types.values()))} names of {len(types)}"
    print(
        "\n".join(wrong) or f"{compared} types compared, {lacking} are lacking, as the table says"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
