#!/usr/bin/env bash
# Builds and tests plugins out of tree, against an installed kdex (from build/release): those that
# `kdex new-family` and `kdex new-stage` write, their templates as they are, and the families and the
# stage of examples/. With the sources of scripts/fetch-sources.sh the tests extract, too.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=$(printf '%s:' "$PWD"/.kdex/sources/{sglang,transformers}-*)
[ ! -d .kdex/sources ] || export KDEX_SOURCES=${KDEX_SOURCES:-${sources%:}}
cmake --install build/release --prefix "$work/prefix" >/dev/null
"$work/prefix/bin/kdex" new-family start --out "$work/start-family"
"$work/prefix/bin/kdex" new-stage start --out "$work/start-stage"
for plugin in "$work/start-family" "$work/start-stage" share/templates/family share/templates/stage \
  examples/family-rope examples/family-silu-and-mul examples/stage-csv; do
  build=$work/build-${plugin//\//-}
  cmake -S "$plugin" -B "$build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
  cmake --build "$build"
  ctest --test-dir "$build" --output-on-failure
done
