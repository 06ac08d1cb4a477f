#!/usr/bin/env bash
# Formats the whole tree: C++ and CUDA (clang-format 14, .clang-format), Python (ruff, ruff.toml), CMake
# (cmake-format, .cmake-format.yaml), Markdown (100 columns, scripts/wrap_markdown.py).
# With --check it changes nothing, names what differs and ends with status 1.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/packages.sh gates
ruff=$(scripts/fetch-ruff.sh)
check=${1:-}
status=0
run() {  # NAME COMMAND...
  local name=$1
  shift
  "$@" || { status=1; echo "format: $name differs; scripts/format.sh lays it out" >&2; }
}
if [ "$check" = --check ]; then
  run "C++" xargs -a <(git ls-files '*.cpp' '*.h' '*.cu' '*.cuh') clang-format-14 --dry-run --Werror
  run "Python" "$ruff" format --no-cache --quiet --diff .
  run "CMake" xargs -a <(git ls-files '*CMakeLists.txt' '*.cmake') cmake-format --check
  run "Markdown" xargs -a <(git ls-files '*.md') python3 scripts/wrap_markdown.py --check
else
  git ls-files '*.cpp' '*.h' '*.cu' '*.cuh' | xargs clang-format-14 -i
  "$ruff" format --no-cache --quiet .
  git ls-files '*CMakeLists.txt' '*.cmake' | xargs cmake-format -i
  git ls-files '*.md' | xargs python3 scripts/wrap_markdown.py
fi
exit $status
