#!/usr/bin/env bash
# Builds the preset asan (address and undefined behaviour) and runs tests under it. A report of a
# sanitizer fails the gate, from whichever process it comes: isolated calls and killed programs too.
# With arguments, these go to ctest in place of the gate's own choice:
#   scripts/test-sanitizers.sh -R names
#
# Left out:
#   extract_memory            measures kdex's memory, of which the sanitizer takes a multiple
#   whole sweeps of configurations (quickstart, extract, extract_origins, names, dataset_goldens,
#   forward_calls, forms_of_definitions, engine_choices, engine_recorded): minutes each at five times
#   the cost, over code that the tests of the machine, the engine, the families and the fuzzer run
#   extract_calls, extract_coverage_kinds   likewise; extract_launched and extract_coverage stay
#   extract_hostile           likewise; kernels_hostile and fuzz stay
#   extract_interrupted       kills runs at moments that are chosen by how fast they are
#   kernels_plan_hashes, kernels_verify_dry   20,000 plans; the families' tests make some of each
#   python_hostile            one of its bounds is on memory, which the sanitizer multiplies
#   calls from many threads   its calls crash on purpose and are bound in time; a report is slow to
#   write
#   snapshot/, engine_images  under the sanitizer no image is kept (why was not looked into); the
#   other tests run without one there
#   dataset_references, reference_, abi_digest, python_door, python_raise, writing_a_*,
#   pipeline_options, engine_names: other programs than kdex, or no program at all
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh asan
reports=$PWD/build/asan/reports
rm -rf "$reports"
mkdir -p "$reports"
# An isolate's objects live in an arena that goes as a whole, so leaks are not looked for. The
# collector reads the stack, which must be the real one. kdex ends with status 1 where it has errors;
# so a report ends a process by a signal.
common=abort_on_error=1:log_path=$reports/report
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:$common
export UBSAN_OPTIONS=print_stacktrace=1:$common
left_out='^(extract_memory|quickstart|extract|extract_origins.*|names|dataset_goldens|forward_calls'
left_out+='|forms_of_definitions|engine_(choices|recorded|names)'
left_out+='|extract_(hostile|interrupted|calls|coverage_kinds)'
left_out+='|kernels_(plan_hashes|verify_dry.*)|(dataset_)?reference.*|abi_digest|python_(door|raise)'
left_out+='|writing_.*|pipeline_options|python_hostile|engine_images|snapshot/.*'
left_out+='|loader/calls from many threads.*)$'
[ $# != 0 ] || set -- -E "$left_out"
status=0
ctest --preset asan -j "$(nproc)" "$@" || status=$?
for report in "$reports"/*; do
  [ -e "$report" ] || continue
  status=1
  echo "--- $report"
  head -60 "$report"
done
exit $status
