import { describe, expect, test } from 'bun:test'
import { chargeOf } from '../../src/policy/charge.ts'
import type { Estimate, Outcome } from '../../src/policy/policy.ts'
import { NONE, UNKNOWN } from './facts.ts'

const ESTIMATE: Estimate = { inputTokens: 100, outputTokens: 50, nanoUsd: 1_000 }
const known = (rest: Partial<Outcome>): Outcome => ({ ending: 'complete', used: 'known', ...rest })

const USAGE = { input: 10, cacheRead: 200, cacheWrite: 3_000, output: 40_000, reasoning: 500_000 }

describe('the charge', () => {
  test('of a known use is what was used, all buckets together, and no estimate is asked for', () => {
    const charge = chargeOf(known({ usage: USAGE, costNanoUsd: 7 }), () => {
      throw new Error('it is known')
    })
    expect(charge).toEqual({ nanoUsd: 7, tokens: 543_210, estimated: false })
  })

  test.each([
    { name: 'nothing reached', outcome: NONE, charge: { nanoUsd: 0, tokens: 0, estimated: false } },
    { name: 'unknown', outcome: UNKNOWN, charge: { nanoUsd: 1_000, tokens: 150, estimated: true } },
    {
      name: 'unknown, with numbers that are not to be believed',
      outcome: { ...UNKNOWN, usage: USAGE, costNanoUsd: 7 },
      charge: { nanoUsd: 1_000, tokens: 150, estimated: true },
    },
    {
      name: 'only the output known',
      outcome: known({ usage: { output: 7 }, costNanoUsd: 9 }),
      charge: { nanoUsd: 9, tokens: 107, estimated: true },
    },
    {
      name: 'the cost unknown',
      outcome: known({ usage: { input: 1, output: 2 } }),
      charge: { nanoUsd: 1_000, tokens: 3, estimated: true },
    },
    {
      name: 'numbers no call can have',
      outcome: known({ usage: { input: 1e300, output: -5 }, costNanoUsd: 0.5 }),
      charge: { nanoUsd: 1_000, tokens: 150, estimated: true },
    },
  ])('of $name', ({ outcome, charge }) => {
    expect(chargeOf(outcome, () => ESTIMATE)).toEqual(charge)
  })

  test.each([
    { name: 'a price nobody knows counts as nothing, estimated', nanoUsd: undefined, estimated: true },
    { name: 'where no target is metered nothing is estimated', nanoUsd: 0, estimated: false },
  ])('$name', ({ nanoUsd, estimated }) => {
    const charge = chargeOf(known({ usage: { input: 1, output: 2 } }), () => ({ ...ESTIMATE, nanoUsd }))
    expect(charge).toEqual({ nanoUsd: 0, tokens: 3, estimated })
  })

  test('of an operation without output is not estimated for lack of it', () => {
    const charge = chargeOf(known({ usage: { input: 1 }, costNanoUsd: 2 }), () => ({ ...ESTIMATE, outputTokens: 0 }))
    expect(charge).toEqual({ nanoUsd: 2, tokens: 1, estimated: false })
  })
})
