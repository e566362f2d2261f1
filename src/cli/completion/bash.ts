import { posixCore } from './posix.ts'
import type { Entry } from './table.ts'

/** How every script begins: by this line Candor knows its own again. */
export const SCRIPT_MARK = '# Completions for candor'

/**
 * The script for bash, from version 3.2 on (macOS has that one). The line is cut at white space, not at bash's own word breaks, for a model's name may
 * hold a colon; what bash has already set apart is taken off the answers again.
 */
export function bashScript(table: readonly Entry[]): string {
  return `${SCRIPT_MARK} in bash: candor completion bash
${posixCore(table, false)}

_candor() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} place='' count=1 value='' literal='' prefix='' cur tail mark word
  local -a words
  read -r -a words <<< "$line"
  case "$line" in *[[:space:]]) words+=('') ;; esac
  local last=$((\${#words[@]} - 1))
  cur=\${words[last]}
  __candor_walk "\${words[@]:1:last-1}"
  case "$value$literal$cur" in --*=*) prefix="\${cur%%=*}=" ;; esac
  tail=$cur
  for mark in : =; do
    case "$COMP_WORDBREAKS" in *"$mark"*) tail=\${tail##*"$mark"} ;; esac
  done
  COMPREPLY=()
  while IFS=$'\\t' read -r word; do
    if [ "$word" = @files ]; then
      compopt -o filenames 2> /dev/null
      while IFS= read -r word; do
        COMPREPLY+=("$word")
      done < <(compgen -f -- "\${cur#"$prefix"}")
      continue
    fi
    word=$prefix\${word%%$'\\t'*}
    case "$word" in "$cur"*) COMPREPLY+=("\${word#"\${cur%"$tail"}"}") ;; esac
  done < <(__candor_candidates "$cur")
}

complete -F _candor candor
`
}
