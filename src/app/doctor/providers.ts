import { stateWords } from '../../admin/story/health.ts'
import { oneLine } from '../../base/one-line.ts'
import { siblingForKey } from '../../catalog/signs.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Config } from '../config/config.ts'
import type { Path } from '../config/tree.ts'
import type { Check, Found, Patient } from './check.ts'

/** The providers to look at: the named one, else all that are configured or can be used. */
export function lookedAt({
  house,
  config,
  provider,
}: Pick<Patient, 'house' | 'config' | 'provider'>): readonly ProviderSetup[] {
  const all = house?.directory.providers ?? []
  if (provider !== undefined) return all.filter(each => each.id === provider)
  const entries = config?.models.providers ?? {}
  return all.filter(each => each.unavailable === undefined || Object.hasOwn(entries, each.id))
}

/** What can be told of each provider and its keys without asking it. */
export const providersCheck: Check = {
  id: 'providers',
  about: 'providers and their keys, as far as nobody is asked',
  async run(patient, tell) {
    const providers = lookedAt(patient)
    if (patient.house !== undefined && providers.length === 0) tell(noneFinding(patient.told?.usable ?? []))
    for (const provider of providers)
      for (const each of [...ofProvider(provider, patient), ...healthOf(provider, patient)]) tell(each)
  },
}

function ofProvider(provider: ProviderSetup, { config }: Patient): readonly Found[] {
  const id = `provider.${provider.id}`
  const at = placeOf(config, ['models', 'providers', provider.id])
  if (provider.unavailable !== undefined) {
    const message = `${provider.name} cannot be used: ${provider.unavailable}.`
    return [{ id, severity: 'error', message, ...at, fixHint: keyHint(provider, config) }]
  }
  const found: Found[] = [
    { id, severity: 'ok', message: `${provider.name} ${keysOf(provider)} (${lanesOf(provider)}).`, ...at },
  ]
  for (const reason of provider.missingCredentials ?? [])
    found.push({
      id: `${id}.key-missing`,
      severity: 'warning',
      message: `One of ${provider.name}'s keys cannot be used: ${reason}.`,
      ...at,
      fixHint: 'Set it, or take the key out of apiKeys.',
    })
  const sibling = siblingOf(provider)
  if (sibling !== undefined)
    found.push({
      id: `${id}.key-prefix`,
      severity: 'warning',
      message: `The key begins like one of ${sibling}, not of ${provider.id}: each takes only its own keys.`,
      ...at,
      fixHint: `Configure it under models.providers.${sibling}, or get a key for ${provider.id}.`,
    })
  const policy = provider.row?.usagePolicy
  if (policy !== undefined) found.push({ id: `${id}.rules`, severity: 'info', message: `Rules on use: ${policy}` })
  return found
}

/** `elsewhere`: what the gateway that runs can use all the same. */
function noneFinding(elsewhere: readonly string[]): Found {
  const fixHint = 'Set a key in the environment; candor providers shows the names.'
  if (elsewhere.length === 0)
    return { id: 'providers.none', severity: 'error', message: 'No provider can be used: no key is set.', fixHint }
  return {
    id: 'providers.none',
    severity: 'warning',
    message: `No provider can be used from here: no key is set. The gateway that runs can use ${elsewhere.join(', ')}, by an environment of its own.`,
    fixHint,
  }
}

/** What is left alone for a while, as the gateway that runs has learned it from calls. */
function healthOf({ id, name }: ProviderSetup, { house, told, clock }: Patient): readonly Found[] {
  const views = [...(told?.health ?? []), ...(house?.health.views() ?? [])].filter(({ provider }) => provider === id)
  return views.flatMap((view): Found[] => {
    const words = stateWords(view, clock.now())
    if (words === undefined) return []
    const severity = view.until === undefined ? 'info' : 'warning'
    return [{ id: `provider.${id}.health`, severity, message: `${name}, ${oneLine(view.model, 80)}: ${words}.` }]
  })
}

/** Where a key is written down, another variable would not be looked at. */
function keyHint({ id, row }: ProviderSetup, config: Config | undefined): string {
  const { apiKey, apiKeys } = config?.models.providers[id] ?? {}
  const path = `models.providers.${id}.apiKey`
  if (apiKeys !== undefined) return `Set what is missing where Candor starts, or write other keys in ${path}s.`
  if (apiKey !== undefined) return `Set what is missing where Candor starts, or write another key in ${path}.`
  const [first] = row?.env ?? []
  return `${first === undefined ? 'Write' : `Set ${first}, or write`} ${path} in the configuration.`
}

function keysOf({ credentials }: ProviderSetup): string {
  const sources = credentials.flatMap(({ source }) => (source === undefined ? [] : [source]))
  if (sources.length === 0) return 'needs no key'
  return `has ${sources.length === 1 ? 'a key' : `${sources.length} keys`} from ${sources.join(', ')}`
}

/** The lanes of the keys that are there; that of the provider where it has none. */
function lanesOf({ billing, credentials }: ProviderSetup): string {
  const lanes = new Set(credentials.map(each => each.billing))
  return lanes.size === 0 ? billing : [...lanes].join(', ')
}

function siblingOf({ row, credentials }: ProviderSetup): string | undefined {
  if (row === undefined) return undefined
  return credentials
    .map(({ key }) => (key === undefined ? undefined : siblingForKey(row, prefix => key.startsWith(prefix))))
    .find(sibling => sibling !== undefined)
}

/** Where the configuration says something; empty where it does not. */
export function placeOf(config: Config | undefined, path: Path): Pick<Found, 'path' | 'line' | 'column'> {
  const place = config?.source.positionOf(path)
  return config === undefined || place === undefined
    ? {}
    : { path: config.source.file, line: place.line, column: place.column }
}
