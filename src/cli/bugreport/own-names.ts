import type { Config, LoadResult } from '../../app/config/config.ts'
import { findProvider, PROVIDERS } from '../../catalog/index.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import type { OwnNames } from './cleaner.ts'
import type { StandInKind } from './stand-ins.ts'

/** What the user gave names to, in the configuration and of gateway keys. */
export function ownNames(loaded: LoadResult, receipts: readonly Receipt[]): OwnNames {
  const keys = receipts.flatMap(({ key }): readonly (readonly [StandInKind, string])[] =>
    key === undefined ? [] : [['gateway-key', key.name]],
  )
  const called = receipts.flatMap(({ attempts }) => attempts.flatMap(({ url }) => ownHost(url)))
  if (!loaded.ok) return { models: [], others: [...keys, ...called] }
  const { models, routes } = loaded.config
  const entries = Object.entries(models.providers)
  return {
    models: entries.flatMap(([, entry]) => (entry.models ?? []).map(({ id }) => id)),
    others: [
      ...keys,
      ...called,
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
  return [
    ...(row === undefined ? [['provider', id] as const] : []),
    ...(name === undefined || name === row?.name ? [] : [['provider', name] as const]),
    ...ownHost(baseUrl),
    ...apiKeys.flatMap(key => (key.name === 'default' ? [] : [['credential', key.name] as const])),
  ]
}

/** The host of a URL, if it has a name and no provider of the catalogue is there. */
function ownHost(url: string): readonly (readonly [StandInKind, string])[] {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  if (host === '' || /^(?:localhost|[\d.]+|\[.*\])$/.test(host)) return []
  const isKnown = PROVIDERS.some(({ endpoints }) => endpoints.some(({ baseUrl }) => baseUrl.includes(`//${host}`)))
  return isKnown ? [] : [['private-host', host]]
}
