import type { AppOptions } from '../../app/app.ts'
import { type Gateway, openGateway } from '../../app/gateway.ts'
import { plural } from '../amounts.ts'
import { bannerLines, type Demo } from '../banner.ts'
import { appOptions, opened } from '../gateway-access.ts'
import type { EndSignal } from '../shell.ts'
import { type SimulatedProviders, startSimulated } from '../simulated.ts'
import { startFacts, startLines } from '../start-log.ts'
import { CONFIG_OPTION, type Desk, EXIT, type Given, type Verb, type VerbOption, wholeNumber } from '../verb.ts'

/** The options `serve` and `demo` share. */
export const LISTEN_OPTIONS: readonly VerbOption[] = [
  { flags: '--host <address>', about: 'address to listen on (default: gateway.host, 127.0.0.1)' },
  { flags: '--port <port>', about: 'port to listen on, 0 for a free one (default: gateway.port, 8787)' },
]

/** `candor serve`. */
export const serve: Verb = {
  name: 'serve',
  summary: 'Start the gateway',
  options: [
    ...LISTEN_OPTIONS,
    CONFIG_OPTION,
    { flags: '--demo-when-empty', about: 'with no usable provider, let simulated ones answer' },
  ],
  examples: [
    { line: 'candor serve', about: 'on 127.0.0.1:8787' },
    { line: 'candor serve --port 9000', about: 'elsewhere' },
  ],
  async run(given, desk) {
    const real = await openReal(given, desk)
    if (!given.flag('demo-when-empty') || hasProvider(real)) return await serveUntilSignal(real, undefined, desk)
    await real.close()
    return await serveSimulated(given, desk, simulated => simulated.standingIn(optionsOf(given, desk)))
  },
}

/** Serves the simulated providers alone, until a signal. The configuration file is not read. */
export async function serveDemo(given: Given, desk: Desk): Promise<number> {
  return await serveSimulated(given, desk, simulated => simulated.alone(withCallLog(appOptions(desk), desk)))
}

async function serveSimulated(
  given: Given,
  desk: Desk,
  optionsFor: (simulated: SimulatedProviders) => AppOptions,
): Promise<number> {
  const simulated = await startSimulated()
  try {
    const options = optionsFor(simulated)
    const gateway = await opened(openGateway({ ...options, ...listenOptions(given) }))
    return await serveUntilSignal(gateway, simulated, desk)
  } finally {
    await simulated.stop()
  }
}

async function openReal(given: Given, desk: Desk): Promise<Gateway> {
  return await opened(openGateway({ ...optionsOf(given, desk), ...listenOptions(given) }))
}

function optionsOf(given: Given, desk: Desk): AppOptions {
  return withCallLog(appOptions(desk, given.text('config')), desk)
}

/** Calls are told on the standard error, and what happens beside them. */
function withCallLog(options: AppOptions, { print, shell }: Desk): AppOptions {
  const { stderr } = shell
  const callLog = {
    stream: { write: (text: string, done: () => void) => stderr.write(text, done) },
    isTerminal: stderr.isTTY,
    paint: print.paintNote,
  }
  return { ...options, callLog }
}

function listenOptions(given: Given): { host?: string; port?: number } {
  const host = given.text('host')
  const port = wholeNumber(given, 'port', 0, 65_535)
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) }
}

function hasProvider(gateway: Gateway): boolean {
  return gateway.house().directory.providers.some(provider => provider.unavailable === undefined)
}

async function serveUntilSignal(
  gateway: Gateway,
  simulated: SimulatedProviders | undefined,
  desk: Desk,
): Promise<number> {
  const { print } = desk
  const tell = teller(gateway, desk)
  const signals = listenForSignals(desk)
  try {
    if (print.json) print.document(startFacts(gateway, simulated !== undefined))
    const demo = simulated === undefined ? undefined : { simulated, locked: await isLocked(gateway) }
    announce(gateway, demo, desk)
    await signals.next()
    const count = gateway.inFlight()
    const running =
      count === 0 ? 'No call is running.' : `${plural(count, 'call is', 'calls are')} still running; waiting for them.`
    tell(`Stopping. ${running}${count === 0 ? '' : ' Once more to stop at once.'}`)
    const forced = await Promise.race([gateway.drain().then(() => undefined), signals.next()])
    if (forced !== undefined) return forced === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
    tell('Stopped.')
    return EXIT.ok
  } finally {
    gateway.log.flush()
    signals.stop()
  }
}

/** Says a line to the person, or in a log of JSON lines as one of them. */
function teller({ log }: Gateway, { print }: Desk): (line: string) => void {
  return log.jsonLog ? line => log.say({ level: 'info', message: line }) : line => print.note(line)
}

/** A person gets the banner, a log that programs read one event. */
function announce(gateway: Gateway, demo: Demo | undefined, { print, shell }: Desk): void {
  if (gateway.log.jsonLog) for (const line of startLines(gateway, demo)) gateway.log.say(line)
  else for (const line of bannerLines(gateway, demo, print.paintNote, shell.stderr)) print.note(line)
}

/** A gateway that asks for a key refuses a question without one. */
async function isLocked(gateway: Gateway): Promise<boolean> {
  const { host } = new URL(gateway.url)
  const { status } = await gateway.handle(new Request(`${gateway.url}/v1/models`, { headers: { host } }))
  return status === 401
}

/** Signals one by one; one that came early is kept. */
function listenForSignals({ shell }: Desk): { next(): Promise<EndSignal>; stop(): void } {
  const kept: EndSignal[] = []
  let wake: ((signal: EndSignal) => void) | undefined
  const stop = shell.onSignal(signal => {
    if (wake === undefined) kept.push(signal)
    else wake(signal)
    wake = undefined
  })
  return {
    stop,
    next() {
      const early = kept.shift()
      if (early !== undefined) return Promise.resolve(early)
      return new Promise(resolve => {
        wake = resolve
      })
    },
  }
}
