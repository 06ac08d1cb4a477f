#!/usr/bin/env bash
# The program's exit statuses and one-line errors. usage: test_cli.sh KDEX
set -u
kdex=$1
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
failed=0
expect() {  # status text arguments...
  local status=$1 text=$2 got=0 out; shift 2
  out=$("$kdex" "$@" 2>&1 </dev/null) || got=$?
  if [ "$got" != "$status" ] || ! grep -qF -- "$text" <<<"$out"; then
    echo "kdex $*: status $got, wanted $status with '$text'; it said: ${out:0:300}"; failed=1
  fi
  if [ "$status" = 2 ] && [ "$(wc -l <<<"$out")" != 1 ]; then echo "kdex $*: not one line: ${out:0:300}"; failed=1; fi
}
expect 0 'usage: kdex' --help
expect 0 'kdex ' --version
for c in run extract modules explain models plugins validate eval new-family; do expect 0 'Example:' $c --help; done
expect 2 "did you mean 'extract'" extrac
expect 2 "did you mean '--checkpoint'" extract --chekpoint x
expect 2 'no checkpoint is given' extract
expect 2 'must be an integer from 1 to 4096' extract --checkpoint x --tp 0
expect 2 "must be an integer from 1 to 4096, not 'zwei'" extract --checkpoint x --tp zwei
expect 2 'must be an integer' extract --checkpoint x --page-size -3
expect 2 'h100, h200 or b200' extract --checkpoint x --platform a100
expect 2 'prefill or decode' extract --checkpoint x --execution-modes train
expect 2 'NAME=VALUE' extract --checkpoint x --engine-arg dtype
expect 2 'no such folder' extract --checkpoint no/such-model
echo '{"hidden' > "$work/cut.json"
expect 2 'ends too early' extract --checkpoint "$work/cut.json"
expect 2 'cannot be read' run "$work/none.yaml"
printf 'sources: &a [*a]\n' > "$work/cycle.yaml"
expect 2 'cycle' run "$work/cycle.yaml"
printf 'model_nam: x\n' > "$work/key.yaml"
expect 2 "key.yaml:1:1: unknown key 'model_nam'" run "$work/key.yaml"
printf 'model_name: llama\nsources: [%s]\n' "$work" > "$work/nosource.yaml"
expect 2 'neither the package sglang' run "$work/nosource.yaml"
expect 2 'not a dataset' validate "$work"
expect 2 'not a file' eval "$work/none.py"
expect 2 'no origins' explain ../../etc/passwd --dataset "$work"
expect 2 'cannot name a family' new-family ../x
expect 0 'CMakeLists.txt' new-family start --out "$work/start"
expect 2 'is not empty' new-family start --out "$work/start"
expect 0 'gemm.at_tp  true|false, default false' plugins --options gemm
expect 2 "unknown family 'gem'; did you mean 'gemm'" plugins --options gem
# With the engine's sources: what a family's author sees, and a family that crashes or loops.
top=$(cd "$(dirname "$0")/../../.." && pwd)
bad=$(dirname "$kdex")/tests/core/plugin/bad_plugins
model=$top/examples/checkpoints/meta-llama--Llama-3.1-8B
if ls -d "$top"/.kdex/sources/sglang-* >/dev/null 2>&1; then
  attention='model.layers.0.self_attn.attn'
  expect 0 'claimed by: gqa' modules --checkpoint "$model" --path "$attention" --claims
  expect 0 'mro: sglang.srt.layers.radix_attention.RadixAttention' \
    modules --checkpoint "$model" --path "$attention" --attrs
  expect 0 'head_dim = 128  <- ' modules --checkpoint "$model" --path "$attention" --attrs
  expect 0 '"claimed_by":["gqa"]' \
    modules --checkpoint "$model" --path "$attention" --claims --format json
  expect 0 'rope_theta' modules --checkpoint "$model" --attrs
  if [ -e "$bad/bad_deeds.so" ]; then
    rm -rf "$work/plugins"; mkdir "$work/plugins"; cp "$bad/bad_deeds.so" "$work/plugins"
    for deed in crash:'crashed (Segmentation fault)' exit:'ended the process (exit status 0)' \
      throw:'no luck at all' loop:'no answer within 1 s'; do
      rm -rf "$work/dataset"
      KDEX_FAMILY_SECONDS=1 expect 1 "match() failed: ${deed#*:}" extract --checkpoint "$model" \
        --plugins-path "$work/plugins" --family-option "deeds.deed=${deed%%:*}" --out "$work/dataset"
      [ -e "$work/dataset/definitions/rmsnorm/rmsnorm_h4096.json" ] || {
        echo "after ${deed%%:*}: the other families' definitions are not there"; failed=1; }
      grep -q 'family deeds on .*Llama-3.1-8B tp1: match() failed' "$work/dataset/report.json" || {
        echo "after ${deed%%:*}: the report does not name it"; failed=1; }
    done
  fi
fi
exit $failed
