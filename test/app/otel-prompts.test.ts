import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { inputMessages, PROMPT_BYTES_MAX, PROMPT_CHARS_MAX } from '../../src/app/otel/prompts.ts'
import { openSpanQueue, WAITING_PROMPT_BYTES_MAX } from '../../src/app/otel/span-queue.ts'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { RequestNames, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { receipt } from '../ledger/receipts.ts'
import { startCollector, type TestCollector } from './collector.ts'
import { SPAN, TRACE, telemetryFor, tracedCall } from './otel-harness.ts'
import { readSpans } from './otlp-reading.ts'

const bytes = (body: JsonObject) => new TextEncoder().encode(JSON.stringify(body))

function protocolOf(id: ProtocolId): WireProtocol {
  const found = WIRE_PROTOCOLS.find(protocol => protocol.id === id)
  if (found === undefined) throw new Error(id)
  return found
}

function messagesOf(id: ProtocolId, body: JsonObject, names?: RequestNames): unknown {
  const text = inputMessages({ protocol: protocolOf(id), body: bytes(body), names })
  return text === undefined ? undefined : JSON.parse(text)
}

describe('a conversation in the words of the conventions', () => {
  const hello = { role: 'user', parts: [{ type: 'text', content: 'Hello' }] }

  test.each<[ProtocolId, JsonObject, RequestNames | undefined]>([
    ['openai-completions', { model: 'm', messages: [{ role: 'user', content: 'Hello' }] }, undefined],
    ['openai-responses', { model: 'm', input: 'Hello' }, undefined],
    ['anthropic-messages', { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }, undefined],
    [
      'google-generative-ai',
      { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
      { model: 'm', stream: false },
    ],
  ])('from %s', (id, body, names) => {
    expect(messagesOf(id, body, names)).toEqual([hello])
  })

  test('tools are told, pictures only named', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'a cat' },
    ]
    expect(messagesOf('openai-completions', { model: 'm', messages })).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', content: 'What is this?' }, { type: 'image' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_1', name: 'look', arguments: '{"at":1}' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'a cat' }] },
    ])
  })

  test('is bounded: the newest turns are told', () => {
    const messages = Array.from({ length: 100 }, (_, n) => ({ role: 'user', content: `${n} ${'x'.repeat(1_000)}` }))
    const body = { model: 'm', messages }
    const text = inputMessages({ protocol: protocolOf('openai-completions'), body: bytes(body), names: undefined })
    expect(text?.length).toBeLessThan(PROMPT_CHARS_MAX + 100)
    expect(text).toContain('99 xxx')
    expect(text).not.toContain('"0 xxx')
  })

  test('one turn that is too long is cut', () => {
    const body = { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(PROMPT_CHARS_MAX * 2) }] }
    const text = inputMessages({ protocol: protocolOf('openai-completions'), body: bytes(body), names: undefined })
    expect(text?.length).toBeLessThan(PROMPT_CHARS_MAX + 100)
    expect(text).toContain('…')
  })

  test.each(['', 'no JSON', '[]', '{"messages":1}'])('%p is none', body => {
    const protocol = protocolOf('openai-completions')
    expect(inputMessages({ protocol, body: new TextEncoder().encode(body), names: undefined })).toBeUndefined()
  })
})

test('prompts that wait take only so much memory', async () => {
  const queue = openSpanQueue()
  const protocol = protocolOf('openai-completions')
  const body = bytes({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(PROMPT_BYTES_MAX - 100) }] })
  const fitting = Math.floor(WAITING_PROMPT_BYTES_MAX / body.length)
  const trace = { traceId: TRACE, spanId: SPAN, sampled: true }
  for (let n = 0; n < fitting + 5; n += 1)
    queue.add({ receipt: receipt({ attempts: [] }), trace, prompt: { protocol, body, names: undefined } })
  const batches: (readonly string[])[] = []
  while (queue.spans > 0) batches.push(await queue.take())
  const spans = batches.flat()
  expect(spans).toHaveLength(fitting + 5)
  expect(spans.filter(span => span.includes('gen_ai.input.messages'))).toHaveLength(fitting)
  expect(Math.max(...batches.map(batch => batch.join().length))).toBeLessThan(5 * 1024 * 1024)
})

describe('prompts', () => {
  let collector: TestCollector
  beforeEach(() => {
    collector = startCollector()
  })
  afterEach(() => collector.stop())

  async function told(prompts: boolean, content: string): Promise<unknown> {
    const { telemetry } = telemetryFor(collector.url, { prompts })
    const body = bytes({ model: 'm', messages: [{ role: 'user', content }] })
    telemetry.ended(receipt({ attempts: [] }), { ...tracedCall(), body })
    await telemetry.close()
    return collector.received.flatMap(readSpans)[0]?.attributes['gen_ai.input.messages']
  }

  test('are told where they are asked for', async () => {
    expect(await told(true, 'Hello')).toBe('[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]')
  })

  test('are not told otherwise', async () => {
    expect(await told(false, 'Hello')).toBeUndefined()
    expect(JSON.stringify(collector.received)).not.toContain('Hello')
  })

  test('of a very large body are not told', async () => {
    expect(await told(true, 'x'.repeat(PROMPT_BYTES_MAX))).toBeUndefined()
  })
})
