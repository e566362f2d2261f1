import { Writable } from 'node:stream'
import * as clack from '@clack/prompts'
import { Secret } from '../../base/secret.ts'
import type { Output, Shell } from '../shell.ts'

/** One answer that can be chosen. */
export interface Choice<T> {
  readonly value: T
  readonly label: string
  /** Shown beside the label while it is chosen. */
  readonly hint?: string
}

/** Asks a person at a terminal. Every question rejects with {@link Cancelled} at Ctrl-C, and with {@link Back} at Escape. */
export interface Prompter {
  /** One of a few. */
  select<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T>
  /** One of many, found by typing; what is typed counts too where it is none of them. */
  search(message: string, choices: readonly Choice<string>[], initial?: string): Promise<string>
  /** One line. `fault` says what is wrong with it. */
  text(message: string, fault: (text: string) => string | undefined): Promise<string>
  /** One line that is not shown. Empty where nothing was typed. */
  secret(message: string): Promise<Secret | undefined>
  confirm(message: string, initial: boolean): Promise<boolean>
}

/** The person wants no more questions. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled')
    this.name = 'Cancelled'
  }
}

/** The person wants the question before again. */
export class Back extends Error {
  constructor() {
    super('back')
    this.name = 'Back'
  }
}

/** Lines of a long list that are shown at once. */
const LIST_LINES_MAX = 8

/** The prompter of a real terminal. Questions stand on the standard error: the standard output is for the answer of a model. */
export function openPrompter(shell: Shell): Prompter {
  const streams = { input: shell.stdin as typeof process.stdin, output: asWritable(shell.stderr) }
  const given = answersAt(streams.input)
  return {
    async select(message, choices, initial) {
      const at = choices.findIndex(({ value }) => value === initial)
      const options = choices.map(({ label, hint }, value) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      }))
      const chosen = await given(() => clack.select({ ...streams, message, options, initialValue: Math.max(0, at) }))
      const choice = choices[chosen]
      if (choice === undefined) throw new Cancelled()
      return choice.value
    },
    async search(message, choices, initial) {
      const options = [...choices]
      return await given(() =>
        clack.autocomplete<string>({
          ...streams,
          message,
          maxItems: LIST_LINES_MAX,
          placeholder: 'type to search',
          ...(initial === undefined ? {} : { initialValue: initial }),
          options() {
            return matching(options, this.userInput.trim())
          },
        }),
      )
    },
    async text(message, fault) {
      const text = await given(() =>
        clack.text({ ...streams, message, validate: typed => fault((typed ?? '').trim()) }),
      )
      return text.trim()
    },
    async secret(message) {
      const typed: string | undefined = await given(() => clack.password({ ...streams, message, mask: '•' }))
      const text = (typed ?? '').trim()
      return text === '' ? undefined : new Secret(text)
    },
    async confirm(message, initial) {
      return await given(() => clack.confirm({ ...streams, message, initialValue: initial }))
    },
  }
}

/** The choices a typed text fits, and behind them the text itself. */
function matching(choices: readonly Choice<string>[], typed: string): Choice<string>[] {
  const wanted = typed.toLowerCase()
  const found = choices.filter(({ label, value }) => `${label} ${value}`.toLowerCase().includes(wanted))
  if (typed === '' || choices.some(({ value }) => value === typed)) return found
  return [...found, { value: typed, label: typed, hint: 'as typed' }]
}

/** Asks, and tells Escape from Ctrl-C: to the library both are the same. */
function answersAt(input: typeof process.stdin) {
  return async <T>(ask: () => Promise<T | typeof clack.CANCEL_SYMBOL>): Promise<T> => {
    let last: string | undefined
    const pressed = (_text: unknown, key: { readonly name?: string } | undefined) => {
      last = key?.name
    }
    input.on('keypress', pressed)
    try {
      const answer = await ask()
      if (!clack.isCancel(answer)) return answer
      throw last === 'escape' ? new Back() : new Cancelled()
    } finally {
      input.off('keypress', pressed)
    }
  }
}

/** The library wants a stream of Node's. */
function asWritable(output: Output): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      output.write(String(text))
      done()
    },
  })
  return Object.defineProperties(stream, {
    columns: { get: () => output.columns },
    isTTY: { get: () => output.isTTY },
  })
}
