import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { firstIdAt } from '../../src/base/ids.ts'
import { Secret } from '../../src/base/secret.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { ListQuery } from '../../src/ledger/store.ts'
import { receipt } from './receipts.ts'
import { nextTurn, testLedger } from './test-ledger.ts'

const ENDINGS = ['complete', 'failed', 'truncated'] as const
const MODELS = ['kimi-coding/k2p5', 'moonshot/kimi-k2.7-code'] as const

/** Some calls, each with the part of the writing it has reached when the pages are read. */
const calls = fc.uniqueArray(
  fc.record({
    tail: fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{14}$/),
    at: fc.integer({ min: 0, max: 9 }),
    ending: fc.constantFrom(...ENDINGS),
    servedModel: fc.constantFrom(...MODELS),
    written: fc.constantFrom('in the file', 'waiting', 'admission in the file, ending waiting'),
  }),
  { selector: call => call.tail, maxLength: 40 },
)

const filters: fc.Arbitrary<Omit<ListQuery, 'limit'>> = fc.record(
  {
    ending: fc.constantFrom(...ENDINGS, 'in-flight' as const),
    provider: fc.constantFrom('kimi-coding', 'moonshot', 'nobody'),
    servedModel: fc.constantFrom(...MODELS),
    since: fc.integer({ min: 0, max: 9 }),
  },
  { requiredKeys: [] },
)

describe('list', () => {
  test('in pages of any size gives each receipt that fits once, newest first, written or not', async () => {
    const law = fc.asyncProperty(calls, filters, fc.integer({ min: 1, max: 9 }), async (made, filter, limit) => {
      await using it = testLedger()
      const all = made.map(({ written, tail, ...rest }) => {
        const id = firstIdAt('req', rest.at) + tail
        return { written, receipt: receipt({ ...rest, id }) }
      })
      for (const call of all) {
        if (call.written === 'in the file') it.store.settle(call.receipt)
        if (call.written === 'admission in the file, ending waiting') it.store.admit(call.receipt)
      }
      await it.store.flush()
      for (const call of all) if (call.written !== 'in the file') it.store.settle(call.receipt)

      const pages: Receipt[] = []
      for (let before: string | undefined; ; before = pages.at(-1)?.id) {
        const page = await it.store.list({ ...filter, limit, ...(before === undefined ? {} : { before }) })
        expect(page.length).toBeLessThanOrEqual(limit)
        pages.push(...page)
        if (page.length < limit) break
      }
      const expected = all
        .map(call => call.receipt)
        .filter(each => filter.ending === undefined || each.ending === filter.ending)
        .filter(each => filter.provider === undefined || each.servedModel?.startsWith(`${filter.provider}/`))
        .filter(each => filter.servedModel === undefined || each.servedModel === filter.servedModel)
        .filter(each => filter.since === undefined || each.at >= filter.since)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      expect(pages).toEqual(expected)
    })
    await fc.assert(law, { numRuns: 60 })
  })

  test('asks for problem, requested model and, where nothing was served, the provider tried last', async () => {
    await using it = testLedger()
    const { servedModel: _, ...refused } = receipt({ ending: 'failed', problem: problem('invalid_key', 'No.') })
    const other = receipt({ requestedModel: 'gpt-9' })
    await Promise.all([it.store.settle(refused), it.store.settle(other)])
    expect(await it.store.list({ limit: 9, problem: 'invalid_key' })).toEqual([refused])
    expect(await it.store.list({ limit: 9, problem: 'invalid_key', provider: 'kimi-coding' })).toEqual([refused])
    expect(await it.store.list({ limit: 9, requestedModel: 'gpt-9' })).toEqual([other])
  })

  const full = receipt({
    at: 5_000,
    client: 'codex_cli_rs/0.42.0 (Ubuntu)',
    billing: 'metered',
    route: 'coder',
    fallback: { from: 'kimi-coding/k2p5', reason: 'plan_exhausted' },
    key: { id: 'key_a', name: 'ann' },
    cache: 'miss',
    quotaWarning: { provider: 'kimi-coding', window: 'weekly', remainingPercent: 4, resetsAtMs: 1_800_000_000_000 },
    charged: { nanoUsd: 12, tokens: 34, estimated: true },
    traceId: '0af7651916cd43dd8448eb211c80319c',
    passed: [{ target: 'openai/gpt-9', reason: 'no vision' }],
    attempts: receipt().attempts.map(attempt => ({
      ...attempt,
      credential: 'work',
      billing: 'plan',
      because: 'fallback' as const,
      waitedMs: 250,
      possiblyBilled: true as const,
      spanId: '00f067aa0ba902b7',
    })),
  })
  const asked: readonly Omit<ListQuery, 'limit'>[] = [
    { keyId: 'key_a' },
    { route: 'coder' },
    { billing: 'metered' },
    { fallback: true },
    { client: 'codex_cli_rs' },
    { until: 5_001 },
    { since: 5_000, until: 5_001, keyId: 'key_a', fallback: true },
  ]

  test.each([...asked])('finds a receipt that tells everything by %j, waiting and written', async query => {
    await using it = testLedger()
    const other = receipt({ at: 5_001 })
    it.store.settle(full)
    it.store.settle(other)
    expect(await it.store.list({ limit: 9, ...query })).toEqual([full])
    await it.store.flush()
    expect(await it.store.list({ limit: 9, ...query })).toEqual([full])
  })

  test.each([0, -1, Number.NaN, 0.5])('a limit of %p is one', async limit => {
    await using it = testLedger()
    await Promise.all([it.store.settle(receipt()), it.store.settle(receipt())])
    expect((await it.store.list({ limit })).length).toBe(1)
  })
})

describe('a damaged row', () => {
  const whole = JSON.stringify(receipt({ id: 'req_bad' }))
  const damages = [
    { name: 'is not JSON', text: whole.slice(0, -1) },
    { name: 'is not an object', text: '[]' },
    { name: 'lacks a field', text: whole.replace('"attempts"', '"attempt"') },
    { name: 'has a number for a text', text: whole.replace('"curl/8.5.0"', '7') },
    { name: 'has an ending nobody knows', text: whole.replace('"complete"', '"finished"') },
    { name: 'has an attempt without a URL', text: whole.replace('"url"', '"uri"') },
    { name: 'has a cost without a reason', text: whole.replace('{"type":"plan"}', '{"type":"unknown"}') },
    { name: 'is the receipt of another call', text: whole.replace('req_bad', 'req_other') },
    { name: 'is nested too deeply', text: whole.replace('"raw":{', `"raw":{"a":${'['.repeat(99)}${']'.repeat(99)},`) },
    { name: 'is NULL', text: null },
  ]

  test.each(damages)('that $name is left out and counted', async ({ text }) => {
    expect(text).not.toBe(whole)
    await using it = testLedger()
    const good = receipt({ id: 'req_aaa' })
    await it.store.settle(good)
    it.second.run(`INSERT INTO calls (id, receipt) VALUES ('req_bad', ?)`, [text])
    expect(await it.store.find('req_bad')).toBeUndefined()
    expect(await it.store.list({ limit: 1 })).toEqual([good])
    expect(await it.store.last()).toEqual(good)
    expect(it.store.health().damaged).toBe(3)
  })

  test('is none if it is whole', async () => {
    await using it = testLedger()
    it.second.run(`INSERT INTO calls (id, receipt) VALUES ('req_bad', ?)`, [whole])
    expect(await it.store.find('req_bad')).toEqual(JSON.parse(whole))
    expect(it.store.health().damaged).toBe(0)
  })
})

test('receipts are found at once, while in flight and when ended, and after they left the memory', async () => {
  await using it = testLedger()
  const first = receipt()
  it.store.admit(first)
  expect(await it.store.find(first.id)).toMatchObject({ ending: 'in-flight', totalUnknown: true, status: 0 })
  const settled = it.store.settle(first)
  expect(await it.store.find(first.id)).toEqual(first)
  await settled
  for (let n = 0; n < 1_000; n += 1) it.store.settle(receipt())
  await it.store.flush()
  expect(await it.store.find(first.id)).toEqual(first)
  expect(await it.store.find('req_nobody')).toBeUndefined()
})

test('a secret that strays into a receipt is masked in every file', async () => {
  await using it = testLedger()
  const canary = 'canary-4711-in-the-coal-mine'
  const secret = new Secret(canary)
  const call: Receipt = Object.assign(receipt(), { client: secret, usage: { raw: { secret } } })
  it.store.admit(call)
  await nextTurn()
  await it.store.settle(call)
  const expectMasked = () => {
    const files = readdirSync(it.folder).map(name => readFileSync(join(it.folder, name)).toString('latin1'))
    expect(files.length).toBeGreaterThanOrEqual(4)
    for (const bytes of files) expect(bytes).not.toContain(canary)
  }
  expect(it.journalled()).toEqual([call.id])
  expectMasked()
  await it.store.flush()
  expectMasked()
  expect(it.second.query('SELECT receipt FROM calls').get()).toEqual({
    receipt: expect.stringContaining('"client":"••••"'),
  })
})
