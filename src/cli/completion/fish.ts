import { SCRIPT_MARK } from './bash.ts'
import type { Entry, Word } from './table.ts'

/** A text as one word of fish: in its single quotes only the backslash and the quote have a second meaning. */
function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

/** The script for fish, from version 3 on. */
export function fishScript(table: readonly Entry[]): string {
  const line = ({ word, about }: Word) => fishWord(about === '' ? word : `${word}\t${about}`)
  const cases = table.flatMap(({ key, words }) => [
    `        case ${fishWord(key)}`,
    ...(words.length === 0 ? [] : [`            printf '%s\\n' ${words.map(line).join(' ')}`]),
  ])
  return `${SCRIPT_MARK} in fish: candor completion fish
function __candor_table
    switch $argv[1]
${cases.join('\n')}
        case '*'
            return 1
    end
    return 0
end

${WALK}
complete -c candor -f -k -a '(__candor_complete)'
`
}

const WALK = `function __candor_expand
    for word in (__candor_table $argv[1])
        switch $word
            case @files
                __fish_complete_path $argv[2]
            case '@*'
                command candor complete (string sub -s 2 -- $word) 2>/dev/null </dev/null
            case '*'
                echo -- $word
        end
    end
end

function __candor_complete
    set -l cur (commandline -ct)
    set -l before (commandline -opc)
    set -l place ''
    set -l count 1
    set -l value ''
    set -l literal ''
    for word in $before[2..-1]
        if test -n "$value"
            set value ''
        else if test -z "$literal" -a "x$word" = x--
            set literal 1
        else if test -z "$literal"; and string match -qr -- '^-.' $word
            if __candor_table "value:$place:$word" >/dev/null
                set value $word
            end
        else if test -z "$literal" -a $count = 1; and __candor_table (string trim -- "command:$place $word" | string replace 'command: ' 'command:') >/dev/null
            set place (string trim -- "$place $word")
        else
            set count (math $count + 1)
        end
    end
    if test -n "$value"
        __candor_expand "value:$place:$value" $cur
    else if test -z "$literal"; and string match -qr -- '^--.*=' $cur
        set -l parts (string split -m 1 = -- $cur)
        for line in (__candor_expand "value:$place:$parts[1]" $parts[2])
            echo -- "$parts[1]=$line"
        end
    else if test -z "$literal"; and string match -q -- '-*' $cur
        __candor_table "options:$place"
    else
        if test -z "$literal" -a $count = 1
            __candor_table "below:$place"
        end
        __candor_expand "argument:$place:$count" $cur
        __candor_expand "argument:$place:more" $cur
    end
end
`
