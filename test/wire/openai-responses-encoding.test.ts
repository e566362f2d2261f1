import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem, type Problem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { decodeRequest } from '../../src/wire/openai-responses/decode-request.ts'
import { encodeRequest } from '../../src/wire/openai-responses/encode-request.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { fixtures, golden, jsonOf } from './openai-responses-goldens.ts'

/** What a fixture of an encoding need not say. */
const BASE: CanonRequest = {
  from: 'anthropic-messages',
  model: 'm-1',
  stream: false,
  streamUsage: true,
  turns: [],
  tools: [],
  settings: [],
  unknown: [],
}

/** Either a request in canonical form, or one in another protocol's words. */
interface Encoding {
  readonly quirks?: Quirks
  readonly request?: Partial<CanonRequest>
  readonly protocol?: string
  readonly body?: JsonObject
}

function requestOf({ request, protocol, body }: Encoding): CanonRequest {
  if (body === undefined) return { ...BASE, ...request }
  const codec = [anthropicMessages, openaiCompletions].find(one => one.id === protocol)
  return readable(codec?.decodeRequest(body))
}

function readable(read: CanonRequest | Problem | undefined): CanonRequest {
  if (read === undefined) throw new Error('no such protocol')
  if (isProblem(read)) throw new Error(read.what)
  return read
}

describe.each(fixtures('encodings'))('encoding $name', fixture => {
  const encoding = jsonOf(fixture) as Encoding
  const written = encodeRequest(requestOf(encoding), encoding.quirks ?? {})

  test('is written as its golden says', () => {
    expect(written).toEqual(golden(fixture, 'wire', written) as typeof written)
  })

  test('can be read again', () => {
    const again = decodeRequest(written.body)
    expect(isProblem(again)).toBe(false)
  })
})

/** What comes back after a way through this protocol: everything but where it stood and what no wire item can hold. */
function bare(request: CanonRequest): unknown {
  const { from: _, streamUsage: __, ...rest } = request
  return JSON.parse(JSON.stringify(rest), (key, value) => (key === 'at' || key === 'item' ? undefined : value))
}

describe('a request without losses says the same after a way through this protocol', () => {
  const whole = [
    { codec: anthropicMessages, name: 'Anthropic' },
    { codec: openaiCompletions, name: 'Chat Completions' },
  ].flatMap(({ codec, name }) => requestsOf(codec.id).map(body => ({ codec, name, body })))

  test.each(whole)('$name', ({ codec, body }) => {
    const read = readable(codec.decodeRequest(body))
    const { body: written, losses } = encodeRequest(read, {})
    expect(losses).toEqual([])
    expect(bare(readable(decodeRequest(written)))).toEqual(bare(read))
  })
})

function requestsOf(protocol: string): JsonObject[] {
  const tool = { name: 'weather', description: 'Tells it.' }
  const schema = { type: 'object', properties: { city: { type: 'string' } } }
  if (protocol === 'anthropic-messages')
    return [
      {
        model: 'm',
        max_tokens: 9,
        temperature: 0.5,
        stream: true,
        system: 'Be brief.',
        tools: [{ ...tool, input_schema: schema, strict: true }],
        tool_choice: { type: 'tool', name: 'weather' },
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Rome' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'Sunny' }] },
        ],
      },
    ]
  return [
    {
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Use metres.' }] },
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
            { id: 'c2', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'Sunny' },
        { role: 'tool', tool_call_id: 'c2', content: '1' },
        { role: 'user', content: 'Thanks.' },
      ],
      tools: [
        { type: 'function', function: { ...tool, parameters: schema, strict: false } },
        { type: 'custom', custom: { name: 'sql', format: { type: 'text' } } },
      ],
      parallel_tool_calls: false,
      reasoning_effort: 'low',
      logprobs: true,
      response_format: { type: 'json_object' },
    },
  ]
}

describe('what an agent sends with every call costs nothing in another protocol but hints', () => {
  const fixture = fixtures('requests').find(one => one.name === 'agent-turn')
  const read = readable(fixture === undefined ? undefined : decodeRequest(jsonOf(fixture)))

  test.each([
    { codec: openaiCompletions, lost: [], quirks: { replayReasoning: 'reasoning_content' } },
    { codec: anthropicMessages, lost: ['prompt_cache_key', 'reasoning_history'], quirks: {} },
  ] as const)('$codec.id', ({ codec, lost, quirks }) => {
    const { losses } = codec.encodeRequest(read, quirks)
    expect(losses.map(loss => loss.parameter).sort()).toEqual([...lost])
    expect(losses.every(loss => loss.kind === 'hint')).toBe(true)
  })
})

test.each([
  { limit: 1, sent: 16, assumed: ['max_output_tokens'] },
  { limit: 16, sent: 16, assumed: [] },
  { limit: 17, sent: 17, assumed: [] },
] as const)('a limit of $limit where the provider takes no less than 16', ({ limit, sent, assumed }) => {
  const { body, losses, assumptions } = encodeRequest({ ...BASE, maxOutputTokens: limit }, { maxTokensMin: 16 })
  expect(body.max_output_tokens).toBe(sent)
  expect(assumptions.map(one => one.path).filter(path => path !== 'store')).toEqual([...assumed])
  expect(losses).toEqual([])
})

describe('what the provider keeps is refused by name in another protocol', () => {
  const state = { previous_response_id: 'resp_1', conversation: 'conv_1', background: true, prompt: { id: 'pmpt_1' } }

  test.each([openaiCompletions, anthropicMessages])('$id', codec => {
    const read = readable(decodeRequest({ model: 'm', input: 'Hi', ...state }))
    const { losses } = codec.encodeRequest(read, {})
    expect(losses.map(loss => [loss.parameter, loss.path, loss.kind])).toEqual(
      Object.keys(state).map(name => [name, name, 'semantic']),
    )
  })

  test.each([openaiCompletions, anthropicMessages])('$id: an item that is only a reference', codec => {
    const read = readable(decodeRequest({ model: 'm', input: [{ type: 'item_reference', id: 'msg_1' }] }))
    const { losses } = codec.encodeRequest(read, {})
    expect(losses).toMatchObject([{ parameter: 'opaque_parts', path: 'input[0]', kind: 'semantic' }])
  })
})
