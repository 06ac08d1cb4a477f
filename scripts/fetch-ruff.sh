#!/usr/bin/env bash
# Fetches ruff 0.17.6 as a wheel from PyPI, checks its SHA-256 and puts the program into .kdex/tools/ruff.
# Prints its path.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch.sh
wheel=ruff-0.17.6-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
to=.kdex/tools/ruff program=.kdex/tools/ruff/ruff-0.17.6.data/scripts/ruff
if [ ! -x $program ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  fetch_pypi wheel ruff 0.17.6 $wheel \
    aa3b08254a732acba246891089a152c47c5733dc36b8ecb76ce8602f8326e5e4 "$work"
  rm -rf $to
  mkdir -p $to
  python3 -m zipfile -e "$work/$wheel" $to
  chmod +x $program
fi
echo "$program"
