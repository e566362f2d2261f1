import type { ProviderView } from '../admin/contract.ts'
import type { Gateway } from '../app/gateway.ts'
import { VERSION } from '../base/version.ts'
import { indent, type Paint } from './print.ts'
import type { Output } from './shell.ts'
import { curlLine, type SimulatedProviders } from './simulated.ts'

/** What `candor serve` says when it listens. */
export function bannerLines(
  gateway: Gateway,
  simulated: SimulatedProviders | undefined,
  paint: Paint,
  output: Output,
): readonly string[] {
  const { config } = gateway.status()
  const row = (title: string, text: string) => indent(text, `  ${paint('dim', title.padEnd(18))}`, output)
  const lines = [
    `${paint('bold', `Candor ${VERSION}`)} is listening.`,
    '',
    ...row('OpenAI clients', `${paint('cyan', `${gateway.url}/v1`)}`),
    ...row('Anthropic clients', `${paint('cyan', gateway.url)}   (without /v1)`),
    ...row('Gemini clients', `${paint('cyan', gateway.url)}   (without /v1beta)`),
    ...row(
      'configuration',
      simulated === undefined ? (config.file ?? 'none: environment only') : 'none: simulated providers only',
    ),
    ...row('data folder', gateway.paths.dataDir),
    ...providerRows(gateway.knowledge.providers(), simulated, row),
    ...gateway
      .status()
      .config.warnings.flatMap(warning => indent(warning, `  ${paint('yellow', 'warning:')} `, output)),
  ]
  if (simulated === undefined) return [...lines, '']
  return [
    ...lines,
    '',
    ...indent(
      'The providers are simulated: they run in this process, their answers are made up, and no key of yours is used.',
      `${paint('yellow', 'Demo.')} `,
      output,
    ),
    'Try it:',
    `  ${curlLine(gateway.url, simulated)}`,
    '',
  ]
}

function providerRows(
  all: readonly ProviderView[],
  simulated: SimulatedProviders | undefined,
  row: (title: string, text: string) => readonly string[],
): readonly string[] {
  const usable = all.filter(provider => provider.available)
  const others = all.length - usable.length
  const lines = usable.flatMap((provider, i) => {
    const key = provider.keySource === undefined ? 'no key' : `key from ${provider.keySource}`
    return row(
      i === 0 ? 'providers' : '',
      `${provider.id}  (${provider.billing}, ${simulated === undefined ? key : 'simulated'})`,
    )
  })
  if (usable.length === 0) {
    return row(
      'providers',
      'none can be used yet. Set a key in the environment (candor providers shows the names), or run: candor demo',
    )
  }
  if (simulated !== undefined || others === 0) return lines
  const more = others === 1 ? '1 other is known and cannot be used' : `${others} others are known and cannot be used`
  return [...lines, ...row('', `${more}, most for lack of a key: candor providers`)]
}
