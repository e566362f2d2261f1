import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { BUDGET_PERIODS } from '../../src/ledger/gateway-key.ts'
import { periodAt } from '../../src/policy/periods.ts'

const at = (text: string) => Date.parse(text)

describe('the period of a moment', () => {
  test.each([
    {
      kind: 'hour',
      moment: '2026-11-23T04:59:59.999Z',
      id: '2026-11-23T04',
      start: '2026-11-23T04:00Z',
      end: '2026-11-23T05:00Z',
    },
    {
      kind: 'day',
      moment: '2026-11-23T00:00:00.000Z',
      id: '2026-11-23',
      start: '2026-11-23T00:00Z',
      end: '2026-11-24T00:00Z',
    },
    {
      kind: 'day',
      moment: '2028-02-29T12:00:00.000Z',
      id: '2028-02-29',
      start: '2028-02-29T00:00Z',
      end: '2028-03-01T00:00Z',
    },
    {
      kind: 'week',
      moment: '2026-11-23T00:00:00.000Z',
      id: '2026-W48',
      start: '2026-11-23T00:00Z',
      end: '2026-11-30T00:00Z',
    },
    {
      kind: 'week',
      moment: '2026-11-22T23:59:59.999Z',
      id: '2026-W47',
      start: '2026-11-16T00:00Z',
      end: '2026-11-23T00:00Z',
    },
    // Years in which the first and last days belong to a week of another year.
    {
      kind: 'week',
      moment: '2027-01-03T12:00:00.000Z',
      id: '2026-W53',
      start: '2026-12-28T00:00Z',
      end: '2027-01-04T00:00Z',
    },
    {
      kind: 'week',
      moment: '2024-12-30T00:00:00.000Z',
      id: '2025-W01',
      start: '2024-12-30T00:00Z',
      end: '2025-01-06T00:00Z',
    },
    {
      kind: 'week',
      moment: '1970-01-01T00:00:00.000Z',
      id: '1970-W01',
      start: '1969-12-29T00:00Z',
      end: '1970-01-05T00:00Z',
    },
    {
      kind: 'month',
      moment: '2026-12-31T23:59:59.999Z',
      id: '2026-12',
      start: '2026-12-01T00:00Z',
      end: '2027-01-01T00:00Z',
    },
    {
      kind: 'month',
      moment: '2028-02-29T00:00:00.000Z',
      id: '2028-02',
      start: '2028-02-01T00:00Z',
      end: '2028-03-01T00:00Z',
    },
  ] as const)('$kind of $moment is $id', ({ kind, moment, id, start, end }) => {
    expect(periodAt(kind, at(moment))).toEqual({ id, startMs: at(start), endMs: at(end) })
  })

  test('a total has neither beginning nor end', () => {
    expect(periodAt('total', at('2026-11-23T04:00Z'))).toEqual({ id: 'all' })
  })

  test('holds the moment, and the next begins where it ends, under another name', () => {
    const kinds = fc.constantFrom(...BUDGET_PERIODS.filter(kind => kind !== 'total'))
    const moments = fc.integer({ min: 0, max: at('2100-01-01T00:00Z') })
    fc.assert(
      fc.property(kinds, moments, (kind, moment) => {
        const period = periodAt(kind, moment)
        const { startMs = Number.NaN, endMs = Number.NaN } = period
        expect(startMs).toBeLessThanOrEqual(moment)
        expect(endMs).toBeGreaterThan(moment)
        expect(periodAt(kind, startMs)).toEqual(period)
        expect(periodAt(kind, endMs - 1)).toEqual(period)
        expect(periodAt(kind, endMs)).toMatchObject({ startMs: endMs })
        expect(periodAt(kind, endMs).id).not.toBe(period.id)
      }),
    )
  })
})
