import { describe, expect, test } from 'bun:test'
import { Stream } from 'openai/core/streaming'
import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { BlockDelta, BlockHead, Event } from '../../src/canon/event.ts'
import { problem } from '../../src/canon/problem.ts'
import { packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { sseBytes } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'p/m', createdSeconds: 1_700_000_000, streamUsage: false }

const START: Event = { type: 'reply-start', id: 'msg_1', model: 'm-1', createdSeconds: 1_750_000_000 }
const END: Event = { type: 'reply-end' }

function block(index: number, head: BlockHead, ...deltas: BlockDelta['delta'][]): Event[] {
  return [
    { type: 'block-start', index, choice: 0, block: head },
    ...deltas.map((delta): Event => ({ type: 'block-delta', index, delta })),
    { type: 'block-stop', index },
  ]
}

const text = (...pieces: string[]): BlockDelta['delta'][] => pieces.map(piece => ({ type: 'text', text: piece }))
const stop = (reason: 'end' | 'tool-calls' | 'refusal' | 'length' = 'end'): Event => ({
  type: 'choice-stop',
  choice: 0,
  reason,
  raw: reason,
})

function framesFor(events: readonly Event[], context = CONTEXT): string[] {
  const encoder = openaiCompletions.openEncoder(context)
  return events.flatMap(event => encoder.push(event)).map(frame => frame.data)
}

/** The choices of each chunk, without what every chunk repeats. */
function choicesFor(events: readonly Event[]): unknown[] {
  return framesFor(events)
    .filter(data => data !== '[DONE]')
    .flatMap(data => (JSON.parse(data) as { choices: unknown[] }).choices)
}

const chunk = (delta: object, finish: string | null = null) => ({ index: 0, delta, finish_reason: finish })

interface Case {
  readonly name: string
  readonly events: readonly Event[]
  readonly chunks: readonly object[]
  readonly message: object
  readonly finish: string
  readonly unsaid: readonly string[]
}

const WEATHER: BlockHead = { type: 'tool-call', id: 'toolu_1', name: 'weather', custom: false }
const NOW: BlockHead = { type: 'tool-call', id: 'toolu_2', name: 'now', custom: false }
const SIGNED = { type: 'reasoning.text', text: 'hm', signature: 'sig==', format: 'anthropic-claude-v1' }
const SUMMARY = { type: 'reasoning.summary', id: 'rs_1', format: 'openai-responses-v1' }
const CITED = { type: 'web_search_result_location', url: 'https://a.example/', title: 'A', cited_text: 'x' }
const ANNOTATION = {
  type: 'url_citation',
  url_citation: { url: 'https://a.example/', title: 'A', start_index: 3, end_index: 6 },
}
const LOGPROBS = { content: [{ token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [] }], refusal: null }

const CASES: readonly Case[] = [
  {
    name: 'text in pieces, with the role first',
    events: [...block(0, { type: 'text' }, ...text('He', '', 'llo')), stop()],
    chunks: [chunk({ role: 'assistant', content: 'He' }), chunk({ content: 'llo' }), chunk({}, 'stop')],
    message: { role: 'assistant', content: 'Hello', refusal: null },
    finish: 'stop',
    unsaid: [],
  },
  {
    name: 'tool calls, one without arguments',
    events: [
      ...block(0, WEATHER, { type: 'input', text: '{"a"' }, { type: 'input', text: ':1}' }),
      ...block(1, NOW, { type: 'input', text: '' }),
      stop('tool-calls'),
    ],
    chunks: [
      chunk({
        role: 'assistant',
        tool_calls: [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '' } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
    ],
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"a":1}' } },
        { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } },
      ],
    },
    finish: 'tool_calls',
    unsaid: [],
  },
  {
    name: 'a custom tool call',
    events: [
      ...block(0, { ...WEATHER, custom: true }, { type: 'input', text: 'SELECT' }, { type: 'input', text: ' 1' }),
      stop('tool-calls'),
    ],
    chunks: [
      chunk({
        role: 'assistant',
        tool_calls: [{ index: 0, id: 'toolu_1', type: 'custom', custom: { name: 'weather', input: '' } }],
      }),
      chunk({ tool_calls: [{ index: 0, custom: { input: 'SELECT' } }] }),
      chunk({ tool_calls: [{ index: 0, custom: { input: ' 1' } }] }),
      chunk({}, 'tool_calls'),
    ],
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'toolu_1', type: 'custom', custom: { name: 'weather', input: 'SELECT 1' } }],
    },
    finish: 'tool_calls',
    unsaid: [],
  },
  {
    name: 'signed and encrypted thinking of Anthropic',
    events: [
      ...block(0, { type: 'reasoning' }, ...text('hm'), { type: 'signature', signature: 'sig==' }),
      ...block(1, { type: 'reasoning', redacted: 'red==' }),
      stop(),
    ],
    chunks: [
      chunk({ role: 'assistant', reasoning_content: 'hm' }),
      chunk({ reasoning_details: [SIGNED] }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'red==', format: 'anthropic-claude-v1' }] }),
      chunk({}, 'stop'),
    ],
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'hm',
      reasoning_details: [SIGNED, { type: 'reasoning.encrypted', data: 'red==', format: 'anthropic-claude-v1' }],
    },
    finish: 'stop',
    unsaid: [],
  },
  {
    name: 'reasoning whose signature is a carrier goes out as it was packed',
    events: [
      ...block(0, { type: 'reasoning' }, ...text('Sum'), {
        type: 'signature',
        signature: packReasoning({ origin: 'openai-completions', details: [SUMMARY] }),
      }),
      stop(),
    ],
    chunks: [
      chunk({ role: 'assistant', reasoning_content: 'Sum' }),
      chunk({ reasoning_details: [{ ...SUMMARY, summary: 'Sum' }] }),
      chunk({}, 'stop'),
    ],
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'Sum',
      reasoning_details: [{ ...SUMMARY, summary: 'Sum' }],
    },
    finish: 'stop',
    unsaid: [],
  },
  {
    name: 'a citation of a page, placed over its text',
    events: [
      ...block(0, { type: 'text' }, ...text('It ')),
      ...block(1, { type: 'text' }, { type: 'citation', value: CITED }, ...text('is.')),
      ...block(2, { type: 'text' }, ...text('!'), { type: 'citation', value: { type: 'char_location' } }),
      stop(),
    ],
    chunks: [
      chunk({ role: 'assistant', content: 'It ' }),
      chunk({ content: 'is.' }),
      chunk({ annotations: [ANNOTATION] }),
      chunk({ content: '!' }),
      chunk({}, 'stop'),
    ],
    message: { role: 'assistant', content: 'It is.!', refusal: null, annotations: [ANNOTATION] },
    finish: 'stop',
    unsaid: ['citation char_location'],
  },
  {
    name: 'a refusal that was spoken ends with stop',
    events: [...block(0, { type: 'refusal' }, ...text('No.')), stop('refusal')],
    chunks: [chunk({ role: 'assistant', refusal: 'No.' }), chunk({}, 'stop')],
    message: { role: 'assistant', content: null, refusal: 'No.' },
    finish: 'stop',
    unsaid: [],
  },
  {
    name: 'a refusal without words is a content filter, and its details have no words',
    events: [{ type: 'choice-stop', choice: 0, reason: 'refusal', raw: 'refusal', details: { category: 'x' } }],
    chunks: [chunk({ role: 'assistant' }, 'content_filter')],
    message: { role: 'assistant', content: null, refusal: null },
    finish: 'content_filter',
    unsaid: ['stop details'],
  },
  {
    name: 'what has no words is named, each kind once',
    events: [
      { type: 'ping' },
      { type: 'unknown', name: 'message_start.container' },
      ...block(
        0,
        { type: 'opaque', protocol: 'anthropic-messages', name: 'server_tool_use', value: {} },
        { type: 'opaque', protocol: 'anthropic-messages', value: { type: 'input_json_delta' } },
      ),
      ...block(1, { type: 'opaque', protocol: 'anthropic-messages', name: 'server_tool_use', value: {} }),
      ...block(2, { type: 'text' }, ...text('x'), {
        type: 'opaque',
        protocol: 'anthropic-messages',
        value: { type: 'future_delta' },
      }),
      { type: 'choice-stop', choice: 0, reason: 'pause', raw: 'pause_turn', sequence: 'END' },
    ],
    chunks: [chunk({ role: 'assistant', content: 'x' }), chunk({}, 'stop')],
    message: { role: 'assistant', content: 'x', refusal: null },
    finish: 'stop',
    unsaid: [
      'message_start.container',
      'opaque server_tool_use',
      'opaque future_delta',
      'stop sequence',
      'stop reason pause_turn',
    ],
  },
]

describe.each([...CASES])('$name', ({ events, chunks, message, finish, unsaid }) => {
  const whole = [START, ...events, END]

  test('as a stream', () => {
    const encoder = openaiCompletions.openEncoder(CONTEXT)
    for (const event of whole) encoder.push(event)
    expect(choicesFor(whole)).toEqual([...chunks])
    expect(encoder.unsaid()).toEqual(unsaid)
  })

  test('as a whole reply', () => {
    const reply = openaiCompletions.encodeReply(whole, CONTEXT)
    const choice = { index: 0, message, logprobs: null, finish_reason: finish }
    expect<unknown>(reply.body.choices).toEqual([choice])
    expect(reply.unsaid).toEqual(unsaid)
  })
})

describe('around the choices', () => {
  const hi: Event[] = [...block(0, { type: 'text' }, ...text('Hi')), stop()]
  const usage: Event = { type: 'usage', usage: { input: 10, cacheRead: 4, cacheWrite: 2, output: 5, reasoning: 3 } }
  const written = {
    prompt_tokens: 16,
    completion_tokens: 8,
    total_tokens: 24,
    prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 3 },
  }

  test('every chunk repeats what the reply began with', () => {
    const first = JSON.parse(framesFor([START, ...hi, END])[0] ?? '')
    expect(first).toMatchObject({ id: 'msg_1', object: 'chat.completion.chunk', created: 1_750_000_000, model: 'm-1' })
  })

  test('what the provider left out comes from the context', () => {
    const bare: Event = { type: 'reply-start', id: '', model: '' }
    const { body } = openaiCompletions.encodeReply([bare, ...hi, END], CONTEXT)
    expect(body).toMatchObject({ id: 'req_1', object: 'chat.completion', created: 1_700_000_000, model: 'p/m' })
    expect(body.usage).toBeUndefined()
  })

  test('usage comes in its own chunk before [DONE], if it was asked for', () => {
    const frames = framesFor([START, ...hi, usage, END], { ...CONTEXT, streamUsage: true })
    expect(JSON.parse(frames.at(-2) ?? '')).toMatchObject({ choices: [], usage: written })
    expect(frames.at(-1)).toBe('[DONE]')
    expect(framesFor([START, ...hi, usage, END]).join('')).not.toContain('"usage"')
  })

  test('a whole reply has usage without asking', () => {
    expect(openaiCompletions.encodeReply([START, ...hi, usage, END], CONTEXT).body.usage).toEqual(written)
  })

  test('log probabilities stand beside the delta', () => {
    const events = [
      START,
      ...block(0, { type: 'text' }, ...text('Hi'), { type: 'logprobs', value: LOGPROBS }),
      stop(),
      END,
    ]
    expect(choicesFor(events)[1]).toEqual({ index: 0, delta: {}, logprobs: LOGPROBS, finish_reason: null })
    const { body } = openaiCompletions.encodeReply(events, CONTEXT)
    expect(body.choices).toMatchObject([{ logprobs: LOGPROBS }])
  })

  test('a failure is told in an error frame, and no [DONE] follows', () => {
    const failure: Event = { type: 'failure', problem: problem('stream_truncated', 'Cut.', { provider: 'p' }) }
    const frames = framesFor([START, ...hi.slice(0, 2), failure, END])
    expect(frames).toHaveLength(2)
    expect(JSON.parse(frames[1] ?? '')).toEqual({
      error: {
        message: 'Cut.',
        type: 'server_error',
        param: null,
        code: 'stream_truncated',
        candor: expect.objectContaining({ code: 'stream_truncated', provider: 'p', request_id: 'req_1' }),
      },
    })
  })

  test('nothing is written after the end', () => {
    const encoder = openaiCompletions.openEncoder(CONTEXT)
    for (const event of [START, ...hi, END]) encoder.push(event)
    expect([START, ...hi, END].flatMap(event => encoder.push(event))).toEqual([])
  })
})

describe("OpenAI's own client reads it", () => {
  async function read(events: readonly Event[]): Promise<ChatCompletionChunk[]> {
    const encoder = openaiCompletions.openEncoder({ ...CONTEXT, streamUsage: true })
    const bytes = sseBytes(events.flatMap(event => encoder.push(event)))
    const stream = Stream.fromSSEResponse<ChatCompletionChunk>(new Response(bytes), new AbortController())
    return Array.fromAsync(stream)
  }

  test('a reply to its end', async () => {
    const chunks = await read([START, ...block(0, { type: 'text' }, ...text('Grüß', ' Gott')), stop(), END])
    expect(chunks.map(part => part.choices[0]?.delta.content ?? '').join('')).toBe('Grüß Gott')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  })

  test('a failure as an error', async () => {
    const failure: Event = { type: 'failure', problem: problem('overloaded', 'No capacity.') }
    await expect(read([START, failure])).rejects.toThrow('No capacity.')
  })
})
