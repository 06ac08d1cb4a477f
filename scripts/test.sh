#!/usr/bin/env bash
# Builds kdex and runs all of its tests.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release
ctest --preset release -j "$(nproc)"
