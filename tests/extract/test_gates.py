"""Runs in CI: what `--fail-on` and a baseline fail, a checkpoint that is unknown beside others, a run that is
interrupted and resumed, a reader that goes away, how much is told.

usage: test_gates.py KDEX PROJECT. Status 77: skipped.
"""

import json
import os
import pathlib
import pty
import signal
import subprocess
import sys

from small_llama import LLAMA
from whole_run import KDEX, SOURCES, check, status


def command(dataset: pathlib.Path, *arguments: str) -> list[str]:
    words = [KDEX, "extract", "--out", dataset, *(x for s in SOURCES for x in ("--source", s))]
    words += ["--checkpoint", dataset.parent / "llama", *arguments]
    return [str(w) for w in words]


FAST = ("--forward", "false")


def extract(dataset: pathlib.Path, *arguments: str, forward: bool = False):
    words = command(dataset, *arguments, *(() if forward else FAST))
    return subprocess.run(words, capture_output=True, text=True)


def report(dataset: pathlib.Path) -> dict:
    return json.loads((dataset / "report.json").read_text())


def fails_on(work: pathlib.Path) -> None:
    """Eight heads: the engine refuses tp 3."""
    r = extract(work / "a", "--tp", "1", "3")
    check(r.returncode == 0, f"a refusal is a result: {r.stderr[-300:]}")
    line = "AssertionError: sglang/srt/models/llama.py:"
    check(line in r.stdout, "the table shows the line of an assertion without words")
    for forward, words, wanted in (
        (
            False,
            "refusal",
            "fail-on refusal: llama tp3: AssertionError: assert self.total_num_heads",
        ),
        (False, "unmatched,assumption", "fail-on unmatched: llama tp1: "),
        (
            True,
            "coverage.launches=0.99,coverage.bytes=0.5",
            " of launches have a definition, expected 99.0 %",
        ),
    ):
        r = extract(work / "a", "--tp", "1", "3", "--fail-on", words, forward=forward)
        check(r.returncode == 1 and wanted in r.stderr, f"--fail-on {words}: {r.stderr[-300:]}")
    told = report(work / "a")["deviations"]
    check({d["kind"] for d in told} == {"coverage"}, f"the report's deviations: {told}")
    check(all(" of launches have " in d["what"] for d in told), f"of bytes half is enough: {told}")
    r = extract(work / "a", "--tp", "1", "3", "--fail-on", "new,conflict")
    check(r.returncode == 0, f"nothing is new, nothing differs: {r.stderr[-300:]}")
    check(report(work / "a")["deviations"] == [], "no deviation")
    r = extract(work / "new", "--fail-on", "new")
    check(r.returncode == 1 and "was not in the dataset" in r.stderr, "new definitions")
    r = extract(work / "a", "--fail-on", "refusals")
    check(r.returncode == 2 and "did you mean 'refusal'" in r.stderr, f"a kind: {r.stderr}")
    r = extract(work / "a", "--fail-on", "coverage=95")
    check(r.returncode == 2 and "a share from 0 to 1" in r.stderr, f"a share: {r.stderr}")


def baselines(work: pathlib.Path) -> None:
    file = work / "baseline.json"
    given = ("--tp", "1", "3", "--baseline", file)
    r = extract(work / "a", *given)
    check(r.returncode == 2 and "no such file" in r.stderr, f"no baseline: {r.stderr}")
    r = extract(work / "a", *given, "--update-baseline", forward=True)
    check(r.returncode == 0, f"--update-baseline: {r.stderr[-300:]}")
    text = file.read_text()
    told = json.loads(text)["deployments"]
    check(sorted(told) == ["llama tp1", "llama tp3"], f"its deployments: {sorted(told)}")
    check(told["llama tp3"]["refused"].endswith("total_num_heads % tp_size == 0"), f"{told}")
    check(sum(line.startswith('    "llama tp') for line in text.splitlines()) == 2, "a line each")
    r = extract(work / "a", *given, forward=True)
    check(r.returncode == 0, f"the same run is as expected: {r.stderr[-300:]}")
    check(file.read_text() == text, "a run that does not update leaves the file alone")
    r = extract(work / "a", "--tp", "1", "2", "3", "5", "--baseline", file)
    check(r.returncode == 1, "deployments beyond the baseline")
    check("fail-on refusal: llama tp5: " in r.stderr, f"a refusal beyond it: {r.stderr}")
    check("fail-on new: llama tp2: is not in the baseline" in r.stderr, f"a new one: {r.stderr}")
    check("tp3" not in r.stderr.split("fail-on", 1)[1], "the expected refusal is none")
    told["llama tp1"]["definitions"] += 1
    told["llama tp1"]["unmatched"] -= 1
    told["llama tp1"]["coverage"]["bytes"] = 1.0
    told["llama tp2"] = {"refused": "AssertionError: no"}
    file.write_text(json.dumps({"kdex_baseline": 1, "deployments": told, "conflicts": []}))
    r = extract(work / "a", "--tp", "1", "2", "3", "--baseline", file, forward=True)
    kinds = {d["kind"] for d in report(work / "a")["deviations"]}
    check(r.returncode == 1 and kinds == {"missing", "unmatched", "coverage"}, f"kinds {kinds}")
    check("better than the baseline: llama tp2: the engine builds it" in r.stderr, "what is better")
    r = extract(work / "a", "--tp", "1", "--baseline", file, "--fail-on", "refusal,conflict")
    check(r.returncode == 0, f"kinds that are not asked for: {r.stderr[-300:]}")
    file.write_text('{"kdex_baseline": 1, "deployments": {"x": {"definitions": "9"}}}')
    r = extract(work / "a", "--baseline", file)
    check(r.returncode == 2 and "x: 'definitions' must be an integer" in r.stderr, f"{r.stderr}")


def goes_on(work: pathlib.Path) -> None:
    r = extract(work / "b", "no/such", "--dry-run")
    check(r.returncode == 0 and "1 models at a deployment" in r.stdout, f"--dry-run: {r.stdout}")
    check(not (work / "b").exists(), "--dry-run writes nothing")
    r = extract(work / "b", "no/such", "--quiet")
    check(r.returncode == 1 and r.stdout == "", f"an unknown checkpoint: {r.stdout}")
    check(r.stderr.startswith("kdex: left out: no/such: no such folder"), f"it said {r.stderr}")
    check(r.stderr.count("\n") == 1, f"--quiet tells errors alone: {r.stderr}")
    check(len(report(work / "b")["models"]) == 1, "the other one was done")
    r = extract(work / "b", "no/such", "--keep-going", "false")
    check(r.returncode == 2 and "no such folder" in r.stderr, "--keep-going false")
    file = work / "p.yaml"
    file.write_text(
        f"sources: {json.dumps([str(s) for s in SOURCES])}\ncheckpoints: [llama, x/y]\n"
    )
    words = [KDEX, "run", file, "--set", f"output_dir={work / 'b'}", "--quiet"]
    r = subprocess.run(words, capture_output=True, text=True)
    check(r.returncode == 1 and "p.yaml:2:22: " in r.stderr, f"in a file: {r.stderr}")
    r = subprocess.run([*words, "--keep-going", "false"], capture_output=True, text=True)
    check(r.returncode == 2 and "p.yaml:2:22: " in r.stderr, f"stops in a file: {r.stderr}")


def definitions(dataset: pathlib.Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in dataset.glob("definitions/*/*.json")}


def resumes(work: pathlib.Path) -> None:
    matrix = ("--tp", "1", "2", "3", "--platform", "h200", "b200", "--jobs", "1")
    extract(work / "whole", *matrix)
    wanted = report(work / "whole")
    process = subprocess.Popen(
        command(work / "c", *matrix, *FAST),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not process.stderr.readline().startswith("[2/6]"):
        check(process.poll() is None, "the run ended early")
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    check(process.returncode == 130, f"interrupted: status {process.returncode}: {said}")
    check("of 6 models are done; `--resume` goes on with the others" in said, f"it said {said}")
    part = report(work / "c")
    done = len(part["models"])
    check(part["interrupted"] and 2 <= done < 6, f"{done} models of an interrupted run")
    check(bool(definitions(work / "c")), "what they gave is written")
    r = extract(work / "c", *matrix, "--include-quantized", "false", "--resume")
    check(r.returncode == 2 and "had another 'include_quantized'" in r.stderr, f"{r.stderr}")
    r = extract(work / "c", *matrix, "--resume")
    check(r.returncode == 0, f"resumed: {r.stderr[-300:]}")
    check(f"{done} of 6 models are done" in r.stderr, f"it said {r.stderr[:300]}")
    check(f"[1/{6 - done}]" in r.stderr, "the others alone are built")
    got = report(work / "c")
    check(got["run"]["resumes"] == part["run"]["id"], "which run it resumes")
    check(not got["interrupted"], "it is whole")
    for key in ("models", "definitions", "new_definitions", "conflicts", "errors", "deviations"):
        check(got[key] == wanted[key], f"'{key}' differs from a run that was not interrupted")
    check(definitions(work / "c") == definitions(work / "whole"), "the same bytes")
    r = extract(work / "c", *matrix, "--resume")
    check(r.returncode == 2 and "was not interrupted" in r.stderr, f"nothing to resume: {r.stderr}")


def streams(work: pathlib.Path) -> None:
    read, write = os.pipe()
    process = subprocess.Popen(
        command(work / "a", *FAST), stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    os.close(read)
    said = process.communicate()[1]
    check("standard output" not in said and "internal" not in said, f"a broken pipe: {said}")
    for colour in (True, False):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        if not colour:
            environment["NO_COLOR"] = "1"
        process = subprocess.Popen(
            command(work / "a", *FAST, "--tp", "1", "3", "--jobs", "1", "--fail-on", "refusal"),
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env=environment,
        )
        os.close(theirs)
        said = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            said += more
        os.close(ours)
        process.wait()
        check(b"\r\x1b[K" in said and b" left" in said, f"a line with the time left: {said!r}")
        check((b"\x1b[31mkdex:\x1b[0m" in said) == colour, f"NO_COLOR, colour {colour}: {said!r}")


def all_checks(work: pathlib.Path) -> None:
    (work / "llama").mkdir()
    (work / "llama/config.json").write_text(json.dumps(LLAMA))
    for part in (fails_on, baselines, goes_on, resumes, streams):
        part(work)


if __name__ == "__main__":
    sys.exit(status(all_checks))
