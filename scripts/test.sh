#!/usr/bin/env bash
# Builds kdex and runs all of its tests.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release
scripts/fetch-sources.sh
ctest --preset release -j "$(nproc)"
