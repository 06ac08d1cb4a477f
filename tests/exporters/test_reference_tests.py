"""`kdex tests`: a file for each definition, that runs; with torch the formulas hold for references and tell a wrong one.

usage: test_reference_tests.py KDEX PROJECT
"""

import ast
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "extract"))
from small_dataset import write  # noqa: E402
from small_llama import LLAMA  # noqa: E402
from whole_run import KDEX, PROJECT, SOURCES, check, failures  # noqa: E402


def kdex(*words):
    return subprocess.run([KDEX, *map(str, words)], capture_output=True, text=True)


def files_of(work):
    dataset = write(work / "dataset")
    r = kdex("tests", dataset)
    check(r.returncode == 0 and "9 tests in" in r.stdout, r.stdout + r.stderr)
    folder = dataset / "tests/references"
    names = {f.stem for f in folder.glob("test_*.py")}
    check(names == {f"test_{f.stem}" for f in dataset.glob("definitions/*/*.json")}, names)
    for file in folder.glob("*.py"):
        ast.parse(file.read_text(), str(file))
    shared = ast.parse((folder / "kdex_references.py").read_text())
    (table,) = (
        n for n in shared.body if isinstance(n, ast.Assign) and n.targets[0].id == "OPERATIONS"
    )
    stage = (PROJECT / "exporters/tests/reference_tests.cpp").read_text()
    known = re.findall(r'"(\w+)"', re.search(r"types = \{(.*?)\}", stage, re.S)[1])
    check(known == [k.value for k in table.value.keys], f"the op types of both: {known}")
    r = kdex("tests", dataset, "--definitions", "sampling")
    check(r.returncode == 1 and "no definition of the dataset is asked for" in r.stderr, r.stderr)


def documentation(work):
    """The commands of docs/datasets.md."""
    text = (PROJECT / "docs/datasets.md").read_text()
    commands = re.findall(r"^kdex (tests .*)$", text, re.M)
    for command in commands:
        words = command.replace("gemm_n6144_k4096", "gemm_n384_k4096").split()
        r = subprocess.run([KDEX, *words], capture_output=True, text=True, cwd=work)
        check(r.returncode == 0, f"{command}: {r.stderr}")
    check(len(commands) == 2, commands)


class Skipped(Exception):
    pass


def shared_module(dataset):
    """kdex_references of a dataset; without pytest, what it takes of it is made here."""
    if importlib.util.find_spec("pytest") is None:
        made = types.ModuleType("pytest")

        def skip(why):
            raise Skipped(why)

        made.skip = skip
        sys.modules["pytest"] = made
    spec = importlib.util.spec_from_file_location(
        "kdex_references", dataset / "tests/references/kdex_references.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def holds(module, name):
    """Whether each case of a definition holds; a case that skips is a failure here: the sizes are small."""
    for case in module.cases(name):
        try:
            module.check_formula(name, case)
        except AssertionError:
            return False
    return True


def formulas(work):
    model, dataset = work / "llama", work / "of-llama"
    model.mkdir()
    (model / "config.json").write_text(json.dumps(LLAMA))
    given = [w for s in SOURCES for w in ("--source", s)] + ["--forward", "false", "--quiet"]
    r = kdex("extract", *given, "--checkpoint", model, "--page-size", 1, 64, "--out", dataset)
    check(r.returncode == 0, r.stderr)
    check(kdex("tests", dataset).returncode == 0, "tests are written")
    module = shared_module(dataset)
    names = sorted(f.stem for f in dataset.glob("definitions/*/*.json"))
    check(len(names) > 8, names)
    for name in names:
        check(holds(module, name), f"the reference of {name} is as the formula")
    # A reference that is a little off is told from the formula.
    for begin, old, new in (
        ("gemm_n512_k512", "return", "return 1.02 *"),
        ("rmsnorm_h512", "+ EPS", "+ EPS + 0.05"),
        ("gqa_paged_decode", "* sm_scale", "* (sm_scale * 1.1)"),
    ):
        name = next(n for n in names if n.startswith(begin))
        (file,) = dataset.glob(f"definitions/*/{name}.json")
        definition = json.loads(file.read_text())
        wrong = definition["reference"].replace(old, new)
        check(wrong != definition["reference"], f"{old} stands in the reference of {name}")
        file.write_text(json.dumps({**definition, "reference": wrong}))
        check(not holds(module, name), f"{name}: '{old}' as '{new}' is told")


with tempfile.TemporaryDirectory() as folder:
    files_of(pathlib.Path(folder))
    documentation(pathlib.Path(folder))
    missing = [n for n in ("torch",) if importlib.util.find_spec(n) is None]
    if missing or not all(s.is_dir() for s in SOURCES):
        print(f"formulas are not run: no {missing[0] if missing else 'sources'}")
    else:
        formulas(pathlib.Path(folder))
sys.exit(1 if failures else 0)
