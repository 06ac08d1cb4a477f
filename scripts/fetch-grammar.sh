#!/usr/bin/env bash
# Fetches tree-sitter's C core and the Python grammar from PyPI (source distributions), checks their
# hashes and lays them out under third_party/tree-sitter. Does nothing where they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
core_version=0.23.2 core_sha=66bae8dd47f1fed7bdef816115146d3a41c39b5c482d7bad36d9ba1def088450
python_version=0.23.6 python_sha=354bfa0a2f9217431764a631516f85173e9711af2c13dbd796a8815acfe505d9
out=third_party/tree-sitter
stamp="$core_sha $python_sha"
[ "$(cat $out/.stamp 2>/dev/null || true)" = "$stamp" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() {  # name version sha256
  python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: -d "$work" "$1==$2" >"$work/log" 2>&1 ||
    ls "$work"/*"$2".tar.gz >/dev/null 2>&1 || { cat "$work/log" >&2; echo "fetch-grammar: pip could not download $1 $2; check the network and pip's index" >&2; exit 2; }
}
fetch tree-sitter $core_version
fetch tree-sitter-python $python_version
check() {  # file sha256
  local got; got=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$got" = "$2" ] || { echo "fetch-grammar: $(basename "$1") has sha256 $got, expected $2" >&2; exit 2; }
}
core=$(ls "$work"/tree[-_]sitter-$core_version.tar.gz); python=$(ls "$work"/tree[-_]sitter[-_]python-$python_version.tar.gz)
check "$core" $core_sha
check "$python" $python_sha
tar -xf "$core" -C "$work"; tar -xf "$python" -C "$work"
rm -rf $out; mkdir -p $out/core $out/python $out/headers/tree_sitter
cp -r "$work"/tree[-_]sitter-$core_version/tree_sitter/core/lib $out/core/lib
cp "$work"/tree[-_]sitter[-_]python-$python_version/src/{parser,scanner}.c $out/python/
cp $out/core/lib/src/{parser,alloc,array,ts_assert}.h $out/headers/tree_sitter/
echo "$stamp" > $out/.stamp
