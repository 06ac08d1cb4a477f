"""Runs clang-tidy 14 (.clang-tidy) over the C++ files of core/, plugins/, exporters/ and bench/.

usage: tidy.py [BUILD]      BUILD: build/release, which must be built: tidy reads generated headers

Most of the time goes into headers, so up to eight files of a library are read as one, those but for
which the library's CMakeLists.txt says kdex_compile_alone. Where that has findings, each of them is
looked at alone, and what is found then counts.

A file that passed is not looked at again until it, a header of the project that it includes, its
command or .clang-tidy changes: .kdex/tools/tidy holds an empty file, named by a hash of these, for
each. Status 1 where a file has findings, 2 where there is no clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("core/", "plugins/", "exporters/", "bench/")
PASSED = ROOT / ".kdex" / "tools" / "tidy"
MOST_AT_ONCE = 8


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


class File:
    """A file to look at: its path in the project, its library, its flags and its hash."""

    def __init__(self, entry, read, checks):
        self.path = os.path.relpath(entry["file"], ROOT)
        words = shlex.split(entry["command"])
        target = words[words.index("-o") + 1]
        if target not in read:
            sys.exit(f"tidy: {self.path} is not built; build it first")
        self.library = target.split(".dir/")[0]
        # -w: what GCC's options mean to clang, and clang's own warnings, are not findings.
        self.flags = [w for w in words if re.match("-[DIf]|-std", w)] + ["-w"]
        for at, word in enumerate(words):
            if word == "-isystem":
                self.flags += words[at : at + 2]
        self.passed = PASSED / digest(entry, read[target], checks)


def all_files(build):
    """Each file once, by path."""
    checks = (ROOT / ".clang-tidy").read_bytes()
    read = files_read(str(build))
    out = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if os.path.relpath(entry["file"], ROOT).startswith(FOLDERS):
            file = File(entry, read, checks)
            out.setdefault(file.path, file)
    return [out[path] for path in sorted(out)]


def compiled_alone():
    """The files that no other file is compiled with."""
    out = set()
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("CMakeLists.txt"):
            for names in re.findall(r"kdex_compile_alone\(([^)]*)\)", path.read_text()):
                out |= {str((path.parent / name).relative_to(ROOT)) for name in names.split()}
    return out


def chunks(files):
    """The files in lists of a library's, largest lists first."""
    alone = compiled_alone()
    out, open_lists = [], {}
    for file in files:
        key = (file.library, tuple(file.flags))
        chunk = open_lists.get(key)
        if file.path in alone or chunk is None or len(chunk) == MOST_AT_ONCE:
            chunk = []
            out.append(chunk)
            if file.path not in alone:
                open_lists[key] = chunk
        chunk.append(file)
    return sorted(out, key=len, reverse=True)


def findings(tidy, files):
    """Status and text of clang-tidy on the files, which are read as one."""
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as together:
        together.writelines(f'#include "{ROOT / file.path}"\n' for file in files)
        together.flush()
        command = [tidy, "--quiet", f"--config-file={ROOT / '.clang-tidy'}"]
        if len(files) == 1:
            command.append(str(ROOT / files[0].path))
        else:
            command += ["--checks=-bugprone-suspicious-include", together.name]
        done = subprocess.run([*command, "--", *files[0].flags], capture_output=True, text=True)
    return done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr)


def look(tidy, chunk):
    """The findings in each file of a chunk, "" for a clean one, as (path, text)."""
    if len(chunk) > 1 and findings(tidy, chunk)[0] == 0:
        clean = chunk
    else:
        texts = [(file, *findings(tidy, [file])) for file in chunk]
        clean = [file for file, status, _ in texts if status == 0]
        for file, status, text in texts:
            if status != 0:
                print(f"tidy: {file.path}\n{text}", flush=True)
    for file in clean:
        file.passed.touch()  # at once: a run that is cut short is not lost
    return len(chunk) - len(clean)


def main():
    build = (ROOT / (sys.argv[1] if len(sys.argv) > 1 else "build/release")).resolve()
    tidy = shutil.which("clang-tidy-14")
    if not tidy:
        print("tidy: clang-tidy-14 is not installed; 'scripts/packages.sh gates' installs it")
        return 2
    PASSED.mkdir(parents=True, exist_ok=True)
    files = all_files(build)
    todo = [file for file in files if not file.passed.exists()]
    print(f"tidy: {len(todo)} of {len(files)} files are new or changed", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = sum(pool.map(lambda chunk: look(tidy, chunk), chunks(todo)))
    print(f"tidy: {len(files) - bad} files are clean, {bad} are not")
    return 1 if bad else 0


sys.exit(main())
