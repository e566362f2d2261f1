import type { Command } from 'commander'
import { widthOf, wrap } from './terminal-text.ts'
import type { Verb } from './verb.ts'

/** Help is not wider than this: longer lines are hard to read. */
export const HELP_COLUMNS_MAX = 120

/** What is said about something is not squeezed into less than this. */
const WORDS_COLUMNS_MIN = 20

/** What stands below the options in the help of a command: its examples, then its notes. For a terminal of that many columns. */
export function helpEnd({ examples, notes }: Verb, columns: number): string {
  const told = notes === undefined ? [] : ['', ...wrapNotes(notes(), columns)]
  return ['', 'Examples:', ...exampleLines(examples, columns), ...told].join('\n')
}

/** In two columns where all of them fit, else with the words below each line. */
function exampleLines(examples: Verb['examples'], columns: number): readonly string[] {
  const width = Math.max(...examples.map(({ line }) => widthOf(line)))
  const beside = examples.map(({ line, about }) => `  ${line.padEnd(width)}  ${about}`)
  if (beside.every(line => widthOf(line) < columns)) return beside
  return examples.flatMap(({ line, about }) => [
    `  ${line}`,
    ...wrap(about, columns - EXAMPLE_INDENT.length - 1).map(words => EXAMPLE_INDENT + words),
  ])
}

const EXAMPLE_INDENT = '      '

/** Wraps each line of a text. What follows hangs below the words of the line, be they indented or behind a term and two spaces. */
export function wrapNotes(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap(line => {
    const [head = ''] = /^ *(?:\S+ {2,})?/.exec(line) ?? []
    const rest = ' '.repeat(widthOf(head))
    const wrapped = wrap(line.slice(head.length), Math.max(WORDS_COLUMNS_MIN, columns - rest.length - 1))
    return wrapped.map((words, i) => (i === 0 ? head : rest) + words)
  })
}

/** How a command stands in the list of those above it. In the long list of all commands only by its name: its arguments are in its own help. */
export function commandTerm(command: Command): string {
  const isInLongList = command.parent?.parent === null
  const args = isInLongList
    ? []
    : command.registeredArguments.map(each => (each.required ? `<${each.name()}>` : `[${each.name()}]`))
  return [command.name(), ...args].join(' ')
}
