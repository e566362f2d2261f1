import { describe, expect, test } from 'bun:test'
import { manualClock } from '../ledger/manual-clock.ts'
import { BROKEN, HOUR, MINUTE, ORIGIN, opened, POLL, START, turn, used, weekly } from './quota-questions.ts'
import { credential, provider } from './quota-setup.ts'

describe('when it asks', () => {
  const setup = provider(ORIGIN)

  test('not before somebody uses a credential, soon after that, then every poll', async () => {
    const t = opened()
    t.book.watch([setup])
    await t.advance(3 * HOUR)
    expect(t.questions).toHaveLength(0)
    used(t, setup)
    await t.advance(POLL / 10)
    await t.answer(weekly(50))
    await t.advance(POLL - 1)
    expect(t.questions).toHaveLength(1)
    await t.advance(1)
    expect(t.questions).toHaveLength(2)
    expect(t.questions[0]?.place).toMatchObject({ url: `${ORIGIN}/coding/v1/usages`, method: 'GET', auth: 'bearer' })
  })

  test('no more an hour after the last use, and again when it is used', async () => {
    const t = opened()
    t.book.watch([setup])
    used(t, setup)
    await t.advance(POLL)
    for (let polls = 0; polls < 30; polls += 1) {
      await t.answer(weekly(50))
      await t.advance(POLL)
    }
    expect(t.questions.length).toBe(12)
    used(t, setup)
    await t.advance(POLL / 10)
    expect(t.questions.length).toBe(13)
  })

  test('at once when somebody looks for the first time', async () => {
    const t = opened()
    t.book.watch([setup])
    expect(t.book.views()).toEqual([])
    await t.advance(0)
    await t.answer(weekly(50))
    expect(t.book.views()).toHaveLength(1)
    await t.advance(POLL - 1)
    expect(t.questions).toHaveLength(1)
  })

  test('without polls only when somebody looks, and what was told then is fresh for a while', async () => {
    const t = opened(manualClock(START), 0)
    t.book.watch([setup])
    used(t, setup)
    await t.advance(HOUR)
    expect(t.questions).toHaveLength(0)
    t.book.views()
    await turn()
    await t.answer(weekly(50))
    await t.advance(MINUTE)
    expect(t.questions).toHaveLength(1)
    expect(t.book.views()).toMatchObject([{ stale: false }])
    await turn()
    expect(t.questions).toHaveLength(2)
  })

  test('as often as before once there is an answer again', async () => {
    const t = opened()
    t.book.watch([setup])
    t.book.views()
    await t.advance(0)
    await t.answer(BROKEN)
    await t.advance(2 * POLL)
    await t.answer(weekly(10))
    await t.advance(POLL)
    expect(t.questions.map(question => question.atMs)).toEqual([0, 2 * POLL, 3 * POLL])
  })

  test.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 60],
    [9, 60],
  ])('after %d failures it waits %d minutes', async (failures, minutes) => {
    const t = opened()
    t.book.watch([setup])
    for (let each = 0; each < failures; each += 1) {
      const done = t.book.refresh()
      await turn()
      await t.answer(BROKEN)
      await done
      if (each < failures - 1) await t.advance(5_000)
    }
    const before = t.questions.length
    used(t, setup)
    await t.advance(minutes * MINUTE - 1)
    expect(t.questions).toHaveLength(before)
    await t.advance(1)
    expect(t.questions).toHaveLength(before + 1)
  })

  test('one question at a time to a provider, and several providers side by side', async () => {
    const t = opened()
    const two = [credential({ name: 'a' }), credential({ name: 'b' })]
    t.book.watch([provider(ORIGIN, { credentials: two }), provider(ORIGIN, { id: 'other' })])
    const done = t.book.refresh()
    await turn()
    expect(t.asked()).toEqual(['plan/a', 'other/default'])
    t.questions[0]?.answer(weekly(1))
    await turn()
    expect(t.asked()).toEqual(['plan/a', 'other/default', 'plan/b'])
    for (const question of t.questions) question.answer(weekly(1))
    await done
    expect(t.book.views()).toHaveLength(3)
  })

  test('a refresh asks one provider if told so, waits for what is under way, and does not repeat itself', async () => {
    const t = opened()
    t.book.watch([provider(ORIGIN), provider(ORIGIN, { id: 'other' })])
    const both = [t.book.refresh('other'), t.book.refresh('other')]
    await turn()
    expect(t.asked()).toEqual(['other/default'])
    await t.answer(weekly(7))
    await Promise.all(both)
    await t.advance(4_999)
    await t.book.refresh('other')
    expect(t.questions).toHaveLength(1)
    await t.advance(1)
    void t.book.refresh('other')
    await turn()
    expect(t.questions).toHaveLength(2)
  })

  test.each([
    ['a provider that cannot be used', provider(ORIGIN, { unavailable: 'no key' })],
    [
      'a credential without a key',
      provider(ORIGIN, { credentials: [{ name: 'd', billing: 'plan', priority: 0, weight: 1 }] }),
    ],
    ['the key of a sibling', provider(ORIGIN, { credentials: [credential({ belongsTo: 'sibling' })] })],
    [
      'a key of another purse',
      provider(ORIGIN, { credentials: [credential({ billing: 'metered' })] }, { billing: 'plan' }),
    ],
  ])('never about %s', async (_, setup) => {
    const t = opened()
    t.book.watch([setup])
    used(t, setup)
    t.book.views()
    await t.book.refresh()
    await t.advance(POLL)
    expect(t.questions).toHaveLength(0)
  })

  test('nothing after it is closed, and what is under way is let go', async () => {
    const t = opened()
    t.book.watch([setup])
    t.book.views()
    await t.advance(0)
    t.book.close()
    expect(t.questions[0]?.leaving.aborted).toBe(true)
    await t.answer(weekly(50))
    used(t, setup)
    t.book.views()
    await t.book.refresh()
    await t.advance(3 * HOUR)
    expect(t.questions).toHaveLength(1)
  })
})
