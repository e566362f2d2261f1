import { afterAll, describe, expect, test } from 'bun:test'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, payloads, user, withKey } from './calls.ts'

const sim = await startSim({ kind: 'openai' })
afterAll(() => sim.stop())

const CHAT = '/v1/chat/completions'
const hello: JsonObject = { model: 'gpt-4.1', messages: user('hello') }

describe('keys', () => {
  const table: readonly [string, Readonly<Record<string, string | null>>, number, string | null, string][] = [
    ['none', { authorization: null }, 401, null, "You didn't provide an API key"],
    ['only x-api-key', { authorization: null, 'x-api-key': 'sk-x' }, 401, null, "You didn't provide"],
    ['of Anthropic', withKey('sk-ant-x'), 401, 'invalid_api_key', 'Incorrect API key provided: sk-***'],
    ['of Kimi', withKey('sk-kimi-x'), 401, 'invalid_api_key', 'Incorrect API key provided'],
    ['without balance', withKey('sk-sim-no-balance'), 429, 'insufficient_quota', 'exceeded your current quota'],
    ['too fast', withKey('sk-sim-rate-limited'), 429, 'rate_limit_exceeded', 'Rate limit reached'],
    ['too busy', withKey('sk-sim-overloaded'), 503, null, 'overloaded'],
  ]
  test.each(table)('%s', async (_, headers, status, code, wording) => {
    const answered = await call(sim, 'POST', CHAT, hello, headers)
    expect(answered.status).toBe(status)
    expect(Object.keys(asObject(answered.json.error) ?? {})).toEqual(['message', 'type', 'param', 'code'])
    expect(asObject(answered.json.error)?.code).toBe(code)
    expect(asObject(answered.json.error)?.message).toContain(wording)
  })
  test('a rate limit says when to come back', async () => {
    const answered = await call(sim, 'POST', CHAT, hello, withKey('sk-sim-rate-limited'))
    expect(answered.headers.get('retry-after')).toBe('20')
  })
})

describe('bodies it refuses', () => {
  const calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }]
  const asked = [...asArray(user('x')), { role: 'assistant', content: null, tool_calls: calls }]
  const table: readonly [string, JsonObject, string | null, string][] = [
    ['an unknown field', { thinking: {} }, 'unknown_parameter', "Unknown parameter: 'thinking'."],
    ['no messages', { messages: null }, 'missing_required_parameter', "Missing required parameter: 'messages'."],
    ['empty messages', { messages: [] }, 'empty_array', "Invalid 'messages': empty array."],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'invalid_value', "Invalid value: 'robot'."],
    [
      'a result nobody asked for',
      { messages: [{ role: 'tool', tool_call_id: 'a', content: 'x' }] },
      null,
      "must be a response to a preceding message with 'tool_calls'",
    ],
    [
      'a call without result',
      { messages: [...asked, ...asArray(user('y'))] },
      null,
      'did not have response messages: a',
    ],
    ['a call at the end', { messages: asked }, null, 'did not have response messages: a'],
    ['an empty list of tools', { tools: [] }, 'empty_array', "Invalid 'tools': empty array."],
    [
      'max_tokens for a reasoning model',
      { model: 'gpt-5', max_tokens: 5 },
      'unsupported_parameter',
      "Use 'max_completion_tokens' instead.",
    ],
    [
      'temperature for a reasoning model',
      { model: 'o4-mini', temperature: 0.5 },
      'unsupported_value',
      "'temperature' does not support 0.5",
    ],
    ['too many choices', { n: 129 }, 'integer_above_max_value', 'Expected a value <= 128'],
    [
      'stream_options without a stream',
      { stream_options: { include_usage: true } },
      null,
      "only allowed when 'stream' is enabled",
    ],
  ]
  test.each(table)('%s', async (_, change, code, wording) => {
    const answered = await call(sim, 'POST', CHAT, { ...hello, ...change })
    expect(answered.status).toBe(400)
    expect(asObject(answered.json.error)?.code).toBe(code)
    expect(asObject(answered.json.error)?.message).toContain(wording)
  })
  test('a model it does not have', async () => {
    const answered = await call(sim, 'POST', CHAT, { ...hello, model: 'nope' })
    expect([answered.status, asObject(answered.json.error)?.code]).toEqual([404, 'model_not_found'])
  })
  test('a path it does not have', async () => {
    expect((await call(sim, 'POST', '/v1/messages', hello)).status).toBe(404)
  })
})

describe('what it answers', () => {
  test('usage inside the stream only where it is asked for', async () => {
    const without = await call(sim, 'POST', CHAT, { ...hello, stream: true })
    expect(without.text).not.toContain('"usage"')
    expect(without.text.endsWith('data: [DONE]\n\n')).toBe(true)
    const asked = await call(sim, 'POST', CHAT, { ...hello, stream: true, stream_options: { include_usage: true } })
    const events = payloads(asked.text)
    expect(asObject(events.at(-2))).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 9, total_tokens: 10 },
    })
    expect(events.slice(0, -2).every(event => asObject(event)?.usage === null)).toBe(true)
  })
  test('as many choices as asked for, whole and streamed', async () => {
    const whole = await call(sim, 'POST', CHAT, { ...hello, n: 3 })
    expect(asArray(whole.json.choices).map(choice => asObject(choice)?.index)).toEqual([0, 1, 2])
    const streamed = await call(sim, 'POST', CHAT, { ...hello, n: 3, stream: true })
    const finished = payloads(streamed.text)
      .map(event => asObject(asArray(asObject(event)?.choices)[0]))
      .filter(choice => choice?.finish_reason === 'stop')
    expect(finished.map(choice => choice?.index)).toEqual([0, 1, 2])
  })
  test('pieces of parallel calls are interleaved', async () => {
    const tool = (name: string) => ({
      type: 'function',
      function: { name, parameters: { properties: { a_long_name: { type: 'string' } } } },
    })
    const streamed = await call(sim, 'POST', CHAT, {
      ...hello,
      messages: user('[[tools]]'),
      tools: [tool('f'), tool('g')],
      stream: true,
    })
    const order = [...streamed.text.matchAll(/"tool_calls":\[\{"index":(\d),"function"/g)].map(found => found[1])
    expect(order.length).toBeGreaterThan(4)
    expect(order).toEqual(order.map((_, at) => String(at % 2)))
  })
  test('a conversation sent before is read from the cache', async () => {
    const earlier = [...asArray(user('one two three')), { role: 'assistant', content: 'four five' }]
    const usage = async (text: string) =>
      asObject((await call(sim, 'POST', CHAT, { ...hello, messages: [...earlier, ...asArray(user(text))] })).json.usage)
    expect(await usage('six')).toMatchObject({ prompt_tokens: 6, prompt_tokens_details: { cached_tokens: 0 } })
    expect(await usage('seven')).toMatchObject({ prompt_tokens: 6, prompt_tokens_details: { cached_tokens: 5 } })
  })
  test('a refusal stands in its own field', async () => {
    const whole = await call(sim, 'POST', CHAT, { ...hello, messages: user('[[refuse]]') })
    const [choice] = asArray(whole.json.choices)
    expect(asObject(choice)).toMatchObject({
      message: { content: null, refusal: 'I cannot help with that.' },
      finish_reason: 'stop',
    })
  })
  test('the list of models', async () => {
    const own = await startSim({ kind: 'openai', models: ['my-model'] })
    expect((await call(own, 'GET', '/v1/models')).text).toContain('"my-model"')
    expect((await call(own, 'POST', CHAT, { ...hello, model: 'my-model' })).status).toBe(200)
    expect((await call(own, 'POST', CHAT, hello)).status).toBe(404)
    await own.stop()
  })
})
