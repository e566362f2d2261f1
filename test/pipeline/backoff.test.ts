import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { openLatch } from '../../src/base/latch.ts'
import { PROBLEM_CODES, type Problem, problem } from '../../src/canon/problem.ts'
import { retryable, retryWait, waitFor } from '../../src/pipeline/backoff.ts'
import { manualClock } from '../ledger/manual-clock.ts'

const RETRY = { max: 3, baseMs: 500, capMs: 8_000, waitMsMax: 20_000 }
const NOW = 1_800_000_000_000

describe('what is asked again', () => {
  test('lost, refused for want of room, or silent: nothing else', () => {
    const again = PROBLEM_CODES.filter(code => retryable(problem(code, 'It failed.')))
    expect(again.toSorted()).toEqual(['overloaded', 'rate_limited', 'stream_truncated', 'unreachable'])
  })

  const TIMERS = { connect: true, 'first byte': true, idle: false, total: false } as const
  test.each([...(Object.keys(TIMERS) as (keyof typeof TIMERS)[])])('a timeout: %s', timer => {
    expect(retryable(problem('timeout', 'It was silent.', { timer }))).toBe(TIMERS[timer])
  })
})

describe('how long before it is asked again', () => {
  const ROWS: readonly (readonly [
    what: string,
    rest: Partial<Problem>,
    attempt: number,
    random: number,
    wait: number | 'too long',
  ])[] = [
    ['the first time up to the base', {}, 0, 0.5, 250],
    ['at once, if chance says so', {}, 0, 0, 0],
    ['then twice as long', {}, 1, 0.5, 500],
    ['and again', {}, 3, 0.5, 2_000],
    ['up to the cap', {}, 10, 0.5, 4_000],
    ['whatever the attempt', {}, 5_000, 0.5, 4_000],
    ['never less than asked for', { retryAfterMs: 3_000 }, 0, 0.5, 3_000],
    ['but more, if the backoff is', { retryAfterMs: 1_000 }, 4, 0.5, 4_000],
    ['until the moment that was named', { resetsAtMs: NOW + 7_000 }, 0, 0.5, 7_000],
    ['a moment that is over asks nothing', { resetsAtMs: NOW - 7_000 }, 0, 0.5, 250],
    ['as long as is waited at most', { retryAfterMs: 20_000 }, 0, 0.5, 20_000],
    ['not longer', { retryAfterMs: 20_001 }, 0, 0.5, 'too long'],
    ['not until tomorrow', { resetsAtMs: NOW + 86_400_000 }, 0, 0.5, 'too long'],
  ]

  test.each([...ROWS])('%s', (_, rest, attempt, random, wait) => {
    expect(retryWait(problem('rate_limited', 'Slow down.', rest), attempt, RETRY, () => random, NOW)).toBe(wait)
  })

  test('within its bounds, always', () => {
    const anyMs = fc.integer({ min: 0, max: 60_000 })
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(anyMs, fc.nat(40), fraction, (retryAfterMs, attempt, random) => {
        const wait = retryWait(problem('overloaded', 'Full.', { retryAfterMs }), attempt, RETRY, () => random, NOW)
        if (wait === 'too long') return expect(retryAfterMs).toBeGreaterThan(RETRY.waitMsMax)
        expect(wait).toBeGreaterThanOrEqual(retryAfterMs)
        expect(wait).toBeLessThanOrEqual(Math.max(retryAfterMs, RETRY.capMs))
      }),
    )
  })
})

describe('waiting', () => {
  /** A wait with everything that may end it, and a count of what is still hooked to these. */
  function waiting(ms: number) {
    const clock = manualClock()
    const client = new AbortController()
    const latch = openLatch()
    const hooked = new Set<unknown>()
    const timed = {
      ...clock,
      after(delayMs: number, fire: () => void) {
        const cancel = clock.after(delayMs, () => {
          hooked.delete(cancel)
          fire()
        })
        hooked.add(cancel)
        return () => {
          hooked.delete(cancel)
          cancel()
        }
      },
    }
    const closing = {
      get happened() {
        return latch.happened
      },
      add(waiter: Parameters<typeof latch.add>[0]) {
        hooked.add(waiter)
        latch.add(waiter)
      },
      remove(waiter: Parameters<typeof latch.remove>[0]) {
        hooked.delete(waiter)
        latch.remove(waiter)
      },
    }
    const { signal } = client
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (type: string, listener: () => void) => {
      hooked.add(listener)
      add(type, listener)
    }
    signal.removeEventListener = (type: string, listener: () => void) => {
      hooked.delete(listener)
      remove(type, listener)
    }
    return { clock, client, latch, hooked, begin: () => waitFor(ms, timed, signal, closing) }
  }

  const ENDS: Record<'over' | 'left' | 'closing', (all: ReturnType<typeof waiting>) => void> = {
    over: ({ clock }) => clock.advance(1_000),
    left: ({ client }) => client.abort(),
    closing: ({ latch }) => latch.trip(),
  }

  test.each([...(Object.keys(ENDS) as (keyof typeof ENDS)[])])('ends: %s; nothing stays hooked', async how => {
    const all = waiting(1_000)
    const wait = all.begin()
    all.clock.advance(999)
    expect(all.hooked.size).toBe(3)
    ENDS[how](all)
    expect(await wait).toBe(how)
    expect(all.hooked.size).toBe(0)
  })

  test('does not begin when the client has left or the gateway closes', async () => {
    for (const how of ['left', 'closing'] as const) {
      const all = waiting(1_000)
      ENDS[how](all)
      expect(await all.begin()).toBe(how)
      expect(all.hooked.size).toBe(0)
    }
  })
})
