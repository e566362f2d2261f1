import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import type { Usage } from '../../src/canon/usage.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import { findModel, modelsOf } from '../../src/catalog/models.ts'
import { costOf } from '../../src/catalog/price.ts'
import type { Provider } from '../../src/catalog/provider.ts'
import { NOW, rowOf } from './sighting.ts'

const installed: { readonly version: string } = await Bun.file(
  join(import.meta.dirname, '../../node_modules/@pydantic/genai-prices/package.json'),
).json()
const LIST = `genai-prices ${installed.version}`
const models: { readonly source: { readonly date: string } } = await Bun.file(
  join(import.meta.dirname, '../../src/catalog/models.json'),
).json()
const ROWS = `models.json ${models.source.date}`

const at = new Date(NOW)
const usage: Usage = { input: 1_000, cacheRead: 4_000, cacheWrite: 2_000, output: 300, reasoning: 700 }
const cost = (nanoUsd: number, source: string) => ({ nanoUsd, source })

/** A row that only its hand-written models price. */
function selfPriced(price: NonNullable<ReturnType<typeof findModel>>['price'], rest: Partial<Provider> = {}): Provider {
  const { pricesFrom: _, ...row } = rowOf('moonshot')
  return { ...row, id: 'self-priced', models: [{ id: 'm', ...(price === undefined ? {} : { price }) }], ...rest }
}

describe('whose word counts', () => {
  test('the price list of genai-prices, with cached tokens at their own price', () => {
    // claude-opus-5: 5 in, 25 out, 0.5 read, 6.25 written, in USD per million.
    const nano = (1_000 * 5 + 4_000 * 0.5 + 2_000 * 6.25 + 1_000 * 25) * 1_000
    expect(costOf(rowOf('anthropic'), 'claude-opus-5', usage, at)).toMatchObject(cost(nano, LIST))
  })

  test('cache writes that last an hour cost more', () => {
    const lasting = { ...usage, raw: { cache_creation: { ephemeral_1h_input_tokens: 2_000 } } }
    const nano = (1_000 * 5 + 4_000 * 0.5 + 2_000 * 10 + 1_000 * 25) * 1_000
    expect(costOf(rowOf('anthropic'), 'claude-opus-5', lasting, at)).toMatchObject(cost(nano, LIST))
  })

  test('models.json, where the list does not have the model', () => {
    const price = findModel(rowOf('deepseek'), 'deepseek-flash')?.price
    expect(price).toEqual({ input: 0.3, output: 1.2, cacheRead: 0.006 })
    const nano = (3_000 * 0.3 + 4_000 * 0.006 + 1_000 * 1.2) * 1_000
    expect(costOf(rowOf('deepseek'), 'deepseek-flash', usage, at)).toMatchObject(cost(nano, ROWS))
  })

  test('a price of the user before all others', () => {
    const own = { input: 1, output: 2 }
    const nano = (7_000 * 1 + 1_000 * 2) * 1_000
    expect(costOf(rowOf('anthropic'), 'claude-opus-5', usage, at, own)).toMatchObject(
      cost(nano, 'price in the configuration'),
    )
    expect(costOf(undefined, 'anything', usage, at, own)).toMatchObject(cost(nano, 'price in the configuration'))
  })

  test("the catalogue's own price, handed back, is no price of the user", () => {
    const row = rowOf('anthropic')
    const listed = findModel(row, 'claude-opus-5')?.price
    expect(listed).toBeDefined()
    expect(costOf(row, 'claude-opus-5', usage, at, listed)).toMatchObject({ source: LIST })
  })

  test('the cost the provider told, before any list', () => {
    const told = { ...usage, raw: { cost: 0.001234 } }
    expect(costOf(rowOf('openrouter'), 'openai/gpt-5', told, at)).toMatchObject(cost(1_234_000, 'told by the provider'))
    expect(costOf(rowOf('anthropic'), 'claude-opus-5', told, at)).toMatchObject({ source: LIST })
  })

  test('the price of that time of day', () => {
    const million: Usage = { input: 1_000_000, output: 0 }
    const price = (hour: number) =>
      costOf(rowOf('deepseek'), 'deepseek-v4-pro', million, new Date(Date.UTC(2026, 10, 22, hour)))
    expect([price(3), price(14)]).toMatchObject([cost(1_320_000_000, LIST), cost(660_000_000, LIST)])
  })
})

describe('the rates a cost was computed with', () => {
  test.each([
    [
      'of the list',
      rowOf('anthropic'),
      'claude-opus-5',
      usage,
      { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
    ],
    [
      'of caches only where one was used',
      rowOf('anthropic'),
      'claude-opus-5',
      { input: 1, output: 1 },
      { input: 5, output: 25 },
    ],
    ['of models.json', rowOf('deepseek'), 'deepseek-flash', usage, { input: 0.3, output: 1.2, cacheRead: 0.006 }],
  ] as const)('%s', (_, row, model, told, rates) => {
    expect(costOf(row, model, told, at)).toMatchObject({ rates })
    expect(Object.keys((costOf(row, model, told, at) as { rates: object }).rates)).toEqual(Object.keys(rates))
  })

  test('are left out where they do not tell the whole', () => {
    const lasting = { ...usage, raw: { cache_creation: { ephemeral_1h_input_tokens: 2_000 } } }
    expect(costOf(rowOf('anthropic'), 'claude-opus-5', lasting, at)).not.toHaveProperty('rates')
    expect(costOf(rowOf('openrouter'), 'openai/gpt-5', { ...usage, raw: { cost: 1 } }, at)).not.toHaveProperty('rates')
  })

  test('make the cost, for every priced model and any usage', () => {
    const priced = PROVIDERS.filter(row => row.billing === 'metered').flatMap(row =>
      modelsOf(row).map(({ id }) => ({ row, id })),
    )
    const count = fc.nat(400_000)
    const any = fc.record({ input: count, cacheRead: count, cacheWrite: count, output: count, reasoning: count })
    let told = 0
    fc.assert(
      fc.property(fc.constantFrom(...priced), any, ({ row, id }, used) => {
        const found = costOf(row, id, used, at)
        if (!('nanoUsd' in found) || found.rates === undefined) return
        told += 1
        const { input, output, cacheRead = input, cacheWrite = input } = found.rates
        const dollars =
          (used.input * input +
            used.cacheRead * cacheRead +
            used.cacheWrite * cacheWrite +
            (used.output + used.reasoning) * output) /
          1e6
        expect(Math.abs(found.nanoUsd - dollars * 1e9)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
    expect(told).toBeGreaterThan(300)
  })
})

describe('prices of a row', () => {
  test.each([
    [100_000, 1],
    [100_001, 2],
    [200_001, 4],
  ])('a call with %i input tokens costs %i a token', (input, rate) => {
    const row = selfPriced({
      input: 1,
      output: 9,
      tiers: [
        { inputAbove: 200_000, input: 4, output: 9 },
        { inputAbove: 100_000, input: 2, output: 9 },
      ],
    })
    expect(costOf(row, 'm', { input, output: 0 }, at)).toMatchObject(cost(input * rate * 1_000, ROWS))
  })

  test('a free model costs nothing, and that is known', () => {
    expect(costOf(selfPriced({ input: 0, output: 0 }), 'm', usage, at)).toMatchObject(cost(0, ROWS))
  })
})

describe('what is not known is not zero', () => {
  test.each([
    ['no provider', undefined, 'm', usage, 'no price is known for this model'],
    ['no such model', rowOf('anthropic'), 'claude-nonsense', usage, 'no price is known for this model'],
    ['no price', selfPriced(undefined), 'm', usage, 'no price is known for this model'],
    ['no input told', rowOf('anthropic'), 'claude-opus-5', { output: 5 }, 'the provider told no input tokens'],
    ['no output told', rowOf('anthropic'), 'claude-opus-5', { input: 5 }, 'the provider told no output tokens'],
    ['a subscription', rowOf('kimi-coding'), 'k3', usage, 'no price is known for this model'],
  ] as const)('%s', (_, row, model, told, unknown) => {
    expect(costOf(row, model, told, at)).toEqual({ unknown })
  })
})

test('every price list a row names is there', () => {
  const named = PROVIDERS.flatMap(row => row.pricesFrom ?? [])
  expect(named.length).toBeGreaterThan(12)
  expect(named.filter(list => findProvider({ providerId: list })?.id !== list)).toEqual([])
})
