import { isId } from '../base/ids.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import type { ListedModel } from '../pipeline/model-directory.ts'
import type { HealthView } from '../upstream/health.ts'
import type { ProviderSetup } from '../upstream/provider-setup.ts'
import type { ModelView, ProviderView } from './contract.ts'

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

/** Every model of the available providers; with `all`, the others too, each with its reason. */
export function modelViews(house: House, startedAt: number, all: boolean): readonly ModelView[] {
  return house.directory
    .list()
    .filter(model => all || model.available)
    .map(model => modelView(model, startedAt))
}

/** One model by its reference, alias or bare name; undefined if there is none. */
export function findModelView(house: House, name: string, startedAt: number): ModelView | undefined {
  const exact = house.directory.list().find(model => model.ref === name)
  if (exact !== undefined) return modelView(exact, startedAt)
  const target = house.directory.resolve(name)
  if (!('ref' in target)) return undefined
  return modelView(
    { ref: target.ref, provider: target.provider, row: target.row ?? { id: target.model }, available: true },
    startedAt,
  )
}

/** A receipt by id, or the newest for `last`. */
export async function findReceipt(ledger: LedgerReads, id: string): Promise<Receipt | undefined> {
  if (id === 'last') return await ledger.last()
  return isId(id, 'req') ? await ledger.find(id) : undefined
}

function modelView(model: ListedModel, startedAt: number): ModelView {
  const { row, provider } = model
  return {
    id: model.ref,
    object: 'model',
    type: 'model',
    display_name: row.name ?? row.id,
    created: Math.floor(startedAt / 1000),
    created_at: new Date(startedAt).toISOString(),
    owned_by: provider.id,
    candor: {
      provider: provider.id,
      available: model.available,
      ...(provider.unavailable === undefined ? {} : { unavailable: provider.unavailable }),
      billing: provider.billing,
      ...(row.contextWindow === undefined ? {} : { context_window: row.contextWindow }),
      ...(row.maxOutputTokens === undefined ? {} : { max_output_tokens: row.maxOutputTokens }),
      ...(row.reasoning === undefined ? {} : { reasoning: row.reasoning }),
      ...(row.input === undefined ? {} : { input: row.input }),
      ...(row.price === undefined || provider.billing !== 'metered'
        ? {}
        : { price: { input: row.price.input, output: row.price.output } }),
    },
  }
}
