#!/usr/bin/env bash
# Builds and tests families out of tree, against an installed kdex (from build/release): the one that
# `kdex new-family` writes, its template as it is, and examples/family-rope.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install build/release --prefix "$work/prefix" >/dev/null
"$work/prefix/bin/kdex" new-family start --out "$work/start"
for family in "$work/start" share/templates/family examples/family-rope; do
  build=$work/build-$(basename "$family")
  cmake -S "$family" -B "$build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
  cmake --build "$build"
  ctest --test-dir "$build" --output-on-failure
done
