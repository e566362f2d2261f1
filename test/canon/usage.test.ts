import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { inputTotal, mergeUsage, outputTotal, type Usage } from '../../src/canon/usage.ts'

const counts = fc.record(
  { input: fc.nat(), cacheRead: fc.nat(), cacheWrite: fc.nat(), output: fc.nat(), reasoning: fc.nat() },
  { requiredKeys: [] },
)

describe('totals', () => {
  const cases: readonly [string, Usage, number | undefined, number | undefined][] = [
    ['nothing told is not zero', {}, undefined, undefined],
    ['zero told is zero', { input: 0, output: 0 }, 0, 0],
    ['all buckets', { input: 1, cacheRead: 2, cacheWrite: 4, output: 8, reasoning: 16 }, 7, 24],
    ['only the cache', { cacheRead: 5 }, 5, undefined],
    ['only reasoning', { reasoning: 3 }, undefined, 3],
  ]

  test.each(cases)('%s', (_, usage, input, output) => {
    expect([inputTotal(usage), outputTotal(usage)]).toEqual([input, output])
  })
})

describe('reports in a row', () => {
  test("each bucket's last known value counts", () => {
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1 }), reports => {
        const merged = reports.reduce<Usage | undefined>((before, next) => mergeUsage(before, next), undefined)
        for (const bucket of ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'] as const) {
          expect(merged?.[bucket]).toBe(reports.findLast(report => report[bucket] !== undefined)?.[bucket])
        }
      }),
    )
  })

  test("the provider's own objects are laid over each other", () => {
    const merged = mergeUsage({ raw: { input_tokens: 5, output_tokens: 1 } }, { raw: { output_tokens: 9 } })
    expect(merged.raw).toEqual({ input_tokens: 5, output_tokens: 9 })
  })

  test.each<[string, Usage, Usage]>([
    ['the later alone', {}, { raw: { a: 1 } }],
    ['the earlier alone', { raw: { a: 1 } }, {}],
  ])('a raw object told by %s stays', (_, earlier, later) => {
    expect(mergeUsage(earlier, later).raw).toEqual({ a: 1 })
  })
})
