#!/usr/bin/env bash
# Fetches the wheels of SGLang 0.5.23, Transformers 5.19.0 and timm 1.0.25 (whose vision towers some models take) from PyPI without their dependencies, checks
# their SHA-256 and unpacks the .py, .json (tuned configurations) and metadata files under .kdex/sources. Does nothing where they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch.sh

fetch_source() {  # name version file sha256 [more files to unpack, as patterns]
  local stamp="${*:4}"
  local to=.kdex/sources/$1-$2
  [ "$(cat "$to/.stamp" 2>/dev/null || true)" = "$stamp" ] && return 0
  local work; work=$(mktemp -d)
  echo "fetching $1 $2"
  fetch_pypi wheel "$1" "$2" "$3" "$4" "$work"
  rm -rf "$to" "$to.part"; mkdir -p "$to.part"
  unzip -q "$work/$3" '*.py' '*METADATA' "${@:5}" -d "$to.part"
  echo "$stamp" > "$to.part/.stamp"
  mv "$to.part" "$to"
  rm -rf "$work"
}
fetch_source sglang 0.5.23 sglang-0.5.23-cp311-cp311-manylinux_2_34_x86_64.whl \
  00b3cd5b265ac76c64185fbb6b95424f324ddd9f428d0306b77bc9db9d859937 '*.json'
fetch_source transformers 5.19.0 transformers-5.19.0-py3-none-any.whl \
  afcd2dd5f603ed28c1e1fcb00a338ccbb4ef5f878ed289635df8b58187afb518
fetch_source timm 1.0.25 timm-1.0.25-py3-none-any.whl \
  bef7f61dd717cb2dbbb7e326f143e13d660a47ecbd84116e6fe33732bed5c484
