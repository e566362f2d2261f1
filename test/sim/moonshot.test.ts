import { afterAll, describe, expect, test } from 'bun:test'
import { asObject, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, payloads, user, withKey } from './calls.ts'

const sim = await startSim({ kind: 'moonshot' })
afterAll(() => sim.stop())

const CHAT = '/v1/chat/completions'
const MESSAGES = '/anthropic/v1/messages'
const hello: JsonObject = { model: 'kimi-k3', messages: user('hello') }

describe('keys', () => {
  const table: readonly [string, number, string, string, string][] = [
    ['sk-kimi-plan', 401, 'invalid_authentication_error', 'authentication_error', 'Invalid Authentication'],
    ['nonsense', 401, 'invalid_authentication_error', 'authentication_error', 'Invalid Authentication'],
    ['sk-sim-no-balance', 429, 'exceeded_current_quota_error', 'exceeded_current_quota_error', 'insufficient balance'],
    ['sk-sim-rate-limited', 429, 'rate_limit_reached_error', 'rate_limit_reached_error', 'max organization RPM'],
    ['sk-sim-overloaded', 429, 'engine_overloaded_error', 'engine_overloaded_error', 'overloaded'],
    ['sk-sim-banned', 403, 'permission_denied_error', 'permission_denied_error', 'permission'],
  ]
  test.each(table)('%s: %d on both surfaces', async (key, status, openAiType, anthropicType, wording) => {
    for (const [path, type] of [
      [CHAT, openAiType],
      [MESSAGES, anthropicType],
    ] as const) {
      const answered = await call(sim, 'POST', path, hello, withKey(key))
      expect(answered.status).toBe(status)
      expect(asObject(answered.json.error)).toMatchObject({ type, message: expect.stringContaining(wording) })
    }
  })
  test('the balance is told also where there is none', async () => {
    const balance = async (key: string) => await call(sim, 'GET', '/v1/users/me/balance', undefined, withKey(key))
    expect((await balance(sim.key)).json).toMatchObject({ code: 0, status: true, data: { available_balance: 12.5 } })
    expect((await balance('sk-sim-no-balance')).json).toMatchObject({ data: { available_balance: 0 } })
    expect((await balance('sk-kimi-plan')).status).toBe(401)
  })
  test('the list of models wants a key', async () => {
    expect((await call(sim, 'GET', '/v1/models')).text).toContain('kimi-k2.7-code')
    expect((await call(sim, 'GET', '/v1/models', undefined, { authorization: null })).status).toBe(401)
  })
})

describe('bodies it refuses', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }]
  const table: readonly [string, JsonObject, number, string][] = [
    ['a retired model', { model: 'kimi-latest' }, 404, 'Not found the model kimi-latest or Permission denied'],
    ['a temperature', { temperature: 0.3 }, 400, 'invalid temperature: only 1 is allowed for this model'],
    [
      'a named tool while thinking',
      { tools, tool_choice: { type: 'function', function: { name: 'f' } }, reasoning_effort: 'high' },
      400,
      "tool_choice 'specified' is incompatible with thinking enabled",
    ],
  ]
  test.each(table)('%s', async (_, change, status, wording) => {
    const answered = await call(sim, 'POST', CHAT, { ...hello, ...change })
    expect(answered.status).toBe(status)
    expect(asObject(answered.json.error)?.message).toContain(wording)
  })
  test('a path it does not have', async () => {
    expect((await call(sim, 'POST', '/v1/messages', hello)).status).toBe(404)
  })
})

describe('what it answers', () => {
  test('reasoning and text on both surfaces', async () => {
    const chat = await call(sim, 'POST', CHAT, { ...hello, reasoning_effort: 'low' })
    expect(chat.json).toMatchObject({
      choices: [{ message: { reasoning_content: expect.any(String), content: expect.any(String) } }],
    })
    const messages = await call(sim, 'POST', MESSAGES, { ...hello, thinking: { type: 'adaptive' } })
    expect(messages.json).toMatchObject({ content: [{ type: 'thinking' }, { type: 'text' }] })
  })
  test('a refusal is the finish reason content_filter', async () => {
    const streamed = await call(sim, 'POST', CHAT, { ...hello, messages: user('[[refuse]]'), stream: true })
    expect(asObject(payloads(streamed.text).at(-2))).toMatchObject({ choices: [{ finish_reason: 'content_filter' }] })
  })
})
