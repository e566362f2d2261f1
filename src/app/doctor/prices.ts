import { plural, showCount } from '../../admin/story/amounts.ts'
import { isProblem } from '../../canon/problem.ts'
import { costOf } from '../../catalog/price.ts'
import { LIST_LIMIT_MAX } from '../../ledger/store.ts'
import type { House } from '../../pipeline/call.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Check, Found, Patient } from './check.ts'
import { namedModels } from './named-models.ts'
import { placeOf } from './providers.ts'

/** Newest calls that are looked at: sums over days would take a second where there are many. */
const CALLS_MAX = LIST_LIMIT_MAX

/** Whether it is known what metered models cost: those that are configured, and those that were called. */
export const pricesCheck: Check = {
  id: 'prices',
  about: 'prices of metered models that are configured, or were called lately',
  async run(patient, tell) {
    const { config, house } = patient
    if (config === undefined || house === undefined) return
    const now = patient.clock.now()
    const told = new Set<string>()
    for (const { path, means, place } of namedModels(config, house)) {
      if (isProblem(means) || told.has(means.ref) || !isWanted(means.provider, patient)) continue
      if (hasPrice(means.provider, means.model, house, now)) continue
      told.add(means.ref)
      const message = `${place} names ${means.ref}, and no price is known for it: its calls count as unpriced, and budgets in money cannot hold it.`
      tell({
        id: 'prices.unknown',
        severity: 'warning',
        message,
        ...placeOf(config, path),
        fixHint: priceHint(means.ref),
      })
    }
    for (const [ref, count] of await unpricedCalls(patient, now)) {
      if (told.has(ref)) continue
      told.add(ref)
      tell(usedFinding(ref, count))
    }
    if (told.size === 0)
      tell({
        id: 'prices',
        severity: 'ok',
        message: 'No metered model without a known price is configured or was called.',
      })
  },
}

function isWanted({ id, billing }: ProviderSetup, { provider }: Patient): boolean {
  return billing === 'metered' && (provider === undefined || provider === id)
}

/** A provider may tell the cost with each answer. */
function hasPrice(provider: ProviderSetup, model: string, { directory }: House, now: number): boolean {
  if (provider.row?.costField !== undefined) return true
  const listed = directory.list().find(each => each.provider === provider && each.row.id === model)
  if (listed?.row.price !== undefined) return true
  return 'nanoUsd' in costOf(provider.row, model, { input: 1, output: 1 }, new Date(now))
}

/** How many of the newest calls have no known cost since no price is known, by model. A call of which no usage was told is something else. */
async function unpricedCalls(patient: Patient, now: number): Promise<ReadonlyMap<string, number>> {
  const { house, receipts } = patient
  const counts = new Map<string, number>()
  for (const { servedModel, billing, cost } of (await receipts?.list({ limit: CALLS_MAX })) ?? []) {
    if (servedModel === undefined || billing !== 'metered' || cost.type !== 'unknown' || house === undefined) continue
    const slash = servedModel.indexOf('/')
    const provider = house.directory.providers.find(({ id }) => id === servedModel.slice(0, slash))
    if (provider === undefined || !isWanted(provider, patient)) continue
    if (hasPrice(provider, servedModel.slice(slash + 1), house, now)) continue
    counts.set(servedModel, (counts.get(servedModel) ?? 0) + 1)
  }
  return counts
}

function usedFinding(ref: string, count: number): Found {
  return {
    id: 'prices.unknown',
    severity: 'warning',
    message: `${plural(count, 'call')} to ${ref} among the newest ${showCount(CALLS_MAX)} ${count === 1 ? 'has' : 'have'} no known cost, for no price is known: no sum of money holds ${count === 1 ? 'it' : 'them'}.`,
    fixHint: priceHint(ref),
  }
}

function priceHint(ref: string): string {
  const slash = ref.indexOf('/')
  const [provider, model] = [ref.slice(0, slash), ref.slice(slash + 1)]
  return `Write its price, in USD per million tokens: models.providers.${provider}.models: [{ id: "${model}", price: { input: …, output: … } }]`
}
