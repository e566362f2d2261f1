import { existsSync } from 'node:fs'
import { aimFor, MODEL_OPTION, openForClient } from '../clients/aim.ts'
import type { Client, Launch, Machine } from '../clients/client.ts'
import { CLIENTS, clientHelp, clientNamed } from '../clients/clients.ts'
import { findProgram, makeRunFolder, removeRunFolder, runProgram, writeRunFiles } from '../clients/start-client.ts'
import { pathsOf } from '../gateway-access.ts'
import type { Shell } from '../shell.ts'
import { tell } from '../tell.ts'
import { CliFault, type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

/** `candor run`. */
export const run: Verb = {
  name: 'run',
  summary: 'Start an agent through the gateway; its settings stay as they are',
  args: [
    { syntax: '<client>', about: 'which one' },
    { syntax: '[arguments...]', about: 'for the client; behind -- where they begin with a dash' },
  ],
  options: [MODEL_OPTION, URL_OPTION],
  examples: [
    { line: 'candor run claude', about: 'Claude Code, with what it asks for' },
    { line: 'candor run codex --model kimi-coding/kimi-for-coding -- exec "fix the test"', about: 'with one model' },
  ],
  notes: () => `${clientHelp(CLIENTS.filter(({ start }) => start !== undefined))}\n\nThe exit code is the client's.`,
  async run(given, desk) {
    const [name = '', ...rest] = given.args
    const client = clientNamed(name)
    const { start } = client
    if (start === undefined)
      throw new CliFault(EXIT.usage, `${client.name} is not started from a terminal.`, {
        fix: [`See how to set it up: candor connect ${client.id}`],
      })
    const program = findProgram(start.program, desk.shell)
    if (program === undefined)
      throw new CliFault(EXIT.absent, `${client.name} is not on the search path (${start.program}).`, {
        fix: [`Install it: ${start.install}`],
      })
    const access = await openForClient(given, desk, true)
    const aim = await aimFor(client, given, desk, access).finally(() => access.close())
    const folder = await makeRunFolder(pathsOf(desk.shell).dataDir)
    try {
      const launch = start.launch(aim, machineOf(desk.shell), folder)
      await writeRunFiles(folder, launch)
      announce(client, aim.url, launch, desk)
      return await runProgram(program, [...launch.args, ...rest], launch, desk.shell)
    } finally {
      await removeRunFolder(folder)
    }
  },
}

/** What of a shell the clients look at. */
export function machineOf({ env, home, runtime }: Shell): Machine {
  return { env, home, os: runtime.os, exists: existsSync }
}

/** Nothing is set in silence: the variables by name, the options, the files of this run. */
function announce(client: Client, url: string, launch: Launch, desk: Desk): void {
  const { print } = desk
  const set = Object.entries(launch.env).filter(([, value]) => value !== undefined)
  const ways = [
    ...(set.length === 0 ? [] : [`sets ${set.map(([name]) => name).join(', ')}`]),
    ...(launch.args.length === 0 ? [] : [`adds ${[...new Set(launch.args.filter(isFlag))].join(', ')}`]),
    ...launch.files.map(({ name }) => `makes ${name} for this run`),
  ]
  tell(print.paintNote('dim', `${client.name} through ${url}; Candor ${ways.join('; ')}.`), desk)
  for (const remark of launch.remarks) tell(print.paintNote('dim', remark), desk)
}

function isFlag(arg: string): boolean {
  return arg.startsWith('-')
}
