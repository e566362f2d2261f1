import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { JSON_DEPTH_MAX, parseJson } from '../../src/base/json.ts'

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth)

describe('bounded JSON', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  test('refuses what JSON.parse refuses, and does not throw', () => {
    const almost = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 1tn'), maxLength: 20 })
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), text => {
        const refused = (() => {
          try {
            JSON.parse(text)
            return false
          } catch {
            return true
          }
        })()
        expect(parseJson(text).ok).toBe(!refused)
      }),
      { numRuns: 1000 },
    )
  })

  const depths: readonly [string, string, boolean][] = [
    ['as deep as allowed', nested(JSON_DEPTH_MAX), true],
    ['one deeper', nested(JSON_DEPTH_MAX + 1), false],
    ['two hundred thousand deep', nested(200_000), false],
    ['never closed', '['.repeat(200_000), false],
    ['objects', `${'{"a":'.repeat(JSON_DEPTH_MAX + 1)}1${'}'.repeat(JSON_DEPTH_MAX + 1)}`, false],
    ['wide, not deep', `[${'[],'.repeat(5000)}[]]`, true],
    ['brackets inside a string', JSON.stringify('['.repeat(500)), true],
    ['brackets behind an escaped quote', JSON.stringify(`\\"${'['.repeat(500)}\\`), true],
  ]

  test.each(depths)('%s', (_, text, ok) => {
    expect(parseJson(text).ok).toBe(ok)
  })

  test('the reason is bounded', () => {
    const read = parseJson(`{"a":${'x'.repeat(5000)}`)
    expect(read.ok ? 0 : read.reason.length).toBeWithin(1, 201)
  })
})
