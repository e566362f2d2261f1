import { afterAll, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { SimKindId } from '../../src/sim/sim-kind.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { noLimitHeaders, noteLimitHeaders, readLimitHeaders } from '../../src/upstream/quota-headers.ts'
import { QUOTA_READERS } from '../../src/upstream/quota-readers.ts'
import { call, user, withKey } from './calls.ts'

const sims = new Map<SimKindId, Sim>()
for (const kind of ['openai', 'anthropic', 'kimi-coding'] as const) sims.set(kind, await startSim({ kind }))
afterAll(() => Promise.all([...sims.values()].map(sim => sim.stop())))

function simOf(kind: SimKindId): Sim {
  const sim = sims.get(kind)
  if (sim === undefined) throw new Error(`no ${kind}`)
  return sim
}

/** What each window of an answer's headers has left, in percent. */
function leftIn(headers: Headers): readonly string[] {
  const noted = noLimitHeaders()
  noteLimitHeaders(noted, headers)
  return readLimitHeaders(noted, Date.now()).map(({ name, remainingPercent }) => `${name} ${remainingPercent}`)
}

const chat: JsonObject = { messages: user('hello'), max_tokens: 20 }

const CALLS: readonly (readonly [SimKindId, string, JsonObject, readonly string[], readonly string[]])[] = [
  ['openai', '/v1/chat/completions', chat, ['requests 99.8', 'tokens 90'], ['requests 99.8', 'tokens 4']],
  [
    'openai',
    '/v1/responses',
    { input: 'hello', stream: true },
    ['requests 99.8', 'tokens 90'],
    ['requests 99.8', 'tokens 4'],
  ],
  [
    'anthropic',
    '/v1/messages',
    { ...chat, stream: true },
    ['requests 98', 'tokens 94.74', 'input-tokens 93.33', 'output-tokens 100'],
    ['requests 98', 'tokens 23.68', 'input-tokens 3.33', 'output-tokens 100'],
  ],
]

test.each(CALLS)('%s %s tells what is left in its headers', async (kind, path, body, usual, nearly) => {
  const sim = simOf(kind)
  const asked = { model: sim.model, ...body }
  expect(leftIn((await call(sim, 'POST', path, asked)).headers)).toEqual([...usual])
  const key = kind === 'openai' ? 'sk-sim-nearly-used-up' : 'sk-ant-sim-nearly-used-up'
  const answered = await call(sim, 'POST', path, asked, withKey(key))
  expect([answered.status, leftIn(answered.headers)]).toEqual([200, [...nearly]])
})

test.each(['openai', 'anthropic'] as const)('%s tells nothing beside a list or a refusal', async kind => {
  const sim = simOf(kind)
  expect(leftIn((await call(sim, 'GET', '/v1/models')).headers)).toEqual([])
  const path = kind === 'openai' ? '/v1/chat/completions' : '/v1/messages'
  expect(leftIn((await call(sim, 'POST', path, { model: 'nobody' })).headers)).toEqual([])
})

test.each([
  ['sk-kimi-sim-valid', [75, 75]],
  ['sk-kimi-sim-nearly-used-up', [4, 75]],
  ['sk-kimi-sim-five-hour-used-up', [0, 75]],
  ['sk-kimi-sim-weekly-used-up', [75, 0]],
])('kimi-coding tells the windows of %s', async (key, left) => {
  const answered = await call(simOf('kimi-coding'), 'GET', '/coding/v1/usages', undefined, withKey(key))
  const reading = QUOTA_READERS.get('kimi-usages')?.(answered.json, Date.now())
  expect(reading?.windows.map(window => window.remainingPercent)).toEqual(left)
})
