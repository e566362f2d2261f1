import { describe, expect, test } from 'bun:test'
import { CALL_FILTERS, type CallsSource, callsHistogramView, callsView, PAGE_CALLS } from '../../src/admin/calls.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { HistogramQuery, ListQuery } from '../../src/ledger/store.ts'
import { receipt } from '../ledger/receipts.ts'
import { testLedger } from '../ledger/test-ledger.ts'

const NOW = 1_800_000_000_000

/** A source that notes what the ledger is asked. */
function source() {
  const asked: (ListQuery | HistogramQuery)[] = []
  const told: CallsSource = {
    ledger: {
      async page(query) {
        asked.push(query)
        return { receipts: [], next: 'req_next', lookedBackTo: 7 }
      },
      async histogram(query) {
        asked.push(query)
        return { since: 0, bucketMs: 1_000, buckets: [{ failed: 2 }] }
      },
    },
    keyId: name => (name === 'ann' ? 'key_a' : undefined),
    now: () => NOW,
  }
  return { asked, told }
}

const EVERYTHING = new URLSearchParams({
  provider: 'openai',
  model: 'coder',
  served: 'openai/gpt-9',
  route: 'coder',
  keyName: 'ann',
  client: 'curl',
  ending: 'failed',
  problem: 'overloaded',
  billing: 'metered',
  fallback: 'true',
  since: '2026-11-29',
  until: '2026-11-29T10:15:00Z',
})

const FILTER = {
  provider: 'openai',
  requestedModel: 'coder',
  servedModel: 'openai/gpt-9',
  route: 'coder',
  keyId: 'key_a',
  client: 'curl',
  ending: 'failed',
  problem: 'overloaded',
  billing: 'metered',
  fallback: true,
  since: Date.UTC(2026, 10, 29),
  until: Date.UTC(2026, 10, 29, 10, 15),
} as const

describe('a question about calls', () => {
  test('names every filter there is', async () => {
    expect([...EVERYTHING.keys()].sort()).toEqual([...CALL_FILTERS].sort())
    const { asked, told } = source()
    expect(await callsView(EVERYTHING, told)).toEqual({ object: 'list', data: [], next: 'req_next', lookedBackTo: 7 })
    expect(await callsHistogramView(EVERYTHING, told)).toMatchObject({ until: FILTER.until, buckets: [{ failed: 2 }] })
    expect(asked).toEqual([
      { ...FILTER, limit: PAGE_CALLS.usual },
      { ...FILTER, bucketsMax: 120 },
    ])
  })

  test('of a caller with a key of its own is about this key, whatever it says', async () => {
    const { asked, told } = source()
    await callsView(new URLSearchParams({ keyName: 'ann', key: 'cnd_shown' }), told, 'key_b')
    await callsHistogramView(new URLSearchParams(), told, 'key_b')
    expect(asked).toEqual([
      { keyId: 'key_b', limit: PAGE_CALLS.usual },
      { keyId: 'key_b', until: NOW + 1, bucketsMax: 120 },
    ])
  })

  const WRONG: readonly (readonly [string, string])[] = [
    ['provder=openai', 'Calls cannot be searched by "provder".'],
    ['ending=happy', 'ending=happy is no ending.'],
    ['problem=none', "problem=none is no problem's code."],
    ['billing=free-ish', 'billing=free-ish is no billing lane.'],
    ['fallback=false', 'fallback=false is no choice.'],
    ['since=yesterday', 'since=yesterday is no time.'],
    ['until=2026-13-01', 'until=2026-13-01 is no time.'],
    ['limit=0', 'limit=0 is no number of calls.'],
    ['limit=201', 'limit=201 is no number of calls.'],
    ['before=req_%27', "before=req_' is no place in the list."],
    [`client=${'x'.repeat(501)}`, `client=${'x'.repeat(39)}… is no name.`],
  ]
  test.each([...WRONG])('%s is refused', async (query, what) => {
    const { asked, told } = source()
    const found = await callsView(new URLSearchParams(query), told)
    expect(isProblem(found) ? [found.code, found.what] : found).toEqual(['bad_request', what])
    expect(asked).toEqual([])
  })

  const CLIENTS: readonly (readonly [string, string])[] = [
    ['curl', 'curl'],
    ['bulk/1.0', 'bulk'],
    ['claude-cli/1.0.83 (external)', 'claude-cli'],
    ['OpenAI/Python 1.99.0', 'OpenAI/Python'],
    ['/2.0', '/2.0'],
    ['x'.repeat(120), 'x'.repeat(60)],
  ]
  test.each([...CLIENTS])('by %s finds every version of %s', async (client, name) => {
    const { asked, told } = source()
    await callsView(new URLSearchParams({ client }), told)
    expect(asked).toEqual([{ client: name, limit: PAGE_CALLS.usual }])
  })

  test('that ends before it begins is refused', async () => {
    const { told } = source()
    const found = await callsHistogramView(new URLSearchParams({ since: '2100-01-01' }), told)
    expect(isProblem(found) && found.paths).toEqual(['since'])
  })
})

test('a call is told in a line', async () => {
  await using it = testLedger()
  const call = receipt({ at: 5_000, key: { id: 'key_a', name: 'ann' } })
  await it.store.settle(call)
  const { told } = source()
  const found = await callsView(new URLSearchParams({ keyName: 'ann' }), { ...told, ledger: it.store })
  expect(isProblem(found) ? found : found.data).toMatchObject([
    {
      id: call.id,
      at: 5_000,
      asked: 'kimi-coding/k2p5',
      served: 'kimi-coding/kimi-for-coding',
      key: 'ann',
      inputTokens: 112,
    },
  ])
})
