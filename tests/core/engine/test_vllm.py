"""The second engine: what its folder says, and, where its sources are at hand, what it builds.

usage: test_vllm.py KDEX PROJECT_DIR

Without the sources (scripts/fetch-sources.sh --engine vllm) what needs them is skipped with a
message; with the recorded results of the engine beside the repository a sample of them is held.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

KDEX, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
FOLDER = os.path.join(ROOT, "core", "engine", "vllm")
SOURCES = os.path.join(ROOT, ".kdex", "sources")
SAMPLE = "Meta-Llama-3.1-8B__tp8 DeepSeek-V3__tp8_ep8 V3.2__tp8_ep1__b200 Qwen3.5-35B-A3B__tp8_ep8 MiMo-7B-Base__tp1".split()


def run(*arguments):
    return subprocess.run([KDEX, *arguments], capture_output=True, text=True, cwd=ROOT)


def modules(checkpoint, *more):
    folder = os.path.join(ROOT, "examples", "checkpoints", checkpoint)
    return run("modules", "--engine", "vllm", "--checkpoint", folder, *more)


def check_folder():
    """The engine is known, and says where its own things are."""
    r = run("models", "--engine", "vlm")
    assert r.returncode == 2 and "did you mean 'vllm'?" in r.stderr, r.stderr
    with open(os.path.join(FOLDER, "engine.json")) as f:
        engine = json.load(f)
    assert engine["arguments"]["page_size"] == "block_size", engine
    with open(os.path.join(FOLDER, "roles.json")) as f:
        roles = [e.get("role") for e in json.load(f)["modules"]]
    for role in ("attention", "latent_attention", "experts", "linear", "norm", "head"):
        assert role in roles, role


def checkpoints():
    """Names of examples/checkpoints, by a part."""
    names = os.listdir(os.path.join(ROOT, "examples", "checkpoints"))
    return {p: next(n for n in names if p in n) for p in ("Llama-3.1-8B", "Qwen3-30B-A3B")}


def check_words(llama):
    """Refusals in the engine's own words, and those of its parser."""
    r = modules(llama, "--tp", "3")
    assert r.returncode == 0, r.stderr
    said = r.stdout + r.stderr
    assert "attention heads (32) must be divisible by tensor parallel size (3)." in said, said
    assert "errors.pydantic.dev/2." in said, said
    r = modules(llama, "--engine-arg", "max_num_seq=3", "--engine-arg", "nosuch=1")
    assert r.returncode == 2 and "argument parser of vLLM: unrecognized arguments" in r.stderr
    r = modules(llama, "--engine-arg", "tensor-parallel-size=4", "--tp", "8")
    assert r.returncode == 2 and "contradicts the deployment's tp 8" in r.stderr, r.stderr
    r = modules(llama, "--ep", "2", "--tp", "8")
    assert "all 8 ranks" in r.stdout + r.stderr, r.stdout + r.stderr


def definitions(engine, checkpoint, work):
    out = os.path.join(work, engine, checkpoint)
    folder = os.path.join(ROOT, "examples", "checkpoints", checkpoint)
    deployment = ["--tp", "8", "--page-size", "64", "--forward", "false"]
    r = run("extract", "--engine", engine, "--checkpoint", folder, *deployment, "--out", out)
    assert r.returncode == 0, r.stderr
    found = {}
    for path in glob.glob(os.path.join(out, "definitions", "*", "*.json")):
        with open(path, "rb") as f:
            found[os.path.basename(path)] = f.read()
    return found


def check_definitions(names):
    """Both engines' definitions of what the constructors build: the same names, equal bytes."""
    with tempfile.TemporaryDirectory() as work:
        for checkpoint in names:
            ours, others = (definitions(e, checkpoint, work) for e in ("vllm", "sglang"))
            assert len(ours) >= 9 and set(ours) == set(others), (sorted(ours), sorted(others))
            unequal = [n for n in ours if ours[n] != others[n]]
            assert not unequal, (checkpoint, unequal)
    print("equal definitions of", ", ".join(names))


def check_records():
    source = ["--source", glob.glob(SOURCES + "/vllm-*")[0]]
    source += ["--source", glob.glob(SOURCES + "/transformers-*")[0]]
    oracle = os.path.join(os.path.dirname(__file__), "machine_oracle.py")
    command = [sys.executable, oracle, KDEX, "--engine", "vllm", *source, *SAMPLE]
    r = subprocess.run(command, capture_output=True, text=True)
    print(r.stdout[-300:])
    assert r.returncode == 0, r.stdout[-3000:]


def main():
    check_folder()
    if not glob.glob(SOURCES + "/vllm-*"):
        print("skipped: no sources of vLLM; run scripts/fetch-sources.sh --engine vllm")
        return
    names = checkpoints()
    check_words(names["Llama-3.1-8B"])
    r = modules(names["Llama-3.1-8B"], "--format", "json")
    assert json.loads(r.stdout)["resolved"]["block_size"] == 16, r.stdout[:500]
    check_definitions(list(names.values()))
    check_records()


main()
