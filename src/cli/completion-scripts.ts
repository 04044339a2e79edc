/** The supported shells. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * The script for each shell. It calls the hidden command `__complete` with the words up to the cursor, and offers its
 * candidates, or file names when there are none.
 */
export const completionScripts: Readonly<Record<(typeof SHELLS)[number], string>> = {
  // For bash `:` and `=` end a word, so the part before the last one must not be repeated.
  bash: `# bash completion for virt-nodedev
_virt_nodedev() {
  local line="\${COMP_LINE:0:COMP_POINT}" words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current="\${words[-1]}"
  local done="\${current%"\${current##*[:=]}"}"
  mapfile -t COMPREPLY < <(virt-nodedev __complete -- "\${words[@]:1}" 2> /dev/null)
  COMPREPLY=("\${COMPREPLY[@]#"$done"}")
}
complete -o default -F _virt_nodedev virt-nodedev
`,
  zsh: `#compdef virt-nodedev
_virt_nodedev() {
  local -a candidates
  candidates=(\${(f)"$(virt-nodedev __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)"})
  if (( $#candidates )); then compadd -a candidates; else _files; fi
}
compdef _virt_nodedev virt-nodedev
`,
  fish: `# fish completion for virt-nodedev
function __virt_nodedev
  virt-nodedev __complete -- (commandline -opc)[2..] (commandline -ct) 2> /dev/null
end
complete -c virt-nodedev -a '(__virt_nodedev)'
`,
};
