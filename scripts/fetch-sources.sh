#!/usr/bin/env bash
# Fetches the wheels of an engine, of Transformers and of timm (whose vision towers some models take) from PyPI without their dependencies, checks
# their SHA-256 and unpacks the .py, .json (tuned configurations) and metadata files under .kdex/sources. Does nothing where they are there.
#
# usage: scripts/fetch-sources.sh [--engine NAME]...      sglang (the default), vllm (a wheel of 336 MB, of which 57 MB are kept)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch.sh

engines=()
while [ $# -gt 0 ]; do
  case $1 in
    --engine=*) engines+=("${1#*=}"); shift ;;
    --engine) [ $# -gt 1 ] || { echo "fetch-sources: --engine wants a name: sglang or vllm" >&2; exit 2; }
      engines+=("$2"); shift 2 ;;
    *) echo "fetch-sources: unknown argument '$1'; usage: fetch-sources.sh [--engine NAME]..." >&2; exit 2 ;;
  esac
done
[ ${#engines[@]} -gt 0 ] || engines=(sglang)

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

fetch_engine() {
  case $1 in
    sglang) fetch_source sglang 0.5.23 sglang-0.5.23-cp311-cp311-manylinux_2_34_x86_64.whl \
      00b3cd5b265ac76c64185fbb6b95424f324ddd9f428d0306b77bc9db9d859937 '*.json' ;;
    vllm) fetch_source vllm 0.33.0 vllm-0.33.0-cp38-abi3-manylinux_2_28_x86_64.whl \
      4b6bdec4ab269990bf70d45a3c1e94c3760a27064513760193b26d6f0da883aa '*.json' '*/RECORD' ;;
    *) echo "fetch-sources: unknown engine '$1'; known: sglang, vllm" >&2; return 2 ;;
  esac
}
for engine in "${engines[@]}"; do fetch_engine "$engine"; done
fetch_source transformers 5.19.0 transformers-5.19.0-py3-none-any.whl \
  afcd2dd5f603ed28c1e1fcb00a338ccbb4ef5f878ed289635df8b58187afb518
fetch_source timm 1.0.25 timm-1.0.25-py3-none-any.whl \
  bef7f61dd717cb2dbbb7e326f143e13d660a47ecbd84116e6fe33732bed5c484
