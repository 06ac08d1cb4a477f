#!/usr/bin/env bash
# From nothing to a dataset: packages, grammar, sources, build, pipelines/quickstart.yaml. The second run
# fetches nothing. Exit status: that of `kdex run`.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release
scripts/fetch-sources.sh
status=0
build/release/kdex run pipelines/quickstart.yaml "$@" || status=$?
echo
echo "dataset: $PWD/.kdex/dataset"
echo "report:  $PWD/.kdex/dataset/report.json"
exit $status
