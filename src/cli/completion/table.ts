import { HELP_OPTION, JSON_OPTION, NO_INPUT_OPTION, VERSION_OPTION, type Verb, type VerbOption } from '../verb.ts'
import { type Expected, expectedAt } from './values.ts'

/** A word that may stand at a place, and what it is for. */
export interface Word {
  readonly word: string
  /** Empty where there is nothing to say. */
  readonly about: string
}

/**
 * One entry of the table a script holds. Keys: `command:keys create` (it exists), `below:keys` (the commands below it), `options:keys create`,
 * `value:keys create:--model` (what the option takes), `argument:route explain:1` (what stands there; the last may be `argument:sim:more`).
 */
export interface Entry {
  readonly key: string
  readonly words: readonly Word[]
}

/** What stands in an entry where words would be: the names of this kind, or a path. No word of a command begins so. */
const ASK_MARK = '@'
/** The mark for a path. */
const FILES_MARK = `${ASK_MARK}files`

/** Everything that can be completed, from the table the help is made of. */
export function completionTable(verbs: readonly Verb[]): readonly Entry[] {
  return [
    { key: 'below:', words: verbs.map(wordOf) },
    { key: 'options:', words: [HELP_OPTION, VERSION_OPTION].flatMap(optionWords) },
    ...verbs.flatMap(verb => entriesOf(verb, verb.name)),
  ]
}

function entriesOf(verb: Verb, place: string): readonly Entry[] {
  const { verbs: below = [], args = [], asks, run } = verb
  const shared = [...(asks === true ? [NO_INPUT_OPTION] : []), ...(run === undefined ? [] : [JSON_OPTION]), HELP_OPTION]
  const options = [...(verb.options ?? []), ...shared]
  return [
    { key: `command:${place}`, words: [] },
    ...(below.length === 0 ? [] : [{ key: `below:${place}`, words: below.map(wordOf) }]),
    { key: `options:${place}`, words: options.flatMap(optionWords) },
    ...options.flatMap(option => valueEntries(option, place)),
    ...args.flatMap(({ syntax }, i) => argumentEntry(verb.name, syntax, place, i + 1)),
    ...below.flatMap(each => entriesOf(each, `${place} ${each.name}`)),
  ]
}

function wordOf({ name, summary }: Verb): Word {
  return { word: name, about: summary }
}

function namesOf({ flags }: VerbOption): readonly string[] {
  return flags.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? []
}

function optionWords(option: VerbOption): readonly Word[] {
  return namesOf(option).map(word => ({ word, about: option.about }))
}

/** An option that takes something has an entry by each of its names, be it an empty one: the next word is not an argument. */
function valueEntries(option: VerbOption, place: string): readonly Entry[] {
  const placeholder = /<([^>]+)>/.exec(option.flags)?.[1]
  if (placeholder === undefined) return []
  const names = namesOf(option)
  const words = wordsFor(expectedAt(names.at(-1) ?? '', placeholder))
  return names.map(name => ({ key: `value:${place}:${name}`, words }))
}

function argumentEntry(verb: string, syntax: string, place: string, at: number): readonly Entry[] {
  const words = wordsFor(expectedAt(verb, syntax))
  return words.length === 0 ? [] : [{ key: `argument:${place}:${syntax.includes('...') ? 'more' : at}`, words }]
}

function wordsFor(expected: Expected | undefined): readonly Word[] {
  switch (expected?.from) {
    case undefined:
      return []
    case 'list':
      return expected.words.map(word => ({ word, about: '' }))
    case 'asked':
      return [{ word: `${ASK_MARK}${expected.kind}`, about: '' }]
    case 'files':
      return [{ word: FILES_MARK, about: '' }]
  }
}
