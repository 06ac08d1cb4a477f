"""The csv stage: over a dataset that is there, in a pipeline, and with bad options."""

import csv
import io
import os
import sys

sys.path.insert(0, sys.argv[4])
from kdex_testing import Stage, main  # noqa: E402

GEMM = {
    "name": "gemm_n8_k4",
    "op_type": "gemm",
    "tags": ["model:some, model"],
    "axes": {"M": {"type": "var"}, "N": {"type": "const", "value": 8},
             "K": {"type": "const", "value": 4}},
    "inputs": {"A": {"shape": ["M", "K"], "dtype": "float16"},
               "B": {"shape": ["N", "K"], "dtype": "float16"}},
    "outputs": {"C": {"shape": ["M", "N"], "dtype": "float16"}},
    "reference": "def run(A, B):\n    return A @ B.T\n",
}  # fmt: skip
NORM = {
    "name": "rmsnorm_h16",
    "op_type": "rmsnorm",
    "axes": {"batch_size": {"type": "var"}, "hidden_size": {"type": "const", "value": 16}},
    "inputs": {"x": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "outputs": {"y": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "reference": "def run(x):\n    return x\n",
}


# [test]
class Csv(Stage):
    name = "csv"

    def check_stage(self):
        dataset = self.dataset([GEMM, NORM])
        done = self.run_stage(dataset)
        self.check(done.returncode == 0, done.stderr)
        self.check("2 definitions written" in done.stdout, done.stdout)
        with open(os.path.join(dataset, "csv", "definitions.csv"), newline="") as f:
            rows = list(csv.DictReader(f))
        self.check([r["name"] for r in rows] == ["gemm_n8_k4", "rmsnorm_h16"], rows)
        self.check(rows[0]["models"] == "some, model", rows[0])
        self.check((rows[0]["M"], rows[0]["N"], rows[0]["K"]) == ("var", "8", "4"), rows[0])
        self.check((rows[1]["N"], rows[1]["hidden_size"]) == ("", "16"), rows[1])

        done = self.run_stage(dataset, "--file", "../x.csv")
        self.check(done.returncode == 2, done.stdout)
        self.check("the name of a .csv file, not '../x.csv'" in done.stderr, done.stderr)
        # [test]
        done = self.run_stage(dataset, "--separator", "tabs")
        self.check("did you mean 'tab'?" in done.stderr, done.stderr)
        done = self.run_stage(dataset, "--separator", "semicolon", "--file", "s.csv")
        self.check(done.returncode == 0, done.stderr)
        with open(os.path.join(dataset, "csv", "s.csv")) as f:
            head = f.readline()
        self.check(head == "op_type;name;models;K;M;N;batch_size;hidden_size\n", head)
        self.check_pipeline()

    def check_pipeline(self):
        """In a pipeline, after the stages that write definitions and before the report."""
        checkpoint = "meta-llama--Llama-3.1-8B"
        done, dataset = self.run_pipeline(
            checkpoint, "stages: [extract, {name: csv, origins: true}, report]\nfamilies: [gqa]\n"
        )
        if done.returncode == 2 and "no source tree" in done.stderr:
            self.skipped.append(f"the pipeline: {done.stderr.strip()}")
            return
        self.check(done.returncode == 0, f"{done.stdout}{done.stderr}")
        with open(os.path.join(dataset, "csv", "definitions.csv"), newline="") as f:
            rows = list(csv.DictReader(io.StringIO(f.read())))
        self.check(len(rows) > 0, "the pipeline wrote no rows")
        for row in rows:
            self.check(row["models"] == "meta-llama/Llama-3.1-8B", row)
            self.check(row["num_qo_heads"] == "32", row)
            self.check("num_attention_heads" in row["num_qo_heads from"], row)


main(Csv)
