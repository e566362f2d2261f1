import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { METRICS_CONTENT_TYPE } from '../../src/admin/metrics/text-format.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { parseMetrics, sampleValue } from '../admin/prometheus-text.ts'
import { chatClient, messagesClient, post } from './clients.ts'
import { bearer, makeKey } from './gateway-keys.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'

const ADMIN = 'cnd_metricsAdministrator01'

const GPT = 'gpt-4.1'
const CLAUDE = 'claude-sonnet-5-5'

let openai: Sim
let anthropic: Sim
let gateway: Gateway
let member: string
let receipts: readonly Receipt[]

const config = (rest: object = {}) => ({
  models: { providers: { openai: entryOf(openai), anthropic: entryOf(anthropic) } },
  routes: {
    pair: {
      targets: [refOf(openai), refOf(anthropic)],
      fallbackOn: ['overloaded' as const],
      retry: { max: 1, baseMs: 1 },
    },
    kept: { targets: [refOf(anthropic)], cache: { ttlSeconds: 600 } },
  },
  gateway: { keys: [ADMIN] },
  ...rest,
})

beforeAll(async () => {
  openai = await simulate('openai', { models: [GPT] })
  anthropic = await simulate('anthropic', { models: [CLAUDE] })
  gateway = await startGateway({ config: config(), key: ADMIN })
  member = (await makeKey(gateway, ADMIN, { name: 'member' })).secret
  receipts = await knownCalls()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai.stop(), anthropic.stop()])
})

async function one(model: string, client = chatClient, rest: object = {}, key = member): Promise<Receipt> {
  const body = client.body(model, `Hello, ${model}`, rest)
  const response = await post(gateway, client, body, { headers: bearer(key) })
  await response.text()
  return await gateway.receipt(response.headers.get('candor-request-id') ?? 'none')
}

async function knownCalls(): Promise<readonly Receipt[]> {
  const whole = await one(refOf(openai))
  const streamed = await one(refOf(anthropic), messagesClient, { stream: true })
  const translated = await one(refOf(anthropic), chatClient, { stream: true })
  const missing = await one('nobody/nothing')
  const stranger = await one(refOf(openai), chatClient, {}, 'cnd_nobodysKey0123456789')
  openai.setFault('status=503')
  const fallback = await one('pair')
  openai.setFault(undefined)
  const unknown = await one('openai/gpt-nobody-made')
  const cut = await cutStream()
  return [whole, streamed, translated, missing, stranger, fallback, unknown, cut, await one('kept'), await one('kept')]
}

async function cutStream(): Promise<Receipt> {
  anthropic.setFault('cut=900')
  const receipt = await one(refOf(anthropic), messagesClient, { stream: true })
  anthropic.setFault(undefined)
  return receipt
}

async function scrape(key = ADMIN): Promise<string> {
  const response = await gateway.fetch('/metrics', { headers: bearer(key) })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, METRICS_CONTENT_TYPE])
  return await response.text()
}

/** The series of a metric as label values and number, in a fixed order. */
function seriesOf(text: string, name: string): readonly string[] {
  const samples = parseMetrics(text).get(name)?.samples ?? []
  return samples.map(({ labels, value }) => `${Object.values(labels).join(' ')} = ${value}`).toSorted()
}

describe('after a known series of calls', () => {
  test('calls, attempts, problems, fallbacks, retries and cache are counted exactly', async () => {
    const text = await scrape()
    expect(seriesOf(text, 'candor_calls_total')).toEqual([
      `anthropic-messages generate anthropic ${CLAUDE} metered complete = 1`,
      `anthropic-messages generate anthropic ${CLAUDE} metered truncated = 1`,
      'openai-completions generate    failed = 2',
      `openai-completions generate anthropic ${CLAUDE}  complete = 1`,
      `openai-completions generate anthropic ${CLAUDE} metered complete = 3`,
      `openai-completions generate openai ${GPT} metered complete = 1`,
      'openai-completions generate openai other metered failed = 1',
    ])
    expect(seriesOf(text, 'candor_attempts_total')).toEqual([
      `anthropic ${CLAUDE} ok = 4`,
      `anthropic ${CLAUDE} stream_truncated = 1`,
      `openai ${GPT} ok = 1`,
      `openai ${GPT} overloaded = 2`,
      'openai other upstream_model_not_found = 1',
    ])
    expect(seriesOf(text, 'candor_problems_total')).toEqual([
      'model_not_found  = 1',
      'stream_truncated anthropic = 1',
      'unauthorized  = 1',
      'upstream_model_not_found openai = 1',
    ])
    expect(seriesOf(text, 'candor_fallbacks_total')).toEqual(['pair overloaded = 1'])
    expect(seriesOf(text, 'candor_retries_total')).toEqual(['anthropic fallback = 1', 'openai retry = 1'])
    expect(seriesOf(text, 'candor_cache_total')).toEqual(['kept hit = 1', 'kept miss = 1'])
  })

  test('tokens, cost and durations are the sums of the receipts', async () => {
    const text = await scrape()
    for (const [provider, model] of [
      ['openai', GPT],
      ['anthropic', CLAUDE],
    ] as const) {
      const own = receipts.filter(({ servedModel }) => servedModel === `${provider}/${model}`)
      const sum = (of: (receipt: Receipt) => number) => own.reduce((total, receipt) => total + of(receipt), 0)
      for (const [bucket, tokens] of [
        ['input', sum(({ usage }) => usage?.input ?? 0)],
        ['cache_read', sum(({ usage }) => usage?.cacheRead ?? 0)],
        ['output', sum(({ usage }) => usage?.output ?? 0)],
      ] as const)
        expect(sampleValue(text, 'candor_tokens_total', { provider, model, bucket }) ?? 0, bucket).toBe(tokens)
      expect(sampleValue(text, 'candor_tokens_total', { provider, model, bucket: 'output' })).toBeGreaterThan(0)
      const nano = sum(({ cost }) =>
        cost.type === 'metered' ? cost.nanoUsd : cost.type === 'unknown' ? (cost.atLeastNanoUsd ?? 0) : 0,
      )
      expect(nano).toBeGreaterThan(0)
      expect(sampleValue(text, 'candor_cost_usd_total', { provider, model })).toBe(nano / 1e9)
      const firstBytes = own.filter(({ firstByteMs }) => firstByteMs !== undefined)
      expect(sampleValue(text, 'candor_first_byte_seconds_count', { provider, model })).toBe(firstBytes.length)
    }
    const all = parseMetrics(text).get('candor_call_seconds')?.samples ?? []
    const spent = all.filter(({ name }) => name.endsWith('_sum')).reduce((total, { value }) => total + value, 0)
    expect(spent).toBeCloseTo(
      receipts.reduce((total, { totalMs }) => total + totalMs / 1_000, 0),
      6,
    )
  })

  test('the state of the moment stands beside them, and nothing of a client is a label', async () => {
    let text = await scrape()
    // What is in the journal is committed a moment after its call.
    while (sampleValue(text, 'candor_ledger_queued') !== 0) text = await scrape()
    expect(sampleValue(text, 'candor_in_flight')).toBe(0)
    expect(sampleValue(text, 'candor_ledger_lost_total')).toBe(0)
    expect(sampleValue(text, 'candor_event_loop_lag_seconds')).toBeGreaterThanOrEqual(0)
    for (const { type, help } of parseMetrics(text).values()) {
      expect(help).not.toBe('')
      expect(['counter', 'gauge', 'histogram']).toContain(type)
    }
    expect(text).not.toMatch(/nobody|cnd_|gpt-nobody-made/)
  })
})

describe('/metrics', () => {
  test.each([
    { who: 'nobody', headers: {}, status: 401 },
    { who: 'a stranger', headers: bearer('cnd_nobodysKey0123456789'), status: 401 },
    { who: 'a key that is no administrator', headers: 'member' as const, status: 403 },
    { who: 'an administrator', headers: bearer(ADMIN), status: 200 },
  ])('asked by $who: $status', async ({ headers, status }) => {
    const response = await gateway.fetch('/metrics', { headers: headers === 'member' ? bearer(member) : headers })
    expect(response.status).toBe(status)
    expect((await response.text()).includes('candor_calls_total')).toBe(status === 200)
  })

  test('goes on counting over a reload', async () => {
    const before = await scrape()
    gateway.configure(config({ models: { providers: { openai: entryOf(openai) } }, routes: {} }))
    await gateway.said(/The configuration was reloaded/)
    const names = ['candor_calls_total', 'candor_tokens_total', 'candor_cost_usd_total', 'candor_cache_total']
    const after = await scrape()
    for (const name of names) expect(seriesOf(after, name)).toEqual(seriesOf(before, name))
    expect((await one(refOf(openai))).ending).toBe('complete')
    const labels = {
      protocol: 'openai-completions',
      operation: 'generate',
      provider: 'openai',
      model: GPT,
      billing: 'metered',
      ending: 'complete',
    }
    const [was = 0, is = 0] = [before, await scrape()].map(text => sampleValue(text, 'candor_calls_total', labels))
    expect(is).toBe(was + 1)
  })
})
