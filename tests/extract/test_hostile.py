"""What checkpoints and source trees may do wrong: each ends with one clear line (or the report's list), no crash
and no partial file.

usage: test_hostile.py KDEX PROJECT
"""
import json
import os
import subprocess
import sys
import tempfile

KDEX, PROJECT = sys.argv[1:3]
SOURCES = [os.path.join(PROJECT, ".kdex", "sources", n) for n in ("sglang-0.5.23", "transformers-5.19.0")]
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what)


def modules(checkpoint, sources, *more, seconds=120):
    arguments = [KDEX, "modules", "--checkpoint", checkpoint, "--format", "json", *more]
    for s in sources:
        arguments += ["--source", s]
    try:
        return subprocess.run(arguments, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def ends_well(name, r, status, *words):
    """A status, and either one line on stderr or a failed tree on stdout, that has the words."""
    if r is None:
        check(False, name + ": did not end")
        return
    check(r.returncode == status, f"{name}: status {r.returncode}, wanted {status}: {(r.stderr or r.stdout)[:300]}")
    text = r.stdout + r.stderr
    if status == 2:
        check(len(r.stderr.strip().splitlines()) == 1, f"{name}: not one line: {r.stderr[:400]}")
    for w in words:
        check(w in text, f"{name}: no '{w}' in {text[:400]}")
    check("InternalError" not in text, f"{name}: {text[:300]}")


def checkpoints(work):
    with open(os.path.join(PROJECT, "examples", "checkpoints", "meta-llama--Llama-3.1-8B", "config.json")) as f:
        good = json.load(f)
    cases = {
        "truncated": (json.dumps(good)[:200], 2, ()),
        "not_json": ("hello", 2, ()),
        "a_list": ("[1, 2]", 2, ()),
        "empty": ("", 2, ()),
        "no_architecture": (json.dumps({k: v for k, v in good.items() if k != "architectures"}), 1, ()),
        "unknown_architecture": (json.dumps({**good, "architectures": ["NoSuchModelForCausalLM"], "model_type": "no_such"}), 1, ("no_such",)),
        "text_for_a_size": (json.dumps({**good, "hidden_size": "wide"}), 1, ("hidden_size",)),
        "negative_size": (json.dumps({**good, "hidden_size": -4096}), 1, ()),
        "absurd_layers": (json.dumps({**good, "num_hidden_layers": 10**9}), 1, ()),
        "zero_heads": (json.dumps({**good, "num_attention_heads": 0}), 1, ()),
        "deep": ('{"a":' * 5000 + "1" + "}" * 5000, 2, ()),
    }
    for name, (text, status, words) in cases.items():
        folder = os.path.join(work, name)
        os.makedirs(folder)
        with open(os.path.join(folder, "config.json"), "w") as f:
            f.write(text)
        ends_well(name, modules(folder, SOURCES), status, *words)


def trees(work):
    checkpoint = os.path.join(PROJECT, "examples", "checkpoints", "meta-llama--Llama-3.1-8B")
    empty = os.path.join(work, "no_engine")
    os.makedirs(empty)
    ends_well("a tree without the engine", modules(checkpoint, [empty]), 2, "sglang")
    for name, file, text, word in (
        ("a syntax error", "layers/linear.py", "def broken(:\n", "linear.py, line 1"),
        ("an endless loop", "models/llama.py", "while True:\n    pass\nclass LlamaForCausalLM: pass\nEntryClass = LlamaForCausalLM\n", ""),
        ("recursion", "models/llama.py", "def f(): return f()\nclass LlamaForCausalLM:\n    x = f()\nEntryClass = LlamaForCausalLM\n", "RecursionError"),
        ("a huge list", "models/llama.py", "class LlamaForCausalLM:\n    x = [0] * 10**12\nEntryClass = LlamaForCausalLM\n", ""),
        ("a huge number", "models/llama.py", "class LlamaForCausalLM:\n    x = 10**10**10\nEntryClass = LlamaForCausalLM\n", ""),
    ):
        root = os.path.join(work, "tree_" + name.replace(" ", "_"))
        package = os.path.join(root, "sglang")
        os.makedirs(root)
        subprocess.run(["cp", "-rs", os.path.join(SOURCES[0], "sglang"), package], check=True)
        target = os.path.join(package, "srt", file)
        os.remove(target)
        with open(target, "w") as f:
            f.write(text)
        ends_well(name, modules(checkpoint, [root, SOURCES[1]], seconds=300), 1, word)


def outputs(work):
    checkpoint = os.path.join(PROJECT, "examples", "checkpoints", "meta-llama--Llama-3.1-8B")
    source = [x for s in SOURCES for x in ("--source", s)]
    file = os.path.join(work, "a_file")
    open(file, "w").close()
    r = subprocess.run([KDEX, "extract", *source, "--checkpoint", checkpoint, "--out", os.path.join(file, "below")], capture_output=True, text=True)
    check(r.returncode == 2 and r.stderr.strip().splitlines()[-1].startswith("kdex: "), f"an output folder under a file: {r.returncode} {r.stderr[:300]}")
    r = subprocess.run([KDEX, "extract", *source, "--checkpoint", checkpoint, "--out", "/dev/full"], capture_output=True, text=True)
    check(r.returncode == 2 and r.stderr.strip().splitlines()[-1].startswith("kdex: "), f"an output that is no folder: {r.returncode} {r.stderr[:300]}")


def main():
    if not all(os.path.isdir(s) for s in SOURCES):
        print("skipped: run scripts/fetch-sources.sh first")
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        for test in (checkpoints, trees, outputs):
            test(work)
    return 1 if failed else 0


sys.exit(main())
