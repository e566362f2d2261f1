import { DIRECTIVES } from '../../sim/answer.ts'
import { describeSims } from '../../sim/describe.ts'
import { FAULTS, type FaultKind, parseFault } from '../../sim/faults.ts'
import { KEY_STATES, type KeyState } from '../../sim/keys.ts'
import { SIM_KINDS } from '../../sim/kinds.ts'
import { SIM_KIND_IDS, type SimKindId } from '../../sim/sim-kind.ts'
import { type Sim, startSim } from '../../sim/start-sim.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT, type Given, type Verb, wholeNumber } from '../verb.ts'

/** `candor sim`. */
export const sim: Verb = {
  name: 'sim',
  summary: 'Run simulated providers, to test clients and configurations against',
  args: [{ syntax: '[kind...]', about: `${SIM_KIND_IDS.join(', ')} (default: all)` }],
  options: [
    { flags: '--port <port>', about: 'port of the first; the others follow (default: free ports)' },
    { flags: '--fault <spec>', about: 'a fault in every answer, such as cut=1200 (see below)' },
    { flags: '--key <key=state>', about: 'what a key is worth, such as sk-x=expired', repeats: true },
  ],
  examples: [
    { line: 'candor sim', about: 'all of them, and a configuration that uses them' },
    { line: 'candor sim openai --port 9001 --fault "cut=400;how=reset"', about: 'every answer breaks off' },
  ],
  notes: () => [faultHelp(), keyHelp(), directiveHelp()].join('\n\n'),
  async run(given, desk) {
    const kinds = given.args.length === 0 ? SIM_KIND_IDS : given.args.map(kindOf)
    const sims = await startAll(kinds, given, desk)
    try {
      show(sims, desk)
      await new Promise<void>(resolve => {
        desk.shell.onSignal(() => resolve())
      })
      return EXIT.ok
    } finally {
      await Promise.all(sims.map(each => each.stop()))
    }
  },
}

function kindOf(text: string): SimKindId {
  const kind = SIM_KIND_IDS.find(id => id === text)
  if (kind !== undefined) return kind
  throw new CliFault(EXIT.usage, `No simulated provider is called "${oneLine(text, 40)}".`, {
    fix: [`There are ${SIM_KIND_IDS.join(', ')}.`],
  })
}

async function startAll(kinds: readonly SimKindId[], given: Given, { print }: Desk): Promise<readonly Sim[]> {
  const port = wholeNumber(given, 'port', 0, 65_535 - kinds.length) ?? 0
  const fault = given.text('fault')
  const read = fault === undefined ? undefined : parseFault(fault)
  if (typeof read === 'string') throw new CliFault(EXIT.usage, `--fault: ${read}.`, { fix: ['See: candor sim --help'] })
  const keys = given.list('key').map(keyState)
  const sims: Sim[] = []
  try {
    for (const [i, kind] of kinds.entries()) {
      const known = keys.filter(([, state]) => SIM_KINDS[kind].keyStates.includes(state))
      const started = await startSim({
        kind,
        port: port === 0 ? 0 : port + i,
        keys: Object.fromEntries(known),
        ...(fault === undefined ? {} : { fault }),
        allowRequestFaults: true,
        onRequest: request => {
          const client =
            request.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? 'a nameless client'
          print.note(`${kind}: ${request.method} ${oneLine(request.path, 100)}  from ${oneLine(client, 80)}`)
        },
      })
      sims.push(started)
    }
    return sims
  } catch (error) {
    await Promise.all(sims.map(each => each.stop()))
    throw new CliFault(
      EXIT.absent,
      `A simulated provider could not start: ${error instanceof Error ? error.message : 'unknown'}.`,
    )
  }
}

function keyState(text: string): readonly [string, KeyState] {
  const equals = text.lastIndexOf('=')
  const state = KEY_STATES.find(each => each === text.slice(equals + 1))
  if (equals > 0 && state !== undefined) return [text.slice(0, equals), state]
  throw new CliFault(EXIT.usage, '--key wants KEY=STATE.', { fix: [`States: ${KEY_STATES.join(', ')}.`] })
}

function show(sims: readonly Sim[], { print }: Desk): void {
  if (print.json) {
    print.document({
      simulated: sims.map(({ kind, origin, surfaces, key, model }) => ({ kind, origin, surfaces, key, model })),
      configuration: describeSims(sims),
    })
    return
  }
  print.note(`${print.paintNote('bold', 'Simulated providers are listening.')} Ctrl-C stops them.\n`)
  for (const each of sims)
    for (const { protocol, baseUrl } of each.surfaces)
      print.note(`  ${each.kind.padEnd(12)}  ${protocol.padEnd(20)}  ${baseUrl}`)
  print.note(`\n${print.paintNote('dim', 'A configuration that uses them:')}`)
  print.raw(describeSims(sims))
}

function faultHelp(): string {
  const lines = FAULTS.map((fault: FaultKind) => {
    const parameters = fault.parameters.map(({ name, default: fallback, choices }, i) => {
      const value = choices?.join('|') ?? name.toUpperCase()
      const text = i === 0 ? `${fault.name}=${value}` : `;${name}=${value}`
      return fallback === undefined ? text : `[${i === 0 ? text.slice(fault.name.length) : text}]`
    })
    const syntax = parameters.join('').startsWith('[') ? fault.name + parameters.join('') : parameters.join('')
    const details = fault.parameters.map(({ name, about, default: fallback }) => {
      const without = fallback === undefined || fallback === '' ? '' : ` (default: ${fallback})`
      return `      ${name}: ${about}${without}`
    })
    return [`  ${syntax}`, `      ${fault.about}`, ...details].join('\n')
  })
  return `Faults, for --fault, or for one request in the header x-sim-fault or ?sim-fault=:\n${lines.join('\n')}`
}

function keyHelp(): string {
  const rows = SIM_KIND_IDS.map(id => `  ${id.padEnd(12)}  ${SIM_KINDS[id].keyStates.join(', ')}`)
  return `States of a key; one that ends in -sim-STATE has that state without --key:\n${rows.join('\n')}`
}

function directiveHelp(): string {
  const rows = DIRECTIVES.map(({ name, about }) => `  ${name.padEnd(10)}  ${about}`)
  return `What the last user message may ask for, in double brackets, such as [[think]]:\n${rows.join('\n')}`
}
