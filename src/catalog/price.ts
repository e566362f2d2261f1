import { asNumber, asObject } from '../base/json-value.ts'
import { fromUsd, type NanoUsd } from '../base/money.ts'
import { inputTotal, outputTotal, type Usage } from '../canon/usage.ts'
import type { ModelPrice } from './model.ts'
import { findModel } from './models.ts'
import type { Provider } from './provider.ts'

/** What a call cost, and whose word that is. Or why it is not known, which is not zero. */
export type CallCost = { readonly nanoUsd: NanoUsd; readonly source: string } | { readonly unknown: string }

type PriceList = typeof import('@pydantic/genai-prices')

const USD_PER_PRICE_UNIT = 1e-6

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
  if (set !== undefined) return { nanoUsd: byPrice(set, usage, input, output), source: 'price in the configuration' }
  const current = provider && byPriceList(provider, model, usage, at)
  if (current !== undefined) return { nanoUsd: current, source: 'genai-prices' }
  if (listed !== undefined) return { nanoUsd: byPrice(listed, usage, input, output), source: 'models.json' }
  return { unknown: 'no price is known for this model' }
}

function toldCost(provider: Provider, usage: Usage): NanoUsd | undefined {
  const usd = provider.costField === undefined ? undefined : asNumber(usage.raw?.[provider.costField])
  return usd === undefined || usd < 0 ? undefined : fromUsd(usd)
}

/** Loaded at the first call that needs it: it takes tens of milliseconds and tens of megabytes. */
function byPriceList(provider: Provider, model: string, usage: Usage, at: Date): NanoUsd | undefined {
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
    return found === null ? undefined : fromUsd(found.total_price)
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

function byPrice(price: ModelPrice, usage: Usage, input: number, output: number): NanoUsd {
  const reached = price.tiers?.filter(tier => input > tier.inputAbove) ?? []
  const [rate = price] = [...reached].sort((a, b) => b.inputAbove - a.inputAbove)
  const units =
    (usage.input ?? 0) * rate.input +
    (usage.cacheRead ?? 0) * (rate.cacheRead ?? rate.input) +
    (usage.cacheWrite ?? 0) * (rate.cacheWrite ?? rate.input) +
    output * rate.output
  return fromUsd(units * USD_PER_PRICE_UNIT)
}
