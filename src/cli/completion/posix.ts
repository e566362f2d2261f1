import type { Entry, Word } from './table.ts'

/** A text as one word of a shell of the Bourne family. */
export function posixWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * What bash and zsh have in common: the table, and the way through it. `place`, `count`, `value` and `literal` belong to the caller: the command so
 * far, the number of the argument at the cursor, the option that waits for its value, and whether `--` was passed. Nothing is ever evaluated.
 */
export function posixCore(table: readonly Entry[], withAbouts: boolean): string {
  const line = ({ word, about }: Word) => posixWord(withAbouts && about !== '' ? `${word}\t${about}` : word)
  const cases = table.map(({ key, words }) => {
    const print = words.length === 0 ? ':' : `printf '%s\\n' ${words.map(line).join(' ')}`
    return `    ${posixWord(key)}) ${print} ;;`
  })
  return `__candor_table() {
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
}

__candor_walk() {
  local word
  for word in "$@"; do
    if [ -n "$value" ]; then
      value=''
    elif [ -z "$literal" ] && [ "$word" = -- ]; then
      literal=1
    elif [ -z "$literal" ] && [ "\${word#-?}" != "$word" ]; then
      if __candor_table "value:$place:$word" > /dev/null; then value=$word; fi
    elif [ -z "$literal" ] && [ "$count" = 1 ] && __candor_table "command:\${place:+$place }$word" > /dev/null; then
      place="\${place:+$place }$word"
    else
      count=$((count + 1))
    fi
  done
}

__candor_expand() {
  local word
  __candor_table "$1" | while IFS= read -r word; do
    case "$word" in
      @files) printf '%s\\n' "$word" ;;
      @*) command candor complete "\${word#@}" 2> /dev/null < /dev/null ;;
      *) printf '%s\\n' "$word" ;;
    esac
  done
}

__candor_candidates() {
  if [ -n "$value" ]; then
    __candor_expand "value:$place:$value"
  elif [ -z "$literal" ] && [ "\${1#--*=}" != "$1" ]; then
    __candor_expand "value:$place:\${1%%=*}"
  elif [ -z "$literal" ] && [ "\${1#-}" != "$1" ]; then
    __candor_table "options:$place"
  else
    if [ "$count" = 1 ] && [ -z "$literal" ]; then __candor_table "below:$place"; fi
    __candor_expand "argument:$place:$count"
    __candor_expand "argument:$place:more"
  fi
}`
}
