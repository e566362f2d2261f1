import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { METRICS_EVERY_MS, SPANS_EVERY_MS } from '../../src/app/otel/exporter.ts'
import { BATCH_SPANS_MAX } from '../../src/app/otel/span-queue.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { receipt } from '../ledger/receipts.ts'
import { startCollector, type TestCollector } from './collector.ts'
import { CALLER, NOW, SPAN, TRACE, telemetryFor, tellCalls, tracedCall } from './otel-harness.ts'
import { type ReadSpan, readHistograms, readResource, readSpans } from './otlp-reading.ts'
import { someCall } from './some-call.ts'

let collector: TestCollector
beforeEach(() => {
  collector = startCollector()
})
afterEach(() => collector.stop())

const first = receipt().attempts[0]
const overloaded = problem('overloaded', 'The provider has no capacity.', { provider: 'zai' })
const twoAttempts: Receipt['attempts'] =
  first === undefined
    ? []
    : [
        { ...first, provider: 'moonshot', endedMs: 40, status: 503, spanId: '2222222222222222', problem: overloaded },
        {
          ...first,
          url: 'http://127.0.0.1:8080/v1/messages',
          spanId: '3333333333333333',
          because: 'fallback',
          credential: 'second',
          startedMs: 50.5,
        },
      ]

async function spansOf(one: Receipt, call = tracedCall()): Promise<readonly ReadSpan[]> {
  const { telemetry, clock } = telemetryFor(collector.url)
  telemetry.ended(one, call)
  clock.advance(SPANS_EVERY_MS)
  await collector.count(1)
  await telemetry.close()
  const [request] = collector.received.filter(({ path }) => path === '/v1/traces')
  return request === undefined ? [] : readSpans(request)
}

describe('the spans of a call', () => {
  test("stand in the caller's trace, attempts below the call", async () => {
    const spans = await spansOf(receipt({ at: NOW, attempts: twoAttempts, totalMs: 902.5 }))
    expect(spans.map(({ traceId, spanId, parentSpanId, kind }) => ({ traceId, spanId, parentSpanId, kind }))).toEqual([
      { traceId: TRACE, spanId: SPAN, parentSpanId: CALLER, kind: 2 },
      { traceId: TRACE, spanId: '2222222222222222', parentSpanId: SPAN, kind: 3 },
      { traceId: TRACE, spanId: '3333333333333333', parentSpanId: SPAN, kind: 3 },
    ])
    expect(spans.map(({ start, end }) => [start, end])).toEqual([
      ['1800000000000000000', '1800000000902500000'],
      ['1800000000001000000', '1800000000040000000'],
      ['1800000000050500000', '1800000000900000000'],
    ])
  })

  test('say what the conventions ask for', async () => {
    const [call, failed, answered] = await spansOf(
      receipt({
        attempts: twoAttempts,
        stream: true,
        reportedModel: 'kimi-for-coding-0905',
        usage: { input: 12, cacheRead: 100, output: 34, reasoning: 6 },
        cost: { type: 'metered', nanoUsd: 2_000_000_000, source: 'list' },
        route: 'coder',
        fallback: { from: 'moonshot/kimi-k2', reason: 'overloaded' },
      }),
    )
    expect(call?.name).toBe('chat kimi-coding/k2p5')
    expect(call?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'kimi-coding',
      'gen_ai.request.model': 'kimi-coding/k2p5',
      'gen_ai.request.stream': true,
      'gen_ai.response.model': 'kimi-for-coding-0905',
      'gen_ai.response.finish_reasons': ['end'],
      'gen_ai.response.time_to_first_chunk': 0.251,
      'gen_ai.usage.input_tokens': 112,
      'gen_ai.usage.output_tokens': 40,
      'gen_ai.usage.cache_read.input_tokens': 100,
      'gen_ai.usage.reasoning.output_tokens': 6,
      'http.response.status_code': 200,
      'candor.model': 'kimi-coding/kimi-for-coding',
      'candor.route': 'coder',
      'candor.fallback.from': 'moonshot/kimi-k2',
      'candor.fallback.reason': 'overloaded',
      'candor.cost.usd': 2,
    })
    expect(call?.attributes).not.toHaveProperty('candor.cost.at_least_usd')
    expect(call?.attributes).not.toHaveProperty('gen_ai.input.messages')
    expect(call?.status).toEqual({})
    expect(failed?.attributes).toMatchObject({
      'gen_ai.provider.name': 'moonshot_ai',
      'server.address': 'api.kimi.com',
      'server.port': 443,
      'http.response.status_code': 503,
      'error.type': 'overloaded',
    })
    expect(failed?.status).toEqual({ code: 2, message: 'The provider has no capacity.' })
    expect(answered?.name).toBe('chat kimi-for-coding')
    expect(answered?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': 8080,
      'candor.attempt.cause': 'fallback',
      'candor.credential': 'second',
    })
    expect(answered?.status).toEqual({})
  })

  test.each<[string, Partial<Receipt>, string]>([
    ['Gemini', { clientProtocol: 'google-generative-ai' }, 'generate_content'],
    ['embeddings', { operation: 'embed' }, 'embeddings'],
    ['counting', { operation: 'count-tokens' }, 'count_tokens'],
  ])('name the operation: %s', async (_what, overrides, operation) => {
    const [call] = await spansOf(receipt({ ...overrides, requestedModel: 'm' }))
    expect(call?.name).toBe(`${operation} m`)
    expect(call?.attributes['gen_ai.operation.name']).toBe(operation)
  })

  test('say how a refused call ended, without an attempt', async () => {
    const refused = problem('model_not_found', 'No model is called that.')
    const { servedModel: _, ...rest } = receipt({ attempts: [], status: 404, ending: 'failed', problem: refused })
    const spans = await spansOf(rest)
    expect(spans).toHaveLength(1)
    expect(spans[0]?.attributes).toMatchObject({ 'error.type': 'model_not_found', 'http.response.status_code': 404 })
    expect(spans[0]?.attributes).not.toHaveProperty('gen_ai.provider.name')
    expect(spans[0]?.status).toEqual({ code: 2, message: 'No model is called that.' })
  })

  test.each([
    ['the caller does not want the trace kept', { traceId: TRACE, spanId: SPAN, sampled: false }],
    ['calls belong to no trace', undefined],
  ])('are not told where %s', async (_what, trace) => {
    const { telemetry } = telemetryFor(collector.url)
    telemetry.ended(receipt(), someCall(trace === undefined ? {} : { trace }))
    await telemetry.close()
    expect(collector.received.map(({ path }) => path)).toEqual(['/v1/metrics'])
  })

  test('go out under the name of the service, with the headers of the collector', async () => {
    await spansOf(receipt())
    const [request] = collector.received
    expect(request === undefined ? {} : readResource(request)).toEqual({
      'service.name': 'test-gateway',
      'service.version': '1.2.3',
    })
    expect(request?.headers.get('content-type')).toBe('application/json')
    expect(request?.headers.get('x-collector-key')).toBe('collector-secret')
    expect(request?.headers.get('user-agent')).toMatch(/^candor\//)
  })

  test('hold no secret, no prompt and no header', async () => {
    const canary = 'canary-0123456789'
    const attempts = twoAttempts.map(one => ({ ...one, url: `${one.url}?key=${canary}`, headers: { x: canary } }))
    const body = new TextEncoder().encode(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: canary }] }))
    const said = problem('upstream_error', 'It failed.', { upstream: { message: canary } })
    await spansOf(
      receipt({ attempts, problem: said, usage: { input: 1, raw: { canary } } }),
      someCall({ body, headers: new Headers({ canary }), trace: { traceId: TRACE, spanId: SPAN, sampled: true } }),
    )
    expect(collector.received.length).toBeGreaterThan(0)
    expect(JSON.stringify(collector.received.map(each => each.body))).not.toContain('canary')
  })
})

describe('batches', () => {
  test('wait for company, but not longer than they should', async () => {
    const { telemetry, clock } = telemetryFor(collector.url)
    tellCalls(telemetry, 3)
    clock.advance(SPANS_EVERY_MS - 1)
    expect(collector.received).toHaveLength(0)
    clock.advance(1)
    await collector.count(1)
    expect(collector.received.map(each => readSpans(each).length)).toEqual([6])
    await telemetry.close()
  })

  test('leave at once when they are full, and are never larger', async () => {
    const { telemetry } = telemetryFor(collector.url)
    tellCalls(telemetry, 700)
    await collector.count(2)
    await telemetry.close()
    const sizes = collector.received.filter(({ path }) => path === '/v1/traces').map(each => readSpans(each).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH_SPANS_MAX)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_400)
  })
})

describe('metrics', () => {
  test('are cumulative histograms with the bounds of the conventions', async () => {
    const { telemetry, clock } = telemetryFor(collector.url)
    const untraced = someCall()
    telemetry.ended(receipt({ stream: true, firstByteMs: 251, totalMs: 902 }), untraced)
    telemetry.ended(receipt({ ending: 'failed', problem: overloaded, firstByteMs: 5, totalMs: 5 }), untraced)
    clock.advance(METRICS_EVERY_MS)
    await collector.count(1)
    telemetry.ended(receipt({ attempts: [] }), untraced)
    telemetry.ended(receipt({ stream: true, firstByteMs: 251, totalMs: 902 }), untraced)
    clock.advance(METRICS_EVERY_MS)
    await collector.count(2)
    const [, second] = collector.received
    const read = second === undefined ? new Map() : readHistograms(second)
    const common = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'kimi-coding',
      'gen_ai.request.model': 'kimi-for-coding',
    }
    expect(second?.path).toBe('/v1/metrics')
    expect([...read.keys()]).toEqual([
      'gen_ai.client.token.usage',
      'gen_ai.client.operation.duration',
      'gen_ai.client.operation.time_to_first_chunk',
      'gen_ai.server.time_to_first_token',
    ])
    expect(read.get('gen_ai.client.token.usage')).toMatchObject({
      unit: '{token}',
      points: [
        { attributes: { ...common, 'gen_ai.token.type': 'input' }, count: 3, sum: 336 },
        { attributes: { ...common, 'gen_ai.token.type': 'output' }, count: 3, sum: 102 },
      ],
    })
    expect(read.get('gen_ai.client.operation.duration')).toMatchObject({
      unit: 's',
      points: [
        { attributes: common, count: 2, counts: [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] },
        { attributes: { ...common, 'error.type': 'overloaded' }, count: 1 },
      ],
    })
    expect(read.get('gen_ai.client.operation.time_to_first_chunk')).toMatchObject({ points: [{ count: 2 }] })
    expect(read.get('gen_ai.server.time_to_first_token')).toMatchObject({ points: [{ count: 2 }] })
    await telemetry.close()
  })

  test('are not sent while there is nothing to tell', async () => {
    const { telemetry, clock } = telemetryFor(collector.url)
    clock.advance(METRICS_EVERY_MS * 3)
    await telemetry.close()
    expect(collector.received).toHaveLength(0)
  })
})
