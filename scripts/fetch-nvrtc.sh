#!/usr/bin/env bash
# NVRTC and the CUDA headers for machines without a toolkit, as wheels unpacked into .kdex/cuda (95 MB to fetch):
#   scripts/fetch-nvrtc.sh && KDEX_CUDA_HOME=.kdex/cuda/nvidia build/release/kdex kernels build DATASET
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch.sh
to=${1:-.kdex/cuda}
[ -f "$to/nvidia/complete-13.0" ] && { echo "NVRTC 13.0: $to/nvidia"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch_pypi wheel nvidia-cuda-nvrtc 13.0.88 nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl \
  ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575 "$work"
fetch_pypi wheel nvidia-cuda-runtime 13.0.96 nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl \
  7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 "$work"
fetch_pypi wheel nvidia-cuda-cccl 13.0.85 nvidia_cuda_cccl-13.0.85-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl \
  e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649 "$work"
mkdir "$work/out"
for wheel in "$work"/*.whl; do python3 -m zipfile -e "$wheel" "$work/out"; done
touch "$work/out/nvidia/complete-13.0"
rm -rf "$to"
mkdir -p "$(dirname "$to")"
cp -r "$work/out" "$to"
echo "NVRTC 13.0: $to/nvidia"
