/** The supported shells. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * The script for each shell. It calls the hidden command `__complete` with the words up to the cursor, and offers its
 * candidates in their order, which have their meaning after a tab. When it says with 0 that names of files fit, too, these are offered if
 * there is no candidate.
 */
export const completionScripts: Readonly<Record<(typeof SHELLS)[number], string>> = {
  // For bash `:` and `=` end a word, so the part before the last one must not be repeated.
  bash: `# bash completion for virt-nodedev
_virt_nodedev() {
  local line="\${COMP_LINE:0:COMP_POINT}" words answer files=0
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current="\${words[-1]}"
  local done="\${current%"\${current##*[:=]}"}"
  answer=$(virt-nodedev __complete -- "\${words[@]:1}" 2> /dev/null) || files=1
  COMPREPLY=()
  [[ -n $answer ]] && mapfile -t COMPREPLY <<< "$answer"
  COMPREPLY=("\${COMPREPLY[@]%%$'\\t'*}")
  COMPREPLY=("\${COMPREPLY[@]#"$done"}")
  [[ $files == 0 ]] || compopt +o default 2> /dev/null
}
complete -o default -o nosort -F _virt_nodedev virt-nodedev
`,
  zsh: `#compdef virt-nodedev
_virt_nodedev() {
  local answer line files=1
  local -a described
  answer="$(virt-nodedev __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)" || files=0
  for line in "\${(f)answer}"; do
    [[ -z $line ]] && continue
    local word="\${line%%$'\\t'*}"
    if [[ $line == *$'\\t'* ]]; then
      described+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
    else
      described+=("\${word//:/\\\\:}")
    fi
  done
  if (( $#described )); then _describe -V 'virt-nodedev' described
  elif (( files )); then _files
  fi
}
compdef _virt_nodedev virt-nodedev
`,
  fish: `# fish completion for virt-nodedev
function __virt_nodedev
  set -l answer (virt-nodedev __complete -- (commandline -opc)[2..] (commandline -ct) 2> /dev/null)
  set -l files $status
  if test (count $answer) -gt 0
    printf '%s\\n' $answer
  else if test $files -eq 0
    __fish_complete_path (commandline -ct)
  end
end
complete -c virt-nodedev -k -f -a '(__virt_nodedev)'
`,
};
