"""An engine that is not kdex's: a folder of data and a driver, named by KDEX_ENGINES.

usage: test_other_engine.py KDEX

Its classes are called otherwise than any real engine's; what its roles.json says of them is enough for the families.
"""

import json
import os
import subprocess
import sys
import tempfile

from toy_engine import ENGINE

MODEL = """
import torch
from torch import nn


def weight(*shape):
    return nn.Parameter(torch.empty(*shape, dtype=torch.bfloat16))


class Product(nn.Module):
    def __init__(self, rows, columns):
        super().__init__()
        self.w = weight(rows, columns)


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = weight(width)
        self.tiny = 1e-5


class Focus(nn.Module):
    def __init__(self, heads, kv_heads, size):
        super().__init__()
        self.heads, self.kv_heads, self.size = heads, kv_heads, size
        self.span = 129


class Crowd(nn.Module):
    def __init__(self, count, hidden, inner):
        super().__init__()
        self.count, self.hidden, self.inner, self.chosen = count, hidden, inner, 2
        self.up, self.down = weight(count, 2 * inner, hidden), weight(count, hidden, inner)
        self.choice = {"by": "softmax", "again": True}
        self.again, self.by = True, "softmax"


class Net(nn.Module):
    def __init__(self, config, tp):
        super().__init__()
        hidden, heads = config["width"], config["heads"] // tp
        self.first = Scale(hidden)
        self.ask = Product(3 * heads * 64, hidden)
        self.focus = Focus(heads, heads, 64)
        self.crowd = Crowd(8, hidden, 256)


EntryNet = Net
"""

DRIVER = """
import _kdex


def build(request):
    import json
    import torch

    with open(request["checkpoint"] + "/config.json") as f:
        config = json.load(f)
    name = config["architectures"][0]
    cls = getattr(_kdex.import_module(request["architectures"][name]), name)
    model = cls(config, request["tp"])
    return {
        "status": "ok", "architecture": name, "model_class": cls.__module__ + "." + name,
        "hf_config_class": "Config", "quant_config_class": None, "dtype": torch.bfloat16,
        "resolved": {"width": config["width"], request["arguments"]["tp"]: request["tp"]},
        "model_config": None, "model": model, "modules": list(model.named_modules()),
    }
"""

ROLES = {
    "modules": [
        {"role": "linear", "classes": "Product", "facts": {"weight": {"tensor": "param:w"}}},
        {
            "role": "norm",
            "classes": "Scale",
            "facts": {
                "weight": {"tensor": "param:gain"},
                "eps": {"number": "tiny"},
                "weight_offset": 0,
            },
        },
        {
            "role": "attention",
            "classes": "Focus",
            "facts": {
                "num_q_heads": {"size": "heads"},
                "num_kv_heads": {"size": "kv_heads"},
                "head_dim": {"size": "size"},
                "window_left": {"size": {"path": "span", "plus": -1}},
            },
        },
        {
            "role": "experts",
            "classes": "Crowd",
            "places": {"router": "self"},
            "facts": {
                "num_experts": {"size": "count"},
                "num_local_experts": {"size": "count"},
                "top_k": {"size": "chosen"},
                "hidden_size": {"size": "hidden"},
                "intermediate_size": {"size": "inner"},
                "gate_up": {"tensor": "param:up"},
                "down": {"tensor": "param:down"},
                "router": {"module": "router"},
                "scoring": {"text": "by"},
                "renormalize": {"truth": "again"},
            },
        },
    ]
}

WANTED = {
    "gemm_n1536_k512",
    "gqa_paged_decode_h4_kv4_d64_ps1_sw128",
    "moe_bf16_renorm_topk2_e8_h512_i256",
    "rmsnorm_h512_eps1e-05",
}


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(content if isinstance(content, str) else json.dumps(content))


def main():
    kdex = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        for name, content in (
            ("engines/toy/engine.json", ENGINE),
            ("engines/toy/driver.py", DRIVER),
            ("engines/toy/roles.json", ROLES),
            ("engines/toy/packages.json", {"modules": {}, "versions": {"torch": "2.9.0"}}),
            ("engines/toy/platforms.json", {"h200": {}}),
            ("engines/broken/engine.json", {"title": "Broken"}),
            ("site/toy/__init__.py", ""),
            ("site/toy/nets/__init__.py", ""),
            ("site/toy/nets/net.py", MODEL),
            ("tiny/config.json", {"architectures": ["Net"], "width": 512, "heads": 8}),
        ):
            write(work, name, content)
        env = dict(os.environ, KDEX_ENGINES=os.path.join(work, "engines"))
        given = ["--source", os.path.join(work, "site"), "--checkpoint", os.path.join(work, "tiny")]

        def run(*arguments):
            return subprocess.run(
                [kdex, *arguments, *given], capture_output=True, text=True, env=env, cwd=work
            )

        out = os.path.join(work, "out")
        r = run("extract", "--tp", "2", "--page-size", "1", "--out", out)
        assert r.returncode == 0, r.stderr
        assert "engine refused" in r.stderr and "broken/engine.json" in r.stderr, r.stderr
        assert "'package' is missing" in r.stderr, r.stderr
        found = set()
        for _, _, files in os.walk(os.path.join(out, "definitions")):
            found |= {f.removesuffix(".json") for f in files}
        assert WANTED <= found, f"missing: {WANTED - found}; found: {sorted(found)}"
        r = run("modules", "--tp", "2", "--engine", "toy")
        assert "focus: Focus (attention)" in r.stdout, r.stdout
        r = subprocess.run(
            [kdex, "explain", "gqa_paged_decode_h4_kv4_d64_ps1_sw128", "--dataset", out],
            capture_output=True,
            text=True,
            env=env,
        )
        assert "toy/nets/net.py" in r.stdout, r.stdout + r.stderr
        r = run("modules", "--engine", "toyy")
        assert r.returncode == 2 and "toy" in r.stderr, r.stderr
        r = run("modules", "--platform", "abacus")
        assert r.returncode == 2 and "h200" in r.stderr, r.stderr
    print("a folder of data gave", len(found), "definitions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
