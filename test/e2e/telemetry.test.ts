import { describe, expect, test } from 'bun:test'
import { CLOSE_MS_MAX } from '../../src/app/otel/telemetry.ts'
import { readHistograms, readResource } from '../app/otlp-reading.ts'
import { startRaw } from '../upstream/raw-server.ts'
import { CLIENTS, call, chatClient, messagesClient, stream } from './clients.ts'
import { entryOf, refOf } from './providers.ts'
import { CALLER, COLLECTOR_SECRET, spansOfCall, startTraced, toldTraces, traceHeader } from './telemetry-gateway.ts'

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0)

const TOLD = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/

describe('the trace of a call', () => {
  test.each(CLIENTS)("goes on from the client's, through the gateway, to the provider: $protocol", async client => {
    await using at = await startTraced()
    const { gateway, openai } = at
    const body = client.body(refOf(openai), 'Hello')
    const whole = await call(gateway, client, body, { traceparent: traceHeader() })
    const streamed = await stream(gateway, client, body, { traceparent: traceHeader() })
    expect([whole.status, streamed.status]).toEqual([200, 200])
    const told = toldTraces(openai)
    const spans = await at.spans()
    expect(spans).toHaveLength(4)
    for (const [n, { receipt }] of [whole, streamed].entries()) {
      expect(receipt.traceId).toBe(CALLER.traceId)
      const { call: own, attempts } = spansOfCall(spans, receipt)
      expect([own.traceId, own.parentSpanId, own.kind]).toEqual([CALLER.traceId, CALLER.spanId, 2])
      expect(attempts.map(({ traceId, kind }) => [traceId, kind])).toEqual([[CALLER.traceId, 3]])
      const [attempt] = attempts
      expect(told[n]).toBe(`00-${CALLER.traceId}-${attempt?.spanId}-01`)
      expect(receipt.attempts[0]?.spanId).toBe(attempt?.spanId as string)
      expect(receipt.attempts[0]?.headers['traceparent']).toBe(told[n] as string)
      expect(own.spanId).not.toBe(attempt?.spanId)
      const start = BigInt(receipt.at) * 1_000_000n
      const end = start + BigInt(Math.round(receipt.totalMs * 1_000_000))
      expect([BigInt(own.start), BigInt(own.end)]).toEqual([start, end])
    }
  })

  test('begins at the gateway where the client tells none, or nothing that is one', async () => {
    await using at = await startTraced()
    const { gateway, openai } = at
    const body = chatClient.body(refOf(openai), 'Hello')
    const strange = { traceparent: `ff-${CALLER.traceId}-${CALLER.spanId}-01`, tracestate: 'vendor=1' }
    const calls = [await call(gateway, chatClient, body), await call(gateway, chatClient, body, strange)]
    const told = toldTraces(openai)
    const states = openai.requests().map(({ headers }) => headers.map(([name]) => name.toLowerCase()))
    const spans = await at.spans()
    for (const [n, { receipt }] of calls.entries()) {
      const { call: own, attempts } = spansOfCall(spans, receipt)
      expect(own.parentSpanId).toBeUndefined()
      expect(own.traceId).not.toBe(CALLER.traceId)
      expect(TOLD.exec(told[n] ?? '')?.slice(1)).toEqual([own.traceId, attempts[0]?.spanId ?? ''])
      // What belongs to a trace that was not taken up is not passed on (section 3.3 of the specification).
      expect(states[n]).not.toContain('tracestate')
    }
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
  })

  test('holds an attempt for every retry and fallback, each told to its own provider', async () => {
    await using at = await startTraced()
    const { gateway, openai, anthropic } = at
    openai.setFault('status=503')
    const headers = { traceparent: traceHeader(), tracestate: 'vendor=1' }
    const got = await call(gateway, chatClient, chatClient.body('pair', 'Hello'), headers)
    expect([got.status, got.headers.get('candor-fallback')]).toEqual([200, `from=${refOf(openai)}; reason=overloaded`])
    const told = [...toldTraces(openai), ...toldTraces(anthropic)]
    const state = openai.requests()[0]?.headers.find(([name]) => name.toLowerCase() === 'tracestate')
    const { call: own, attempts } = spansOfCall(await at.spans(), got.receipt)
    expect(own.attributes).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'http.response.status_code': 200,
      'candor.route': 'pair',
      'candor.fallback.from': refOf(openai),
      'candor.fallback.reason': 'overloaded',
    })
    expect(own.attributes).not.toHaveProperty('error.type')
    expect(
      attempts.map(({ attributes, status }) => [
        attributes['gen_ai.provider.name'],
        attributes['candor.attempt.cause'],
        attributes['error.type'],
        attributes['http.response.status_code'],
        status['code'],
      ]),
    ).toEqual([
      ['openai', undefined, 'overloaded', 503, 2],
      ['openai', 'retry', 'overloaded', 503, 2],
      ['anthropic', 'fallback', undefined, 200, undefined],
    ])
    expect(told).toEqual(attempts.map(({ spanId }) => `00-${CALLER.traceId}-${spanId}-01`))
    expect(new Set(attempts.map(({ spanId }) => spanId)).size).toBe(3)
    expect(state?.[1]).toBe('vendor=1')
  })

  test('of a call that is refused has one span, with the reason', async () => {
    await using at = await startTraced()
    const got = await call(at.gateway, messagesClient, messagesClient.body('nobody/nothing', 'x'), {
      traceparent: traceHeader(),
    })
    expect(got.status).toBe(404)
    const { call: own, attempts } = spansOfCall(await at.spans(), got.receipt)
    expect(attempts).toEqual([])
    expect(own.attributes).toMatchObject({ 'error.type': 'model_not_found', 'http.response.status_code': 404 })
    expect(own.status).toMatchObject({ code: 2 })
  })

  test('that its caller does not keep is passed on, and not told to the collector', async () => {
    await using at = await startTraced()
    const { gateway, openai, collector } = at
    const body = chatClient.body(refOf(openai), 'Hello')
    const got = await call(gateway, chatClient, body, { traceparent: traceHeader('00') })
    const [told = ''] = toldTraces(openai)
    expect(told).toBe(`00-${CALLER.traceId}-${got.receipt.attempts[0]?.spanId}-00`)
    expect(got.receipt.traceId).toBe(CALLER.traceId)
    expect(await at.spans()).toEqual([])
    // Metrics are of all calls.
    expect(collector.received.map(({ path }) => path)).toEqual(['/v1/metrics'])
  })

  test('stands for a provider as the configuration has it: a header taken away stays away', async () => {
    await using at = await startTraced()
    const { gateway, openai, collector } = at
    gateway.configure({
      models: { providers: { openai: { ...entryOf(openai), headers: { traceparent: null } } } },
      telemetry: { otlp: { endpoint: collector.url } },
    })
    await gateway.said(/The configuration was reloaded/)
    const got = await call(gateway, chatClient, chatClient.body(refOf(openai), 'x'), { traceparent: traceHeader() })
    expect([got.status, got.receipt.traceId]).toEqual([200, CALLER.traceId])
    expect(toldTraces(openai)).toEqual([undefined])
    expect((await at.spans()).map(({ traceId }) => traceId)).toEqual([CALLER.traceId, CALLER.traceId])
  })

  test('is none without a collector: what the client tells goes on unchanged', async () => {
    await using at = await startTraced({ endpoint: null })
    const { gateway, openai, collector } = at
    const headers = { traceparent: traceHeader('00'), tracestate: 'vendor=1' }
    const got = await call(gateway, chatClient, chatClient.body(refOf(openai), 'Hello'), headers)
    await call(gateway, chatClient, chatClient.body(refOf(openai), 'Hello'))
    expect(toldTraces(openai)).toEqual([traceHeader('00'), undefined])
    expect(got.receipt.traceId).toBeUndefined()
    expect(await at.spans()).toEqual([])
    expect(collector.received).toEqual([])
  })
})

describe('what the collector gets', () => {
  test('are the numbers of the receipts', async () => {
    await using at = await startTraced({ otlp: { serviceName: 'gateway-of-the-tests' } })
    const { gateway, openai, anthropic, collector } = at
    const first = await call(gateway, chatClient, chatClient.body(refOf(openai), 'Hello'))
    const second = await stream(gateway, messagesClient, messagesClient.body(refOf(anthropic), 'Hello there'))
    const refused = await call(gateway, chatClient, chatClient.body('nobody/nothing', 'x'))
    const spans = await at.spans()
    for (const { receipt } of [first, second]) {
      const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = receipt.usage ?? {}
      const { call: own } = spansOfCall(spans, receipt)
      expect(own.attributes['gen_ai.usage.input_tokens']).toBe(input + cacheRead + cacheWrite)
      expect(own.attributes['gen_ai.usage.output_tokens']).toBe(output + reasoning)
      expect(own.attributes['gen_ai.response.model']).toBe(receipt.reportedModel as string)
      const { cost } = receipt
      expect(own.attributes['candor.cost.usd']).toBe(cost.type === 'metered' ? cost.nanoUsd / 1e9 : Number.NaN)
    }
    const [metrics] = collector.received.filter(({ path }) => path === '/v1/metrics')
    if (metrics === undefined) throw new Error('no metrics came')
    expect(readResource(metrics)).toMatchObject({ 'service.name': 'gateway-of-the-tests' })
    const found = readHistograms(metrics)
    const durations = found.get('gen_ai.client.operation.duration')
    expect(durations?.unit).toBe('s')
    const total = sumOf((durations?.points ?? []).map(point => point.sum))
    // The refused one asked no model.
    const receipts = [first, second].map(({ receipt }) => receipt)
    expect(refused.status).toBe(404)
    expect(total).toBeCloseTo(sumOf(receipts.map(({ totalMs }) => totalMs)) / 1_000, 6)
    const tokens = found.get('gen_ai.client.token.usage')?.points ?? []
    const inputs = tokens.filter(({ attributes }) => attributes['gen_ai.token.type'] === 'input')
    expect(sumOf(inputs.map(point => point.sum))).toBe(
      sumOf(receipts.map(({ usage }) => (usage?.input ?? 0) + (usage?.cacheRead ?? 0) + (usage?.cacheWrite ?? 0))),
    )
  })

  const ASKED = 'What a canary of a prompt this is'
  test.each([
    { prompts: false, told: 0 },
    { prompts: true, told: 1 },
  ])('is what was asked only if that is wanted: $prompts', async ({ prompts, told }) => {
    await using at = await startTraced({ otlp: { prompts } })
    const { gateway, openai, collector } = at
    const got = await call(gateway, chatClient, chatClient.body(refOf(openai), ASKED))
    const spans = await at.spans()
    const { call: own } = spansOfCall(spans, got.receipt)
    const said = own.attributes['gen_ai.input.messages']
    expect(said).toBe(
      prompts ? JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: ASKED }] }]) : undefined,
    )
    const text = JSON.stringify(collector.received.map(({ body }) => body))
    expect(text.split(ASKED)).toHaveLength(1 + told)
    expect(text).not.toContain(openai.key)
  })

  test('comes with the configured headers, which nobody else is told', async () => {
    await using at = await startTraced()
    const { gateway, openai, collector } = at
    const body = chatClient.body(refOf(openai), 'Hello')
    const got = await call(gateway, chatClient, body, { traceparent: traceHeader() })
    const status = await (await gateway.fetch('/candor/status')).text()
    await at.spans()
    expect(collector.received.map(({ headers }) => headers.get('x-collector-key'))).toEqual([
      COLLECTOR_SECRET.value,
      COLLECTOR_SECRET.value,
    ])
    const said = [got.text, JSON.stringify(got.receipt), status, gateway.stdout(), gateway.stderr()]
    expect(said.join('\n')).not.toContain(COLLECTOR_SECRET.value)
    expect(JSON.stringify(openai.requests())).not.toContain(COLLECTOR_SECRET.value)
  })
})

describe('a collector that is not there', () => {
  const LOST = /did not reach the collector/g

  test.each([
    { how: 'refuses connections', listens: false },
    { how: 'never answers', listens: true },
  ])('and $how harms no call, and is told once', async ({ listens }) => {
    const silent = await startRaw(() => {})
    if (!listens) await silent.stop()
    await using at = await startTraced({ endpoint: silent.origin })
    const { gateway, openai } = at
    const bodies = [1, 2, 3].map(n => chatClient.body(refOf(openai), `Hello ${n}`))
    const calls = await Promise.all(bodies.map(body => call(gateway, chatClient, body)))
    expect(calls.map(({ status, receipt }) => [status, receipt.ending])).toEqual(bodies.map(() => [200, 'complete']))
    const began = performance.now()
    await at.spans()
    expect(performance.now() - began).toBeLessThan(CLOSE_MS_MAX + 4_000)
    const told = gateway.stderr()
    expect([...told.matchAll(LOST)]).toHaveLength(1)
    expect(told).toContain('6 spans')
    expect(told).toContain(silent.origin)
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    if (listens) await silent.stop()
  })
})
