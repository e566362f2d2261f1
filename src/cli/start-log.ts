import type { LogLine } from '../app/app.ts'
import { fromThisMachine, type Gateway } from '../app/gateway.ts'
import { VERSION } from '../base/version.ts'
import { bodyWords, DEMO_WORDS, type Demo, NO_PROVIDER_WORDS } from './banner.ts'
import { curlLine } from './simulated.ts'

/** What a gateway is, when it begins to listen: for programs. */
export function startFacts(gateway: Gateway, isSimulated: boolean): object {
  const { version, config, bodies } = gateway.status()
  const available = gateway.knowledge.providers().filter(provider => provider.available)
  return {
    url: gateway.url,
    version,
    config,
    dataFolder: gateway.paths.dataDir,
    bodies: { keepDays: bodies.keepDays },
    simulated: isSimulated,
    providers: available.map(({ id, billing, keySource }) => ({ id, billing, keySource })),
  }
}

/**
 * The same as lines of a log that programs read: one event with all of it, and a line of its own for each thing to look at. No link that signs in:
 * others may read a log.
 */
export function startLines(gateway: Gateway, demo: Demo | undefined): readonly LogLine[] {
  const { config } = gateway.status()
  const isUsable = gateway.knowledge.providers().some(({ available }) => available)
  const warnings = [
    ...(isUsable ? [] : [NO_PROVIDER_WORDS]),
    ...(demo === undefined ? [] : [DEMO_WORDS]),
    ...bodyWords(gateway).map(words => `Bodies are ${words}.`),
    ...config.warnings,
  ]
  const fields = {
    ...startFacts(gateway, demo !== undefined),
    dashboard: fromThisMachine(gateway.url),
    signIn: 'candor dashboard',
    ...(demo === undefined ? {} : { try: curlLine(gateway.url, demo.simulated, demo.locked) }),
  }
  return [
    { level: 'info', message: `Candor ${VERSION} is listening.`, fields },
    ...warnings.map(message => ({ level: 'warn', message }) as const),
  ]
}
