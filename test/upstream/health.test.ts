import { describe, expect, test } from 'bun:test'
import { type Problem, type ProblemCode, problem } from '../../src/canon/problem.ts'
import type { HealthKey, HealthView, VisitEnd } from '../../src/upstream/health.ts'
import { openHealth } from '../../src/upstream/open-health.ts'
import { type ManualClock, manualClock } from '../ledger/manual-clock.ts'

const AT: HealthKey = { provider: 'moonshot', credential: 'default', model: 'kimi-k2' }
const START = 1_800_000_000_000
const HOUR = 3_600_000

function failure(code: ProblemCode, rest: Partial<Problem> = {}): VisitEnd {
  return { type: 'failed', problem: problem(code, `It was ${code}.`, rest) }
}

const ANSWERED: VisitEnd = { type: 'answered', firstByteMs: 100 }

/** Health with a clock to move, and no spread of the waits. */
function opened(clock: ManualClock = manualClock(START)) {
  const health = openHealth({ clock, random: () => 0 })
  return {
    clock,
    health,
    /** One whole request that ends so, so many times one after the other. */
    visit(end: VisitEnd, times = 1, at = AT) {
      for (let n = 0; n < times; n += 1) {
        const visit = health.enter(at)
        visit.judged(end)
        visit.over()
      }
    },
    view(): HealthView | undefined {
      return health.views()[0]
    },
  }
}

describe('what opens a breaker, and for how long', () => {
  const ROWS: readonly (readonly [code: ProblemCode, rest: Partial<Problem>, failures: number, waitMs: number])[] = [
    ['rate_limited', {}, 1, 2_000],
    ['rate_limited', { retryAfterMs: 17_000 }, 1, 17_000],
    ['rate_limited', { retryAfterMs: 0 }, 1, 2_000],
    ['rate_limited', { retryAfterMs: 3_000, resetsAtMs: START + HOUR }, 1, 3_000],
    ['overloaded', {}, 1, 5_000],
    ['plan_exhausted', {}, 1, 60_000],
    ['plan_exhausted', { resetsAtMs: START + 5 * HOUR }, 1, 5 * HOUR],
    ['plan_exhausted', { retryAfterMs: 30_000, resetsAtMs: START + 5 * HOUR }, 1, 5 * HOUR],
    ['plan_exhausted', { retryAfterMs: 30_000 }, 1, 30_000],
    ['plan_exhausted', { resetsAtMs: START + 400 * 24 * HOUR }, 1, 35 * 24 * HOUR],
    ['balance_exhausted', {}, 1, 60_000],
    ['plan_expired', {}, 1, 60_000],
    ['invalid_key', {}, 1, 60_000],
    ['wrong_service_key', {}, 1, 60_000],
    ['model_not_in_plan', {}, 1, 60_000],
    ['account_blocked', {}, 1, 60_000],
    ['region_blocked', {}, 1, 60_000],
    ['upstream_error', {}, 5, 5_000],
    ['upstream_error', { retryAfterMs: 9_000 }, 5, 9_000],
    ['upstream_protocol', {}, 5, 5_000],
    ['stream_truncated', {}, 5, 5_000],
    ['unreachable', {}, 3, 5_000],
    ['timeout', {}, 3, 5_000],
  ]

  test.each([...ROWS])('%s %j', (code, rest, failures, waitMs) => {
    const { clock, health, visit } = opened()
    visit(failure(code, rest), failures - 1)
    expect(health.standing(AT)).toEqual({ state: 'closed' })
    visit(failure(code, rest))
    expect(health.standing(AT)).toEqual({ state: 'open', code, untilMs: START + waitMs })
    clock.advance(waitMs - 1)
    expect(health.standing(AT).state).toBe('open')
    clock.advance(1)
    expect(health.standing(AT)).toEqual({ state: 'half-open', code, probing: false })
  })

  const HARMLESS: readonly ProblemCode[] = [
    'bad_request',
    'body_too_large',
    'context_too_long',
    'content_refused',
    'untranslatable',
    'upstream_bad_request',
    'upstream_model_not_found',
    'client_not_admitted',
    'key_rate_limited',
    'budget_exceeded',
    'draining',
    'internal',
  ]

  test.each([...HARMLESS])('%s says nothing about the provider', code => {
    const { health, visit, view } = opened()
    visit(failure(code), 20)
    expect(health.standing(AT)).toEqual({ state: 'closed' })
    expect(view()).toMatchObject({ providerFailures: 0, networkFailures: 0 })
  })

  test('failures of the network and of the provider are counted apart, and an answer ends both rows', () => {
    const { health, visit, view } = opened()
    for (let round = 0; round < 3; round += 1) {
      visit(failure('unreachable'), 2)
      visit(failure('upstream_error'), 4)
      visit(ANSWERED)
    }
    expect(health.standing(AT)).toEqual({ state: 'closed' })
    expect(view()).toMatchObject({ providerFailures: 12, networkFailures: 6, answered: 3 })
  })

  test('other models, credentials and providers are not touched', () => {
    const { health, visit } = opened()
    visit(failure('invalid_key'))
    for (const other of [{ model: 'k3' }, { credential: 'second' }, { provider: 'deepseek' }]) {
      expect(health.standing({ ...AT, ...other })).toEqual({ state: 'closed' })
    }
  })

  test('waits nobody asked for are spread, those a provider asked for are not', () => {
    const health = openHealth({ clock: manualClock(START), random: () => 0.5 })
    health.enter(AT).judged(failure('overloaded'))
    expect(health.standing(AT)).toMatchObject({ untilMs: START + 5_250 })
    const other = { ...AT, model: 'k3' }
    health.enter(other).judged(failure('overloaded', { retryAfterMs: 5_000 }))
    expect(health.standing(other)).toMatchObject({ untilMs: START + 5_000 })
  })
})

describe('opening again', () => {
  const ROWS: readonly (readonly [code: ProblemCode, failures: number, waits: readonly number[]])[] = [
    ['rate_limited', 1, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]],
    ['invalid_key', 1, [60, 120, 240, 480, 600, 600]],
    ['unreachable', 3, [5, 10, 20, 40, 80, 160, 300, 300]],
    ['upstream_error', 5, [5, 10, 20, 40, 80, 160, 300, 300]],
  ]

  test.each([...ROWS])('%s: each opening is twice as long, up to a cap', (code, failures, seconds) => {
    const { clock, visit, view } = opened()
    visit(failure(code), failures - 1)
    seconds.forEach((wait, index) => {
      visit(failure(code))
      expect(view()).toMatchObject({ state: 'open', times: index + 1, since: START, until: clock.now() + wait * 1_000 })
      clock.advance(wait * 1_000)
    })
  })

  test('after an answer it begins anew', () => {
    const { clock, visit, view } = opened()
    visit(failure('overloaded'))
    clock.advance(5_000)
    visit(failure('overloaded'))
    clock.advance(10_000)
    visit(ANSWERED)
    expect(view()).toMatchObject({ state: 'closed', times: 0 })
    expect(view()).not.toContainAnyKeys(['since', 'until', 'reason', 'what'])
    visit(failure('overloaded'))
    expect(view()).toMatchObject({ state: 'open', times: 1, until: clock.now() + 5_000 })
  })

  test('requests that were under way together are one failure', () => {
    const { clock, health, view } = opened()
    const visits = Array.from({ length: 50 }, () => health.enter(AT))
    for (const visit of visits) visit.judged(failure('rate_limited'))
    expect(view()).toMatchObject({ times: 1, until: START + 2_000, providerFailures: 50 })
    clock.advance(2_000)
    const later = Array.from({ length: 50 }, () => health.enter(AT))
    for (const visit of later) visit.judged(failure('rate_limited'))
    expect(view()).toMatchObject({ times: 2, until: clock.now() + 4_000 })
  })

  test('one that was under way may tell of a longer time, with its reason', () => {
    const { health, visit, view } = opened()
    const early = health.enter(AT)
    visit(failure('rate_limited'))
    early.judged(failure('plan_exhausted', { resetsAtMs: START + HOUR }))
    expect(view()).toMatchObject({ times: 1, reason: 'plan_exhausted', until: START + HOUR })
  })

  test('who asks while it is open and fails keeps it open, without making it worse', () => {
    const { clock, visit, view } = opened()
    visit(failure('overloaded'))
    clock.advance(3_000)
    visit(failure('overloaded'), 10)
    expect(view()).toMatchObject({ state: 'open', times: 1, until: START + 8_000 })
  })

  test('who asks while it is open and is answered closes it', () => {
    const { health, visit } = opened()
    visit(failure('plan_exhausted', { resetsAtMs: START + HOUR }))
    visit(ANSWERED)
    expect(health.standing(AT)).toEqual({ state: 'closed' })
  })

  test('an answer to an earlier request does not', () => {
    const { health, visit } = opened()
    const early = health.enter(AT)
    visit(failure('plan_exhausted', { resetsAtMs: START + HOUR }))
    early.judged(ANSWERED)
    expect(health.standing(AT)).toMatchObject({ state: 'open', code: 'plan_exhausted' })
  })
})

describe('half open', () => {
  function halfOpen() {
    const all = opened()
    all.visit(failure('overloaded'))
    all.clock.advance(5_000)
    return all
  }
  const WAITING = { state: 'half-open', code: 'overloaded', probing: false } as const
  const PROBING = { state: 'half-open', code: 'overloaded', probing: true } as const

  test('the first request is the probe, and its answer closes it', () => {
    const { health } = halfOpen()
    expect(health.standing(AT)).toEqual(WAITING)
    const probe = health.enter(AT)
    expect(health.standing(AT)).toEqual(PROBING)
    probe.judged(ANSWERED)
    expect(health.standing(AT)).toEqual({ state: 'closed' })
  })

  test('one failure of the probe is enough, of whatever kind', () => {
    const { clock, health, view } = halfOpen()
    health.enter(AT).judged(failure('unreachable'))
    expect(view()).toMatchObject({ state: 'open', reason: 'unreachable', times: 2, until: clock.now() + 10_000 })
  })

  const FREEING: readonly (readonly [what: string, end: VisitEnd | undefined])[] = [
    ['the client left', { type: 'no-verdict' }],
    ['the request was wrong', failure('context_too_long')],
    ['it is over without a word', undefined],
  ]

  test.each([...FREEING])('%s: the next one is the probe', (_, end) => {
    const { health } = halfOpen()
    const probe = health.enter(AT)
    if (end === undefined) probe.over()
    else probe.judged(end)
    expect(health.standing(AT)).toEqual(WAITING)
    health.enter(AT)
    expect(health.standing(AT)).toEqual(PROBING)
  })

  test('another request that ends does not free the probe', () => {
    const { health } = halfOpen()
    health.enter(AT)
    health.enter(AT).over()
    expect(health.standing(AT)).toEqual(PROBING)
  })

  test('a probe nobody judges does not block for ever', () => {
    const { clock, health } = halfOpen()
    const lost = health.enter(AT)
    clock.advance(59_999)
    expect(health.standing(AT)).toEqual(PROBING)
    clock.advance(1)
    expect(health.standing(AT)).toEqual(WAITING)
    health.enter(AT)
    lost.judged({ type: 'no-verdict' })
    expect(health.standing(AT)).toEqual(PROBING)
  })

  test('a machine that slept does not wait for the time it slept', () => {
    const clock = manualClock(START)
    let sleptMs = 0
    const { health, visit } = opened({ ...clock, now: () => clock.now() + sleptMs })
    visit(failure('plan_exhausted', { resetsAtMs: START + 5 * HOUR }))
    sleptMs = 5 * HOUR
    expect(health.standing(AT)).toMatchObject({ state: 'half-open', probing: false })
  })
})

describe('load', () => {
  test('requests in flight and the average time to the first byte', () => {
    const { health, visit, view } = opened()
    const unknown = health.load(AT)
    const visits = [health.enter(AT), health.enter(AT)]
    expect(health.load(AT)).toBe(3 * unknown)
    visits[0]?.judged({ type: 'answered', firstByteMs: 1_000 })
    expect(health.load(AT)).toBe(3_000)
    visits[0]?.over()
    visits[0]?.over()
    expect(health.load(AT)).toBe(2_000)
    visits[1]?.over()
    visit({ type: 'answered', firstByteMs: 2_000 })
    expect(view()).toMatchObject({ inFlight: 0, firstByteMs: 1_300 })
    expect(health.load(AT)).toBe(1_300)
  })

  test('only the first verdict of a visit counts', () => {
    const { health, view } = opened()
    const visit = health.enter(AT)
    visit.judged(ANSWERED)
    visit.judged(failure('invalid_key'))
    visit.over()
    expect(view()).toMatchObject({ state: 'closed', answered: 1, providerFailures: 0, inFlight: 0 })
  })

  test('what was slow once is tried again after a while', () => {
    const { clock, health, visit } = opened()
    const unknown = health.load(AT)
    visit({ type: 'answered', firstByteMs: 60_000 })
    expect(health.load(AT)).toBe(60_000)
    clock.advance(30 * 60_000)
    expect(health.load(AT)).toBeCloseTo(unknown, 0)
  })
})

describe('many keys', () => {
  const KEYS_MAX = 4_000

  test('those used longest ago make room, but none in flight and none that is looked at', () => {
    const { health, visit } = opened()
    const busy = { ...AT, model: 'busy' }
    const lookedAt = { ...AT, model: 'looked at' }
    const held = health.enter(busy)
    visit(failure('invalid_key'), 1, lookedAt)
    for (let n = 0; n < 3 * KEYS_MAX; n += 1) {
      visit(ANSWERED, 1, { ...AT, model: `model ${n}` })
      if (n % 100 === 0) health.standing(lookedAt)
    }
    const kept = new Set(health.views().map(view => view.model))
    expect(kept.size).toBeLessThanOrEqual(KEYS_MAX)
    expect(kept.size).toBeGreaterThan(KEYS_MAX / 2)
    expect(kept).toContain('busy')
    expect(kept).toContain(`model ${3 * KEYS_MAX - 1}`)
    expect(kept).not.toContain('model 0')
    expect(health.standing(lookedAt)).toMatchObject({ state: 'open' })
    held.over()
    expect(health.views().find(view => view.model === 'busy')).toMatchObject({ inFlight: 0 })
  })
})
