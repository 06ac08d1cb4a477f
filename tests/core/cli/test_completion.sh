#!/usr/bin/env bash
# What the shells complete. usage: test_completion.sh KDEX. Shells that are not there are left out.
set -u
kdex=$(realpath "$1")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
failed=0
mkdir -p "$work/dataset/definitions/t" "$work/bin"
echo '{}' > "$work/dataset/definitions/t/some_definition.json"
ln -s "$kdex" "$work/bin/kdex"
export PATH=$work/bin:$PATH KDEX_HOME=$(dirname "$kdex")
cd "$work" || exit 1

completed() {  # words of a command line; the last is to be completed
  bash -c 'source <(kdex completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kdex
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
expect() {  # word, words of a command line
  local word=$1; shift
  completed "$@" | grep -qxF -- "$word" || { echo "'$*' is not completed by '$word'"; failed=1; }
}
expect extract kdex ex
expect --checkpoint kdex extract --check
expect meta-llama/Llama-3.1-8B kdex extract --tp 1 --checkpoint meta
expect rmsnorm kdex extract --families rms
expect h200 kdex extract --platform h2
expect fi_trace kdex extract --dialect ''
expect some_definition kdex explain some
expect workloads kdex stage work
expect --arch kdex kernels build dataset --ar
expect csv kdex list dataset --format ''
[ -z "$(completed kdex extract --tp '')" ] || { echo "--tp has no names"; failed=1; }

if command -v zsh >/dev/null; then
  zsh -f -c 'source <(kdex completion zsh); whence _kdex >/dev/null && print "${_comps[kdex]}"' |
    grep -q _bash_complete || { echo "zsh does not complete kdex"; failed=1; }
fi
if command -v fish >/dev/null; then
  fish -N -c 'kdex completion fish | source; complete -C "kdex extract --checkpoint meta"' |
    grep -q '^meta-llama/Llama-3.1-8B' || { echo "fish: checkpoints"; failed=1; }
  fish -N -c 'kdex completion fish | source; complete -C "kdex list x --form"' |
    grep -q '^--format' || { echo "fish: flags"; failed=1; }
fi
exit $failed
