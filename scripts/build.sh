#!/usr/bin/env bash
# Builds a preset (default: release) with everything it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
scripts/packages.sh
scripts/fetch-grammar.sh
[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" -j "$(nproc)"
