"""What tests of whole runs share: the program and the project that they are given, checks that are counted, and when
they are skipped."""

import collections.abc
import pathlib
import sys
import tempfile

KDEX = pathlib.Path(sys.argv[1]).resolve()
PROJECT = pathlib.Path(sys.argv[2]).resolve()
SOURCES = [PROJECT / ".kdex/sources" / n for n in ("sglang-0.5.23", "transformers-5.19.0")]
failures = []


def check(ok: bool, what: str) -> None:
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def status(part: collections.abc.Callable[[pathlib.Path], None]) -> int:
    """Runs the checks of a part, which is given a folder to work in; the exit status, 77 for skipped."""
    if not KDEX.is_file() or not all(s.is_dir() for s in SOURCES):
        print("skipped: no kdex program or no sources; scripts/quickstart.sh fetches them")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        part(pathlib.Path(folder))
    return 1 if failures else 0
