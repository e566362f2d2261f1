import { SCRIPT_MARK } from './bash.ts'
import { posixCore } from './posix.ts'
import type { Entry } from './table.ts'

/** The script for zsh: a file \`_candor\` in a folder of \`fpath\`, or read into a shell that runs. */
export function zshScript(table: readonly Entry[]): string {
  return `#compdef candor
${SCRIPT_MARK} in zsh: candor completion zsh
${posixCore(table, true)}

_candor() {
  local place='' count=1 value='' literal='' line files=''
  local -a found
  __candor_walk "\${(@)words[2,CURRENT-1]}"
  while IFS= read -r line; do
    if [[ $line == @files ]]; then
      files=1
    else
      local word=\${line%%$'\\t'*} about=\${line#*$'\\t'}
      word=\${word//:/\\\\:}
      [[ $line == *$'\\t'* ]] && word+=":$about"
      found+=("$word")
    fi
  done < <(__candor_candidates "$PREFIX")
  [[ -z $value && -z $literal && $PREFIX == --*=* ]] && compset -P 1 '*='
  [[ -n $files ]] && _files
  (( \${#found} )) && _describe candor found
}

if [[ \${funcstack[1]} == _candor ]]; then
  _candor "$@"
else
  if ! (( $+functions[compdef] )); then
    autoload -Uz compinit && compinit -i
  fi
  compdef _candor candor
fi
`
}
