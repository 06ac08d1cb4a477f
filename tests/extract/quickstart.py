"""The quickstart's datasets, made once for the tests that look at them.

usage: quickstart.py KDEX PROJECT OUT     Status 77: skipped.

OUT/official and OUT/fi_trace are pipelines/quickstart.yaml in both dialects. Steps take most of a
run and launch the same in both, so that in fi_trace only OUT/fi_trace_steps runs them, for a dense
model and for one with latent attention and experts.
"""

import os
import shutil
import subprocess
import sys

import engine_sources


def run(kdex: str, pipeline: str, out: str, *options: str) -> None:
    command = [kdex, "run", pipeline, "--set", f"output_dir={out}"]
    for option in options:
        command += ["--set", option]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def main() -> int:
    kdex, project, out = sys.argv[1:4]
    if engine_sources.missing(engine_sources.folders(project)):
        return 77
    shutil.rmtree(out, ignore_errors=True)
    pipeline = os.path.join(project, "pipelines", "quickstart.yaml")
    run(kdex, pipeline, os.path.join(out, "official"))
    run(kdex, pipeline, os.path.join(out, "fi_trace"), "dialect=fi_trace", "forward=false")
    examples = os.path.join(project, "examples", "checkpoints")
    models = ("google--gemma-4-26B-A4B", "deepseek-ai--DeepSeek-V3")
    few = ", ".join(os.path.join(examples, m) for m in models)
    steps = os.path.join(out, "fi_trace_steps")
    run(kdex, pipeline, steps, "dialect=fi_trace", f"checkpoints=[{few}]", "deployments=[{tp: 8}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
