import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { asArray, asObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { openNotes } from '../../src/pipeline/listener.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { decodeFrames } from './stream-laws.ts'

/** Signatures with all that base64 has. */
const SIGNED = `EqQB${'aB+/'.repeat(30)}x-_9==`
const SEALED = `gAAA${'cD-_'.repeat(30)}+/=`

/** A reply of each protocol's provider that signs what it can sign, with the call that its next turn answers. */
const REPLIES: Readonly<Record<ProtocolId, { readonly body: JsonObject; readonly seals: number }>> = {
  'anthropic-messages': {
    seals: 2,
    body: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: SIGNED },
        { type: 'redacted_thinking', data: SEALED },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  'openai-responses': {
    seals: 1,
    body: {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model: 'm',
      output: [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: SEALED },
        { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}', status: 'completed' },
      ],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    },
  },
  'openai-completions': {
    seals: 2,
    body: {
      id: 'c_1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Let me look.',
            reasoning_details: [
              { type: 'reasoning.text', text: 'Hm.', signature: SIGNED, format: 'anthropic-claude-v1', index: 0 },
              { type: 'reasoning.encrypted', data: SEALED, format: 'openai-responses-v1', id: 'rs_1', index: 1 },
            ],
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
          },
        },
      ],
    },
  },
  'google-generative-ai': {
    seals: 2,
    body: {
      responseId: 'g_1',
      modelVersion: 'm',
      candidates: [
        {
          index: 0,
          finishReason: 'STOP',
          content: {
            role: 'model',
            parts: [
              { text: 'Hm.', thought: true, thoughtSignature: SEALED },
              { text: 'Let me look.' },
              { functionCall: { id: 'call_1', name: 'f', args: { a: 1 } }, thoughtSignature: SIGNED },
            ],
          },
        },
      ],
    },
  },
}

/** What a client sends next that gives back all it was given, and answers the call. */
const ECHOES: Readonly<Record<ProtocolId, (reply: JsonObject) => JsonObject>> = {
  'anthropic-messages': reply => {
    const id = asArray(reply.content)
      .map(asObject)
      .find(block => block?.type === 'tool_use')?.id
    return {
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'assistant', content: reply.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
      ],
    }
  },
  'openai-responses': reply => {
    const id = asArray(reply.output)
      .map(asObject)
      .find(item => item?.type === 'function_call')?.call_id
    return {
      model: 'm',
      input: [...asArray(reply.output), { type: 'function_call_output', call_id: id, output: 'ok' }],
    }
  },
  'openai-completions': reply => {
    const message = asObject(asObject(asArray(reply.choices)[0])?.message) ?? {}
    const id = asObject(asArray(message.tool_calls)[0])?.id
    return { model: 'm', messages: [message, { role: 'tool', tool_call_id: id, content: 'ok' }] }
  },
  'google-generative-ai': reply => {
    const content = asObject(asObject(asArray(reply.candidates)[0])?.content) ?? {}
    const calls = asArray(content.parts).map(part => asObject(asObject(part)?.functionCall))
    const id = calls.find(call => call !== undefined)?.id
    const result = { functionResponse: { id, name: 'f', response: { output: 'ok' } } }
    return { contents: [content, { role: 'user', parts: [result] }] }
  },
}

function heardIn(events: readonly Event[]): readonly string[] {
  const notes = openNotes()
  for (const event of events) notes.take(event)
  return notes.heard.signatures
}

function sealsOf(protocol: WireProtocol) {
  if (protocol.seals === undefined) throw new Error(`${protocol.id} has no seals`)
  return protocol.seals
}

const sorted = (seals: readonly string[]) => [...new Set(seals)].sort()
const PAIRS = WIRE_PROTOCOLS.flatMap(client => WIRE_PROTOCOLS.map(upstream => ({ client, upstream })))

test.each([...WIRE_PROTOCOLS])('a reply of $id: all its seals are heard, whole and streamed', upstream => {
  const { body, seals } = REPLIES[upstream.id]
  const events = upstream.decodeReply(body)
  expect(sorted(heardIn(events))).toHaveLength(seals)
  const writer = upstream.openEncoder({ ...CONTEXT, from: upstream.id })
  const streamed = decodeFrames(
    upstream,
    events.flatMap(event => [...writer.push(event)]),
  )
  expect(sorted(heardIn(streamed))).toEqual(sorted(heardIn(events)))
})

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }

describe.each(PAIRS)('$client.id asks $upstream.id', ({ client, upstream }) => {
  const { body } = REPLIES[upstream.id]
  const events = upstream.decodeReply(body)
  const heard = sorted(heardIn(events))
  const context = { ...CONTEXT, from: upstream.id }
  const writer = client.openEncoder(context)
  const streamed = decodeFrames(
    client,
    events.flatMap(event => [...writer.push(event)]),
  )
  const replies: readonly [string, JsonObject][] = [
    ['whole', client.encodeReply(events, context).body],
    ['streamed', client.encodeReply(streamed, CONTEXT).body],
    ...(client === upstream ? [['passed through', body] as [string, JsonObject]] : []),
  ]

  test.each(replies)('%s: what comes back has the seals that were heard', (_, reply) => {
    const { signaturesIn, withoutSeals } = sealsOf(client)
    const next = ECHOES[client.id](reply)
    expect(sorted(signaturesIn(next))).toEqual(heard)

    const open = withoutSeals(next)
    expect(signaturesIn(open.body)).toEqual([])
    expect(open.losses.map(({ parameter, kind }) => `${kind} ${parameter}`)).toContain('hint reasoning_history')
    const read = client.decodeRequest(open.body, { model: 'm', stream: false })
    if (isProblem(read)) throw new Error(read.what)
    const parts = read.turns.flatMap(turn => turn.parts)
    expect(parts.find(part => part.type === 'tool-call')).toMatchObject({ name: 'f', input: '{"a":1}' })
    const call = parts.find(part => part.type === 'tool-call')
    expect(parts.find(part => part.type === 'tool-result')).toMatchObject({ callId: call?.id })
    expect(JSON.stringify(open.body)).not.toMatch(/candor1|Y2FuZG9yMS/)
  })
})

test('what no one signed has no seals, and costs no list', () => {
  const events: Event[] = [
    { type: 'reply-start', id: 'r', model: 'm' },
    { type: 'block-start', index: 0, choice: 0, block: { type: 'reasoning' } },
    { type: 'block-delta', index: 0, delta: { type: 'text', text: 'Hm.' } },
    { type: 'block-stop', index: 0 },
    { type: 'choice-stop', choice: 0, reason: 'end', raw: 'stop' },
    { type: 'reply-end' },
  ]
  expect(heardIn(events)).toEqual([])
  expect(heardIn(events)).toBe(heardIn([]))
})

test('at most fifty are noted', () => {
  const events = Array.from({ length: 60 }, (_, index): Event[] => [
    { type: 'block-start', index, choice: 0, block: { type: 'reasoning', redacted: `seal${index}` } },
    { type: 'block-stop', index },
  ]).flat()
  expect(heardIn(events)).toEqual(Array.from({ length: 50 }, (_, index) => `seal${index}`))
})

test('an opaque part of a Gemini reply is signed too', () => {
  const reply = {
    candidates: [
      { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' }, thoughtSignature: 'image+/==' }] } },
    ],
  }
  const [gemini] = WIRE_PROTOCOLS.filter(({ id }) => id === 'google-generative-ai')
  if (gemini === undefined) throw new Error('no Gemini')
  expect(heardIn(gemini.decodeReply(reply))).toEqual(['image+/'])
  const next = { contents: [asObject(reply.candidates[0])?.content ?? {}] }
  expect(sealsOf(gemini).signaturesIn(next)).toEqual(['image+/'])
})
