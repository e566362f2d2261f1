import type { ProviderView } from '../../admin/contract.ts'
import { countWords, stateWords } from '../../admin/story/health.ts'
import { nearest } from '../../base/nearest.ts'
import { findProvider } from '../../catalog/index.ts'
import type { Clients } from '../../catalog/provider.ts'
import type { HealthView } from '../../upstream/health.ts'
import { plural } from '../amounts.ts'
import { accessOptions, openAccess } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { askProviders } from '../questions.ts'
import type { Column } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

const COLUMNS: readonly Column[] = [
  { title: 'PROVIDER', spills: true },
  { title: 'USABLE' },
  { title: 'BILLING' },
  { title: 'MODELS', right: true },
  { title: 'SURFACES', wide: true, flexible: true },
  { title: 'KEY, OR WHY NOT', wraps: true },
]

/** `candor providers`. */
export const providers: Verb = {
  name: 'providers',
  summary: 'Providers: which can be used, by which key, over which surfaces, and why not',
  args: [{ syntax: '[provider]', about: 'everything about one' }],
  options: [CONFIG_OPTION, URL_OPTION],
  examples: [
    { line: 'candor providers', about: 'all, usable ones first' },
    { line: 'candor providers kimi-coding', about: 'its surfaces, whom they admit, and its rules on use' },
  ],
  async run(given, desk) {
    const access = await openAccess(accessOptions(given, 'none'), desk)
    try {
      const all = await askProviders(access)
      const [id] = given.args
      const { print } = desk
      if (id !== undefined) show(find(all, id), desk)
      else if (print.json) print.document({ providers: all })
      else listAll(all, desk)
      return EXIT.ok
    } finally {
      await access.close()
    }
  },
}

function listAll(all: readonly ProviderView[], { print, shell }: Desk): void {
  const now = shell.clock.now()
  print.table(
    COLUMNS,
    all.map(provider => cells(provider, now)),
  )
  const troubled = all.flatMap(provider =>
    (provider.health ?? []).flatMap(view => {
      const words = stateWords(view, now)
      return words === undefined ? [] : [`${placeWords(view, provider)} ${words}`]
    }),
  )
  for (const line of troubled) for (const text of indent(oneLine(line, 500), '', shell.stderr)) print.note(text)
}

/** The model, and the key where there are several. */
function placeWords({ provider, model, credential }: HealthView, { credentials }: ProviderView): string {
  return `${oneLine(`${provider}/${model}`)}${credentials === undefined ? '' : `, key "${oneLine(credential)}",`}`
}

function find(all: readonly ProviderView[], id: string): ProviderView {
  const found = all.find(provider => provider.id === id)
  if (found !== undefined) return found
  const close = nearest(
    id,
    all.map(provider => provider.id),
  )
  throw new CliFault(EXIT.usage, `No provider is called "${oneLine(id, 60)}".`, {
    fix: [...close.map(name => `Did you mean: candor providers ${name}`), 'See all: candor providers'],
  })
}

function cells(provider: ProviderView, now: number): readonly string[] {
  return [
    provider.id,
    usableWord(provider, now),
    lanesOf(provider).join(', '),
    String(provider.models),
    provider.surfaces.map(surface => surface.protocol + (surface.spoken ? '' : ' (not spoken yet)')).join(', '),
    provider.available ? keysCell(provider) : whyCell(provider),
  ]
}

/** The names come first: the end may be cut. */
function whyCell({ unavailable = '' }: ProviderView): string {
  return unavailable.replace(/^(none of )?the environment variables? /, '$1')
}

function usableWord({ available, health = [] }: ProviderView, now: number): string {
  if (!available) return 'no'
  return health.some(view => stateWords(view, now) !== undefined) ? 'in part' : 'yes'
}

function lanesOf({ billing, credentials = [] }: ProviderView): readonly string[] {
  return [...new Set([billing, ...credentials.map(each => each.billing)])]
}

function keysCell({ keySource, credentials, missingCredentials = [] }: ProviderView): string {
  if (credentials === undefined) return keySource ?? 'no key needed'
  const missing = missingCredentials.length === 0 ? '' : `; ${missingCredentials.length} cannot be used`
  return `${plural(credentials.length, 'key')}: ${credentials.map(({ name }) => name).join(', ')}${missing}`
}

const ADMITTED: Readonly<Record<Clients, string>> = {
  any: 'admits any client',
  listed: "admits only clients on the provider's own list",
  'must-identify': 'admits any client that gives a name of its own',
}

function show(provider: ProviderView, { shell, print }: Desk): void {
  if (print.json) {
    print.document({ provider })
    return
  }
  const row = (title: string, text: string) => {
    for (const line of indent(text, print.paint('dim', title.padEnd(12)), shell.stdout)) print.line(line)
  }
  const usable = provider.available ? print.paint('green', 'can be used') : print.paint('red', 'cannot be used')
  const head = `${print.paint('bold', oneLine(provider.name))} (${provider.id}): ${usable}`
  for (const line of indent(head, '', shell.stdout)) print.line(line)
  if (provider.unavailable !== undefined) row('why', `${oneLine(provider.unavailable, 1_000)}.`)
  for (const [i, text] of keyLines(provider).entries()) row(i === 0 ? 'key' : '', text)
  row('billing', lanesOf(provider).join(', '))
  for (const [i, text] of healthLines(provider, shell.clock.now()).entries()) row(i === 0 ? 'health' : '', text)
  for (const [i, surface] of provider.surfaces.entries()) {
    const spoken = surface.spoken ? '' : '; this version of Candor does not speak it yet'
    const embeds = surface.embeds ? '; has embeddings' : ''
    const text = `${surface.protocol}  ${surface.baseUrl}  ${ADMITTED[surface.clients]}${embeds}${spoken}`
    row(i === 0 ? 'surfaces' : '', text)
  }
  row('models', `${plural(provider.models, 'model')}: candor models ${provider.id} --all`)
  if (provider.usagePolicy !== undefined) row('rules', provider.usagePolicy)
  if (provider.console !== undefined) row('console', provider.console)
  row('check', `candor doctor ${provider.id} (costs one short call)`)
}

/** One key in a word, several a line each, and those that cannot be used. */
function keyLines(provider: ProviderView): readonly string[] {
  const { credentials, missingCredentials = [] } = provider
  if (credentials === undefined) return [keyWords(provider)]
  const several = credentials.map(({ name, source, billing, priority, weight }) => {
    const from = source === undefined ? '' : `, from ${source}`
    return `${oneLine(name)} (${billing}, priority ${priority}, weight ${weight})${from}`
  })
  return [...several, ...missingCredentials.map(why => `cannot be used: ${oneLine(why, 400)}`)]
}

/** A line each model and key that was asked since the gateway began: how it stands, and what was counted. */
function healthLines(provider: ProviderView, now: number): readonly string[] {
  return (provider.health ?? []).map(view => {
    const key = provider.credentials === undefined ? '' : `, key "${oneLine(view.credential)}"`
    const state = stateWords(view, now)
    return `${oneLine(view.model)}${key}: ${state === undefined ? '' : `${state}; `}${countWords(view)}`
  })
}

function keyWords(provider: ProviderView): string {
  if (provider.keySource !== undefined) return `from ${provider.keySource}`
  const names = findProvider(provider.id)?.env ?? []
  if (names.length === 0) return provider.available ? 'none is needed' : 'none'
  return `none; looked for in the configuration and in ${names.join(', ')}`
}
