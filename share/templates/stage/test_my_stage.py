"""The stage my_stage, over a dataset of one definition."""

import os
import sys

sys.path.insert(0, sys.argv[4])
from kdex_testing import Stage, main  # noqa: E402

DEFINITION = {
    "name": "rmsnorm_h16",
    "op_type": "rmsnorm",
    "axes": {"batch_size": {"type": "var"}, "hidden_size": {"type": "const", "value": 16}},
    "inputs": {"x": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "outputs": {"y": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "reference": "def run(x):\n    return x\n",
}


class MyStage(Stage):
    name = "my_stage"

    def check_stage(self):
        dataset = self.dataset([DEFINITION])
        for options, expected in (
            ([], "rmsnorm_h16\n"),
            (["--op-type", "rmsnorm"], "rmsnorm_h16\n"),
            (["--op-type", "gemm"], ""),
        ):
            done = self.run_stage(dataset, *options)
            self.check(done.returncode == 0, done.stderr)
            with open(os.path.join(dataset, "my_stage", "names.txt")) as f:
                names = f.read()
            self.check(names == expected, f"{options}: {names!r}")


main(MyStage)
