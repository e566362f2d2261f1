import { describe, expect, test } from 'bun:test'
import { memoryResponseCache } from '../../src/shared/memory-response-cache.ts'
import type { KeptResponse } from '../../src/shared/response-cache.ts'
import { manualClock } from '../ledger/manual-clock.ts'

function answer(text: string, length = text.length): KeptResponse {
  const bytes = new TextEncoder().encode(text.padEnd(length, '.'))
  return { bytes, contentType: 'application/json', servedModel: 'p/m', at: 1 }
}

const textOf = (kept: KeptResponse | undefined) =>
  kept === undefined ? undefined : new TextDecoder().decode(kept.bytes)

/** Four of these fill a cache of 50,000 bytes. */
const LARGE = 11_000

describe('answers in memory', () => {
  test('an answer comes back whole until its time is over', async () => {
    const clock = manualClock()
    const cache = memoryResponseCache({ clock, bytesMax: 100_000 })
    const given: KeptResponse = {
      ...answer('one'),
      stopReason: 'end',
      usage: { input: 1 },
      losses: [{ parameter: 'user', path: 'user', kind: 'hint', reason: 'r' }],
    }
    await cache.put('k', given, 1_000)
    clock.advance(999)
    expect(await cache.get('k')).toEqual(given)
    clock.advance(1)
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.get('other')).toBeUndefined()
  })

  test('the later answer counts, with its own time', async () => {
    const clock = manualClock()
    const cache = memoryResponseCache({ clock, bytesMax: 100_000 })
    await cache.put('k', answer('one'), 1_000)
    clock.advance(500)
    await cache.put('k', answer('two'), 1_000)
    clock.advance(900)
    expect(textOf(await cache.get('k'))).toBe('two')
  })

  test('the one asked for the longest time ago makes room', async () => {
    const cache = memoryResponseCache({ clock: manualClock(), bytesMax: 50_000 })
    for (const key of ['a', 'b', 'c', 'd']) await cache.put(key, answer(key, LARGE), 1_000)
    expect(textOf(await cache.get('a'))).toStartWith('a')
    await cache.put('e', answer('e', LARGE), 1_000)
    expect(await cache.get('b')).toBeUndefined()
    for (const key of ['a', 'c', 'd', 'e']) expect(textOf(await cache.get(key))).toStartWith(key)
  })

  test('keys count too', async () => {
    const cache = memoryResponseCache({ clock: manualClock(), bytesMax: 50_000 })
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map(letter => letter.repeat(5_000))
    for (const key of keys) await cache.put(key, answer('x'), 1_000)
    const kept = await Promise.all(keys.map(async key => (await cache.get(key)) !== undefined))
    expect(kept).toEqual([false, false, true, true, true, true])
  })

  test.each([
    ['larger than a quarter of the room', answer('x', 13_000), 1_000],
    ['for no time', answer('x'), 0],
    ['for no time that is one', answer('x'), Number.NaN],
  ])('an answer %s is not kept, and pushes nothing out', async (_, large, ttlMs) => {
    const cache = memoryResponseCache({ clock: manualClock(), bytesMax: 50_000 })
    await cache.put('small', answer('s'), 1_000)
    await cache.put('k', large, ttlMs)
    expect(await cache.get('k')).toBeUndefined()
    expect(textOf(await cache.get('small'))).toBe('s')
  })

  test('replacing an answer gives its room back', async () => {
    const cache = memoryResponseCache({ clock: manualClock(), bytesMax: 50_000 })
    await cache.put('other', answer('o'), 1_000)
    for (let i = 0; i < 20; i += 1) await cache.put('k', answer(String(i), LARGE), 1_000)
    expect(textOf(await cache.get('other'))).toBe('o')
    expect(textOf(await cache.get('k'))).toStartWith('19')
  })

  test('what the giver does with its buffer afterwards changes nothing', async () => {
    const cache = memoryResponseCache({ clock: manualClock(), bytesMax: 50_000 })
    const given = answer('one')
    await cache.put('k', given, 1_000)
    given.bytes.fill(0)
    expect(textOf(await cache.get('k'))).toBe('one')
  })
})
