# Completion of kdex for fish: kdex completion fish | source. Flags, choices and names come from the
# program itself, so that they are those of its version.
function __kdex_command
    set -l words (commandline -opc)
    echo $words[2]
    contains -- "$words[2]" kernels stage export; and echo $words[3]
end
function __kdex_flags
    kdex (__kdex_command) --help 2>/dev/null | string match -rg '^ *(?:-[a-z], )?(--[a-z0-9-]+)'
end
function __kdex_flag
    set -l words (commandline -opc)
    for word in $words[-1..2]
        string match -q -- '-*' $word; and echo $word; and return
    end
end
function __kdex_values
    switch (__kdex_flag)
        case --checkpoint --draft-checkpoint
            kdex completion --words checkpoints 2>/dev/null
        case --as
            kdex completion --words forms 2>/dev/null
        case --families
            kdex completion --words families 2>/dev/null
        case --definitions
            kdex completion --words definitions 2>/dev/null
        case '-*'
            kdex (__kdex_command) --help 2>/dev/null | string match -rg -- " "(__kdex_flag)" ([a-z0-9_]+\|[a-z0-9_|]+)" | string split '|'
        case '*'
            contains explain (__kdex_command); and kdex completion --words definitions 2>/dev/null
    end
end
complete -c kdex -n __fish_use_subcommand -f -a '(kdex completion --words commands)'
complete -c kdex -n 'not __fish_use_subcommand' -a '(__kdex_values)'
complete -c kdex -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f -a '(__kdex_flags)'
complete -c kdex -n '__fish_seen_subcommand_from kernels' -f -a 'list plan build verify bench'
complete -c kdex -n '__fish_seen_subcommand_from stage' -f -a '(kdex completion --words stages)'
complete -c kdex -n '__fish_seen_subcommand_from export' -f -a '(kdex completion --words forms)'
complete -c kdex -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'
