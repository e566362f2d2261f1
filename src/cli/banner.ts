import type { ProviderView } from '../admin/contract.ts'
import { fromThisMachine, type Gateway } from '../app/gateway.ts'
import { VERSION } from '../base/version.ts'
import { bodiesFolder } from '../ledger/body-files.ts'
import { plural, zoneWords } from './amounts.ts'
import { indent, type Paint } from './print.ts'
import type { Output } from './shell.ts'
import { curlLine, type SimulatedProviders } from './simulated.ts'

/** The simulated providers of a gateway, and whether it asks callers for a key. */
export interface Demo {
  readonly simulated: SimulatedProviders
  readonly locked: boolean
}

/** That answers are made up. */
export const DEMO_WORDS =
  'The providers are simulated: they run in this process, their answers are made up, and no key of yours is used.'

/** That nobody can be asked, and how to begin. */
export const NO_PROVIDER_WORDS =
  'No provider can be used yet. Set a key in the environment (candor providers shows the names), or run: candor demo'

/** What `candor serve` says to a person when it listens. With it comes the link that signs in to the dashboard, once. */
export function bannerLines(gateway: Gateway, demo: Demo | undefined, paint: Paint, output: Output): readonly string[] {
  const { config, startedAt } = gateway.status()
  const dashboard = fromThisMachine(gateway.url) + gateway.knowledge.sessions.link().path
  const row = (title: string, text: string) => indent(text, `  ${paint('dim', title.padEnd(18))}`, output)
  const lines = [
    `${paint('bold', `Candor ${VERSION}`)} is listening.`,
    '',
    ...row('OpenAI clients', `${paint('cyan', `${gateway.url}/v1`)}`),
    ...row('Anthropic clients', `${paint('cyan', gateway.url)}   (without /v1)`),
    ...row('Gemini clients', `${paint('cyan', gateway.url)}   (without /v1beta)`),
    ...row('dashboard', paint('cyan', dashboard)),
    ...row('configuration', config.file ?? (demo === undefined ? 'none: environment only' : NO_FILE)),
    ...row('data folder', gateway.paths.dataDir),
    ...bodyWords(gateway).flatMap(words => row('bodies', paint('yellow', words))),
    ...row('times below', zoneWords(Date.parse(startedAt))),
    ...providerRows(gateway.knowledge.providers(), demo !== undefined, row),
    ...config.warnings.flatMap(warning => indent(warning, `  ${paint('yellow', 'warning:')} `, output)),
  ]
  if (demo === undefined) return [...lines, '']
  return [
    ...lines,
    '',
    ...indent(DEMO_WORDS, `${paint('yellow', 'Demo.')} `, output),
    ...indent(
      'For real ones set a key in the environment, such as OPENAI_API_KEY, and run candor serve; or let candor init set one up.',
      '      ',
      output,
    ),
    demo.locked ? "Try it, with one of the gateway's own keys as CANDOR_KEY:" : 'Try it:',
    `  ${curlLine(gateway.url, demo.simulated, demo.locked)}`,
    '',
  ]
}

/** That the content of calls is kept, for whoever answers for a gateway that others use. Nothing where it is not. */
export function bodyWords({ status, paths }: Gateway): readonly string[] {
  const { keepDays } = status().bodies
  if (keepDays === 0) return []
  return [`kept for ${plural(keepDays, 'day')} in ${bodiesFolder(paths.dataDir)}: what is asked and what is answered`]
}

const NO_FILE = 'none: simulated providers only'

function providerRows(
  all: readonly ProviderView[],
  simulated: boolean,
  row: (title: string, text: string) => readonly string[],
): readonly string[] {
  const usable = all.filter(provider => provider.available)
  const others = all.length - usable.length
  const lines = usable.flatMap((provider, i) => {
    const missing = (provider.missingCredentials ?? []).map(reason => `; without ${reason}`).join('')
    const key = `${provider.keySource === undefined ? 'no key' : `key from ${provider.keySource}`}${missing}`
    return row(i === 0 ? 'providers' : '', `${provider.id}  (${provider.billing}, ${simulated ? 'simulated' : key})`)
  })
  if (usable.length === 0) {
    return row('providers', NO_PROVIDER_WORDS)
  }
  if (simulated || others === 0) return lines
  const more = others === 1 ? '1 other is known and cannot be used' : `${others} others are known and cannot be used`
  return [...lines, ...row('', `${more}, most for lack of a key: candor providers`)]
}
