#!/usr/bin/env bash
# The rope family from definition to timing, on a machine with a GPU:
#   examples/family-rope/on_gpu.sh PREFIX [CHECKPOINT]
# PREFIX: an installed kdex (its bin/kdex and lib/cmake). CHECKPOINT: a folder with a config.json.
# --python needs python3 with torch and CUDA; without torch the float64 formula is compared with.
set -euo pipefail
cd "$(dirname "$0")"
prefix=$(realpath "$1")
checkpoint=${2:-$prefix/share/kdex/examples/checkpoints/meta-llama--Llama-3.1-8B}
work=${WORK:-$(mktemp -d)}
kdex=$prefix/bin/kdex
plugins=$work/build/lib/kdex/plugins
cmake -S . -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/build"
"$kdex" extract --checkpoint "$checkpoint" --families rope --plugins-path "$plugins" \
  --out "$work/dataset"
"$kdex" workloads "$work/dataset" --plugins-path "$plugins"
"$kdex" kernels build "$work/dataset" --plugins-path "$plugins"
options=()
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then options=(--python); fi
"$kdex" kernels verify "$work/dataset" --plugins-path "$plugins" --each "${options[@]}"
"$kdex" kernels bench "$work/dataset" --plugins-path "$plugins" --each "${options[@]}"
"$kdex" validate "$work/dataset"
echo "dataset: $work/dataset"
