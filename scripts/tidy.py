"""Runs clang-tidy 14 (.clang-tidy) over the C++ files of core/, plugins/ and bench/.

usage: tidy.py [BUILD]      BUILD: build/release, which must be built: tidy reads generated headers

A file that passed is not looked at again until it, a header of the project that it includes, its
command or .clang-tidy changes: .kdex/tools/tidy holds an empty file, named by a hash of these, for
each. Status 1 where a file has findings, 2 where there is no clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("core/", "plugins/", "bench/")
PASSED = ROOT / ".kdex" / "tools" / "tidy"


def files_read(build):
    """For each object file of the build, the project's files that its compilation read."""
    text = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    found = {}
    for block in text.split("\n\n"):
        lines = block.strip().split("\n")
        target = lines[0].split(":")[0]
        files = (os.path.normpath(os.path.join(build, line.strip())) for line in lines[1:])
        found[target] = [f for f in files if f.startswith(str(ROOT))]
    return found


def digest(entry, files, checks):
    """A hash of all that the findings in one file follow from."""
    h = hashlib.sha256(checks)
    h.update(entry["command"].replace(str(ROOT), "").encode())
    for f in sorted(set(files)):
        h.update(os.path.relpath(f, ROOT).encode() + b"\0" + pathlib.Path(f).read_bytes())
    return h.hexdigest()


def digests(build):
    """File, relative to the project, to its hash."""
    checks = (ROOT / ".clang-tidy").read_bytes()
    read = files_read(str(build))
    out = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = os.path.relpath(entry["file"], ROOT)
        if not file.startswith(FOLDERS):
            continue
        target = entry["command"].split(" -o ")[1].split(" ")[0]
        if target not in read:
            sys.exit(f"tidy: {file} is not built; build {build} first")
        out.setdefault(file, digest(entry, read[target], checks))
    return out


def findings(tidy, build, file):
    """Status and text of clang-tidy on one file."""
    # -w: what GCC's options mean to clang, and clang's own warnings, are not findings.
    done = subprocess.run(
        [tidy, "-p", str(build), "--quiet", "--extra-arg=-w", str(ROOT / file)],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr)


def main():
    build = (ROOT / (sys.argv[1] if len(sys.argv) > 1 else "build/release")).resolve()
    tidy = shutil.which("clang-tidy-14")
    if not tidy:
        print("tidy: clang-tidy-14 is not installed; 'scripts/packages.sh gates' installs it")
        return 2
    PASSED.mkdir(parents=True, exist_ok=True)
    all_files = digests(build)
    todo = sorted(f for f, d in all_files.items() if not (PASSED / d).exists())
    print(f"tidy: {len(todo)} of {len(all_files)} files are new or changed", flush=True)
    bad = 0

    def look(file):
        status, text = findings(tidy, build, file)
        if status == 0:
            (PASSED / all_files[file]).touch()  # at once: a run that is cut short is not lost
        return status, text

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, (status, text) in zip(todo, pool.map(look, todo), strict=True):
            if status != 0:
                bad += 1
                print(f"tidy: {file}\n{text}", flush=True)
    print(f"tidy: {len(all_files) - bad} files are clean, {bad} are not")
    return 1 if bad else 0


sys.exit(main())
