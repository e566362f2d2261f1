import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { SPANS_EVERY_MS, TELL_EVERY_MS, TRIES_MAX } from '../../src/app/otel/exporter.ts'
import { WAITING_SPANS_MAX } from '../../src/app/otel/span-queue.ts'
import { CLOSE_MS_MAX } from '../../src/app/otel/telemetry.ts'
import { receipt } from '../ledger/receipts.ts'
import { startCollector, type TestCollector } from './collector.ts'
import { type Tested, telemetryFor, tellCalls, tracedCall, until } from './otel-harness.ts'
import { readSpans } from './otlp-reading.ts'

let collector: TestCollector
beforeEach(() => {
  collector = startCollector()
})
afterEach(() => collector.stop())

/** A call without an attempt: one span, and no metric. */
const quiet = receipt({ attempts: [] })

/** Moves the clock on in small steps until something holds. */
async function passUntil({ clock }: Tested, holds: () => boolean, stepMs = 20): Promise<void> {
  await until(() => {
    clock.advance(stepMs)
    return holds()
  })
}

describe('a collector that is not well', () => {
  test.each([429, 502, 503, 504])('and answers %p is asked again, with the same spans', async status => {
    const tested = telemetryFor(collector.url)
    let answers = 0
    collector.answerWith(() => {
      answers += 1
      return answers < 3 ? new Response('later', { status }) : Response.json({})
    })
    tested.telemetry.ended(quiet, tracedCall())
    await passUntil(tested, () => answers === 3)
    await tested.telemetry.close()
    const sent = collector.received.map(each => readSpans(each).map(({ spanId }) => spanId))
    expect(sent).toEqual([sent[0] ?? [], sent[0] ?? [], sent[0] ?? []])
    expect(tested.logged).toEqual([])
  })

  test('is not asked sooner than it said', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('', { status: 429, headers: { 'retry-after': '20' } }))
    tested.telemetry.ended(quiet, tracedCall())
    tested.clock.advance(SPANS_EVERY_MS)
    await collector.count(1)
    const askedAt = tested.clock.now()
    await passUntil(tested, () => collector.received.length === 2)
    expect(tested.clock.now() - askedAt).toBeGreaterThanOrEqual(20_000)
    await tested.telemetry.close()
  })

  test('is given up for a batch in the end, and that is told', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('no room here', { status: 503 }))
    tested.telemetry.ended(quiet, tracedCall())
    await passUntil(tested, () => tested.logged.length > 0)
    expect(collector.received).toHaveLength(TRIES_MAX)
    expect(tested.logged[0]).toBe(
      `warn: 1 spans did not reach the collector at ${collector.url}: it answered 503: no room here. Calls are not affected.`,
    )
    await tested.telemetry.close()
  })

  test.each([
    [400, 'it answered 400'],
    [401, 'it answered 401'],
    [302, 'it answered 302'],
    [500, 'it answered 500'],
  ])('and answers %p is not asked again', async (status, why) => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('', { status, headers: { location: `${collector.url}/elsewhere` } }))
    tested.telemetry.ended(quiet, tracedCall())
    tested.clock.advance(SPANS_EVERY_MS)
    await until(() => tested.logged.length > 0)
    await tested.telemetry.close()
    expect(collector.received).toHaveLength(1)
    expect(tested.logged[0]).toContain(why)
  })

  test.each([
    ['takes some only', JSON.stringify({ partialSuccess: { rejectedSpans: '3', errorMessage: 'too old' } }), 1],
    ['answers garbage', '<html>{', 0],
    ['answers nothing', '', 0],
    ['answers another kind of JSON', '[[1]]', 0],
    ['counts nonsense', JSON.stringify({ partialSuccess: { rejectedSpans: 'many' } }), 0],
  ])('%s', async (_what, text, told) => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response(text))
    tested.telemetry.ended(quiet, tracedCall())
    await tested.telemetry.close()
    expect(tested.logged).toHaveLength(told)
    if (told > 0) expect(tested.logged[0]).toContain('3 spans did not reach')
    if (told > 0) expect(tested.logged[0]).toContain('it rejected them: too old')
  })

  test('cannot have its own key shown', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('the key collector-secret is unknown', { status: 401 }))
    tested.telemetry.ended(quiet, tracedCall())
    await tested.telemetry.close()
    expect(tested.logged).toHaveLength(1)
    expect(tested.logged[0]).toContain('the key •••• is unknown')
  })

  test('speaks another protocol', async () => {
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { data: socket => void socket.end('SSH-2.0-OpenSSH_9.9\r\n') },
    })
    const tested = telemetryFor(`http://127.0.0.1:${server.port}`)
    tested.telemetry.ended(quiet, tracedCall())
    await tested.telemetry.close()
    server.stop(true)
    expect(tested.logged).toHaveLength(1)
    expect(tested.logged[0]).toStartWith('warn: 1 spans did not reach')
  })
})

describe('a collector that is not there', () => {
  test('costs calls nothing, and memory only so much', async () => {
    const { url } = collector
    collector.stop()
    const tested = telemetryFor(url)
    const calls = WAITING_SPANS_MAX * 2
    for (let n = 0; n < calls; n += 1) tested.telemetry.ended(quiet, tracedCall())
    await passUntil(tested, () => tested.logged.length > 0)
    await passUntil(tested, () => tested.logged.length > 1)
    await tested.telemetry.close()
    const lost = tested.logged.map(line => Number(/(\d+) spans/.exec(line)?.[1] ?? 0))
    expect(lost.reduce((sum, count) => sum + count, 0)).toBe(calls)
  })

  test('is told of once in a while, not for every loss', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('', { status: 400 }))
    for (let n = 1; n <= 5; n += 1) {
      tested.telemetry.ended(quiet, tracedCall())
      tested.clock.advance(SPANS_EVERY_MS)
      await until(() => collector.received.flatMap(readSpans).length === n && tested.logged.length > 0)
    }
    const again = tested.clock.now() + TELL_EVERY_MS
    await passUntil(tested, () => tested.clock.now() > again)
    expect(tested.logged).toHaveLength(1)
    tested.telemetry.ended(quiet, tracedCall())
    await passUntil(tested, () => tested.logged.length === 2)
    expect(tested.logged[1]).toStartWith('warn: 5 spans')
    await tested.telemetry.close()
  })
})

describe('a collector that is slow', () => {
  test('holds up neither calls nor, beyond its bound, the end', async () => {
    collector.answerWith(() => new Promise<Response>(() => {}))
    const tested = telemetryFor(collector.url)
    tellCalls(tested.telemetry, 600)
    await collector.count(1)
    tellCalls(tested.telemetry, 600)
    let closed = false
    const closing = tested.telemetry.close().then(() => {
      closed = true
    })
    tested.clock.advance(CLOSE_MS_MAX - 1)
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    tested.clock.advance(1)
    await closing
    expect(tested.logged.join('\n')).toMatch(/\d+ spans/)
  })

  test('is timed out and asked again', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Promise<Response>(() => {}))
    tested.telemetry.ended(quiet, tracedCall())
    tested.clock.advance(SPANS_EVERY_MS)
    await collector.count(1)
    collector.answerWith(() => Response.json({}))
    await passUntil(tested, () => collector.received.length === 2)
    await tested.telemetry.close()
    expect(tested.logged).toEqual([])
  })
})

describe('the end', () => {
  test('sends what waits', async () => {
    const { telemetry, logged } = telemetryFor(collector.url)
    tellCalls(telemetry, 2)
    await telemetry.close()
    expect(collector.received.map(({ path }) => path).toSorted()).toEqual(['/v1/metrics', '/v1/traces'])
    expect(logged).toEqual([])
  })

  test('does not wait out a backoff', async () => {
    const tested = telemetryFor(collector.url)
    collector.answerWith(() => new Response('', { status: 503, headers: { 'retry-after': '50' } }))
    tested.telemetry.ended(quiet, tracedCall())
    tested.clock.advance(SPANS_EVERY_MS)
    await collector.count(1)
    await tested.telemetry.close()
    expect(tested.logged).toHaveLength(1)
  })

  test('counts what comes after it', async () => {
    const { telemetry, logged } = telemetryFor(collector.url)
    await telemetry.close()
    telemetry.ended(quiet, tracedCall())
    expect(logged).toHaveLength(1)
    expect(collector.received).toHaveLength(0)
  })
})
