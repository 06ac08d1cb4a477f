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
expect 0 'kdex-sdk ' --version
expect 0 'nlohmann_json 3.' --version
for c in run extract modules explain list diff merge export check tests models plugins validate kernels workloads stage options eval doctor completion \
  new-family new-stage; do expect 0 'Example:' $c --help; done
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
# One definition as a file, the folder definitions/, patterns of names and op types.
made=$work/made; mkdir -p "$made/definitions/op_a" "$made/definitions/op_b_c" "$made/.kdex/origins"
for of in op_a/one_n1 op_b_c/two_n1; do
  name=${of#*/}
  printf '{"name": "%s", "op_type": "%s", "axes": {"N": {"type": "const", "value": 1}}, "inputs": {"x": {"shape": ["N"], "dtype": "float32"}}, "outputs": {"y": {"shape": ["N"], "dtype": "float32"}}, "reference": "def run(x):\\n    return x\\n"}' \
    "$name" "${of%/*}" > "$made/definitions/$of.json"
  printf '{"axes": {}, "origins": [], "checkpoint": "c", "deployment": "tp1", "what": "w"}' > "$made/.kdex/origins/$name.json"
done
expect 0 '1 definitions, 0 solutions' validate "$made/definitions/op_a/one_n1.json"
expect 0 '2 definitions, 0 solutions' validate "$made/definitions/"
cp "$made/definitions/op_a/one_n1.json" "$work/other_n1.json"
expect 1 "its name is 'one_n1', not the file's" validate "$work/other_n1.json"
expect 0 'two_n1' explain '*_n1' --dataset "$made"
expect 0 'two_n1' explain --op op_b --dataset "$made"
if "$kdex" explain --op op_b --dataset "$made" | grep -q one_n1; then echo 'explain --op takes another op type'; failed=1; fi
expect 2 "'gem*'" explain 'gem*' --dataset "$made"
expect 2 "'one_n1' of op type 'op_b'" explain one_n1 --op op_b --dataset "$made"
expect 2 "did you mean 'one_n1'" explain one_n2 --dataset "$made"
expect 2 'pattern of names or --op' explain --dataset "$made"
expect 2 'no origins' explain ../../etc/passwd --dataset "$work"
expect 2 'invalid name of a family' new-family ../x
expect 2 "there is a family 'gemm' already" new-family gemm --out "$work/taken"
expect 2 "there is a stage 'workloads' already" new-stage workloads --out "$work/taken"
[ ! -e "$work/taken" ] || { echo 'a refused name left a folder'; failed=1; }
expect 0 'CMakeLists.txt' new-family start --out "$work/start"
expect 2 'is not empty' new-family start --out "$work/start"
expect 0 'gemm.at_tp  true|false, default false' plugins --options gemm
expect 0 'aiter-shapes' export
expect 2 "unknown form 'csw'; did you mean 'csv'" export csw "$work"
expect 2 'needs --as FORM' check "$work/none.yaml" --checkpoint x
expect 2 "unknown form 'csw'" check "$work/none.yaml" --as csw --checkpoint x
expect 2 'no such file or folder' check "$work/none.yaml" --as csv --checkpoint x
expect 2 "unknown family or stage 'gem'; did you mean 'gemm'" plugins --options gem
expect 0 'build.arch  texts, default sm_90a' plugins --options build
expect 0 'run the kernels on a GPU and check their outputs' plugins
expect 2 "unknown stage 'workload'; did you mean 'workloads'" stage workload "$work"
expect 2 "the stage 'extract' works on the models of a run" stage extract "$work"
expect 2 'expected the name of a stage' stage
expect 0 'kdex stage bench DATASET [options]' stage bench --help
expect 0 'kdex kernels bench DATASET [options]' kernels bench --help
expect 2 'expected one name' new-stage
expect 2 'expected bash, zsh or fish' completion tcsh
KDEX_CACHE="$work/cache" expect 1 "sources      $work/none: " doctor --source "$work/none"
KDEX_CACHE="$work/cache" expect 1 "cache        $work/cache  empty" doctor --source "$work/none"
KDEX_CACHE="$work/cache" expect 1 'gemm 0.1.0' doctor --source "$work/none"
expect 0 'my_other.cpp' new-stage my_other --out "$work/stage"
expect 0 '| `tp` | `--tp` | a list of integers | `[1]` |' options --markdown options
expect 2 'options or stages' options --markdown stage
# A stage of a plugin: its options on the command line and in a file, and how it fails.
deeds=$(realpath "$(dirname "$kdex")")/tests/core/plugin/stage_deeds
if [ -d "$deeds" ]; then
  mkdir -p "$work/data/definitions/rmsnorm"
  cat > "$work/data/definitions/rmsnorm/rmsnorm_h16.json" <<'JSON'
{"name": "rmsnorm_h16", "op_type": "rmsnorm",
 "axes": {"batch_size": {"type": "var"}, "hidden_size": {"type": "const", "value": 16}},
 "inputs": {"x": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
 "outputs": {"y": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
 "reference": "def run(x):\n    return x\n"}
JSON
  expect 0 'stage_deeds  0.1.0    does what it is told' plugins --plugins-path "$deeds"
  expect 0 'needs: definitions/; writes: deeds/, deed.txt' plugins --plugins-path "$deeds"
  expect 0 'stage_deeds.sizes  integers, default 1,64' plugins --plugins-path "$deeds" \
    --options stage_deeds
  expect 0 '--sizes N...' stage stage_deeds --help --plugins-path "$deeds"
  expect 0 '1 definitions' stage stage_deeds "$work/data" --plugins-path "$deeds" --deed fine
  [ "$(cat "$work/data/deed.txt")" = fine ] || { echo "deed.txt is not what the stage gave"; failed=1; }
  expect 1 'stage stage_deeds failed: crashed (Segmentation fault)' \
    stage stage_deeds "$work/data" --plugins-path "$deeds" --deed crash
  expect 1 'stage stage_deeds failed: no answer within 1 s' \
    stage stage_deeds "$work/data" --plugins-path "$deeds" --deed loop
  expect 2 'the stage stage_deeds: deed: no such deed' \
    stage stage_deeds "$work/data" --plugins-path "$deeds" --deed check_throw
  expect 2 "did you mean '--sizes'" stage stage_deeds "$work/data" --plugins-path "$deeds" --size 1
  printf 'output_dir: data\nstages: [{name: stage_deeds, deed: errors}]\nplugins_path: %s\n' "$deeds" \
    > "$work/deeds.yaml"
  expect 1 'stage stage_deeds: the second' run "$work/deeds.yaml"
  expect 0 '1 definitions' run "$work/deeds.yaml" --stage-option stage_deeds.deed=fine
  expect 2 "--stage-option stage_deeds.sizes: must be an integer from 1" \
    run "$work/deeds.yaml" --stage-option stage_deeds.sizes=1,x
  expect 2 "is an option of the stage 'build', which is not in the list" \
    run "$work/deeds.yaml" --stage-option build.arch=sm_80
fi
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
  expect 0 'Choose the kernels for attention layers.' \
    modules --checkpoint "$model" --path "$attention" --attrs
  expect 0 '"attention_backend":"Choose the kernels for attention layers."' \
    modules --checkpoint "$model" --path "$attention" --attrs --format json
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
