import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { packCallId, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import type { CanonRequest, Part } from '../../src/canon/request.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'

const SIGNATURE = 'CiQBSignedByGemini=='
const CARRIER = packReasoning({ origin: 'google-generative-ai', signature: SIGNATURE })
const PACKED = packCallId('call_1', CARRIER)

const context: ReplyContext = {
  requestId: 'req_1',
  model: 'm',
  createdSeconds: 1,
  streamUsage: true,
  from: 'google-generative-ai',
}
const call = { type: 'tool-call', id: 'call_1', name: 'f', custom: false, signature: CARRIER } as const
const REPLY: readonly Event[] = [
  { type: 'reply-start', id: 'r', model: 'm' },
  { type: 'block-start', index: 0, choice: 0, block: call },
  { type: 'block-delta', index: 0, delta: { type: 'input', text: '{"a":1}' } },
  { type: 'block-stop', index: 0 },
  { type: 'choice-stop', choice: 0, reason: 'tool-calls', raw: 'STOP' },
  { type: 'reply-end' },
]

/** A conversation in which a client gives back the call of that reply, and its result. */
const SECOND_TURNS: readonly {
  readonly codec: typeof openaiCompletions
  readonly signedAt: string
  readonly body: (id: string) => JsonObject
}[] = [
  {
    codec: openaiCompletions,
    signedAt: 'messages[0].tool_calls[0].id',
    body: id => ({
      model: 'm',
      messages: [
        { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: id, content: 'ok' },
      ],
    }),
  },
  {
    codec: anthropicMessages,
    signedAt: 'messages[0].content[0].id',
    body: id => ({
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: { a: 1 } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
      ],
    }),
  },
  {
    codec: openaiResponses,
    signedAt: 'input[0].call_id',
    body: id => ({
      model: 'm',
      input: [
        { type: 'function_call', call_id: id, name: 'f', arguments: '{"a":1}' },
        { type: 'function_call_output', call_id: id, output: 'ok' },
      ],
    }),
  },
]

function readable(codec: typeof openaiCompletions, body: JsonObject): CanonRequest {
  const read = codec.decodeRequest(body)
  if (isProblem(read)) throw new Error(read.what)
  return read
}

describe.each([...SECOND_TURNS])('$codec.id', ({ codec, body, signedAt }) => {
  test('a reply has the signature in the id of its call, whole and streamed', () => {
    const whole = codec.encodeReply(REPLY, context)
    expect(JSON.stringify(whole.body)).toContain(`"${PACKED}"`)
    expect(whole.unsaid).not.toContain('tool-call')
    const encoder = codec.openEncoder(context)
    const streamed = REPLY.flatMap(event => encoder.push(event))
    expect(streamed.some(frame => frame.data.includes(`"${PACKED}"`))).toBe(true)
  })

  test('the call that comes back has its own id again, with what it was signed with', () => {
    const parts = readable(codec, body(PACKED)).turns.flatMap(turn => turn.parts) as readonly Part[]
    const [read, answer] = parts
    expect(read).toMatchObject({ id: 'call_1', signature: SIGNATURE, origin: 'google-generative-ai' })
    expect(answer).toMatchObject({ callId: 'call_1' })
  })

  test('Gemini is given its signature back', () => {
    const { body: sent } = googleGenerativeAi.encodeRequest(readable(codec, body(PACKED)), {})
    expect(JSON.stringify(sent)).toContain(`"thoughtSignature":"${SIGNATURE}"`)
  })

  test.each([openaiCompletions, anthropicMessages, openaiResponses])(
    '$id is given the plain id, and the signature is told as lost where it stood',
    target => {
      const sent = target.encodeRequest(readable(codec, body(PACKED)), {})
      expect(JSON.stringify(sent.body)).not.toContain('candor1')
      const unsigned = target.encodeRequest(readable(codec, body('call_1')), {})
      const told = sent.losses.filter(loss => !unsigned.losses.some(other => Bun.deepEquals(other, loss)))
      expect(told).toMatchObject([{ parameter: 'reasoning_history', kind: 'hint', path: signedAt }])
    },
  )
})
