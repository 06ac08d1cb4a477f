# Completion of kdex for bash: source <(kdex completion bash). Flags, choices and names come from the
# program itself, so that they are those of its version.
_kdex() {
  local kdex=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} flag= words= i
  local -a of=("${COMP_WORDS[1]}")
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "$("$kdex" completion --words commands 2>/dev/null)" -- "$cur"))
    return
  fi
  case ${of[0]} in
    kernels | stage | export) of+=("${COMP_WORDS[2]}") ;;
  esac
  if [ "$COMP_CWORD" = 2 ]; then
    case ${of[0]} in
      kernels) words="list plan build verify bench" ;;
      export) words=$("$kdex" completion --words forms 2>/dev/null) ;;
      stage) words=$("$kdex" completion --words stages 2>/dev/null) ;;
      completion) words="bash zsh fish" ;;
      help) words=$("$kdex" completion --words commands 2>/dev/null) ;;
    esac
  fi
  for ((i = COMP_CWORD - 1; i > 1; i--)); do
    case ${COMP_WORDS[i]} in
      -*) flag=${COMP_WORDS[i]}; break ;;
    esac
  done
  if [ -z "$words" ] && [ "${cur:0:1}" = - ]; then
    words=$("$kdex" "${of[@]}" --help 2>/dev/null | sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p')
  elif [ -z "$words" ]; then
    case $flag in
      --checkpoint | --draft-checkpoint) words=$("$kdex" completion --words checkpoints 2>/dev/null) ;;
      --as) words=$("$kdex" completion --words forms 2>/dev/null) ;;
      --families) words=$("$kdex" completion --words families 2>/dev/null) ;;
      --definitions) words=$("$kdex" completion --words definitions 2>/dev/null) ;;
      -*) words=$("$kdex" "${of[@]}" --help 2>/dev/null |
        sed -n "s/^.* $flag \([a-z0-9_]*|[a-z0-9_|]*\).*/\1/p" | tr '|' ' ') ;;
    esac
    [ "${of[0]}" = explain ] && [ -z "$words" ] &&
      words=$("$kdex" completion --words definitions 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _kdex kdex
