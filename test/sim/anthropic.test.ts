import { afterAll, describe, expect, test } from 'bun:test'
import { asArray, asObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, user, withKey } from './calls.ts'

const sim = await startSim({ kind: 'anthropic', keys: { 'sk-ant-broke': 'no-balance' } })
afterAll(() => sim.stop())

const MESSAGES = '/v1/messages'
const hello: JsonObject = { model: 'claude-sonnet-5-5', max_tokens: 2000, messages: user('hello') }
const offered = [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }]
const think = { type: 'enabled', budget_tokens: 1024 }

function toolUse(id: JsonValue): JsonValue {
  return { type: 'tool_use', id, name: 'weather', input: {} }
}

function result(id: JsonValue, content: JsonValue = 'sunny'): JsonValue {
  return { type: 'tool_result', tool_use_id: id, content }
}

function turns(assistant: JsonValue, then: JsonValue): JsonObject {
  return {
    messages: [...asArray(user('x')), { role: 'assistant', content: assistant }, { role: 'user', content: then }],
  }
}

describe('heads it refuses', () => {
  const table: readonly [string, Readonly<Record<string, string | null>>, number, string, string][] = [
    ['no key', { 'x-api-key': null, authorization: null }, 401, 'authentication_error', 'x-api-key header is required'],
    ['a wrong key', withKey('sk-other'), 401, 'authentication_error', 'invalid x-api-key'],
    [
      'no version',
      { 'anthropic-version': null },
      400,
      'invalid_request_error',
      'anthropic-version: header is required',
    ],
    ['no credit', withKey('sk-ant-broke'), 400, 'invalid_request_error', 'credit balance is too low'],
    ['no payment', withKey('sk-ant-sim-lapsed'), 402, 'billing_error', 'billing'],
    ['no right', withKey('sk-ant-sim-banned'), 403, 'permission_error', 'permission'],
    ['too fast', withKey('sk-ant-sim-rate-limited'), 429, 'rate_limit_error', 'rate limit'],
    ['too busy', withKey('sk-ant-sim-overloaded'), 529, 'overloaded_error', 'Overloaded'],
  ]
  test.each(table)('%s', async (_, headers, status, type, wording) => {
    const answered = await call(sim, 'POST', MESSAGES, hello, headers)
    expect(answered.status).toBe(status)
    expect(answered.json.type).toBe('error')
    expect(asObject(answered.json.error)?.type).toBe(type)
    expect(asObject(answered.json.error)?.message).toContain(wording)
    expect(answered.json.request_id).toBeString()
  })
  test('a rate limit says when to come back', async () => {
    const answered = await call(sim, 'POST', MESSAGES, hello, withKey('sk-ant-sim-rate-limited'))
    expect(answered.headers.get('retry-after')).toBe('20')
    expect(answered.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0')
  })
})

describe('bodies it refuses', () => {
  const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }
  const table: readonly [string, JsonObject, string][] = [
    ['no max_tokens', { max_tokens: null }, 'max_tokens: Field required'],
    ['no messages', { messages: null }, 'messages: Field required'],
    ['an unknown field', { seed: 1 }, 'seed: Extra inputs are not permitted'],
    [
      'a system message',
      { messages: [{ role: 'system', content: 'x' }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    [
      'empty text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'text content blocks must be non-empty',
    ],
    [
      'an empty message',
      { messages: [{ role: 'user', content: '' }] },
      'messages.0: all messages must have non-empty content',
    ],
    [
      'an empty system block',
      { system: [{ type: 'text', text: '' }] },
      'system: text content blocks must be non-empty',
    ],
    [
      'a foreign tool id',
      turns([toolUse('functions.f:0')], [result('functions.f:0')]),
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      'a tool name with a dot',
      { tools: [{ name: 'a.b', input_schema: {} }] },
      'tools.0.custom.name: String should match pattern',
    ],
    ['a doubled tool', { tools: [...offered, ...offered] }, 'Tool names must be unique'],
    [
      'five cache marks',
      { system: [marked, marked, marked, marked, marked] },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'a result nobody asked for',
      turns('y', [result('a')]),
      'messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a.',
    ],
    [
      'a call without result',
      turns([toolUse('a'), toolUse('b')], [result('a')]),
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b.',
    ],
    [
      'a call at the end',
      { messages: [...asArray(user('x')), { role: 'assistant', content: [toolUse('a')] }] },
      'messages.1: `tool_use` ids were found without',
    ],
    [
      'text before a result',
      turns([toolUse('a')], [{ type: 'text', text: 'so' }, result('a')]),
      'messages.1: `tool_use` ids were found without',
    ],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 10 } }, 'greater than or equal to 1024'],
    [
      'a budget over the limit',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      '`max_tokens` must be greater than `thinking.budget_tokens`',
    ],
    [
      'a foreign signature',
      turns(
        [
          { type: 'thinking', thinking: 'so', signature: 'abc' },
          { type: 'text', text: 'y' },
        ],
        'z',
      ),
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    ],
    [
      'foreign sealed reasoning',
      turns([{ type: 'redacted_thinking', data: 'abc' }], 'z'),
      'Invalid `data` in `redacted_thinking` block',
    ],
    [
      'a call without its reasoning',
      { ...turns([toolUse('a')], [result('a')]), thinking: think },
      'Expected `thinking` or `redacted_thinking`, but found `tool_use`',
    ],
  ]
  test.each(table)('%s', async (_, change, wording) => {
    const answered = await call(sim, 'POST', MESSAGES, { ...hello, ...change })
    expect(asObject(answered.json.error)?.message).toContain(wording)
    expect(answered.status).toBe(400)
  })
  test('what is no JSON object', async () => {
    for (const body of ['{"a"', '[]', '']) expect((await call(sim, 'POST', MESSAGES, body)).status).toBe(400)
  })
  test('a model it does not have', async () => {
    const answered = await call(sim, 'POST', MESSAGES, { ...hello, model: 'gpt-4.1' })
    expect([answered.status, asObject(answered.json.error)]).toEqual([
      404,
      { type: 'not_found_error', message: 'model: gpt-4.1' },
    ])
  })
})

test('results may come in several messages of one turn, with text behind them', async () => {
  const messages = [
    ...asArray(user('x')),
    { role: 'assistant', content: [toolUse('a'), toolUse('b')] },
    { role: 'user', content: [result('a', 'one')] },
    { role: 'user', content: [result('b', [{ type: 'text', text: 'two' }]), { type: 'text', text: 'and?' }] },
  ]
  const answered = await call(sim, 'POST', MESSAGES, { ...hello, messages })
  expect(answered.status).toBe(200)
  expect(answered.text).toContain('The tools said: \\"one\\" and \\"two\\".')
})

describe('a second turn', () => {
  test.each(['[[tools]]', '[[redacted]] [[tools]]'])(
    '%s: own reasoning is taken back, changed reasoning is not',
    async text => {
      const first = await call(sim, 'POST', MESSAGES, {
        ...hello,
        messages: user(text),
        tools: offered,
        thinking: think,
      })
      const content = asArray(first.json.content)
      expect(content.map(block => asObject(block)?.type).at(-1)).toBe('tool_use')
      const conversation = (blocks: readonly JsonValue[]): JsonValue => [
        ...asArray(user(text)),
        { role: 'assistant', content: blocks },
        { role: 'user', content: [result(asObject(content.at(-1))?.id ?? '', 'rain, 9 °C')] },
      ]
      const second = await call(sim, 'POST', MESSAGES, {
        ...hello,
        messages: conversation(content),
        tools: offered,
        thinking: think,
      })
      expect(second.status).toBe(200)
      expect(second.text).toContain('The tools said: \\"rain, 9 °C\\".')
      const changed = content.map(block => {
        const found = asObject(block)
        return found?.type === 'thinking'
          ? { ...found, thinking: 'other' }
          : found?.type === 'redacted_thinking'
            ? { ...found, data: 'x' }
            : block
      })
      const refused = await call(sim, 'POST', MESSAGES, {
        ...hello,
        messages: conversation(changed),
        tools: offered,
        thinking: think,
      })
      expect(refused.status).toBe(400)
    },
  )
  test('another provider’s signature is refused', async () => {
    const other = await startSim({ kind: 'moonshot' })
    const body = { ...hello, model: 'kimi-k3', messages: user('x'), thinking: { type: 'adaptive' } }
    const thought = await call(other, 'POST', '/anthropic/v1/messages', body)
    await other.stop()
    const blocks = asArray(thought.json.content)
    expect(asObject(blocks[0])?.type).toBe('thinking')
    const answered = await call(sim, 'POST', MESSAGES, { ...hello, ...turns(blocks, 'and now?') })
    expect(answered.text).toContain('Invalid `signature`')
  })
})

describe('counting', () => {
  test('count_tokens gives what the usage of the answer says, and wants no max_tokens', async () => {
    const body = { model: 'claude-sonnet-5-5', messages: user('hello'), system: 'be kind', tools: offered }
    const counted = await call(sim, 'POST', '/v1/messages/count_tokens', body)
    const answered = await call(sim, 'POST', MESSAGES, { ...body, max_tokens: 100 })
    expect(counted.status).toBe(200)
    expect(counted.json.input_tokens).toBeGreaterThan(3)
    expect(asObject(answered.json.usage)?.input_tokens).toBe(counted.json.input_tokens ?? null)
  })
  test('a marked prefix is written to the cache, then read from it', async () => {
    const system = [{ type: 'text', text: 'a long text about cats', cache_control: { type: 'ephemeral' } }]
    const usage = async (text: string) =>
      asObject((await call(sim, 'POST', MESSAGES, { ...hello, system, messages: user(text) })).json.usage)
    expect(await usage('one')).toMatchObject({
      input_tokens: 1,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 0,
    })
    expect(await usage('two more')).toMatchObject({
      input_tokens: 2,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 5,
    })
  })
  test('the list of models', async () => {
    const listed = await call(sim, 'GET', '/v1/models')
    expect(asArray(listed.json.data).map(row => asObject(row)?.id)).toContain('claude-sonnet-5-5')
    expect((await call(sim, 'GET', '/v1/models', undefined, withKey('nonsense'))).status).toBe(401)
    expect((await call(sim, 'GET', '/v1/nothing')).status).toBe(404)
  })
})
