#!/bin/sh
# Exceptions of Python are thrown in machine/raise.cpp alone and caught in Interp::caught alone.
# usage: check_raise.sh TOP
cd "$1" || exit 2
found=$(grep -rnE 'throw PyErr|catch \((const )?PyErr' --include=*.cpp --include=*.h core/python |
  grep -vE '^core/python/machine/(raise\.cpp:.*throw|interp\.h:.*catch)')
[ -z "$found" ] && exit 0
echo "PyErr is thrown or caught by hand (use Interp::raise, reraise and caught):"
echo "$found"
exit 1
