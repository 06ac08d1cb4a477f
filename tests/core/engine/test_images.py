"""Images of prepared states: builds with and without one give the same, and an image that does not fit is
made anew without a word.

usage: test_images.py KDEX

The engine is a toy of this test's own, whose driver has a share().
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from toy_engine import ENGINE

NET = """
import torch
from torch import nn
from toy.sizes import FACTOR


class Net(nn.Module):
    def __init__(self, config, factor):
        super().__init__()
        self.size = config["width"] * factor * FACTOR
        self.w = nn.Parameter(torch.empty(self.size, dtype=torch.bfloat16))


EntryNet = Net
"""

# share() leaves behind what is hard to keep: closures, big numbers, patterns, iterators in the middle.
DRIVER = """
import functools
import re

import _kdex

SHARED = {}


@functools.lru_cache(maxsize=None)
def squared(n):
    return n * n


def share(request):
    from toy.sizes import FACTOR

    it = iter([5, 6, 7])
    next(it)
    SHARED.update(it=it, pattern=re.compile(r"(\\d+)-"), big=1 << 200, names={"a", ()},
                  add=(lambda n: lambda m: n + m)(FACTOR), squares=[squared(i) for i in range(4)])


def build(request):
    import json
    import torch

    if not SHARED:
        share(request)
    with open(request["checkpoint"] + "/config.json") as f:
        config = json.load(f)
    name = config["architectures"][0]
    cls = getattr(_kdex.import_module(request["architectures"][name]), name)
    model = cls(config, request["tp"])
    model.rest = list(SHARED["it"])
    model.told = [SHARED["pattern"].match("12-").group(1), str(SHARED["big"]), SHARED["add"](2),
                  str(squared.cache_info()), SHARED["squares"], len(SHARED["names"])]
    return {
        "status": "ok", "architecture": name, "model_class": cls.__module__ + "." + name,
        "hf_config_class": "Config", "quant_config_class": None, "dtype": torch.bfloat16,
        "resolved": {}, "model_config": None, "model": model,
        "modules": list(model.named_modules()),
    }
"""


class Place:
    def __init__(self, kdex, folder):
        self.kdex, self.folder = kdex, pathlib.Path(folder)
        self.cache = self.folder / "cache"
        self.write("engines/toy/engine.json", json.dumps(ENGINE))
        self.write("engines/toy/driver.py", DRIVER)
        self.write("engines/toy/roles.json", json.dumps({"modules": []}))
        self.write("engines/toy/packages.json", json.dumps({"modules": {}, "versions": {}}))
        self.write("engines/toy/platforms.json", json.dumps({"h200": {"device": "cuda"}}))
        self.write("src/toy/__init__.py", "")
        self.write("src/toy/nets/net.py", NET)
        self.write("src/toy/sizes.py", "FACTOR = 3\n")
        self.write("tiny/config.json", json.dumps({"architectures": ["Net"], "width": 8}))

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def command(self, *more):
        source, checkpoint = self.folder / "src", self.folder / "tiny"
        return [self.kdex, "modules", "--source", source, "--checkpoint", checkpoint,
                "--format", "json", *more]  # fmt: skip

    def environment(self, **more):
        return {**os.environ, "KDEX_ENGINES": str(self.folder / "engines"),
                "KDEX_CACHE": str(self.cache), **more}  # fmt: skip

    def run(self, *more, **environment):
        r = subprocess.run(
            self.command(*more), capture_output=True, text=True, env=self.environment(**environment)
        )
        assert r.returncode == 0 and not r.stderr, (r.returncode, r.stdout[:900], r.stderr)
        return self.told(r.stdout)

    @staticmethod
    def told(text):
        tree = json.loads(text)
        assert tree["status"] == "ok", tree
        return {k: v for k, v in tree.items() if "seconds" not in k}

    def without(self):
        return self.run(KDEX_SNAPSHOT="off", KDEX_CACHE=str(self.folder / "other"))

    def image(self):
        found = list(self.cache.rglob("image-*"))
        assert len(found) == 1, found
        return found[0]


def check(place):
    expected = place.without()
    assert "image-" not in str(list((place.folder / "other").rglob("*")))
    assert place.run() == expected
    image = place.image()
    first = image.stat().st_ino
    for tp in ("1", "2", "1"):
        tree = place.run("--tp", tp)
        assert (tree == expected) == (tp == "1")
    assert image.stat().st_ino == first, "an image that fits was made anew"
    whole = image.read_bytes()

    def flipped(at):
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]

    damaged = [b"", b"kdex", b"x" * 5000, whole[:4096], whole[: len(whole) // 2], whole[:-1]]
    damaged += [whole + b"more"]
    damaged += [flipped(at) for at in (0, 8, 16, 24, 4096, len(whole) // 2, len(whole) - 2)]
    for i, data in enumerate(damaged):
        image.unlink()
        image.write_bytes(data)
        image.chmod(0o600)
        assert place.run() == expected, i
        assert place.image().stat().st_size == len(whole), f"damage {i} was not mended"
    image.chmod(0o666)  # anybody may have written it
    before = image.stat().st_ino
    assert place.run() == expected
    assert image.stat().st_ino != before and image.stat().st_mode & 0o777 == 0o600
    image.unlink()
    (place.folder / "elsewhere").write_bytes(whole)
    image.symlink_to(place.folder / "elsewhere")
    assert place.run() == expected and not image.is_symlink()
    image.unlink()
    os.mkfifo(image)
    assert place.run() == expected and image.is_file()

    before = image.stat().st_ino
    place.write("src/toy/sizes.py", "FACTOR = 3\n")  # newer, and the same
    assert place.run() == expected
    assert image.stat().st_ino == before, "an image was made anew for a file that is the same"
    place.write("src/toy/sizes.py", "FACTOR = 5\n")
    changed = place.run()
    assert changed == place.without() != expected
    place.write("src/toy/sizes/__init__.py", "FACTOR = 7\n")  # a package hides the module
    hidden = place.run()
    assert hidden == place.without() and hidden not in (expected, changed)

    for cache in ("", "/proc", str(place.folder / "tiny/config.json")):
        assert place.run(KDEX_CACHE=cache) == hidden
    image.unlink()
    runs = [
        subprocess.Popen(
            place.command(), stdout=subprocess.PIPE, text=True, env=place.environment()
        )
        for _ in range(4)
    ]
    for r in runs:
        out, _ = r.communicate()
        assert r.returncode == 0 and place.told(out) == hidden
    assert place.image().stat().st_size > 4096


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        check(Place(os.path.abspath(sys.argv[1]), work))
    print("builds with and without an image are the same")
