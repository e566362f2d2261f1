import { existsSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { nearest } from '../base/nearest.ts'
import { VERSION } from '../base/version.ts'
import { pathsOf } from './gateway-access.ts'
import { glued } from './glue.ts'
import { commandTerm, HELP_COLUMNS_MAX, helpEnd } from './help.ts'
import { openPrinter } from './print.ts'
import { isInteractive, type Output, type Shell } from './shell.ts'
import { tell } from './tell.ts'
import { oneLine, widthOf } from './terminal-text.ts'
import {
  CliFault,
  type Desk,
  EXIT,
  type Given,
  HELP_OPTION,
  JSON_OPTION,
  NO_INPUT_OPTION,
  VERSION_OPTION,
  type Verb,
} from './verb.ts'

/** Runs one command line (without the program's own name) and gives its exit code. Never rejects. */
export async function runCli(argv: readonly string[], verbs: readonly Verb[], shell: Shell): Promise<number> {
  const [word, ...rest] = argv
  if (word === 'help' && !verbs.some(({ name }) => name === word))
    return await runCli([...rest, '--help'], verbs, shell)
  const print = openPrinter(shell, argv.includes('--json'))
  const stranger = findStranger(argv, verbs, [])
  if (stranger !== undefined) return refuse(stranger, { print, shell })
  let exit: number = EXIT.ok
  const program = root(shell)
  const run: Run = async (chosen, given, mayAsk) => {
    exit = (await chosen.run?.(given, { shell: mayAsk ? shell : { ...shell, mayAsk }, print })) ?? EXIT.ok
  }
  for (const verb of verbs) program.addCommand(commandOf(verb, [verb.name], shell, run))
  try {
    if (argv.length === 0) {
      if (wantsFirstMinute(verbs, shell)) return await runCli(['init'], verbs, shell)
      program.outputHelp()
      return EXIT.ok
    }
    await program.parseAsync(argv, { from: 'user' })
    return exit
  } catch (error) {
    return failed(error, { print, shell })
  }
}

/** Somebody who types nothing but the name, and has nothing yet, is helped to begin. */
function wantsFirstMinute(verbs: readonly Verb[], shell: Shell): boolean {
  if (!isInteractive(shell) || !verbs.some(({ name }) => name === 'init')) return false
  return !existsSync(pathsOf(shell).configFile)
}

function root(shell: Shell): Command {
  return dressed(new Command('candor'), { path: [], usageExit: EXIT.usage }, shell)
    .description('An LLM gateway you run yourself: one endpoint for every provider, key and plan you own.')
    .usage('<command> [arguments]')
    .version(VERSION, VERSION_OPTION.flags, VERSION_OPTION.about)
    .addHelpText(
      'after',
      '\nExamples:\n  candor serve          start the gateway\n  candor chat           talk to a model, with or without it',
    )
    .addHelpText('after', '\nHelp for one command: candor <command> --help')
}

/** What a command is called, from `candor` down, and what it exits with where it is called in a wrong way. */
interface Place {
  readonly path: readonly string[]
  readonly usageExit: number
}

function dressed(command: Command, { path, usageExit }: Place, shell: Shell): Command {
  return (
    command
      .exitOverride(({ exitCode, code, message }) => {
        // Help that was asked for is no error.
        throw new CommanderError(exitCode === 0 ? EXIT.ok : usageExit, code, message)
      })
      // An option behind `usage quota` is of `quota`, though `usage` may have one of the same name.
      .enablePositionalOptions()
      .helpCommand(false)
      .helpOption(HELP_OPTION.flags, HELP_OPTION.about)
      .configureHelp({ subcommandTerm: commandTerm })
      .configureOutput({
        writeOut: text => void shell.stdout.write(text),
        writeErr: text => void shell.stderr.write(text),
        getOutHelpWidth: () => helpColumns(shell.stdout),
        getErrHelpWidth: () => helpColumns(shell.stderr),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      })
      .showHelpAfterError(`Help: ${['candor', ...path].join(' ')} --help`)
  )
}

function helpColumns({ columns }: Output): number {
  return Math.min(columns, HELP_COLUMNS_MAX)
}

type Run = (verb: Verb, given: Given, mayAsk: boolean) => Promise<void>

function commandOf(verb: Verb, path: readonly string[], shell: Shell, run: Run): Command {
  const { summary, usageExit = EXIT.usage } = verb
  const command = dressed(new Command(verb.name), { path, usageExit }, shell).summary(summary)
  command.description(`${summary}.`)
  for (const { syntax, about } of verb.args ?? []) command.argument(syntax, about)
  for (const { flags, about, repeats } of verb.options ?? []) {
    if (repeats === true) command.option(flags, about, (value: string, before: string[] = []) => [...before, value])
    else command.option(flags, about)
  }
  if (verb.run !== undefined) {
    command.addOption(new Option(NO_INPUT_OPTION.flags, NO_INPUT_OPTION.about).hideHelp(verb.asks !== true))
    command.option(JSON_OPTION.flags, JSON_OPTION.about)
  }
  command.addHelpText('after', ({ error }) => helpEnd(verb, helpColumns(error ? shell.stderr : shell.stdout)))
  for (const below of verb.verbs ?? []) command.addCommand(commandOf(below, [...path, below.name], shell, run))
  if (verb.run === undefined) return command
  return command.action(async () => {
    try {
      await run(verb, givenOf(command), command.opts()['input'] !== false)
    } catch (error) {
      throw error instanceof CliFault && error.exit === EXIT.usage ? withExit(error, usageExit) : error
    }
  })
}

function withExit({ message, why, fix }: CliFault, exit: number): CliFault {
  return new CliFault(exit, message, { why, fix })
}

function givenOf(command: Command): Given {
  const values: Record<string, unknown> = command.opts()
  return {
    args: command.args,
    text: name => (typeof values[camel(name)] === 'string' ? String(values[camel(name)]) : undefined),
    flag: name => values[camel(name)] === true,
    list: name => (Array.isArray(values[camel(name)]) ? (values[camel(name)] as string[]) : []),
  }
}

/** Commander keeps `--demo-when-empty` under `demoWhenEmpty`. */
function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** The first word that should be a command and is none. */
function findStranger(argv: readonly string[], verbs: readonly Verb[], above: readonly string[]): CliFault | undefined {
  const [word, ...rest] = argv
  if (word === undefined || word.startsWith('-')) return undefined
  const verb = verbs.find(each => each.name === word)
  // Behind a verb that runs by itself the word may be its argument.
  if (verb !== undefined)
    return verb.verbs === undefined || verb.run !== undefined
      ? undefined
      : findStranger(rest, verb.verbs, [...above, word])
  const close = nearest(
    word,
    verbs.map(each => each.name),
    2,
  ).map(name => `"candor ${[...above, name].join(' ')}"`)
  return new CliFault(EXIT.usage, `There is no command "candor ${[...above, oneLine(word, 40)].join(' ')}".`, {
    fix: [
      ...(close.length === 0 ? [] : [`Did you mean ${close.join(' or ')}?`]),
      `See all commands: candor ${[...above, '--help'].join(' ')}`,
    ],
  })
}

function failed(error: unknown, desk: Desk): number {
  const { print } = desk
  if (error instanceof CliFault) return refuse(error, desk)
  if (error instanceof CommanderError) {
    // Commander has printed its message already, where a person reads it.
    if (print.json && error.exitCode !== EXIT.ok) print.document(usageDocument(error))
    return error.exitCode
  }
  const what = 'Candor has a bug, and this command met it. Please report it with the lines below.'
  const known = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (print.json) print.document({ error: { what, why: known, fix: [] } })
  print.error(`${what}\n${known}`)
  return EXIT.finding
}

/** Commander puts its guess behind its message: `error: unknown option '--jsno'\n(Did you mean --json?)`. */
function usageDocument({ message }: CommanderError): object {
  const [what = '', ...guesses] = message.replace(/^error: /, '').split('\n')
  return { error: { what, fix: guesses.map(each => each.replace(/^\((.*)\)$/, '$1')) } }
}

function refuse({ message, why, fix, exit }: CliFault, { print, shell }: Desk): number {
  if (print.json) print.document({ error: { what: message, ...(why === undefined ? {} : { why }), fix } })
  print.error(message)
  if (why?.includes('\n')) print.note(`  why: ${why}`)
  else if (why !== undefined) tell(why, { print, shell }, '  why: ')
  for (const each of fix) tell(withWholeEnd(each, shell.stderr), { print, shell }, '  fix: ')
  return exit
}

/** What stands behind the last colon is often a command: whoever copies it should get one line, where it fits on one. */
function withWholeEnd(text: string, { columns }: Output): string {
  const at = text.lastIndexOf(': ') + 2
  const end = text.slice(at)
  return at > 2 && widthOf(end) < columns - 10 ? text.slice(0, at) + glued(end) : text
}
