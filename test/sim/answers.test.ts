import { afterAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import OpenAI from 'openai'
import { parseJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json-value.ts'
import { answerTo, countTokens, DIRECTIVES } from '../../src/sim/answer.ts'
import type { Ask } from '../../src/sim/ask.ts'
import { sampleOf } from '../../src/sim/sample-json.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { call } from './calls.ts'

const CHAT = '/v1/chat/completions'
const MESSAGES = '/v1/messages'
const openAi = await startSim({ kind: 'openai' })
const moonshot = await startSim({ kind: 'moonshot' })
const anthropic = await startSim({ kind: 'anthropic' })
afterAll(async () => {
  await Promise.all([openAi.stop(), moonshot.stop(), anthropic.stop()])
})

const weather = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } },
} as const
const nothing = { type: 'object', properties: {} } as const

const ask: Ask = {
  model: 'm',
  stream: false,
  text: '',
  seen: [],
  toolResults: [],
  steps: 0,
  tools: [],
  toolChoice: 'auto',
  parallelTools: true,
  thinks: false,
  stopSequences: [],
  inputTokens: 0,
}

const pieces = (text: string) => text.match(/\S+\s*/g) ?? []

describe('an answer', () => {
  const tools = [
    { name: 'weather', schema: weather },
    { name: 'clock', schema: nothing },
  ]
  const table: readonly [string, Partial<Ask>, object][] = [
    ['nothing special', { text: 'hi' }, { stop: 'end', calls: [], reasoning: [] }],
    ['tools offered but not asked for', { tools, text: 'hi' }, { stop: 'end', calls: [] }],
    [
      'the directive',
      { tools, text: '[[tools]]' },
      {
        stop: 'tools',
        calls: [
          { name: 'weather', input: '{"city":"sample city","days":3}' },
          { name: 'clock', input: '{}' },
        ],
      },
    ],
    ['no parallel calls', { tools, text: '[[tools]]', parallelTools: false }, { calls: [{ name: 'weather' }] }],
    ['no calls wanted', { tools, text: '[[tools]]', toolChoice: 'none' }, { stop: 'end', calls: [] }],
    [
      'one call required',
      { tools, text: 'hi', toolChoice: 'required' },
      { stop: 'tools', calls: [{ name: 'weather' }] },
    ],
    ['a named call', { tools, text: 'hi', toolChoice: { name: 'clock' } }, { calls: [{ name: 'clock' }] }],
    [
      'results are in',
      { tools, text: '[[tools]]', toolResults: ['9 °C', 'noon'] },
      { stop: 'end', calls: [], text: ['The ', 'tools ', 'said: ', '"9 ', '°C" ', 'and ', '"noon".'] },
    ],
    ['the first step', { tools, text: '[[steps 2]]' }, { stop: 'tools', calls: [{ name: 'weather' }] }],
    [
      'the second step, with another tool',
      { tools, text: '[[steps 2]]', toolResults: ['9 °C'], steps: 1 },
      { stop: 'tools', calls: [{ name: 'clock' }] },
    ],
    [
      'no step left',
      { tools, text: '[[steps 2]]', toolResults: ['9 °C', 'noon'], steps: 2 },
      { stop: 'end', calls: [], text: ['The ', 'tools ', 'said: ', '"9 ', '°C" ', 'and ', '"noon".'] },
    ],
    [
      'a tool that takes text',
      { tools: [{ name: 'sql', schema: {}, custom: true }], text: '[[tools]]' },
      { calls: [{ name: 'sql', input: 'sample sql', custom: true }] },
    ],
    [
      'text for it',
      { tools: [{ name: 'sql', schema: {}, custom: true }], text: '[[call sql {"input":"SELECT 1"}]]' },
      { calls: [{ name: 'sql', input: 'SELECT 1', custom: true }] },
    ],
    [
      'something to see',
      { text: 'hi', seen: ['image/png of 68 bytes', 'a file at file_1'] },
      {
        text: pieces(
          'This is the simulated model m. You said: "hi". I see image/png of 68 bytes and a file at file_1.',
        ),
      },
    ],
    ['N pieces', { text: '[[long 3]]' }, { text: ['word ', 'word ', 'word '], outputTokens: 3 }],
    ['nothing', { text: '[[empty]]' }, { text: [], calls: [], stop: 'end', outputTokens: 0 }],
    ['a refusal', { text: '[[refuse]]' }, { text: [], stop: 'refusal', refusal: true }],
    ['cut in the middle', { text: '[[length]] [[long 10]]' }, { stop: 'length', outputTokens: 5 }],
    ['a tiny limit', { text: 'hi', maxTokens: 2 }, { stop: 'length', text: ['This ', 'is '] }],
    ['a limit that just fits', { text: '[[long 4]]', maxTokens: 4 }, { stop: 'end', outputTokens: 4 }],
    ['a limit inside reasoning', { text: '[[think]]', maxTokens: 3 }, { stop: 'length', text: [], reasoningTokens: 3 }],
    ['a limit inside a call', { tools, text: '[[tools]]', maxTokens: 6 }, { stop: 'length', calls: [] }],
    [
      'a stop sequence',
      { text: 'hi', stopSequences: ['nowhere', 'model'] },
      { stop: 'stop-sequence', stopSequence: 'model', text: ['This ', 'is ', 'the ', 'simulated '] },
    ],
    ['JSON', { text: '[[json]]' }, { text: ['{"model":"m","simulated":true}'] }],
    [
      'JSON after a schema',
      { text: 'hi', json: { schema: weather } },
      { text: ['{"city":"sample ', 'city","days":3}'] },
    ],
    ['a pace', { text: '[[pace 7]]' }, { paceMs: 7 }],
  ]
  test.each(table)('%s', (_, change, expected) => {
    expect(answerTo({ ...ask, ...change })).toMatchObject(expected)
  })
  test('every directive that is listed changes the answer or is known to a provider', () => {
    const plain = JSON.stringify(answerTo({ ...ask, tools, text: 'x' }))
    for (const { name } of DIRECTIVES.filter(row => !BY_PROVIDERS.includes(row.name))) {
      const word = name === 'call' ? '[[call clock {}]]' : `[[${name} 2]]`
      expect(JSON.stringify(answerTo({ ...ask, tools, text: `x ${word}` }))).not.toBe(plain)
    }
  })
})

/** What a provider does by itself: its own tests have it. */
const BY_PROVIDERS: readonly string[] = ['risk', 'fail']

describe('tokens', () => {
  test('are words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z0-9]+$/)),
        words => countTokens(words.join('\n \t')) === words.length,
      ),
    )
  })
})

describe('a sample of a schema', () => {
  const table: readonly [string, JsonObject, unknown][] = [
    ['nothing', {}, 'sample value'],
    ['a constant', { const: 7 }, 7],
    ['a default', { type: 'string', default: 'x' }, 'x'],
    ['a choice', { enum: ['b', 'a'] }, 'b'],
    ['a number', { type: 'number', minimum: 2.5 }, 2.5],
    ['a boolean', { type: 'boolean' }, true],
    ['null', { type: 'null' }, null],
    ['several types', { type: ['integer', 'null'] }, 1],
    ['a list', { type: 'array', items: { type: 'integer' } }, [1]],
    ['one of several', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
    ['a reference', { $ref: '#/$defs/A', $defs: { A: { type: 'boolean' } } }, true],
    ['a reference to nothing', { $ref: '#/$defs/B' }, 'sample value'],
  ]
  test.each(table)('%s', (_, schema, expected) => {
    expect(sampleOf(schema)).toEqual(expected as never)
  })
  test('a schema that contains itself ends', () => {
    const schema = { $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } } } }
    expect(parseJson(JSON.stringify(sampleOf(schema))).ok).toBe(true)
  })
})

const TEXTS = [
  'hello',
  '[[tools]]',
  '[[think]] hello',
  '[[think]] [[tools]]',
  '[[redacted]]',
  '[[long 50]]',
  '[[empty]]',
  '[[refuse]]',
  '[[length]]',
  '[[json]]',
  '[[unicode]]',
] as const

describe('whole and streamed say the same to the official clients', () => {
  const tools = [
    { type: 'function' as const, function: { name: 'weather', parameters: weather } },
    { type: 'function' as const, function: { name: 'clock', parameters: nothing } },
  ]
  for (const sim of [openAi, moonshot]) {
    const baseURL = sim.surfaces.find(surface => surface.protocol === 'openai-completions')?.baseUrl ?? ''
    const client = new OpenAI({ apiKey: sim.key, baseURL, maxRetries: 0 })
    test.each(TEXTS)(`${sim.kind}, chat completions: %s`, async text => {
      const body = { model: sim.model, messages: [{ role: 'user' as const, content: text }], tools }
      const whole = await client.chat.completions.create(body)
      const streamed = await client.chat.completions
        .stream({ ...body, stream_options: { include_usage: true } })
        .finalChatCompletion()
      const [one, two] = [whole.choices[0], streamed.choices[0]]
      expect(two?.finish_reason).toBe(one?.finish_reason ?? 'stop')
      expect(two?.message.content ?? '').toBe(one?.message.content ?? '')
      expect(two?.message.refusal ?? null).toBe(one?.message.refusal ?? null)
      const calls = (choice: typeof one | typeof two) =>
        (choice?.message.tool_calls ?? []).map(call => (call.type === 'function' ? call.function.arguments : ''))
      expect(calls(two)).toEqual(calls(one))
      expect(calls(one).length).toBe(text.includes('[[tools]]') ? 2 : 0)
      expect(streamed.usage).toEqual(whole.usage)
    })
  }
  const client = new Anthropic({ apiKey: anthropic.key, baseURL: anthropic.origin, maxRetries: 0 })
  test.each(TEXTS)('anthropic, messages: %s', async text => {
    const body = {
      model: anthropic.model,
      max_tokens: 5000,
      messages: [{ role: 'user' as const, content: text }],
      tools: tools.map(tool => ({ name: tool.function.name, input_schema: tool.function.parameters })),
    }
    const whole = await client.messages.create(body)
    const streamed = await client.messages.stream(body).finalMessage()
    const blocks = (content: readonly object[]) => JSON.stringify(content).replaceAll(/toolu_sim\d+/g, 'toolu')
    expect(blocks(streamed.content)).toBe(blocks(whole.content))
    expect(streamed.stop_reason).toBe(whole.stop_reason)
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
    expect(streamed.usage.input_tokens).toBe(whole.usage.input_tokens)
  })
})

describe('what comes with a message is seen', () => {
  const png = 'data:image/png;base64,AAAA'
  const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
  const seen = 'I see image/png of 3 bytes'
  const chat = (...content: JsonObject[]) => ({ model: 'gpt-4.1', messages: [{ role: 'user', content }] })
  const messages = (...content: JsonObject[]) => ({
    model: 'claude-sonnet-5-5',
    max_tokens: 500,
    messages: [{ role: 'user', content }],
  })
  const text = { type: 'text', text: 'look' }
  const table: readonly [string, Sim, string, JsonObject, string][] = [
    [
      'Chat Completions, an image',
      openAi,
      CHAT,
      chat(text, { type: 'image_url', image_url: { url: png } }),
      `${seen}.`,
    ],
    [
      'Chat Completions, a file and a sound',
      openAi,
      CHAT,
      chat(
        text,
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAAAA==' } },
        { type: 'input_audio', input_audio: { format: 'wav', data: 'AAAA' } },
      ),
      'I see application/pdf of 4 bytes and audio/wav of 3 bytes.',
    ],
    ['Messages, an image', anthropic, MESSAGES, messages(text, { type: 'image', source }), `${seen}.`],
    [
      'Messages, a document in words and one elsewhere',
      anthropic,
      MESSAGES,
      messages(
        text,
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' } },
        { type: 'document', source: { type: 'url', url: 'https://x.test/a.pdf' } },
      ),
      'I see text/plain of 3 bytes and a file at https://x.test/a.pdf.',
    ],
    [
      'Messages, an image from a tool',
      anthropic,
      MESSAGES,
      {
        ...messages(text),
        messages: [
          { role: 'user', content: 'draw' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'draw', input: {} }] },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'a', content: [text, { type: 'image', source }] }],
          },
        ],
      },
      'The tools said: \\"look [image/png of 3 bytes]\\".',
    ],
  ]
  test.each(table)('%s', async (_, sim, path, body, wording) => {
    const answered = await call(sim, 'POST', path, body)
    expect([answered.status, answered.text]).toEqual([200, expect.stringContaining(wording)])
  })
})
