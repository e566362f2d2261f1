import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { indented } from '../../web/src/views/call/indented.ts'

/** The part of the dashboard that is looked at here. It is named when it is loaded: with its types would come those of the browser, for all tests. */
interface ReplyReader {
  answerIn(
    reply: { readonly contentType: string; readonly text: string },
    protocol: ProtocolId,
  ): { readonly trouble?: { readonly message: string } } | undefined
}

const { answerIn }: ReplyReader = await import(new URL('../../web/src/views/call/read-reply.ts', import.meta.url).href)

describe('JSON with a line for each value', () => {
  test('is laid out as everybody does', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 3, '\t'), (text, space) => {
        const value: unknown = JSON.parse(text)
        const usual = JSON.stringify(value, undefined, 2)
        expect(indented(JSON.stringify(value, undefined, space))).toBe(usual)
      }),
    )
  })

  test.each([
    { what: 'digits', text: '[12345678901234567890,1.10,1E2]', shown: '[\n  12345678901234567890,\n  1.10,\n  1E2\n]' },
    { what: 'escapes', text: '"\\u003cb\\u003e\\\\"', shown: '"\\u003cb\\u003e\\\\"' },
    { what: 'names that stand twice', text: '{"a":1,"a":2}', shown: '{\n  "a": 1,\n  "a": 2\n}' },
    { what: 'what is empty', text: ' { "a" : [ ] , "b" : { } } ', shown: '{\n  "a": [],\n  "b": {}\n}' },
  ])('keeps $what', ({ text, shown }) => {
    expect(indented(text)).toBe(shown)
  })

  test.each(['', '{"a":', 'data: {}', '{"a":1} {}'])('is not made of %j', text => {
    expect(indented(text)).toBeUndefined()
  })

  test('of a thousand lists in each other does not fill the memory', () => {
    const depth = 1_000
    expect(indented(`${'['.repeat(depth)}1${']'.repeat(depth)}`)?.length).toBeLessThan(depth * 200)
  })
})

interface Told {
  readonly protocol: ProtocolId
  readonly whole: object
  readonly events: readonly object[]
}

/** The same answer in each protocol: a thought, a text in two pieces, a call. */
const TOLD: readonly Told[] = [
  {
    protocol: 'openai-completions',
    whole: {
      error: null,
      choices: [
        {
          message: {
            reasoning_content: 'Hm.',
            content: 'Hello there',
            tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{"at":"it"}' } }],
          },
        },
      ],
    },
    events: [
      { choices: [{ delta: { reasoning_content: 'Hm.' } }] },
      { choices: [{ delta: { content: 'Hello ' } }] },
      { choices: [{ delta: { content: 'there' } }] },
      {
        choices: [{ delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'look', arguments: '{"at"' } }] } }],
      },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: ':"it"}' } }] } }] },
    ],
  },
  {
    protocol: 'openai-responses',
    whole: {
      error: null,
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { type: 'message', content: [{ type: 'output_text', text: 'Hello there' }] },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":"it"}' },
      ],
    },
    events: [
      { type: 'response.created', response: { error: null } },
      { type: 'response.reasoning_summary_text.delta', delta: 'Hm.' },
      { type: 'response.output_text.delta', delta: 'Hello ' },
      { type: 'response.output_text.delta', delta: 'there' },
      { type: 'response.output_text.done', text: 'Hello there' },
      { type: 'response.output_item.done', item: { type: 'message', content: [{ text: 'Hello there' }] } },
      {
        type: 'response.output_item.done',
        item: { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":"it"}' },
      },
    ],
  },
  {
    protocol: 'anthropic-messages',
    whole: {
      type: 'message',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Hello there' },
        { type: 'tool_use', id: 'c1', name: 'look', input: { at: 'it' } },
      ],
    },
    events: [
      { type: 'message_start', message: { content: [] } },
      { type: 'content_block_start', content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm.' } },
      { type: 'content_block_start', content_block: { type: 'text', text: 'Hello ' } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'there' } },
      { type: 'content_block_start', content_block: { type: 'tool_use', id: 'c1', name: 'look', input: {} } },
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{"at"' } },
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: ':"it"}' } },
    ],
  },
  {
    protocol: 'google-generative-ai',
    whole: {
      candidates: [
        {
          content: {
            parts: [
              { text: 'Hm.', thought: true },
              { text: 'Hello there' },
              { functionCall: { id: 'c1', name: 'look', args: { at: 'it' } } },
            ],
          },
        },
      ],
    },
    events: [
      { candidates: [{ content: { parts: [{ text: 'Hm.', thought: true }] } }] },
      { candidates: [{ content: { parts: [{ text: 'Hello ' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'there' }] } }] },
      { candidates: [{ content: { parts: [{ functionCall: { id: 'c1', name: 'look', args: { at: 'it' } } }] } }] },
    ],
  },
]

/** How each protocol says that nothing is missing. */
const ENDS: Readonly<Record<ProtocolId, string>> = {
  'openai-completions': '[DONE]',
  'openai-responses': '{"type":"response.completed","response":{"error":null}}',
  'anthropic-messages': '{"type":"message_stop"}',
  'google-generative-ai': '{"candidates":[{"finishReason":"STOP"}]}',
}

const ANSWER = {
  text: 'Hello there',
  reasoning: 'Hm.',
  calls: [{ id: 'c1', name: 'look', arguments: '{"at":"it"}' }],
}

const streamOf = (data: readonly string[]) => ({
  contentType: 'text/event-stream; charset=utf-8',
  text: data.map(each => `data: ${each}\n\n`).join(''),
})

describe.each([...TOLD])('a reply over $protocol is read', ({ protocol, whole, events }) => {
  const data = events.map(event => JSON.stringify(event))

  test('whole', () => {
    expect(answerIn({ contentType: 'application/json', text: JSON.stringify(whole) }, protocol)).toMatchObject(ANSWER)
  })

  test('from a stream, which ended', () => {
    expect(answerIn(streamOf([...data, ENDS[protocol]]), protocol)).toMatchObject({ ...ANSWER, outcome: 'whole' })
  })

  test('from a stream that was cut', () => {
    const { text, contentType } = streamOf([...data, '{"cut":true}'])
    const told = answerIn({ contentType, text: text.slice(0, -8) }, protocol)
    expect(told).toMatchObject({ ...ANSWER, outcome: 'running' })
  })

  test('up to an error', () => {
    const error = JSON.stringify({ error: { message: 'Out of order' } })
    const told = answerIn(streamOf([...data, error, ...data]), protocol)
    expect(told).toMatchObject({ ...ANSWER, outcome: 'failed' })
    expect(told?.trouble?.message).toBe('Out of order')
  })

  test('not from what is something else', () => {
    for (const text of ['', 'null', '[]', '"text"', '{"error":{"message":"no"}}', '{"choices":7,"output":{}}'])
      expect(answerIn({ contentType: 'application/json', text }, protocol)).toBeUndefined()
  })
})

test('a stream of one list is read', () => {
  const [google] = TOLD.filter(({ protocol }) => protocol === 'google-generative-ai')
  const text = JSON.stringify(google?.events)
  expect(answerIn({ contentType: 'application/json', text }, 'google-generative-ai')).toMatchObject(ANSWER)
})
