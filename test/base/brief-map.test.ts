import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { BriefMap } from '../../src/base/brief-map.ts'

describe('a map of what is there for a moment', () => {
  test('holds what a map holds, in the same order, however much has passed through it', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 20 }), goes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { minLength: 300, maxLength: 600 }), steps => {
        const brief = new BriefMap<number, number>()
        const plain = new Map<number, number>()
        steps.forEach(({ key, goes }, i) => {
          if (goes) expect(brief.delete(key)).toBe(plain.delete(key))
          else {
            brief.set(key, i)
            plain.set(key, i)
          }
          expect([brief.size, brief.get(key), brief.has(key)]).toEqual([plain.size, plain.get(key), plain.has(key)])
        })
        expect([...brief.values()]).toEqual([...plain.values()])
      }),
      { numRuns: 50 },
    )
  })

  test('an entry may go while its neighbours are gone through, and a copy is not moved by it', () => {
    const brief = new BriefMap<number, number>()
    for (let i = 0; i < 200; i += 1) brief.set(i, i)
    for (const value of [...brief.values()]) expect(brief.delete(value)).toBe(true)
    expect(brief.size).toBe(0)
  })
})
