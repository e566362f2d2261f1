import { describe, expect, test } from 'bun:test'
import { overviewOf } from '../../src/admin/overview.ts'
import { openPace } from '../../src/admin/pace.ts'
import { remarkOf } from '../../src/admin/remarks.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Attempt, Receipt } from '../../src/ledger/receipt.ts'
import type { UsageRow } from '../../src/ledger/usage.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'

const [ATTEMPT] = receipt().attempts
const overloaded = problem('overloaded', 'Kimi Code is overloaded.')
const failedAttempt = { ...ATTEMPT, problem: overloaded } as Attempt

describe('what is told of a call', () => {
  test.each<[string, Partial<Receipt>, string | undefined]>([
    ['one that went well', {}, undefined],
    ['one the client left', { ending: 'abandoned' }, undefined],
    [
      'a fallback',
      {
        route: 'coder',
        servedModel: 'openai/gpt',
        fallback: { from: 'kimi-coding/k2', reason: 'overloaded' },
        attempts: [failedAttempt],
      },
      'fell-back: coder: openai/gpt answered in place of kimi-coding/k2, because of overloaded: Kimi Code is overloaded.',
    ],
    [
      'a fallback that failed as well',
      {
        servedModel: 'openai/gpt',
        fallback: { from: 'kimi-coding/k2', reason: 'rate_limited' },
        ending: 'failed',
        problem: problem('invalid_key', 'The key is wrong.'),
      },
      'fell-back: openai/gpt was asked in place of kimi-coding/k2, because of rate_limited. That failed as well: The key is wrong.',
    ],
    [
      'a refusal',
      { ending: 'failed', requestedModel: 'x', servedModel: 'a/b', problem: problem('bad_request', 'No messages.') },
      'refused: a/b: No messages.',
    ],
    [
      'a failure',
      { ending: 'failed', problem: overloaded, servedModel: 'a/b' },
      'failed: a/b: Kimi Code is overloaded.',
    ],
    [
      'a cut answer',
      { ending: 'truncated', servedModel: 'a/b', problem: problem('stream_truncated', 'It ended early.') },
      'cut: a/b: the answer was cut. It ended early.',
    ],
    [
      'an interrupted call',
      { ending: 'interrupted', servedModel: 'a/b' },
      'cut: a/b: Candor stopped while the call ran.',
    ],
    [
      'a second attempt',
      { servedModel: 'a/b', attempts: [failedAttempt, failedAttempt] },
      'moved: a/b: 2 attempts. Kimi Code is overloaded.',
    ],
    [
      'little of a quota',
      { quotaWarning: { provider: 'kimi-coding', window: '5 hour', remainingPercent: 3.6 } },
      'low: kimi-coding says that 4 % of its quota (5 hour) is left.',
    ],
  ])('%s', (_, overrides, words) => {
    const told = remarkOf(receipt(overrides))
    expect(told === undefined ? undefined : `${told.kind}: ${told.text}`).toBe(words)
  })
})

describe('the pace', () => {
  const MINUTE = 60_000
  const START = 1_800_000_000_000

  function paced() {
    const clock = manualClock(START)
    const pace = openPace(clock.now)
    const end = (overrides: Partial<Receipt> = {}) =>
      pace.ended(receipt({ usage: { output: 60 }, firstByteMs: 100, totalMs: 1_100, stream: true, ...overrides }))
    return { clock, pace, end }
  }

  test('of the last minute, and of the minutes before', () => {
    const { clock, pace, end } = paced()
    end()
    end({ ending: 'failed' })
    end({ ending: 'abandoned' })
    expect(pace.lately()).toEqual({ calls: 3, failed: 1, outputTokens: 180, firstByteMs: 100, tokensPerSecond: 60 })
    clock.advance(MINUTE)
    expect(pace.lately()).toEqual({ calls: 0, failed: 0, outputTokens: 0 })
    const minutes = pace.minutes()
    expect(minutes).toHaveLength(60)
    expect(minutes.at(-1)).toEqual({ at: START + MINUTE, calls: 0, failed: 0, outputTokens: 0 })
    expect(minutes.at(-2)).toMatchObject({ at: START, calls: 3, failed: 1 })
  })

  test('forgets what is older than an hour', () => {
    const { clock, pace, end } = paced()
    end()
    clock.advance(59 * MINUTE)
    expect(pace.minutes()[0]).toMatchObject({ calls: 1 })
    clock.advance(MINUTE)
    end()
    expect(pace.minutes().map(({ calls }) => calls)).toEqual([...Array(59).fill(0), 1])
  })

  test('tells the middle, which one slow call does not move', () => {
    const { pace, end } = paced()
    for (const firstByteMs of [10, 20, 30, 40, 90_000]) end({ firstByteMs, totalMs: firstByteMs + 1_000 })
    expect(pace.lately().firstByteMs).toBe(30)
  })

  test.each<[string, Partial<Receipt>]>([
    ['a whole reply', { stream: false }],
    ['a cut stream', { ending: 'truncated' }],
    ['a stream that came at once', { totalMs: 100 }],
    ['one whose usage is not known', { usage: {} }],
  ])('%s says nothing about the speed of writing', (_, overrides) => {
    const { pace, end } = paced()
    end(overrides)
    expect(pace.lately().tokensPerSecond).toBeUndefined()
  })

  test('holds so many measurements, the latest ones, however many calls there are', () => {
    const { pace, end } = paced()
    for (let i = 0; i < 1_000; i += 1) end({ firstByteMs: i < 900 ? 1_000 : 50, totalMs: 9_000 })
    expect(pace.lately()).toMatchObject({ calls: 1_000, firstByteMs: 50 })
  })
})

describe('the overview', () => {
  const row = (group: string, overrides: Partial<UsageRow> = {}): UsageRow => ({
    group,
    calls: 1,
    failed: 0,
    fallbacks: 0,
    cacheHits: 0,
    lanes: { plan: 0, metered: 1, free: 0, local: 0 },
    tokens: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 5 },
    costNanoUsd: 1_000,
    unpriced: 0,
    usageUnknown: 0,
    chargedNanoUsd: 0,
    chargedTokens: 0,
    ...overrides,
  })
  const provider = { name: 'A', billing: 'metered', surfaces: [], models: 1 } as const
  const health = {
    credential: 'default',
    model: 'm',
    times: 1,
    inFlight: 2,
    answered: 1,
    providerFailures: 1,
    networkFailures: 0,
  }
  const status = {
    version: '1',
    startedAt: '',
    config: { loadedAt: '', warnings: [] },
    draining: false,
    inFlight: 0,
    ledger: { recorded: 0, lost: 0, late: 0, admissionsDropped: 0, queued: 0, lagMs: 0, damaged: 0 },
    bodies: { keepDays: 0, bytesMax: 1, totalBytesMax: 1, dropped: 0 },
    providers: { available: 1, known: 3 },
  }
  const view = overviewOf({
    now: 5_000,
    status,
    providers: [
      {
        ...provider,
        id: 'a',
        available: true,
        health: [
          {
            ...health,
            provider: 'a',
            state: 'open',
            reason: 'overloaded',
            what: 'Too much.',
            until: 9_000,
            firstByteMs: 90,
          },
          { ...health, provider: 'a', state: 'closed', model: 'n', firstByteMs: 30 },
        ],
      },
      { ...provider, id: 'gone', available: false, unavailable: 'no key' },
      { ...provider, id: 'never', available: false, unavailable: 'no key' },
    ],
    quotas: [
      {
        provider: 'a',
        credential: 'default',
        billing: 'plan',
        source: 'endpoint',
        at: 1_000,
        stale: false,
        windows: [],
      },
    ],
    usage: {
      since: 0,
      at: 3_000,
      byProvider: { rows: [row('a'), row('gone', { failed: 1, unpriced: 2 }), row('')], fault: 'Not all.' },
    },
    minutes: [],
    lately: { calls: 0, failed: 0, outputTokens: 0 },
    receipts: [receipt({ ending: 'failed', problem: overloaded }), receipt()],
    notices: [{ at: 4_000, level: 'info', text: 'The configuration was reloaded.' }],
    cursor: 'x.1',
  })

  test('shows providers that can be used or were used today, with what cools down and what is left', () => {
    expect(view.providers).toMatchObject([
      {
        id: 'a',
        cooling: [{ model: 'm', reason: 'overloaded', what: 'Too much.', until: 9_000 }],
        quotas: [{ ageMs: 4_000 }],
        inFlight: 4,
        firstByteMs: 30,
        today: { calls: 1, failed: 0 },
      },
      { id: 'gone', unavailable: 'no key', today: { calls: 1, failed: 1 } },
    ])
    expect(view.otherProviders).toBe(1)
  })

  test('sums the day up, with what is not in the sum', () => {
    expect(view.today).toMatchObject({
      ageMs: 2_000,
      calls: 3,
      failed: 1,
      costNanoUsd: 3_000,
      unpriced: 2,
      fault: 'Not all.',
    })
    expect([view.today.inputTokens, view.today.outputTokens, view.today.lanes.metered]).toEqual([18, 27, 3])
  })

  test('tells the newest calls as lines, and what did not go well of them', () => {
    expect(view.calls.map(({ ending, problem: code }) => [ending, code])).toEqual([
      ['failed', 'overloaded'],
      ['complete', undefined],
    ])
    expect(view.remarks.map(({ kind }) => kind)).toEqual(['failed'])
  })
})
