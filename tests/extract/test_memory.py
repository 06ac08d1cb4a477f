"""Peak memory of an extraction whose configuration is large and is copied often: a model with a
quantization entry for each of some 19,000 linear layers, made here. Arguments: kdex, the
repository's top folder."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import engine_sources

KDEX, TOP = sys.argv[1], pathlib.Path(sys.argv[2])
SOURCES = engine_sources.folders(TOP)
MOST = 400  # MB

if engine_sources.missing(SOURCES):
    sys.exit(77)


def large_configuration():
    config = json.loads((TOP / "examples/checkpoints/Qwen--Qwen3-30B-A3B/config.json").read_text())
    layers = {}
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}"
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            layers[f"{at}.self_attn.{name}"] = {"quant_algo": "FP8"}
        for e in range(config["num_experts"]):
            for name in ("gate_proj", "up_proj", "down_proj"):
                layers[f"{at}.mlp.experts.{e}.{name}"] = {"quant_algo": "NVFP4", "group_size": 16}
    config["quantization_config"] = {
        "quant_method": "modelopt",
        "quant_algo": "MIXED_PRECISION",
        "kv_cache_quant_algo": None,
        "exclude_modules": ["lm_head"],
        "quantized_layers": layers,
    }
    return config


with tempfile.TemporaryDirectory() as folder:
    checkpoint = pathlib.Path(folder, "large")
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text(json.dumps(large_configuration(), indent=2))
    command = [KDEX, "modules", "--checkpoint", checkpoint, "--format", "json"]
    for s in SOURCES:
        command += ["--source", s]
    r = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "KDEX_CACHE": os.environ.get("KDEX_CACHE", f"{folder}/cache")},
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

answer = json.loads(r.stdout)
failed = 0
if answer.get("status") != "ok":
    print("FAILED: the model was not built:", answer.get("error"), r.stderr[:500])
    failed = 1
elif len(answer["modules"]) < 48 * 5:
    print("FAILED: only", len(answer["modules"]), "modules")
    failed = 1
if peak > MOST:
    print(f"FAILED: a peak of {peak:.0f} MB, at most {MOST} MB are allowed")
    failed = 1

# Elements of a large tensor are not listed, whatever rows of it are read or written.
ROWS = """
import torch

state = torch.zeros(4, 2048, 2048)
rows = state[torch.tensor([1, 2])]
assert rows.shape == (2, 2048, 2048) and rows[0, 0, 0] == 0, rows
state[[0, 3]] = torch.tensor([1.0])
state[2].copy_(torch.tensor([5.0, 6.0]).repeat(1024))
small = torch.zeros(4, 3)
small[[0, 3]] = torch.tensor([1.0, 2.0, 3.0])
assert small.tolist() == [[1, 2, 3], [0, 0, 0], [0, 0, 0], [1, 2, 3]], small
assert torch.arange(8).view(4, 2)[[3, 0]].tolist() == [[6, 7], [0, 1]]
"""
with tempfile.TemporaryDirectory() as folder:
    program = pathlib.Path(folder, "rows.py")
    program.write_text(ROWS)
    command = [KDEX, "eval", program, "--max-memory", "60"]
    r = subprocess.run(command, capture_output=True, text=True)
if r.returncode != 0:
    print("FAILED: rows of a large tensor:", r.stderr[:500])
    failed = 1
print(f"{peak:.0f} MB")
sys.exit(failed)
