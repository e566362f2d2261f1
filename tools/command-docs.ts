import { wrapNotes } from '../src/cli/help.ts'
import { EXIT, NO_INPUT_OPTION, type Verb } from '../src/cli/verb.ts'
import { VERBS } from '../src/cli/verbs.ts'

const INTRO = `# Commands

<!-- Generated from the table of commands by \`npm run docs\`. Do not edit. -->

Every command has \`--help\`, and prints one JSON document with \`--json\` (a stream: one a line). Data goes to the standard output, everything else to
the standard error, so that a pipe or \`$(…)\` takes only the data.

Exit codes: ${EXIT.ok} well, ${EXIT.finding} a finding or a failed call, ${EXIT.usage} wrong usage or configuration, ${EXIT.absent} the gateway or provider is not there, ${EXIT.interrupted}
interrupted, ${EXIT.terminated} ended from outside. \`candor run\` gives the agent's own; \`candor usage guard\` has 64 for wrong usage.

With \`--no-input\` nothing is ever asked of a person, as without a terminal or with \`CI\` set: a command that cannot do without an answer
says what to give it instead. Every command takes the option.

Commands that ask a gateway find the one that runs on this machine by themselves, and need no key for it. For another one: \`--url\`, and a
[gateway key](keys.md) in \`CANDOR_KEY\`.
`

/** Columns of a line of notes, which stands in a page as it is. */
const NOTES_COLUMNS = 110

/** docs/commands.md, from the same table the program's help is made of. */
export function commandsMarkdown(): string {
  return `${INTRO}\n${overview()}\n${VERBS.flatMap(verb => sections(verb, ['candor', verb.name])).join('\n')}`
}

function overview(): string {
  const rows = VERBS.map(({ name, summary }) => `| [\`candor ${name}\`](#candor-${name}) | ${cell(summary)} |`)
  return `| command | does |\n|---|---|\n${rows.join('\n')}\n`
}

/** A command, then those below it. */
function sections(verb: Verb, path: readonly string[]): string[] {
  return [section(verb, path), ...(verb.verbs ?? []).flatMap(below => sections(below, [...path, below.name]))]
}

function section(verb: Verb, path: readonly string[]): string {
  const { summary, args = [], options = [], asks, examples, notes, run } = verb
  const words = [...path, ...(options.length === 0 ? [] : ['[options]']), ...args.map(({ syntax }) => syntax)]
  const parts = [
    `${'#'.repeat(path.length)} ${path.join(' ')}`,
    `${plain(summary)}.`,
    ...(run === undefined ? [] : [`\`\`\`text\n${words.join(' ')}\n\`\`\``]),
    ...list([
      ...args.map(({ syntax, about }) => [syntax, about]),
      ...[...options, ...(asks === true ? [NO_INPUT_OPTION] : [])].map(({ flags, about }) => [flags, about]),
    ]),
    ...(examples.length === 0 ? [] : ['Examples:', ...list(examples.map(({ line, about }) => [line, about]))]),
    ...(notes === undefined ? [] : [`\`\`\`text\n${wrapNotes(notes(), NOTES_COLUMNS).join('\n')}\n\`\`\``]),
  ]
  return `${parts.join('\n\n')}\n`
}

function list(rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [rows.map(([code = '', about = '']) => `* \`${code}\`: ${plain(about)}`).join('\n')]
}

/** What stands in angle brackets is a place to fill in, not markup. */
function plain(text: string): string {
  return text.replaceAll('<', '\\<')
}

function cell(text: string): string {
  return plain(text).replaceAll('|', '\\|')
}
