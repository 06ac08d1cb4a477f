"""What the tests of kernel families and stages share. Needs Python 3 only; torch where a reference
is run.

    from kdex_testing import Family, main

    class Test(Family):
        name = "rope"
        expected = {"meta-llama--Llama-3.1-8B": ["rope_h32_kv8_d128_rd128_neox"]}

        def check_reference(self, torch): ...

    main(Test)

A stage: derive from `Stage`, write `check_stage`.

`main` is called as `test_x.py KDEX PLUGINS DATA`: the program, the folder of the built library, kdex's
data folder. Exit status 0 where all holds, 1 where something fails, 77 where nothing could be tried.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile


class Plugin:
    """A plugin under test. Fill in `name`."""

    name = ""

    def __init__(self, kdex, plugins, data):
        self.kdex, self.plugins, self.data = kdex, plugins, data
        self.passed, self.failures, self.skipped = 0, [], []
        self.work = tempfile.TemporaryDirectory()

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failures.append(what)

    def run(self, *arguments):
        return subprocess.run([self.kdex, *arguments], capture_output=True, text=True)

    def check_loaded(self):
        done = self.run("plugins", "--plugins-path", self.plugins)
        found = re.search(rf"^{self.name} +\S+ ", done.stdout, re.M)
        self.check(found, f"{self.name} is not loaded:\n{done.stdout}{done.stderr}")

    def example(self, checkpoint):
        """A checkpoint below examples/checkpoints of kdex's data, or any path."""
        folder = os.path.join(self.data, "examples/checkpoints", checkpoint)
        return folder if os.path.isdir(folder) else checkpoint


class Stage(Plugin):
    """A stage under test. Write `check_stage`."""

    def check_stage(self):
        """Run the stage and look at what it wrote."""
        raise NotImplementedError("check_stage is not written")

    def dataset(self, definitions):
        """The folder of a dataset of these definitions."""
        folder = tempfile.mkdtemp(dir=self.work.name)
        for d in definitions:
            file = os.path.join(folder, "definitions", d["op_type"], d["name"] + ".json")
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w") as f:
                json.dump(d, f)
        return folder

    def run_stage(self, dataset, *options):
        """`kdex stage NAME DATASET`."""
        return self.run("stage", self.name, dataset, *options, "--plugins-path", self.plugins)

    def run_pipeline(self, checkpoint, text):
        """`kdex run` of a pipeline file for a checkpoint, and the dataset. `text`: its other keys."""
        folder = tempfile.mkdtemp(dir=self.work.name)
        file, dataset = os.path.join(folder, "p.yaml"), os.path.join(folder, "dataset")
        with open(file, "w") as f:
            f.write(f"checkpoints: [{json.dumps(self.example(checkpoint))}]\n")
            f.write(f"output_dir: {json.dumps(dataset)}\n{text}")
        return self.run("run", file, "--plugins-path", self.plugins), dataset

    def check_all(self):
        self.check_loaded()
        self.check_stage()


class Family(Plugin):
    """A family under test. Fill in `name` and `expected`, and write `check_reference`."""

    #: Folder of a checkpoint (see `example`): the names of the definitions that the family writes for
    #: it at tp 1.
    expected = {}
    #: Further options of `kdex extract`.
    options = []

    # What is checked for each family.

    def extracted(self, checkpoint, out):
        """Writes the dataset of a checkpoint; its definitions by name, None without sources."""
        done = self.run(
            "extract", "--checkpoint", self.example(checkpoint),
            "--families", self.name, "--plugins-path", self.plugins, "--out", out, *self.options,
        )  # fmt: skip
        if done.returncode == 2:
            self.skipped.append(f"{checkpoint}: {done.stderr.strip()}")
            return None
        self.check(done.returncode == 0, f"{checkpoint}: {done.stdout}{done.stderr}")
        definitions = {}
        for file in glob.glob(os.path.join(out, "definitions", "*", "*.json")):
            with open(file) as f:
                d = json.load(f)
            definitions[d["name"]] = d
        return definitions

    def check_expected(self):
        """The definitions of each checkpoint, and what kdex makes of them without a GPU."""
        for checkpoint, names in self.expected.items():
            with tempfile.TemporaryDirectory() as out:
                definitions = self.extracted(checkpoint, out)
                if definitions is None:
                    continue
                self.check(
                    sorted(definitions) == sorted(names),
                    f"{checkpoint}: {sorted(definitions)} instead of {sorted(names)}",
                )
                self.check_dataset(out, definitions)

    def check_dataset(self, dataset, definitions):
        more = ["--plugins-path", self.plugins]
        done = self.run("validate", dataset)
        self.check(done.returncode == 0, f"kdex validate: {done.stdout}{done.stderr}")
        done = self.run("workloads", dataset, *more)
        self.check(done.returncode == 0, f"kdex workloads: {done.stdout}{done.stderr}")
        done = self.run("kernels", "list", dataset, *more)
        self.check(
            f"{len(definitions)} of {len(definitions)} have a kernel" in done.stdout,
            f"kdex kernels list: {done.stdout}{done.stderr}",
        )
        done = self.run("kernels", "build", dataset, *more)
        if done.returncode and re.search("NVRTC|libnvrtc|CUDA toolkit", done.stdout + done.stderr):
            self.skipped.append(f"kdex kernels build: {done.stderr.strip()}")
            return
        self.check(done.returncode == 0, f"kdex kernels build: {done.stdout}{done.stderr}")
        solutions = glob.glob(os.path.join(dataset, "solutions", self.name, "*", "*", "*.json"))
        self.check(len(solutions) == len(definitions), f"solutions: {solutions}")
        done = self.run("validate", dataset)
        self.check(done.returncode == 0, f"kdex validate: {done.stdout}{done.stderr}")

    def check_reference(self, torch):
        """Compare references, run on small inputs, with a formula. Called where torch is there."""
        raise NotImplementedError("check_reference is not written")

    def check_all(self):
        self.check_loaded()
        self.check_expected()
        try:
            import torch
        except ImportError:
            self.skipped.append("the reference: there is no torch")
        else:
            torch.manual_seed(0)
            self.check_reference(torch)

    # Helpers for check_reference.

    @staticmethod
    def reference(file, **constants):
        """`run` of a reference file with its `# kdex:constant` lines set to `constants`."""
        with open(file) as f:
            text = f.read()
        for name, value in constants.items():
            text, n = re.subn(
                rf"^{name} = .*# kdex:constant$", f"{name} = {value!r}", text, flags=re.M
            )
            if n != 1:
                raise ValueError(f"{file} has no constant {name}")
        space = {}
        exec(compile(text, file, "exec"), space)
        return space["run"]

    def close(self, got, want, what, tolerance=1e-2):
        """Relative Frobenius error of a tensor against another in float64."""
        got, want = got.double(), want.double()
        error = ((got - want).norm() / want.norm().clamp_min(1e-30)).item()
        self.check(
            got.shape == want.shape and error <= tolerance, f"{what}: {error:.2e} over {tolerance}"
        )


def main(test):
    t = test(*[os.path.abspath(a) for a in sys.argv[1:4]])
    t.check_all()
    for s in t.skipped:
        print("skipped:", s)
    for f in t.failures:
        print("FAILED:", f)
    print(f"{t.passed} passed, {len(t.failures)} failed, {len(t.skipped)} skipped")
    sys.exit(1 if t.failures else 0 if t.passed else 77)
