import { siblingForKey } from '../../catalog/signs.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Check, Finding, Patient } from './finding.ts'

/** The providers to look at: the named one, else all that are configured or can be used. */
export function lookedAt({ app, loaded, provider }: Patient): readonly ProviderSetup[] {
  const all = app?.house().directory.providers ?? []
  if (provider !== undefined) return all.filter(each => each.id === provider)
  const entries = loaded.ok ? loaded.config.models.providers : {}
  return all.filter(each => each.unavailable === undefined || Object.hasOwn(entries, each.id))
}

/** What can be told of each provider without asking it. */
export const providersCheck: Check = {
  id: 'providers',
  async run(patient) {
    const providers = lookedAt(patient)
    if (patient.app !== undefined && providers.length === 0)
      return [
        {
          id: 'providers.none',
          severity: 'warning',
          message: 'No provider can be used: no key is set.',
          fixHint: 'Set a key in the environment; candor providers shows the names.',
        },
      ]
    return providers.flatMap(provider => ofProvider(provider, patient))
  },
}

function ofProvider(provider: ProviderSetup, patient: Patient): readonly Finding[] {
  const id = `provider.${provider.id}`
  const at = placeOf(provider, patient)
  if (provider.unavailable !== undefined) {
    const names = provider.row?.env ?? []
    const fixHint =
      names.length === 0
        ? `Write models.providers.${provider.id}.apiKey in the configuration.`
        : `Set ${names[0]}, or write models.providers.${provider.id}.apiKey in the configuration.`
    return [
      { id, severity: 'error', message: `${provider.name} cannot be used: ${provider.unavailable}.`, ...at, fixHint },
    ]
  }
  const sources = provider.credentials.flatMap(({ source }) => (source === undefined ? [] : [source]))
  const key =
    sources.length === 0
      ? 'needs no key'
      : `has ${sources.length === 1 ? 'a key' : `${sources.length} keys`} from ${sources.join(', ')}`
  const found: Finding[] = [{ id, severity: 'ok', message: `${provider.name} ${key} (${lanesOf(provider)}).`, ...at }]
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

function placeOf({ id }: ProviderSetup, { loaded }: Patient): { path?: string; line?: number; column?: number } {
  if (!loaded.ok) return {}
  const place = loaded.config.source.positionOf(['models', 'providers', id])
  return place === undefined ? {} : { path: loaded.config.source.file, line: place.line, column: place.column }
}
