import { describe, expect, test } from 'bun:test'
import { type Follower, follow } from '../../src/cli/follow.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'

/** A ledger whose receipts the test sets, and what a follower told of them. */
function scene(shown: readonly Receipt[] = []) {
  const clock = manualClock()
  let held: readonly Receipt[] = shown
  let failure: Error | undefined
  const told: string[] = []
  const state = { missed: 0, failed: 0 }
  const follower: Follower = follow({
    async newest(limit) {
      if (failure !== undefined) throw failure
      return held.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
    },
    find: async id => held.find(each => each.id === id),
    clock,
    shown,
    since: clock.now(),
    tell: each => void told.push(each.id),
    missed() {
      state.missed += 1
    },
    failed() {
      state.failed += 1
    },
  })
  const settle = async () => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve()
  }
  return {
    clock,
    told,
    state,
    follower,
    settle,
    fail: () => {
      failure = new Error('gone')
    },
    async holds(receipts: readonly Receipt[]) {
      await settle()
      held = receipts
      clock.advance(500)
      await settle()
    },
  }
}

const call = (id: string, at: number, ending: Receipt['ending'] = 'complete') => receipt({ id, at, ending })
const NOW = manualClock().now()

describe('following the ledger', () => {
  test('tells each call once, when it has ended, oldest first', async () => {
    const { told, holds } = scene()
    await holds([call('a', NOW + 1), call('b', NOW + 2, 'in-flight')])
    expect(told).toEqual(['a'])
    await holds([call('a', NOW + 1), call('b', NOW + 2, 'in-flight')])
    expect(told).toEqual(['a'])
    await holds([call('a', NOW + 1), call('b', NOW + 2), call('c', NOW + 3)])
    expect(told).toEqual(['a', 'b', 'c'])
  })

  test('does not tell what was there before, but the end of what was running', async () => {
    const old = call('a', NOW - 5)
    const { told, holds } = scene([old, call('b', NOW - 4, 'in-flight')])
    await holds([old, call('b', NOW - 4)])
    expect(told).toEqual(['b'])
  })

  test('tells a call that comes in late with an old id', async () => {
    const { told, holds } = scene()
    await holds([call('m', NOW + 9)])
    await holds([call('c', NOW + 1), call('m', NOW + 9)])
    expect(told).toEqual(['m', 'c'])
  })

  test('says when calls were missed', async () => {
    const { state, holds } = scene()
    await holds([])
    await holds(Array.from({ length: 300 }, (_, i) => call(`r${1000 + i}`, NOW + i)))
    expect(state.missed).toBe(1)
  })

  test('ends when reading fails', async () => {
    const { state, holds, fail, settle, clock } = scene()
    await settle()
    fail()
    await holds([])
    clock.advance(5_000)
    await settle()
    expect(state.failed).toBe(1)
  })

  test('tells nothing after it was stopped', async () => {
    const { told, holds, follower, settle } = scene()
    await settle()
    follower.stop()
    await holds([call('a', NOW + 1)])
    expect(told).toEqual([])
  })
})
