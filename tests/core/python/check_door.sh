#!/bin/sh
# Nothing outside core/python includes its private headers: only the door and what it is made of.
# The arena, which no door shows, has a test of its own.
# usage: check_door.sh TOP
cd "$1" || exit 2
found=$(grep -rnE '#include "core/python/' --include=*.cpp --include=*.h --include=*.h.in \
  core plugins include bench tests examples | grep -vE '^core/python/|^tests/core/python/test_arena.cpp' |
  grep -vE '"core/python/(machine|host|sources|snapshot|finder|limit)\.h"')
[ -z "$found" ] && exit 0
echo "private headers of core/python are included elsewhere:"
echo "$found"
exit 1
