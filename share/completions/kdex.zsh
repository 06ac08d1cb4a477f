# Completion of kdex for zsh: source <(kdex completion zsh). That of bash follows.
autoload -U +X compinit && compinit -u
autoload -U +X bashcompinit && bashcompinit
