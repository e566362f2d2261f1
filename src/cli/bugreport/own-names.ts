import type { Config, LoadResult } from '../../app/config/config.ts'
import { findProvider } from '../../catalog/index.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import type { OwnNames } from './cleaner.ts'
import type { StandInKind } from './stand-ins.ts'

/** What the user gave names to, in the configuration and of gateway keys. */
export function ownNames(loaded: LoadResult, receipts: readonly Receipt[]): OwnNames {
  const keys = receipts.flatMap(({ key }): readonly [StandInKind, string][] =>
    key === undefined ? [] : [['gateway-key', key.name]],
  )
  if (!loaded.ok) return { models: [], others: keys }
  const { models, routes } = loaded.config
  const entries = Object.entries(models.providers)
  return {
    models: entries.flatMap(([, entry]) => (entry.models ?? []).map(({ id }) => id)),
    others: [
      ...keys,
      ...Object.keys(routes).map(name => ['route', name] as const),
      ...Object.keys(models.aliases).map(name => ['alias', name] as const),
      ...entries.flatMap(([id, entry]) => ofProvider(id, entry)),
    ],
  }
}

function ofProvider(
  id: string,
  entry: Config['models']['providers'][string],
): readonly (readonly [StandInKind, string])[] {
  const row = findProvider(id)
  const { name, baseUrl = '', apiKeys = [] } = entry
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : ''
  const known = row?.endpoints.some(endpoint => endpoint.baseUrl.includes(`//${host}`)) === true
  return [
    ...(row === undefined ? [['provider', id] as const] : []),
    ...(name === undefined || name === row?.name ? [] : [['provider', name] as const]),
    ...(host === '' || known || /^(?:localhost|[\d.]+|\[.*\])$/.test(host) ? [] : [['private-host', host] as const]),
    ...apiKeys.flatMap(key => (key.name === 'default' ? [] : [['credential', key.name] as const])),
  ]
}
