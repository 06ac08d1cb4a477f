"""test_forms.py KDEX CHECK_FORMS PLUGINS ROOT DATASET...|--configs DIR: the definitions of datasets
are read by the families' forms and written as the same bytes. With --configs the datasets are made:
all checkpoints of DIR at several deployments, in both dialects. Status 77: skipped."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "extract"))
import engine_sources  # noqa: E402


def pipeline_of(configs: pathlib.Path, sources: list[str]) -> str:
    lines = ["sources:", *(f"  - {s}" for s in sources), "page_sizes: [1, 64]", "gemm_at_tp: true"]
    lines += ["deployments:", "  - {tp: 1}", "  - {tp: 8}", "  - {tp: 8, ep: 8}"]
    lines += ["checkpoints:"]
    lines += [f"  - {c.parent}" for c in sorted(configs.glob("*/config.json"))]
    return "\n".join(lines) + "\n"


def made_of(kdex: pathlib.Path, pipeline: pathlib.Path, folder: str) -> list[str]:
    datasets = []
    for dialect in ("official", "fi_trace"):
        out = f"{folder}/{dialect}"
        command = [kdex, "run", pipeline, "--set", f"output_dir={out}"]
        run = subprocess.run(
            [*command, "--set", f"dialect={dialect}"], capture_output=True, text=True
        )
        if run.returncode > 1 or not pathlib.Path(out, "definitions").is_dir():
            sys.exit(run.stdout[-2000:] + run.stderr[-2000:])
        datasets.append(out)
    return datasets


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kdex", type=pathlib.Path)
    parser.add_argument("check_forms", type=pathlib.Path)
    parser.add_argument("plugins", type=pathlib.Path)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("datasets", nargs="*")
    parser.add_argument("--configs", type=pathlib.Path)
    args = parser.parse_args()
    sources = engine_sources.folders(args.root)
    if engine_sources.missing(sources):
        return 77
    if args.configs and not args.configs.is_dir():
        print(f"skipped: there is no folder {args.configs}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        datasets = args.datasets
        if args.configs:
            pipeline = pathlib.Path(folder) / "all.yaml"
            pipeline.write_text(pipeline_of(args.configs.resolve(), sources))
            datasets = made_of(args.kdex, pipeline, folder)
        return subprocess.run([args.check_forms, args.plugins, *datasets]).returncode


if __name__ == "__main__":
    sys.exit(main())
