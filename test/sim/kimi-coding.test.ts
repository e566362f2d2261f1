import { afterAll, describe, expect, test } from 'bun:test'
import type { Clock } from '../../src/base/clock.ts'
import { systemClock } from '../../src/base/clock.ts'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, payloads, user, withKey } from './calls.ts'

const NOW = Date.UTC(2026, 10, 22)
const clock: Clock = { ...systemClock, now: () => NOW }
const sim = await startSim({
  kind: 'kimi-coding',
  clock,
  keys: { 'sk-kimi-old': 'expired', 'sk-kimi-small': 'low-tier', 'sk-kimi-middle': 'mid-tier' },
})
afterAll(() => sim.stop())

const CHAT = '/coding/v1/chat/completions'
const MESSAGES = '/coding/v1/messages'
const LISTED = { 'user-agent': 'claude-code/0.1.0' }
const hello: JsonObject = { model: 'kimi-for-coding', messages: user('hello'), max_tokens: 64 }

describe('the client list', () => {
  const table: readonly [string, number][] = [
    ['claude-cli/2.1 (external, cli)', 200],
    ['claude-code/0.1.0', 200],
    ['Kilo-Code/5.0', 200],
    ['OpenClaw-Gateway/1.0', 403],
    ['candor/0.1.0', 403],
    ['my claude-code/0.1.0', 403],
    ['', 403],
  ]
  test.each(table)('chat from "%s" gives %d', async (agent, status) => {
    const answered = await call(sim, 'POST', CHAT, hello, { 'user-agent': agent })
    expect(answered.status).toBe(status)
    if (status === 403) {
      expect(answered.json).toEqual({
        error: {
          type: 'access_terminated_error',
          message:
            'Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.',
        },
      })
    }
  })
  test.each(table)('messages from "%s" is admitted', async agent => {
    expect((await call(sim, 'POST', MESSAGES, hello, { 'user-agent': agent })).status).toBe(200)
  })
  test('names that are throttled get the words of an overload, on the Anthropic surface', async () => {
    const own = await startSim({ kind: 'kimi-coding', throttles: ['Anthropic'] })
    const throttled = await call(own, 'POST', MESSAGES, hello, { 'user-agent': 'Anthropic/JS 1.12.0' })
    expect([throttled.status, asObject(throttled.json.error)?.type]).toEqual([429, 'rate_limit_error'])
    expect((await call(own, 'POST', MESSAGES, hello, { 'user-agent': 'my-agent/1.0' })).status).toBe(200)
    await own.stop()
  })
  test('can be replaced', async () => {
    const own = await startSim({ kind: 'kimi-coding', admits: ['my-agent/'] })
    expect((await call(own, 'POST', CHAT, hello, { 'user-agent': 'my-agent/1' })).status).toBe(200)
    expect((await call(own, 'POST', CHAT, hello, LISTED)).status).toBe(403)
    await own.stop()
  })
})

describe('keys', () => {
  const table: readonly [string, number, string, string, string][] = [
    [
      'sk-kimi-old',
      401,
      'invalid_authentication_error',
      'authentication_error',
      'appears to be invalid or may have expired',
    ],
    ['sk-kimi-sim-invalid', 401, 'invalid_authentication_error', 'authentication_error', 'appears to be invalid'],
    ['sk-moonshot-platform', 401, 'invalid_authentication_error', 'authentication_error', 'Invalid Authentication'],
    ['nonsense', 401, 'invalid_authentication_error', 'authentication_error', 'appears to be invalid'],
    ['sk-kimi-sim-lapsed', 402, 'invalid_request_error', 'invalid_request_error', 'unable to verify your membership'],
    ['sk-kimi-sim-banned', 403, 'permission_error', 'permission_error', 'Access terminated.'],
    [
      'sk-kimi-sim-weekly-used-up',
      403,
      'access_terminated_error',
      'access_terminated_error',
      'for this billing cycle. Your quota',
    ],
    ['sk-kimi-sim-concurrency', 403, 'access_terminated_error', 'access_terminated_error', 'concurrent request limit'],
    ['sk-kimi-sim-five-hour-used-up', 429, 'rate_limit_error', 'rate_limit_error', 'usage limit for this period'],
    ['sk-kimi-sim-monthly-used-up', 429, 'rate_limit_error', 'rate_limit_error', 'kimi monthly usage limit'],
    ['sk-kimi-sim-rate-limited', 429, 'rate_limit_error', 'rate_limit_error', 'too many requests at the moment'],
    ['sk-kimi-sim-overloaded', 429, 'engine_overloaded_error', 'rate_limit_error', 'engine is currently overloaded'],
  ]
  test.each(table)('%s: %d on both surfaces', async (key, status, openAiType, anthropicType, wording) => {
    const chat = await call(sim, 'POST', CHAT, hello, { ...LISTED, ...withKey(key) })
    const messages = await call(sim, 'POST', MESSAGES, hello, withKey(key))
    expect([chat.status, messages.status]).toEqual([status, status])
    expect(asObject(chat.json.error)?.type).toBe(openAiType)
    expect(asObject(messages.json.error)?.type).toBe(anthropicType)
    expect(asObject(chat.json.error)?.message).toContain(wording)
    expect(asObject(messages.json.error)?.message).toContain(wording)
    expect(Object.keys(messages.json)).toEqual(['error', 'type'])
  })
  test('the key is looked at before the client, the client before the plan', async () => {
    expect((await call(sim, 'POST', CHAT, hello, withKey('sk-kimi-old'))).status).toBe(401)
    const gate = await call(sim, 'POST', CHAT, hello, withKey('sk-kimi-sim-weekly-used-up'))
    expect(gate.text).toContain('only available for Coding Agents')
  })
  test('the Anthropic surface takes the key on either header', async () => {
    for (const missing of ['authorization', 'x-api-key']) {
      expect((await call(sim, 'POST', MESSAGES, hello, { [missing]: null })).status).toBe(200)
    }
    expect((await call(sim, 'POST', CHAT, hello, { ...LISTED, authorization: null })).status).toBe(401)
  })
})

describe('models', () => {
  const table: readonly [string, string, number, string][] = [
    ['kimi-for-coding', 'sk-kimi-any', 200, ''],
    ['k3', 'sk-kimi-any', 200, ''],
    ['k2p5', 'sk-kimi-any', 404, 'Not found the model k2p5 or Permission denied'],
    ['k3[1m]', 'sk-kimi-any', 401, 'recognized as other:k3[1m]. Please set model id as k3.'],
    ['k3', 'sk-kimi-small', 401, 'does not have access to k3. Upgrade to a Moderato plan or above.'],
    ['kimi-for-coding-highspeed', 'sk-kimi-small', 401, 'does not have access to kimi-for-coding-highspeed'],
    ['kimi-for-coding', 'sk-kimi-small', 200, ''],
  ]
  test.each(table)('%s with %s: %d', async (model, key, status, wording) => {
    const answered = await call(sim, 'POST', MESSAGES, { ...hello, model }, withKey(key))
    expect(answered.status).toBe(status)
    expect(answered.text).toContain(wording)
  })
  test('a middle plan has only the small window of K3', async () => {
    const long = { ...hello, model: 'k3', messages: user('a '.repeat(262_145)) }
    const answered = await call(sim, 'POST', MESSAGES, long, withKey('sk-kimi-middle'))
    expect(answered.status).toBe(401)
    expect(answered.text).toContain('supports only kimi-k3 up to 256K context')
    expect((await call(sim, 'POST', MESSAGES, long)).status).toBe(200)
  })
  test('the list is open to everybody, whatever the key', async () => {
    const bare = await call(sim, 'GET', '/coding/v1/models', undefined, { authorization: null, 'x-api-key': null })
    expect(bare.status).toBe(200)
    expect(asArray(bare.json.data).map(row => asObject(row)?.id)).toContain('kimi-for-coding')
    expect((await call(sim, 'GET', '/coding/v1/models', undefined, withKey('sk-kimi-old'))).status).toBe(200)
  })
})

describe('requests it refuses', () => {
  const call1 = { id: 'functions.f:0', type: 'function', function: { name: 'f', arguments: '{}' } }
  const asked = [...asArray(user('x')), { role: 'assistant', content: null, tool_calls: [call1] }]
  const answeredCall = [...asked, { role: 'tool', tool_call_id: 'functions.f:0', content: 'ok' }]
  const tool = (name: string, parameters: JsonObject = {}) => ({ type: 'function', function: { name, parameters } })
  const table: readonly [string, JsonObject, string][] = [
    [
      'too many tokens',
      { messages: user('a '.repeat(262_145)) },
      'exceeded model token limit: 262144 (requested: 262145)',
    ],
    ['too many bytes', { messages: user('a'.repeat(2_097_152)) }, 'exceeds limit 2097152'],
    ['no messages', { messages: [] }, 'messages must not be empty'],
    ['a developer role', { messages: [{ role: 'developer', content: 'x' }] }, 'invalid role in message at index 0'],
    ['a doubled function', { tools: [tool('f'), tool('f')] }, 'function name f is duplicated'],
    [
      'type beside $ref',
      { tools: [tool('f', { properties: { a: { $ref: '#/$defs/A', type: 'string' } } })] },
      'moonshot flavored json schema',
    ],
    [
      'an image that is not inline',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] }] },
      'unsupported image url',
    ],
    ['a risky prompt', { messages: user('[[risk]]') }, 'considered high risk'],
    [
      'reasoning that is not replayed',
      { messages: answeredCall, reasoning_effort: 'high' },
      'reasoning_content is missing in assistant tool call message at index 1',
    ],
    ['an unknown effort', { reasoning_effort: 'medium' }, 'reasoning_effort must be one of'],
    ['a call without result', { messages: asked }, 'must be followed by tool messages'],
    [
      'a result without call',
      { messages: [{ role: 'tool', tool_call_id: 'z', content: 'ok' }] },
      'tool_call_id z is not found',
    ],
  ]
  test.each(table)('chat: %s', async (_, change, wording) => {
    const answered = await call(sim, 'POST', CHAT, { ...hello, ...change }, LISTED)
    expect(answered.status).toBe(400)
    expect(asObject(answered.json.error)?.message).toContain(wording)
  })
  test('chat: replayed reasoning is taken', async () => {
    const replayed = answeredCall.map(message => ({ ...asObject(message), reasoning_content: 'so' }))
    const answered = await call(sim, 'POST', CHAT, { ...hello, messages: replayed, reasoning_effort: 'high' }, LISTED)
    expect(answered.status).toBe(200)
    expect(answered.text).toContain('The tools said: \\"ok\\".')
  })
  test('messages: thinking must be disabled or adaptive, and be replayed with a call', async () => {
    const enabled = await call(sim, 'POST', MESSAGES, { ...hello, thinking: { type: 'enabled', budget_tokens: 2000 } })
    expect(enabled.text).toContain('thinking.type must be disabled or adaptive')
    const turn = [
      ...asArray(user('x')),
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }] },
    ]
    const missing = await call(sim, 'POST', MESSAGES, { ...hello, messages: turn, thinking: { type: 'adaptive' } })
    expect(missing.text).toContain('reasoning_content is missing in assistant tool call message at index 1')
  })
  test('an unknown path', async () => {
    expect((await call(sim, 'POST', '/v1/chat/completions', hello, LISTED)).status).toBe(404)
  })
})

describe('what it answers', () => {
  test('no space behind data:, usage on the finishing choice, ids made of name and place', async () => {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
    const streamed = await call(
      sim,
      'POST',
      CHAT,
      { ...hello, messages: user('[[tools]]'), tools, stream: true },
      LISTED,
    )
    expect(streamed.text).not.toContain('data: ')
    const events = payloads(streamed.text).map(event => asObject(asArray(asObject(event)?.choices)[0]))
    expect(JSON.stringify(events)).toContain('"id":"functions.weather:0"')
    expect(asObject(events.at(-2)?.usage)?.cached_tokens).toBe(0)
    expect(events.at(-2)?.finish_reason).toBe('tool_calls')
  })
  test('the windows of the plan, with their end', async () => {
    const fresh = await call(sim, 'GET', '/coding/v1/usages')
    expect(fresh.json.usage).toEqual({
      used: '512',
      limit: '2048',
      remaining: '1536',
      resetTime: new Date(NOW + 3 * 86_400_000).toISOString(),
    })
    const used = await call(sim, 'GET', '/coding/v1/usages', undefined, withKey('sk-kimi-sim-five-hour-used-up'))
    expect(used.json.limits).toEqual([
      {
        window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' },
        detail: { used: '300', limit: '300', remaining: '0', resetTime: new Date(NOW + 7_200_000).toISOString() },
      },
    ])
    expect((await call(sim, 'GET', '/coding/v1/usages', undefined, withKey('sk-kimi-old'))).status).toBe(401)
  })
})
