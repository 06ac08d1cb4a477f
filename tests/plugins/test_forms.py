"""test_forms.py KDEX CHECK_FORMS PLUGINS ROOT [--configs DIR]: the definitions of a run are read by
the families' forms and written as the same bytes, in both dialects. Without --configs the run is
the quickstart's; with it, all checkpoints of DIR at several deployments. Status 77: skipped."""

import argparse
import pathlib
import subprocess
import sys
import tempfile


def pipeline_of(root: pathlib.Path, configs: pathlib.Path, sources: list[pathlib.Path]) -> str:
    lines = ["sources:", *(f"  - {s}" for s in sources), "page_sizes: [1, 64]", "gemm_at_tp: true"]
    lines += ["deployments:", "  - {tp: 1}", "  - {tp: 8}", "  - {tp: 8, ep: 8}"]
    lines += ["checkpoints:"]
    lines += [f"  - {c.parent}" for c in sorted(configs.glob("*/config.json"))]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kdex", type=pathlib.Path)
    parser.add_argument("check_forms", type=pathlib.Path)
    parser.add_argument("plugins", type=pathlib.Path)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--configs", type=pathlib.Path)
    args = parser.parse_args()
    sources = sorted((args.root / ".kdex/sources").glob("*"))
    if not args.kdex.is_file() or not sources:
        print("skipped: no kdex program or no sources; scripts/quickstart.sh fetches them")
        return 77
    if args.configs and not args.configs.is_dir():
        print(f"skipped: there is no folder {args.configs}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        pipeline = args.root / "pipelines/quickstart.yaml"
        if args.configs:
            pipeline = pathlib.Path(folder) / "all.yaml"
            named = [s for s in sources if s.name in ("sglang-0.5.23", "transformers-5.19.0")]
            pipeline.write_text(pipeline_of(args.root, args.configs.resolve(), named))
        datasets = []
        for dialect in ("official", "fi_trace"):
            out = f"{folder}/{dialect}"
            command = [args.kdex, "run", pipeline, "--set", f"output_dir={out}"]
            run = subprocess.run(
                [*command, "--set", f"dialect={dialect}"], capture_output=True, text=True
            )
            if run.returncode > 1 or not pathlib.Path(out, "definitions").is_dir():
                print(run.stdout[-2000:], run.stderr[-2000:])
                return 1
            datasets.append(out)
        return subprocess.run([args.check_forms, args.plugins, *datasets]).returncode


if __name__ == "__main__":
    sys.exit(main())
