import manifest from '../../package.json' with { type: 'json' }
import { asNumber, asObject } from '../base/json-value.ts'
import { fromUsd, type NanoUsd } from '../base/money.ts'
import { inputTotal, outputTotal, type Usage } from '../canon/usage.ts'
import type { ModelPrice } from './model.ts'
import { findModel, modelsDate } from './models.ts'
import type { Provider } from './provider.ts'

/** What a call cost, and whose word that is, with the version or date of a list. Or why it is not known, which is not zero. */
export type CallCost =
  | { readonly nanoUsd: NanoUsd; readonly source: string; readonly rates?: Rates }
  | { readonly unknown: string }

/** What a call's tokens cost, in US dollars per million of each kind. Of the caches only those it used, where they have a rate of their own. */
export interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
}

type PriceList = typeof import('@pydantic/genai-prices')
type ListPrice = import('@pydantic/genai-prices').ModelPrice

const USD_PER_PRICE_UNIT = 1e-6

/** Pinned exactly in package.json, so this is the list that is asked. It tells no date of its own. */
const PRICE_LIST = `genai-prices ${manifest.dependencies['@pydantic/genai-prices']}`

let priceList: PriceList | undefined

/**
 * The cost of one call by list price. The first that knows counts: `own`, a price the user set; the cost the provider itself told; the
 * price list of genai-prices at that time of day; models.json. Only for calls that are paid by use: a subscription has no price for a call.
 */
export function costOf(
  provider: Provider | undefined,
  model: string,
  usage: Usage,
  at: Date,
  own?: ModelPrice,
): CallCost {
  const listed = provider && findModel(provider, model)?.price
  const [input, output] = [inputTotal(usage), outputTotal(usage)]
  // A row that came from here through the configuration unchanged is no price of the user's.
  const set = own === listed ? undefined : own
  const told = provider && toldCost(provider, usage)
  if (set === undefined && told !== undefined) return { nanoUsd: told, source: 'told by the provider' }
  if (input === undefined || output === undefined) {
    return { unknown: `the provider told no ${input === undefined ? 'input' : 'output'} tokens` }
  }
  if (set !== undefined) return byPrice(set, usage, 'price in the configuration')
  const current = provider && byPriceList(provider, model, usage, at)
  if (current !== undefined) return current
  if (listed !== undefined) return byPrice(listed, usage, `models.json ${modelsDate()}`)
  return { unknown: 'no price is known for this model' }
}

function toldCost(provider: Provider, usage: Usage): NanoUsd | undefined {
  const usd = provider.costField === undefined ? undefined : asNumber(usage.raw?.[provider.costField])
  return usd === undefined || usd < 0 ? undefined : fromUsd(usd)
}

/** Loaded at the first call that needs it: it takes tens of milliseconds and tens of megabytes. */
function byPriceList(provider: Provider, model: string, usage: Usage, at: Date): CallCost | undefined {
  if (provider.pricesFrom === undefined) return undefined
  priceList ??= require('@pydantic/genai-prices') as PriceList
  const lasting = longCacheWrites(usage)
  const counts = {
    input_tokens: inputTotal(usage) ?? 0,
    output_tokens: outputTotal(usage) ?? 0,
    cache_read_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite ?? 0,
    ...(lasting > 0 ? { cache_write_1h_tokens: lasting } : {}),
  }
  try {
    const found = priceList.calcPrice(counts, model, { providerId: provider.pricesFrom, timestamp: at })
    if (found === null) return undefined
    const nanoUsd = fromUsd(found.total_price)
    const rates = listedRates(found.model_price, usage)
    // Where the list has more to it, such as hour-long cache writes or a price a request, these rates would not be the whole truth.
    const isAll = rates !== undefined && amountAt(rates, usage) === nanoUsd
    return { nanoUsd, source: PRICE_LIST, ...(isAll ? { rates } : {}) }
  } catch {
    // It throws where its list cannot price one of the counts; the next source may.
    return undefined
  }
}

/** Anthropic's cache writes that last an hour cost more than those of five minutes; only its own usage object tells them apart. */
function longCacheWrites(usage: Usage): number {
  const counted = asNumber(asObject(usage.raw?.['cache_creation'])?.['ephemeral_1h_input_tokens']) ?? 0
  return Math.min(counted, usage.cacheWrite ?? 0)
}

/** The rates of the list for a call of that size; undefined if it has none for input or output. */
function listedRates(price: ListPrice, usage: Usage): Rates | undefined {
  const whole = inputTotal(usage) ?? 0
  const at = (key: string) => {
    const told = price[key]
    if (typeof told !== 'object') return told
    // Its tiers are sorted by where they begin.
    return told.tiers.findLast(({ start }) => whole > start)?.price ?? told.base
  }
  const [input, output] = [at('input_mtok'), at('output_mtok')]
  if (input === undefined || output === undefined) return undefined
  return ratesOf({ input, output, cacheRead: at('cache_read_mtok'), cacheWrite: at('cache_write_mtok') }, usage)
}

function byPrice(price: ModelPrice, usage: Usage, source: string): CallCost {
  const whole = inputTotal(usage) ?? 0
  const reached = price.tiers?.filter(tier => whole > tier.inputAbove) ?? []
  const [rate = price] = [...reached].sort((a, b) => b.inputAbove - a.inputAbove)
  const rates = ratesOf(rate, usage)
  return { nanoUsd: amountAt(rates, usage), source, rates }
}

function ratesOf(
  {
    input,
    output,
    cacheRead,
    cacheWrite,
  }: { readonly [K in keyof Rates]: Rates[K] | undefined } & Pick<Rates, 'input' | 'output'>,
  usage: Usage,
): Rates {
  return {
    input,
    output,
    ...(cacheRead === undefined || !usage.cacheRead ? {} : { cacheRead }),
    ...(cacheWrite === undefined || !usage.cacheWrite ? {} : { cacheWrite }),
  }
}

function amountAt({ input, output, cacheRead = input, cacheWrite = input }: Rates, usage: Usage): NanoUsd {
  const units =
    (usage.input ?? 0) * input +
    (usage.cacheRead ?? 0) * cacheRead +
    (usage.cacheWrite ?? 0) * cacheWrite +
    (outputTotal(usage) ?? 0) * output
  return fromUsd(units * USD_PER_PRICE_UNIT)
}
