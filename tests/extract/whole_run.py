"""What tests of whole runs share: the program and the project that they are given, checks that are counted, and when
they are skipped."""

import collections.abc
import pathlib
import sys
import tempfile

import engine_sources

KDEX = pathlib.Path(sys.argv[1]).resolve()
PROJECT = pathlib.Path(sys.argv[2]).resolve()
SOURCES = [pathlib.Path(s) for s in engine_sources.folders(PROJECT)]
failures = []


def check(ok: bool, what: str) -> None:
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def status(part: collections.abc.Callable[[pathlib.Path], None]) -> int:
    """Runs the checks of a part, which is given a folder to work in; the exit status, 77 for skipped."""
    if engine_sources.missing(SOURCES):
        return 77
    with tempfile.TemporaryDirectory() as folder:
        part(pathlib.Path(folder))
    return 1 if failures else 0
