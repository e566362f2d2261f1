import { isId } from '../base/ids.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import type { HealthView } from '../upstream/health.ts'
import type { ProviderSetup } from '../upstream/provider-setup.ts'
import type { ProviderView } from './contract.ts'

/** All providers, usable ones first. */
export function providerViews(house: House): readonly ProviderView[] {
  const health = house.health.views()
  const counts = new Map<string, number>()
  for (const model of house.directory.list()) counts.set(model.provider.id, (counts.get(model.provider.id) ?? 0) + 1)
  const views = house.directory.providers.map(provider => ({
    id: provider.id,
    name: provider.name,
    billing: provider.billing,
    available: provider.unavailable === undefined,
    ...(provider.unavailable === undefined ? {} : { unavailable: provider.unavailable }),
    ...credentialFacts(provider),
    surfaces: provider.endpoints.map(endpoint => ({
      protocol: endpoint.protocol,
      baseUrl: endpoint.baseUrl,
      clients: endpoint.clients,
      spoken: house.protocols.has(endpoint.protocol),
      embeds: endpoint.embeds,
    })),
    models: counts.get(provider.id) ?? 0,
    ...healthOf(provider, health),
    ...(provider.row?.usagePolicy === undefined ? {} : { usagePolicy: provider.row.usagePolicy }),
    ...(provider.row?.console === undefined ? {} : { console: provider.row.console }),
  }))
  return views.sort((a, b) => Number(b.available) - Number(a.available) || a.id.localeCompare(b.id))
}

function healthOf({ id }: ProviderSetup, health: readonly HealthView[]): Pick<ProviderView, 'health'> {
  const own = health.filter(view => view.provider === id)
  return own.length === 0 ? {} : { health: own }
}

function credentialFacts({ credentials, missingCredentials }: ProviderSetup): Partial<ProviderView> {
  const [first] = credentials
  return {
    ...(first?.source === undefined ? {} : { keySource: first.source }),
    ...(credentials.length < 2 && missingCredentials === undefined
      ? {}
      : {
          credentials: credentials.map(({ name, source, billing, priority, weight }) => ({
            name,
            billing,
            priority,
            weight,
            ...(source === undefined ? {} : { source }),
          })),
        }),
    ...(missingCredentials === undefined ? {} : { missingCredentials }),
  }
}

/** A receipt by id, or the newest for `last`. */
export async function findReceipt(ledger: LedgerReads, id: string): Promise<Receipt | undefined> {
  if (id === 'last') return await ledger.last()
  return isId(id, 'req') ? await ledger.find(id) : undefined
}
