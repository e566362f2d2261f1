import type { AppOptions } from '../../app/app.ts'
import { type Gateway, openGateway } from '../../app/gateway.ts'
import { plural } from '../amounts.ts'
import { bannerLines } from '../banner.ts'
import { follow } from '../follow.ts'
import { appOptions, opened } from '../gateway-access.ts'
import { receiptLine } from '../receipt-line.ts'
import type { EndSignal } from '../shell.ts'
import { type SimulatedProviders, startSimulated } from '../simulated.ts'
import { CONFIG_OPTION, type Desk, EXIT, type Given, type Verb, type VerbOption, wholeNumber } from '../verb.ts'

/** The options `serve` and `demo` share. */
export const LISTEN_OPTIONS: readonly VerbOption[] = [
  { flags: '--host <address>', about: 'address to listen on (default: gateway.host, 127.0.0.1)' },
  { flags: '--port <port>', about: 'port to listen on, 0 for a free one (default: gateway.port, 8787)' },
  { flags: '-v, --verbose', about: 'print a line for each call' },
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
    { line: 'candor serve --port 9000 --verbose', about: 'elsewhere, with a line for each call' },
  ],
  async run(given, desk) {
    const real = await openReal(given, desk)
    if (!given.flag('demo-when-empty') || hasProvider(real)) return await serveUntilSignal(real, undefined, given, desk)
    await real.close()
    return await serveSimulated(given, desk, simulated => simulated.standingIn(optionsOf(given, desk)))
  },
}

/** Serves the simulated providers alone, until a signal. The configuration file is not read. */
export async function serveDemo(given: Given, desk: Desk): Promise<number> {
  return await serveSimulated(given, desk, simulated => simulated.alone(appOptions(desk)))
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
    return await serveUntilSignal(gateway, simulated, given, desk)
  } finally {
    await simulated.stop()
  }
}

async function openReal(given: Given, desk: Desk): Promise<Gateway> {
  return await opened(openGateway({ ...optionsOf(given, desk), ...listenOptions(given) }))
}

function optionsOf(given: Given, desk: Desk): AppOptions {
  return appOptions(desk, given.text('config'))
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
  given: Given,
  desk: Desk,
): Promise<number> {
  const { print, shell } = desk
  const signals = listenForSignals(desk)
  const calls = given.flag('verbose') ? followCalls(gateway, desk) : undefined
  try {
    if (print.json) print.document(startDocument(gateway, simulated))
    const demo = simulated === undefined ? undefined : { simulated, locked: await isLocked(gateway) }
    for (const line of bannerLines(gateway, demo, print.paintNote, shell.stderr)) print.note(line)
    await signals.next()
    const count = gateway.inFlight()
    const running =
      count === 0 ? 'No call is running.' : `${plural(count, 'call is', 'calls are')} still running; waiting for them.`
    print.note(`Stopping. ${running}${count === 0 ? '' : ' Once more to stop at once.'}`)
    const forced = await Promise.race([gateway.drain().then(() => undefined), signals.next()])
    if (forced !== undefined) return forced === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
    print.note('Stopped.')
    return EXIT.ok
  } finally {
    calls?.stop()
    signals.stop()
  }
}

/** A gateway that asks for a key refuses a question without one. */
async function isLocked(gateway: Gateway): Promise<boolean> {
  const { host } = new URL(gateway.url)
  const { status } = await gateway.handle(new Request(`${gateway.url}/v1/models`, { headers: { host } }))
  return status === 401
}

function startDocument(gateway: Gateway, simulated: SimulatedProviders | undefined): object {
  const { version, config } = gateway.status()
  const available = gateway.knowledge.providers().filter(provider => provider.available)
  return {
    url: gateway.url,
    version,
    config,
    dataFolder: gateway.paths.dataDir,
    simulated: simulated !== undefined,
    providers: available.map(({ id, billing, keySource }) => ({ id, billing, keySource })),
  }
}

function followCalls(gateway: Gateway, { print, shell }: Desk) {
  return follow({
    newest: limit => gateway.ledger.list({ limit }),
    find: id => gateway.ledger.find(id),
    clock: shell.clock,
    shown: [],
    since: shell.clock.now(),
    tell: receipt => print.note(receiptLine(receipt, print.paintNote)),
    missed: () => print.warn('More calls have come than can be shown; some are missing here. All are in the ledger.'),
    failed: error => print.warn(`Calls are no longer shown: ${error instanceof Error ? error.message : 'unknown'}`),
  })
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
