"""Wrong server arguments: what SGLang's own parser says and what kdex says, side by side.

usage: test_server_arguments.py KDEX ROOT            skips without .kdex/sources
       test_server_arguments.py KDEX ROOT --table    prints the table

The parser is SGLang's own: its argument declarations run under CPython with CPython's argparse, and
everything that is not there (torch, kernels) is the stand-in of cpython_harness.py. kdex runs the same
declarations in its machine. Both must say the same words; kdex ends with status 2 and names what is near.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "extract"))
import engine_sources  # noqa: E402

SKIPPED = 77

# NAME=VALUE of kdex, the command line of SGLang, the parser's words (or their beginning), what kdex suggests
WRONG = [
    (
        "attention_backend=nonsense",
        "--attention-backend=nonsense",
        "argument --attention-backend: invalid choice: 'nonsense' (choose from 'triton', ",
        "",
    ),
    (
        "attention_backend=flashinfr",
        "--attention-backend=flashinfr",
        "argument --attention-backend: invalid choice: 'flashinfr' (choose from 'triton', ",
        "did you mean 'flashinfer'",
    ),
    (
        "attention_backnd=fa3",
        "--attention-backnd=fa3",
        "unrecognized arguments: --attention-backnd=fa3",
        "did you mean 'attention_backend'",
    ),
    (
        "stat_loggers=x",
        "--stat-loggers=x",
        "unrecognized arguments: --stat-loggers=x",
        "",
    ),
    (
        "tp_size=four",
        "--tp-size=four",
        "argument --tp-size/--tensor-parallel-size: invalid int value: 'four'",
        "",
    ),
    (
        "tensor-parallel-size=4.0",
        "--tensor-parallel-size=4.0",
        "argument --tp-size/--tensor-parallel-size: invalid int value: '4.0'",
        "",
    ),
    ("page_size=none", "--page-size=none", "argument --page-size: invalid int value: 'none'", ""),
    ("page_size=16.5", "--page-size=16.5", "argument --page-size: invalid int value: '16.5'", ""),
    (
        "kv_cache_dtype=fp8_e4m4",
        "--kv-cache-dtype=fp8_e4m4",
        "argument --kv-cache-dtype: invalid choice: 'fp8_e4m4' (choose from 'auto', ",
        "did you mean 'fp8_e4m3'",
    ),
    (
        "moe_runner_backend=magic",
        "--moe-runner-backend=magic",
        "argument --moe-runner-backend: invalid choice: 'magic' (choose from 'auto', ",
        "",
    ),
    (
        "moe_a2a_backend=deepeep",
        "--moe-a2a-backend=deepeep",
        "argument --moe-a2a-backend: invalid choice: 'deepeep' (choose from 'none', ",
        "did you mean 'deepep'",
    ),
    (
        "quantization=fp9",
        "--quantization=fp9",
        "argument --quantization: invalid choice: 'fp9' (choose from 'awq', ",
        "did you mean 'fp8'",
    ),
    (
        "dtype=float17",
        "--dtype=float17",
        "argument --dtype: invalid choice: 'float17' (choose from 'auto', 'half', 'float16', ",
        "'float16'",
    ),
    (
        "load_format=floppy",
        "--load-format=floppy",
        "argument --load-format: invalid choice: 'floppy' (choose from 'auto', ",
        "",
    ),
    (
        "sampling_backend=dice",
        "--sampling-backend=dice",
        "argument --sampling-backend: invalid choice: 'dice' (choose from ",
        "",
    ),
    (
        "mem_fraction_static=high",
        "--mem-fraction-static=high",
        "argument --mem-fraction-static: invalid float value: 'high'",
        "",
    ),
    (
        "chunked_prefill_size=4k",
        "--chunked-prefill-size=4k",
        "argument --chunked-prefill-size: invalid int value: '4k'",
        "",
    ),
    (
        "max_running_requests=",
        "--max-running-requests=",
        "argument --max-running-requests: invalid int value: ''",
        "",
    ),
    (
        "cuda_graph_bs_decode=1 2 x",
        "--cuda-graph-bs-decode 1 2 x",
        "argument --cuda-graph-bs-decode: invalid int value: 'x'",
        "",
    ),
    (
        "cuda_graph_bs_decode=[1, 2.5]",
        "--cuda-graph-bs-decode 1 2.5",
        "argument --cuda-graph-bs-decode: invalid int value: '2.5'",
        "",
    ),
    (
        "cuda_graph_bs_decode='1",
        """--cuda-graph-bs-decode "'1\"""",
        """argument --cuda-graph-bs-decode: invalid int value: "'1\"""",
        "",
    ),
    (
        "disable_radix_cache=yes",
        "--disable-radix-cache=yes",
        "argument --disable-radix-cache: ignored explicit argument 'yes'",
        "",
    ),
    (
        'preferred_sampling_params={"a"',
        """'--preferred-sampling-params={"a"'""",
        """argument --preferred-sampling-params: invalid loads value: '{"a"'""",
        "",
    ),
    (
        "cuda_graph=1",
        "--cuda-graph=1",
        "ambiguous option: --cuda-graph=1 could match --cuda-graph-config, ",
        "",
    ),
]

# What no parser can know: the deployment says otherwise. (arguments of kdex, its words)
CONTRADICTIONS = [
    (["--engine-arg", "tp_size=4"], "tp_size=4 contradicts the deployment's tp 1: give --tp"),
    (["--tp", "2", "--engine-arg", "tp=4"], "tp=4 contradicts the deployment's tp 2: give --tp"),
    (["--engine-arg", "ep_size=2"], "ep_size=2 contradicts the deployment's ep 1: give --ep"),
    (
        ["--engine-arg", "enable_dp_attention=true"],
        "enable_dp_attention=true contradicts the deployment's attention_dp 1: give --attention-dp",
    ),
    (
        ["--engine-arg", "attn_dp_size=8", "--tp", "8", "--attention-dp", "2"],
        "attn_dp_size=8 contradicts the deployment's attention_dp 2: give --attention-dp",
    ),
    (
        ["--page-size", "64", "--engine-arg", "page_size=16"],
        "page_size=16 contradicts the deployment's page_size 64: give --page-size",
    ),
    (["--engine-arg", "model_path=/x"], "model_path=/x contradicts the deployment's checkpoint"),
    (["--engine-arg", "config=x.yaml"], "kdex reads no configuration file of the engine"),
]

# Arguments that the parser takes, as typed and in their types: name -> value as resolved.
TAKEN = [
    (["tp_size=2"], ["--tp", "2"], {"tp_size": 2}),
    (["page-size=16"], [], {"page_size": 16}),
    (["attention_back=flashinfer"], [], {"attention_backend": "flashinfer"}),
    (["enable_multimodal=false", "disable_radix_cache=true"], [], {"disable_radix_cache": True}),
    (["chunked_prefill_size=-1"], [], {"chunked_prefill_size": -1}),
    (["mem_fraction_static=0.5"], [], {"mem_fraction_static": 0.5}),
    (["cuda_graph_bs_decode=1 2 4"], [], {"cuda_graph_bs_decode": [1, 2, 4]}),
    (["cuda_graph_bs_decode=[1, 2]"], [], {"cuda_graph_bs_decode": [1, 2]}),
]


class Engine:
    """SGLang's parser under CPython."""

    def __init__(self, root, sources):
        sys.path.insert(0, os.path.join(root, "tests", "core", "engine"))
        import cpython_harness as harness

        with open(os.path.join(harness.ENGINE, "packages.json")) as f:
            harness.packages = json.load(f)
        sys.path[:] = [p for p in sys.path if "site-packages" not in p]
        sys.modules["_kdex"] = harness._fake_kdex()
        sys.meta_path.insert(0, harness.Finder(sources))
        from sglang.srt.server_args import prepare_server_args

        self.prepare = prepare_server_args

    def says(self, line):
        import shlex

        err = io.StringIO()
        try:
            with contextlib.redirect_stderr(err):
                self.prepare(["--model-path=/model", *shlex.split(line)])
        except SystemExit as end:
            return end.code, err.getvalue().strip().splitlines()[-1].partition("error: ")[2]
        return 0, ""


def same_words(text):
    """Choices in any order: some are a set. Newer argparse leaves out their quotes."""
    before, choose, choices = text.partition("(choose from ")
    return before + choose + " ".join(sorted(re.findall(r"[^\s,'()]+", choices)))


def run(kdex, root, *arguments):
    given = engine_sources.options(engine_sources.folders(root))
    return subprocess.run([kdex, *arguments, *given], capture_output=True, text=True)


PREFIX = "kdex: server arguments: refused by the argument parser of SGLang: "


def main():
    kdex, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    sources = engine_sources.folders(root)
    if engine_sources.missing(sources):
        return SKIPPED
    llama = os.path.join(root, "examples", "checkpoints", "meta-llama--Llama-3.1-8B")
    engine, failed = Engine(root, sources), []

    def check(ok, text):
        if not ok:
            failed.append(text)

    for argument, line, words, hint in WRONG:
        status, theirs = engine.says(line)
        r = run(kdex, root, "modules", "--checkpoint", llama, "--engine-arg", argument)
        ours = r.stderr.strip().removeprefix(PREFIX)
        if "--table" in sys.argv:
            print(f"| `{argument}` | {status}: {theirs[:90]} | {r.returncode}: {ours[:90]} |")
        said, _, suggestion = ours.partition("; did you mean")
        check(status == 2 and theirs.startswith(words), f"{line}: SGLang says {status} {theirs}")
        check(same_words(said) == same_words(theirs), f"{argument}: {said}\n  not {theirs}")
        check(r.returncode == 2 and not r.stdout, f"{argument}: status {r.returncode}")
        check(r.stderr.startswith(PREFIX), r.stderr)
        check(hint in ours and (hint or not suggestion), f"{argument}: {hint} not in {ours}")
    for arguments, words in CONTRADICTIONS:
        r = run(kdex, root, "modules", "--checkpoint", llama, *arguments)
        check(r.returncode == 2 and words in r.stderr, f"{arguments}: {r.returncode} {r.stderr}")
    for given, deployment, resolved in TAKEN:
        arguments = [a for g in given for a in ("--engine-arg", g)]
        r = run(
            kdex,
            root,
            "modules",
            "--checkpoint",
            llama,
            "--format",
            "json",
            *arguments,
            *deployment,
        )
        tree = json.loads(r.stdout or "{}")
        for name, value in resolved.items():
            got = tree.get("resolved", {}).get(name)
            check(
                got == value and type(got) is type(value), f"{given}: {name} is {got}: {r.stderr}"
            )
    with tempfile.TemporaryDirectory() as work:  # a run says it before it builds anything
        out = os.path.join(work, "out")
        r = run(
            kdex, root, "extract", "--checkpoint", llama, "--engine-arg", WRONG[0][0], "--out", out
        )
        check(r.returncode == 2 and WRONG[0][2] in r.stderr, f"extract: {r.returncode} {r.stderr}")
        check(not os.path.exists(os.path.join(out, "definitions")), "extract wrote definitions")
    print(
        "\n".join(failed) or f"{len(WRONG)} wrong arguments, {len(CONTRADICTIONS)} contradictions"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
