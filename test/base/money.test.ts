import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { fromUsd, showUsd } from '../../src/base/money.ts'

describe('dollars as integers', () => {
  test.each([
    [0, 0],
    [1, 1_000_000_000],
    [0.000000001, 1],
    [0.1 + 0.2, 300_000_000],
    [9_000_000, 9_000_000_000_000_000],
  ])('$%d is %d nano-dollars', (usd, nano) => {
    expect(Number(fromUsd(usd))).toBe(nano)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 10_000_000])('%d is refused', usd => {
    expect(() => fromUsd(usd)).toThrow(RangeError)
  })

  test('a sum of integers is exact where a sum of dollars is not', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 100 }), nanos => {
        const sum = nanos.reduce((total, nano) => total + fromUsd(nano / 1e9), 0)
        expect(sum).toBe(nanos.reduce((total, nano) => total + nano, 0))
      }),
    )
  })
})

test.each([
  [0, '$0'],
  [0.0042, '$0.0042'],
  [12.3, '$12.30'],
  [1, '$1.00'],
  [0.5, '$0.5'],
  [0.0123456, '$0.0123'],
  [0.9999, '$1'],
  [0.000_000_001, '$0.000000001'],
  [0.000_000_15, '$0.00000015'],
])('$%d is shown as %s', (usd, shown) => {
  expect(showUsd(fromUsd(usd))).toBe(shown)
})
