#!/usr/bin/env bash
# nvcc and tvm-ffi's headers beside what fetch-nvrtc.sh fetches, for `kdex kernels build --check-solutions` on machines
# without a toolkit (105 MB to fetch); nvcc needs a C++ compiler. Where there is a toolkit: scripts/fetch-nvcc.sh headers
#   scripts/fetch-nvcc.sh && KDEX_CUDA_HOME=.kdex/cuda/nvidia build/release/kdex kernels build DATASET --check-solutions
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch.sh
what=${1:-all}
to=.kdex/cuda
case $what in all | headers) ;; *) echo "fetch-nvcc: expected 'all' or 'headers', not '$what'" >&2; exit 2 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out"
if [ "$what" = all ] && [ ! -x "$to/nvidia/cu13/bin/nvcc" ]; then
  scripts/fetch-nvrtc.sh
  fetch_pypi wheel nvidia-cuda-nvcc 13.0.88 nvidia_cuda_nvcc-13.0.88-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl \
    56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03 "$work"
  fetch_pypi wheel nvidia-nvvm 13.0.88 nvidia_nvvm-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl \
    c5f41ffeb6466944a026dfa5317d7d85355c119bbec279205d22f1869d1054e0 "$work"
  fetch_pypi wheel nvidia-cuda-crt 13.0.88 nvidia_cuda_crt-13.0.88-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl \
    2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4 "$work"
fi
[ -f "$to/tvm_ffi/include/tvm/ffi/function.h" ] ||
  fetch_pypi wheel apache-tvm-ffi 0.1.15.post2 apache_tvm_ffi-0.1.15.post2-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl \
    8ecebe749834f6ac0f2693d5964acf9ac75d0bc26e6ba64c46eb7ab00ea50fac "$work"
for wheel in "$work"/*.whl; do
  [ -f "$wheel" ] && python3 -m zipfile -e "$wheel" "$work/out"
done
mkdir -p "$to"
cp -r "$work/out/." "$to"
[ "$what" = headers ] || chmod -R u+x "$to/nvidia/cu13/bin" "$to/nvidia/cu13/nvvm/bin"
echo "nvcc 13.0: $to/nvidia, tvm-ffi: $to/tvm_ffi"
