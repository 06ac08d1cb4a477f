#!/usr/bin/env bash
# The same models on both engines: two datasets below .kdex/two-engines, and what differs, in
# .kdex/two-engines/diff.txt. usage: scripts/two-engines.sh [KDEX]
set -euo pipefail
cd "$(dirname "$0")/.."
kdex=${1:-build/release/kdex}
scripts/fetch-sources.sh --engine sglang --engine vllm
out=$PWD/.kdex/two-engines
for engine in sglang vllm; do
  "$kdex" run pipelines/two-engines.yaml --set "engine=$engine" --set "output_dir=$out/$engine"
done
"$kdex" diff "$out/sglang" "$out/vllm" | tee "$out/diff.txt"
