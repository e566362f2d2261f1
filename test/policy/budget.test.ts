import { describe, expect, test } from 'bun:test'
import type { Budget } from '../../src/ledger/gateway-key.ts'
import { budgetPolicy } from '../../src/policy/budget.ts'
import { ADMITTED, type Outcome } from '../../src/policy/policy.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { admitted, cheapFacts, facts, gatewayKey, NONE, NOW, PLAN, refusedWith, UNKNOWN } from './facts.ts'

const USD = 1_000_000_000

const budget = (rest: Partial<Budget> = {}): Budget => ({
  period: 'day',
  unit: 'usd',
  most: 5 * USD,
  kind: 'hard',
  ...rest,
})

function budgeted(...budgets: Budget[]) {
  const clock = manualClock(NOW)
  const counters = memoryCounters(clock)
  return { clock, counters, key: gatewayKey({ budgets }), policy: budgetPolicy({ counters, clock }) }
}

const usd = (dollars: number) => ({ nanoUsd: dollars * USD })
const cost = (dollars: number): Outcome => ({
  ending: 'complete',
  used: 'known',
  usage: { input: 1, output: 1 },
  costNanoUsd: dollars * USD,
})

test('a key without budgets, no key, and a name that means nothing are admitted without a look at the call', async () => {
  const { policy, key } = budgeted(budget())
  expect(await policy.admit(cheapFacts())).toBe(ADMITTED)
  expect(await policy.admit(cheapFacts({ key: gatewayKey() }))).toBe(ADMITTED)
  expect(await policy.admit(cheapFacts({ key, targets: [] }))).toBe(ADMITTED)
})

describe('a hard budget', () => {
  test('that is used up refuses, and says which, what is spent and when it begins anew', async () => {
    const { policy, key } = budgeted(budget())
    const settle = await admitted(policy, facts({ key, estimated: usd(1) }))
    settle(cost(5.2))
    expect(refusedWith(await policy.admit(facts({ key, estimated: usd(1) })))).toMatchObject({
      code: 'budget_exceeded',
      status: 402,
      what: 'The gateway key "ci" has used up its budget of $5.00 per day.',
      why: '$5.20 are spent, or reserved by calls that run; this call may use up to $1.00. The budget begins anew on 2026-11-24 00:00 UTC.',
      retryAfterMs: 20 * 3_600_000,
      resetsAtMs: Date.UTC(2026, 10, 24),
    })
  })

  test('of which too little is left refuses, and advises to ask for less', async () => {
    const { policy, key } = budgeted(budget())
    await admitted(policy, facts({ key, estimated: usd(3) }))
    const found = refusedWith(await policy.admit(facts({ key, estimated: usd(2.5) })))
    expect(found.what).toBe(
      'What is left of the budget of the gateway key "ci", $5.00 per day, is too little for this call.',
    )
    expect(found.fix.join(' ')).toContain('lower limit of output tokens')
    await admitted(policy, facts({ key, estimated: usd(2) }))
  })

  test('smaller than the call can never be met, so nobody is told to wait', async () => {
    const { policy, key } = budgeted(budget({ unit: 'tokens', most: 140 }))
    const found = refusedWith(await policy.admit(facts({ key })))
    expect(found).toMatchObject({
      code: 'budget_exceeded',
      why: expect.stringContaining('150 tokens, so it can never pass'),
    })
    expect(found.what).toContain('140 tokens per day')
    expect(found.retryAfterMs).toBeUndefined()
  })

  test('over the whole life of a key never begins anew', async () => {
    const { policy, key } = budgeted(budget({ period: 'total' }))
    await admitted(policy, facts({ key, estimated: usd(5) }))
    const found = refusedWith(await policy.admit(facts({ key, estimated: usd(1) })))
    expect(found.why).toEndWith('The budget does not begin anew.')
    expect([found.retryAfterMs, found.resetsAtMs]).toEqual([undefined, undefined])
  })

  test('is a new one in the next period; what began in the old one counts there', async () => {
    const { policy, key, clock, counters } = budgeted(budget())
    const settle = await admitted(policy, facts({ key, estimated: usd(5) }))
    clock.advance(86_400_000)
    const tomorrow = facts({ key, at: clock.now(), estimated: usd(5) })
    await admitted(policy, tomorrow)
    settle(cost(4))
    expect(await counters.sum('budget:key_1:usd:day:2026-11-23')).toBe(4 * USD)
    expect(await counters.sum('budget:key_1:usd:day:2026-11-24')).toBe(5 * USD)
  })

  test('of several refuses alone, and nothing is reserved on the others', async () => {
    const { policy, key, counters } = budgeted(budget({ period: 'month' }), budget({ unit: 'tokens', most: 200 }))
    await admitted(policy, facts({ key, estimated: usd(1) }))
    expect(refusedWith(await policy.admit(facts({ key, estimated: usd(1) }))).what).toContain('200 tokens per day')
    expect(await counters.sum('budget:key_1:usd:month:2026-11')).toBe(USD)
  })
})

describe('settling', () => {
  test.each([
    { name: 'what was used takes the place of the estimate', outcome: cost(1.5), usd: 1.5 * USD, tokens: 2 },
    { name: 'more than the estimate counts too', outcome: cost(4), usd: 4 * USD, tokens: 2 },
    { name: 'what is not known stays reserved', outcome: UNKNOWN, usd: 3 * USD, tokens: 150 },
    { name: 'what nobody took is given back', outcome: NONE, usd: 0, tokens: 0 },
    {
      name: 'a cost that is not known stays reserved beside tokens that are',
      outcome: { ending: 'complete', used: 'known', usage: { input: 9, cacheRead: 1, output: 5 } } as const,
      usd: 3 * USD,
      tokens: 15,
    },
  ])('$name', async ({ outcome, usd: nanoUsd, tokens }) => {
    const { policy, key, counters } = budgeted(budget(), budget({ unit: 'tokens', most: 1_000, kind: 'soft' }))
    const settle = await admitted(policy, facts({ key, estimated: usd(3) }))
    settle(outcome)
    expect(await counters.sum('budget:key_1:usd:day:2026-11-23')).toBe(nanoUsd)
    expect(await counters.sum('budget:key_1:tokens:day:2026-11-23')).toBe(tokens)
  })
})

describe('calls that cost no money', () => {
  test('are not stopped by a budget in dollars, be it overdrawn', async () => {
    const { policy, key } = budgeted(budget())
    const settle = await admitted(policy, facts({ key, estimated: usd(1) }))
    settle(cost(9))
    await admitted(policy, facts({ key, targets: [PLAN], estimated: usd(0) }))
  })

  test('are stopped by one in tokens', async () => {
    const { policy, key } = budgeted(budget({ unit: 'tokens', most: 150 }))
    await admitted(policy, facts({ key, targets: [PLAN], estimated: usd(0) }))
    expect((await policy.admit(facts({ key, targets: [PLAN], estimated: usd(0) }))).admit).toBe(false)
  })
})

describe('a price that is not known', () => {
  const estimated = { nanoUsd: undefined }

  test('stops a call under a hard budget in dollars, naming the model', async () => {
    const { policy, key } = budgeted(budget())
    const found = refusedWith(await policy.admit(facts({ key, estimated })))
    expect(found).toMatchObject({
      code: 'budget_exceeded',
      why: 'The price of moonshot/kimi-k2.7-code is not known, so a spending limit cannot be kept.',
    })
    expect(found.fix.join(' ')).toContain('price')
  })

  test.each([
    { name: 'a soft budget in dollars', budgets: [budget({ kind: 'soft' })] },
    { name: 'a hard budget in tokens', budgets: [budget({ unit: 'tokens', most: 1_000 })] },
  ])('is counted as nothing under $name', async ({ budgets }) => {
    const { policy, key } = budgeted(...budgets)
    const settle = await admitted(policy, facts({ key, estimated }))
    settle(cost(1))
  })
})

describe('a soft budget', () => {
  test('never refuses, and is told when it is used up', async () => {
    const { policy, key } = budgeted(
      budget({ kind: 'soft' }),
      budget({ unit: 'tokens', most: 100, kind: 'soft', period: 'hour' }),
    )
    const first = await policy.admit(facts({ key, estimated: usd(6) }))
    expect([first.admit, first.headers]).toEqual([true, {}])
    const settle = await admitted(policy, facts({ key, estimated: usd(1) }))
    settle(cost(0))
    const third = await policy.admit(facts({ key, estimated: usd(1) }))
    expect(third.admit).toBe(true)
    expect(third.headers).toEqual({ 'candor-budget': 'usd/day; soft; used=120%, tokens/hour; soft; used=152%' })
  })

  test('below a hard one shares its sum', async () => {
    const { policy, key, counters } = budgeted(
      budget({ kind: 'soft', most: 2 * USD }),
      budget(),
      budget({ most: 4 * USD }),
    )
    await admitted(policy, facts({ key, estimated: usd(2) }))
    const second = await policy.admit(facts({ key, estimated: usd(2) }))
    expect(second.headers).toEqual({ 'candor-budget': 'usd/day; soft; used=100%' })
    expect(await counters.sum('budget:key_1:usd:day:2026-11-23')).toBe(4 * USD)
    expect(refusedWith(await policy.admit(facts({ key, estimated: usd(1) }))).what).toContain('$4.00 per day')
  })
})
