import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, messagesClient, noteOf, post, responsesClient, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, failFirst, requestsFor } from './route-setup.ts'

/** Problems after which the same target is asked again, and some after which it is not. */
const CAUSES: readonly { readonly code: ProblemCode; readonly fault: string; readonly again: boolean }[] = [
  { code: 'overloaded', fault: 'status=503;body={"error":{"message":"The server is overloaded"}}', again: true },
  { code: 'rate_limited', fault: 'status=429', again: true },
  { code: 'unreachable', fault: 'reset=before', again: true },
  { code: 'timeout', fault: 'delay=never', again: true },
  { code: 'stream_truncated', fault: 'reset=headers', again: true },
  { code: 'upstream_error', fault: 'status=500', again: false },
  { code: 'upstream_protocol', fault: 'content-type=text/html', again: false },
  { code: 'upstream_bad_request', fault: 'status=400', again: false },
  { code: 'invalid_key', fault: 'status=401', again: false },
]

const EVERYTHING: readonly ProblemCode[] = ['overloaded', 'rate_limited', 'unreachable', 'timeout', 'stream_truncated']

/** Breakers remember by model: each test has its own. */
let models = 0
const freshModel = () => `gpt-${++models}`

let first: Sim
let spare: Sim
let gone: Sim
let gateway: Gateway

const PATIENT = { max: 2, baseMs: 4, capMs: 8, waitMsMax: 5_000 }

beforeAll(async () => {
  ;[first, spare, gone] = await Promise.all([simulate('openai'), simulate('openai'), simulate('openai')])
  await gone.stop()
  const models = Array.from({ length: 60 }, (_, at) => `gpt-${at + 1}`)
  const route = (model: string, provider: string, rest: object = {}) => ({
    targets: [`${provider}/${model}`, 'spare/gpt-4.1'],
    fallbackOn: EVERYTHING,
    ...rest,
  })
  const responses = { ...entryOf(first, first.key, 'openai-responses'), billing: 'metered' as const }
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          first: { ...entryOf(first), billing: 'metered' },
          hasty: { ...entryOf(first), billing: 'metered', timeouts: { firstByteMs: 250 } },
          drained: { ...entryOf(first), billing: 'metered' },
          keeping: { ...responses, timeouts: { firstByteMs: 60 } },
          spare: { ...entryOf(spare), billing: 'metered' },
          'spare-keeping': { ...entryOf(spare, spare.key, 'openai-responses'), billing: 'metered' },
          gone: { ...entryOf(gone, gone.key, 'openai-responses'), billing: 'metered' },
        },
      },
      routes: {
        ...Object.fromEntries(models.map(model => [`then-${model}`, route(model, 'first')])),
        unhurried: { ...route('gpt-unhurried', 'first'), retry: { ...PATIENT, waitMsMax: 500 } },
        dogged: { ...route('gpt-dogged', 'first'), retry: { ...PATIENT, waitMsMax: 500 }, fallbackOn: [] },
        waiting: { ...route('gpt-waiting', 'first'), retry: { ...PATIENT, waitMsMax: 600_000 } },
        'kept-late': { targets: ['keeping/gpt-late', 'spare-keeping/gpt-4.1'], fallbackOn: EVERYTHING },
        'kept-gone': { targets: ['gone/gpt-gone', 'spare-keeping/gpt-4.1'], fallbackOn: EVERYTHING },
      },
      gateway: { retry: PATIENT },
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([first.stop(), spare.stop()])
})

const causesOf = (receipt: Receipt): readonly (string | undefined)[] => receipt.attempts.map(({ because }) => because)

describe('the same target once more', () => {
  test.each(CAUSES)('after $code: $again', async ({ code, fault, again }) => {
    const model = freshModel()
    failFirst(first, 2, fault, model)
    const provider = code === 'timeout' ? 'hasty' : 'first'
    const got = await call(gateway, chatClient, chatClient.body(`${provider}/${model}`, 'hello'))
    expect(got.receipt.attempts[0]?.problem?.code).toBe(code)
    expect(requestsFor(first, model)).toHaveLength(again ? 3 : 1)
    expect(causesOf(got.receipt)).toEqual(again ? [undefined, 'retry', 'retry'] : [undefined])
    expect(got.status === 200).toBe(again)
    expect(answeredBy(got.headers)).toMatchObject({ attempts: again ? '3' : '1', fallback: null, billing: 'metered' })
    const waits = got.receipt.attempts.slice(1).map(({ waitedMs = -1 }) => waitedMs)
    for (const [at, waited] of waits.entries()) {
      expect(waited).toBeGreaterThanOrEqual(0)
      expect(waited).toBeLessThanOrEqual(4 * 2 ** at)
    }
  })

  test.each([chatClient, messagesClient])('streamed: $protocol', async client => {
    const model = freshModel()
    failFirst(first, 1, 'status=503', model)
    const got = await stream(gateway, client, client.body(`first/${model}`, 'hello'))
    expect([got.status, causesOf(got.receipt)]).toEqual([200, [undefined, 'retry']])
    expect(got.text).toMatch(client.ended)
  })

  test('not more often than the settings say; then the last problem is told', async () => {
    const model = freshModel()
    failAlways(first, 'status=503', model)
    const got = await call(gateway, chatClient, chatClient.body(`first/${model}`, 'hello'))
    expect([got.status, noteOf(got.json()).code]).toEqual([503, 'overloaded'])
    expect(requestsFor(first, model)).toHaveLength(3)
    expect(got.receipt.attempts.map(({ problem }) => problem?.code)).toEqual(['overloaded', 'overloaded', 'overloaded'])
  })

  test('before another target is', async () => {
    const model = freshModel()
    failAlways(first, 'status=503', model)
    spare.clear()
    const got = await call(gateway, chatClient, chatClient.body(`then-${model}`, 'hello'))
    expect([got.status, requestsFor(first, model).length, spare.requests().length]).toEqual([200, 3, 1])
    expect(causesOf(got.receipt)).toEqual([undefined, 'retry', 'retry', 'fallback'])
    expect(answeredBy(got.headers)).toMatchObject({
      attempts: '4',
      model: 'spare/gpt-4.1',
      fallback: `from=first/${model}; reason=overloaded`,
    })
  })
})

describe('what the provider asks for', () => {
  test.each([
    { told: 'retry-after-ms=120', leastMs: 120 },
    { told: 'retry-after=1', leastMs: 1_000 },
  ])('$told is waited for', async ({ told, leastMs }) => {
    const model = freshModel()
    failFirst(first, 1, `status=429;${told}`, model)
    const got = await call(gateway, chatClient, chatClient.body(`first/${model}`, 'hello'))
    expect([got.status, causesOf(got.receipt)]).toEqual([200, [undefined, 'retry']])
    expect(got.receipt.attempts[1]?.waitedMs).toBeGreaterThanOrEqual(leastMs)
    const [before, after] = got.receipt.attempts
    expect((after?.startedMs ?? 0) - (before?.endedMs ?? 0)).toBeGreaterThanOrEqual(leastMs - 5)
  })

  test.each<{ route: string; status: number; causes: readonly (string | undefined)[] }>([
    { route: 'dogged', status: 429, causes: [undefined] },
    { route: 'unhurried', status: 200, causes: [undefined, 'fallback'] },
  ])('too long a wait is not waited for: $route', async ({ route, status, causes }) => {
    failAlways(first, 'status=429;retry-after=30', `gpt-${route}`)
    const got = await call(gateway, chatClient, chatClient.body(route, 'hello'))
    expect([got.status, causesOf(got.receipt)]).toEqual([status, causes])
    if (status === 429) expect(got.headers.get('retry-after')).toBe('30')
    expect(got.receipt.totalMs).toBeLessThan(20_000)
  })

  test('a client who leaves ends the wait', async () => {
    failAlways(first, 'status=429;retry-after=500', 'gpt-waiting')
    const leaving = new AbortController()
    const body = chatClient.body('waiting', 'hello')
    const left = post(gateway, chatClient, body, { signal: leaving.signal }).catch(() => 'left')
    await first.when(() => requestsFor(first, 'gpt-waiting')[0]?.answeredAtMs !== undefined)
    leaving.abort()
    expect(await left).toBe('left')
    const receipt = await gateway.receiptThat(
      ({ requestedModel, ending }) => requestedModel === 'waiting' && ending !== 'in-flight',
    )
    expect([receipt.ending, receipt.attempts.length, receipt.fallback]).toEqual(['abandoned', 1, undefined])
    expect(requestsFor(first, 'gpt-waiting')).toHaveLength(1)
  })
})

describe('a gateway that stops, or has little time', () => {
  let own: Gateway
  beforeAll(async () => {
    own = await startGateway({
      config: {
        models: { providers: { first: { ...entryOf(first), billing: 'metered' } } },
        gateway: { retry: { ...PATIENT, waitMsMax: 600_000 }, drainMs: 50, timeouts: { totalMs: 60_000 } },
      },
    })
  })

  test('a wait that would end behind the deadline of the call is not begun', async () => {
    const model = freshModel()
    failAlways(first, 'status=429;retry-after=61', model)
    const got = await call(own, chatClient, chatClient.body(`first/${model}`, 'hello'))
    expect([got.status, got.receipt.attempts.length]).toEqual([429, 1])
  })

  test('the wait ends when the gateway does, and the client is told', async () => {
    const model = freshModel()
    failAlways(first, 'status=429;retry-after=30', model)
    const asked = post(own, chatClient, chatClient.body(`first/${model}`, 'hello'))
    await first.when(() => requestsFor(first, model)[0]?.answeredAtMs !== undefined)
    own.signal('SIGTERM')
    const response = await asked
    expect(response.status).toBe(503)
    expect(noteOf(JSON.parse(await response.text())).code).toBe('draining')
    expect(await own.exited).toEqual({ code: 0, signal: null })
    expect(requestsFor(first, model)).toHaveLength(1)
  })
})

describe('a request that changes something at the provider', () => {
  const kept = (client: Client, model: string) => client.body(model, 'hello', { background: true })

  test('is not sent again once it may have been carried out: neither there nor elsewhere', async () => {
    failAlways(first, 'delay=never', 'gpt-late')
    spare.clear()
    const got = await call(gateway, responsesClient, kept(responsesClient, 'kept-late'))
    expect([got.status, noteOf(got.json()).code]).toEqual([504, 'timeout'])
    expect([requestsFor(first, 'gpt-late').length, spare.requests().length]).toEqual([1, 0])
    expect(got.receipt.attempts).toMatchObject([{ possiblyBilled: true, problem: { code: 'timeout' } }])
    expect(got.receipt.attempts).toHaveLength(1)
    expect(got.receipt.passed).toContainEqual({
      target: 'spare-keeping/gpt-4.1',
      reason: 'the request may have been carried out, and would be a second time',
    })
  })

  test('the same request without that is', async () => {
    failAlways(first, 'delay=never', 'gpt-late')
    const got = await call(gateway, responsesClient, responsesClient.body('kept-late', 'hello'))
    expect([got.status, causesOf(got.receipt)]).toEqual([200, [undefined, 'retry', 'retry', 'fallback']])
    expect(got.receipt.attempts.map(({ possiblyBilled }) => possiblyBilled)).toEqual([true, true, true, undefined])
  })

  test('goes on where nothing of it went out', async () => {
    spare.clear()
    const got = await call(gateway, responsesClient, kept(responsesClient, 'kept-gone'))
    expect([got.status, spare.requests().length]).toEqual([200, 1])
    expect(causesOf(got.receipt)).toEqual([undefined, 'retry', 'retry', 'fallback'])
    expect(got.receipt.attempts.some(({ possiblyBilled }) => possiblyBilled === true)).toBe(false)
  })
})

test('the budget of a provider is shared by all its calls; when it is used up, nothing is asked twice', async () => {
  first.setFault('status=503')
  const ask = () => call(gateway, chatClient, chatClient.body(`drained/gpt-drained`, 'hello'))
  let last = await ask()
  for (let calls = 1; calls < 60 && last.receipt.attempts.length > 1; calls += 1) last = await ask()
  expect(last.receipt.attempts).toHaveLength(1)
  expect(last.receipt.passed.map(({ reason }) => reason)).toEqual([
    'no further attempt: the retry budget of drained is used up',
  ])
  expect([last.status, noteOf(last.json()).code]).toEqual([503, 'overloaded'])
})
