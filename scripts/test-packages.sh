#!/usr/bin/env bash
# Makes the Debian package of build/release and runs the program as unpacked from it, away from the
# checkout: it finds its plugins, checkpoints and kernels relative to itself. With the sources of
# scripts/fetch-sources.sh it extracts, too. Needs dpkg-dev.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v dpkg-shlibdeps >/dev/null || { echo "skipped: dpkg-shlibdeps is not there (apt-get install dpkg-dev)"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=$(printf '%s:' "$PWD"/.kdex/sources/{sglang,transformers}-*)
[ ! -d .kdex/sources ] || export KDEX_SOURCES=${KDEX_SOURCES:-${sources%:}}
build=$PWD/build/release
cmake -B "$build" >/dev/null
(cd "$build" && cpack -G DEB -B "$work" >"$work/cpack.log") || { cat "$work/cpack.log"; exit 1; }
dpkg-deb -x "$work"/kdex_*.deb "$work/root"
depends=$(dpkg-deb -f "$work"/kdex_*.deb Depends)
[[ $depends == *libc6* && $depends == *libyaml-cpp* ]] || { echo "Depends lacks libraries: $depends"; exit 1; }
kdex=$work/root/usr/bin/kdex
cd "$work"
plugins=$("$kdex" plugins)
for family in activation gemm gqa mla moe quantization rmsnorm rotary; do
  [[ $plugins == *root/usr/lib/kdex/plugins/kdex_$family.so* ]] || { echo "no family $family"; exit 1; }
done
printf 'print(sum(range(4)))\n' > program.py
[ "$("$kdex" eval program.py)" = 6 ]
if [ -n "${KDEX_SOURCES:-}" ]; then
  "$kdex" extract --checkpoint meta-llama/Llama-3.1-8B --tp 8 --out dataset
  "$kdex" validate dataset
fi
echo "the package of $(stat -c %s kdex_*.deb) bytes works"
