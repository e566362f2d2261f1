import { describe, expect, test } from 'bun:test'
import { Secret } from '../../src/base/secret.ts'
import type { ProviderSetup } from '../../src/upstream/provider-setup.ts'
import type { QuotaAnswer } from '../../src/upstream/quota-ask.ts'
import { BROKEN, HOUR, MINUTE, ORIGIN, opened, POLL, START, tokens, turn, used, weekly } from './quota-questions.ts'
import { credential, provider } from './quota-setup.ts'

describe('what it shows', () => {
  const setup = provider(ORIGIN)

  test('the numbers, where they are from, and when they are of the past', async () => {
    const t = opened()
    t.book.watch([setup])
    void t.book.refresh()
    await turn()
    await t.answer(weekly(8, START + 8 * MINUTE))
    used(t, setup, tokens(500, '2m'))
    const windows = (view: number) => t.book.views()[view]?.windows.map(window => [window.name, window.stale ?? false])
    expect(t.book.views()).toEqual([
      {
        provider: 'plan',
        credential: 'default',
        billing: 'plan',
        windows: [
          {
            name: 'weekly',
            unit: 'units',
            limit: 100,
            used: 92,
            remaining: 8,
            remainingPercent: 8,
            resetsAtMs: START + 8 * MINUTE,
          },
        ],
        source: 'endpoint',
        at: START,
        stale: false,
      },
      expect.objectContaining({ source: 'headers', at: START, stale: false }),
    ])
    await t.advance(2 * MINUTE)
    expect([windows(0), windows(1)]).toEqual([[['weekly', false]], [['tokens', true]]])
    await t.advance(6 * MINUTE)
    expect(windows(0)).toEqual([['weekly', true]])
    expect(t.book.views().map(view => view.stale)).toEqual([true, true])
  })

  test('numbers older than two polls are stale, whatever their reset', async () => {
    const t = opened()
    t.book.watch([setup])
    void t.book.refresh()
    await turn()
    await t.answer(weekly(8))
    await t.advance(2 * POLL)
    expect(t.book.views()[0]?.stale).toBe(false)
    await t.advance(1)
    expect(t.book.views()[0]).toMatchObject({ stale: true, at: START, windows: [{ remaining: 8, stale: true }] })
  })

  test('a failure beside the numbers of before, and alone where there are none', async () => {
    const t = opened()
    t.book.watch([setup])
    void t.book.refresh()
    await turn()
    await t.answer(BROKEN)
    expect(t.book.views()).toEqual([
      {
        provider: 'plan',
        credential: 'default',
        billing: 'plan',
        windows: [],
        source: 'endpoint',
        at: START,
        stale: true,
        fault: 'it answered 500',
      },
    ])
    await t.advance(5_000)
    void t.book.refresh()
    await turn()
    await t.answer(weekly(8))
    expect(t.book.views()[0]).toMatchObject({ at: START + 5_000, stale: false })
    expect(t.book.views()[0]).not.toHaveProperty('fault')
    await t.advance(5_000)
    void t.book.refresh()
    await turn()
    await t.answer(BROKEN)
    expect(t.book.views()[0]).toMatchObject({
      at: START + 5_000,
      fault: 'it answered 500',
      windows: [{ remaining: 8 }],
    })
  })

  test.each([
    ['<html>', 'its answer is not what it should be'],
    ['{}', 'its answer is not what it should be'],
    ['{"base_resp":{"status_code":1004,"status_msg":"no active plan"}}', 'it answered: no active plan'],
  ])('an answer that cannot be read: %s', async (text, fault) => {
    const t = opened()
    t.book.watch([setup])
    void t.book.refresh()
    await turn()
    await t.answer({ ok: true, text })
    expect(t.book.views()[0]?.fault).toBe(fault)
  })

  test('a second address, which moves along with the first and may fail alone', async () => {
    const quota = {
      url: 'https://router.example/proxy/api/v1/key',
      shape: 'openrouter-key',
      also: { path: 'credits', shape: 'openrouter-credits' },
    }
    const t = opened()
    t.book.watch([provider('https://router.example', {}, quota)])
    void t.book.refresh()
    await turn()
    await t.answer({ ok: true, text: '{"data":{"limit":10,"limit_remaining":1}}' })
    expect(t.questions[1]?.place.url).toBe('https://router.example/proxy/api/v1/credits')
    await t.answer({ ok: true, text: '{"data":{"total_credits":5,"total_usage":1}}' })
    expect(t.book.views()[0]?.windows.map(window => window.name)).toEqual(['key limit', 'credits'])
    await t.advance(5_000)
    void t.book.refresh()
    await turn()
    await t.answer({ ok: true, text: '{"data":{"limit":10,"limit_remaining":1}}' })
    await t.answer({ ok: false, fault: 'it answered 403' })
    expect(t.book.views()[0]).toMatchObject({ fault: 'it answered 403', windows: [{ name: 'key limit' }] })
  })
})

describe('what is low', () => {
  const setup = provider(ORIGIN)

  async function told(answer: QuotaAnswer) {
    const t = opened()
    t.book.watch([setup])
    void t.book.refresh()
    await turn()
    await t.answer(answer)
    return { ...t, low: (percent = 10) => t.book.low('plan', 'default', percent)?.name }
  }

  test('the least of endpoint and headers, while it is fresh', async () => {
    const t = await told(weekly(9))
    expect(t.low()).toBe('weekly')
    expect(t.low(9)).toBeUndefined()
    used(t, setup, tokens(50, '1m'))
    expect(t.low()).toBe('tokens')
    await t.advance(MINUTE)
    expect(t.low()).toBe('weekly')
    used(t, setup, tokens(500, '1m'))
    expect(t.low()).toBe('weekly')
    await t.advance(2 * POLL)
    expect(t.low()).toBeUndefined()
  })

  test('not what does not limit calls to models, nor what has no limit, nor what nobody knows', async () => {
    const limits = [{ type: 'TIME_LIMIT', usage: 100, remaining: 0, percentage: 100 }]
    const t = opened()
    const tools = provider(ORIGIN, {}, { shape: 'zai-quota' })
    t.book.watch([tools, provider(ORIGIN, { id: 'purse' }, { shape: 'moonshot-balance' })])
    void t.book.refresh()
    await turn()
    t.questions[0]?.answer({ ok: true, text: JSON.stringify({ data: { limits } }) })
    t.questions[1]?.answer({ ok: true, text: '{"data":{"available_balance":0}}' })
    await turn()
    expect(t.book.views()).toHaveLength(2)
    expect([t.book.low('plan', 'default', 10), t.book.low('purse', 'default', 10)]).toEqual([undefined, undefined])
    expect([t.book.low('plan', 'x', 10), t.book.low('x', 'default', 10)]).toEqual([undefined, undefined])
  })
})

describe('after a reload', () => {
  test.each<[string, ProviderSetup, number]>([
    ['the same key keeps its numbers', provider(ORIGIN, { name: 'Renamed' }), 1],
    ['another key has none', provider(ORIGIN, { credentials: [credential({ key: new Secret('sk-new') })] }), 0],
    ['another place has none', provider('https://elsewhere.example'), 0],
    ['a provider that is gone has none', provider(ORIGIN, { id: 'new' }), 0],
  ])('%s', async (_, next, views) => {
    const t = opened()
    t.book.watch([provider(ORIGIN)])
    void t.book.refresh()
    await turn()
    await t.answer(weekly(8))
    t.book.watch([next])
    expect(t.book.views()).toHaveLength(views)
  })

  test('a late answer about what is gone changes nothing', async () => {
    const t = opened()
    t.book.watch([provider(ORIGIN)])
    void t.book.refresh()
    await turn()
    t.book.watch([])
    await t.answer(weekly(8))
    expect(t.book.views()).toEqual([])
    await t.advance(3 * HOUR)
    expect(t.questions).toHaveLength(1)
  })
})
