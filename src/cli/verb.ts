import type { Printer } from './print.ts'
import type { Shell } from './shell.ts'

/** The exit codes of every command; docs and scripts depend on them. */
export const EXIT = { ok: 0, finding: 1, usage: 2, absent: 69, interrupted: 130, terminated: 143 } as const

/** Why a command cannot go on: shown to the person, what first, then why, then how to mend it. */
export class CliFault extends Error {
  readonly exit: number
  readonly why: string | undefined
  readonly fix: readonly string[]

  constructor(exit: number, what: string, rest: { why?: string | undefined; fix?: readonly string[] } = {}) {
    super(what)
    this.name = 'CliFault'
    this.exit = exit
    this.why = rest.why
    this.fix = rest.fix ?? []
  }
}

/** An argument by position: `[model]`, `<path>`, `[kind...]`. */
export interface VerbArgument {
  readonly syntax: string
  readonly about: string
}

/** An option in commander's syntax: `-f, --follow`, `--port <port>`. */
export interface VerbOption {
  readonly flags: string
  readonly about: string
  /** May be given more than once. */
  readonly repeats?: true
}

/** What the user typed behind the verb. */
export interface Given {
  readonly args: readonly string[]
  /** The value of an option that takes one. */
  text(name: string): string | undefined
  flag(name: string): boolean
  /** All values of an option that repeats. */
  list(name: string): readonly string[]
}

/** What every command is handed. */
export interface Desk {
  readonly shell: Shell
  readonly print: Printer
}

/** One command: its help and what it does. Adding one is a file in commands/ and a line in verbs.ts. */
export interface Verb {
  readonly name: string
  /** One line, no full stop. */
  readonly summary: string
  readonly args?: readonly VerbArgument[]
  readonly options?: readonly VerbOption[]
  /** It may ask questions. */
  readonly asks?: true
  /** Exit code for wrong usage, where scripts expect another than 2. */
  readonly usageExit?: number
  /** At least one for every verb that runs. */
  readonly examples: readonly { readonly line: string; readonly about: string }[]
  /** Further lines of the help, below the options. */
  readonly notes?: () => string
  readonly run?: (given: Given, desk: Desk) => Promise<number>
  readonly verbs?: readonly Verb[]
}

/** `--config`, for every verb that reads the configuration. */
export const CONFIG_OPTION: VerbOption = {
  flags: '--config <file>',
  about: 'configuration file (default: $CANDOR_CONFIG, else ~/.config/candor/candor.json5)',
}

/** `--url`, for every verb that can ask a running gateway. */
export const URL_OPTION: VerbOption = {
  flags: '--url <url>',
  about: 'gateway to ask (default: the one that runs on this machine; key: $CANDOR_KEY)',
}

/** The help, which every command has. */
export const HELP_OPTION: VerbOption = { flags: '-h, --help', about: 'print this help' }

/** The one document, which every command that runs can print. */
export const JSON_OPTION: VerbOption = { flags: '--json', about: 'print one JSON document (a stream: one a line)' }

/** Never ask: every command that runs takes it, so that scripts may give it to all; the help of those that ask shows it. */
export const NO_INPUT_OPTION: VerbOption = {
  flags: '--no-input',
  about: 'ask nothing, as without a terminal or with CI set',
}

/** The version, behind the program's own name. */
export const VERSION_OPTION: VerbOption = { flags: '-V, --version', about: "print Candor's version" }

/** Reads an option that must be a whole number. Throws a usage fault. */
export function wholeNumber(given: Given, name: string, least: number, most: number): number | undefined {
  const text = given.text(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value
  throw new CliFault(
    EXIT.usage,
    `--${name} must be a whole number from ${least} to ${most}, not "${text.slice(0, 40)}".`,
  )
}
