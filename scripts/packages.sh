#!/usr/bin/env bash
# Installs the Debian packages that the build needs, where they are missing and we may. With `gates`:
# those too that only the checks of .ci/run need.
set -euo pipefail
need="g++ gcc make cmake ninja-build python3 python3-pip unzip python3-jsonschema
  libboost-dev libboost-context-dev libboost-filesystem-dev libboost-regex-dev
  nlohmann-json3-dev libyaml-cpp-dev doctest-dev"
[ "${1:-}" != gates ] || need="$need clang-format-14 clang-tidy-14 cmake-format git dpkg-dev"
missing=""
for p in $need; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "kdex needs these Debian packages:$missing; install them with: sudo apt-get install$missing" >&2
  exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
