import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { mergeUsage, outputTotal, type Usage } from '../../src/canon/usage.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { jsonOf, recorded, recordedFrames } from './google-generative-ai-goldens.ts'
import { geminiIsComplete, sameReply, textOf } from './google-generative-ai-laws.ts'
import { decodeFrames, lawBreaks, sseBytes } from './stream-laws.ts'

/** Real replies recorded by others lie beside the project on some machines; they are no part of it. */
const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }

const streams = recorded('.chunks.txt')
const replies = recorded('.json')
console.log(`recorded Gemini replies: ${streams.length} streams, ${replies.length} whole`)

/** What some recorded streams are known to say: the calls with their arguments, in order. */
const CALLS: Readonly<Record<string, readonly (readonly [string, JsonObject])[]>> = {
  'google--google-tool-call-gemini3.chunks.txt': [['weather', { location: 'San Francisco' }]],
  'google--google-stream-tool-call-arguments.chunks.txt': [
    ['getWeather', { location: 'Boston' }],
    ['getWeather', { location: 'San Francisco' }],
  ],
  'google--google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks.txt': [
    [
      'writeItems',
      {
        operations: [
          { action: 'add', description: 'Fresh red apple', itemid: 'apple_001', price: 0.5 },
          { action: 'add', description: 'Ripe yellow banana', itemid: 'banana_001', price: 0.3 },
        ],
      },
    ],
  ],
}

function callsOf(events: readonly Event[]): [string, JsonObject][] {
  return events.flatMap(event => {
    if (event.type !== 'block-start' || event.block.type !== 'tool-call') return []
    const input = events.flatMap(delta =>
      delta.type === 'block-delta' && delta.index === event.index && delta.delta.type === 'input'
        ? [delta.delta.text]
        : [],
    )
    return [[event.block.name, JSON.parse(input.join(''))]]
  })
}

function usageIn(events: readonly Event[]): Usage | undefined {
  let usage: Usage | undefined
  for (const event of events) if (event.type === 'usage') usage = mergeUsage(usage, event.usage)
  return usage
}

describe('recorded streams', () => {
  test.each(streams.map(stream => [stream.name, stream] as const))('%s holds the laws of streams', (_, stream) => {
    const bytes = sseBytes(recordedFrames(stream))
    expect(lawBreaks(googleGenerativeAi, bytes, { isComplete: geminiIsComplete })).toEqual([])
  })

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s is complete, with its calls and its usage',
    (name, stream) => {
      const events = decodeFrames(googleGenerativeAi, recordedFrames(stream))
      expect(faultIn(events)).toBeUndefined()
      expect(events.at(-1)).toEqual({ type: 'reply-end' })
      expect(events.filter(event => event.type === 'unknown')).toEqual([])
      const calls = callsOf(events)
      expect(calls).toEqual((CALLS[name] ?? []).map(([tool, args]) => [tool, args]))
      expect(events.at(-2)).toMatchObject({ reason: calls.length > 0 ? 'tool-calls' : 'end', raw: 'STOP' })
      const { usageMetadata } = JSON.parse(recordedFrames(stream).at(-1)?.data ?? '')
      const usage = usageIn(events)
      expect(usage?.input).toBe(usageMetadata.promptTokenCount)
      expect(outputTotal(usage ?? {})).toBe(usageMetadata.totalTokenCount - usageMetadata.promptTokenCount)
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s says the same when told again, and in other protocols',
    (_, stream) => {
      const events = decodeFrames(googleGenerativeAi, recordedFrames(stream))
      const encoder = googleGenerativeAi.openEncoder(CONTEXT)
      const own = decodeFrames(
        googleGenerativeAi,
        events.flatMap(event => [...encoder.push(event)]),
      )
      expect(sameReply(own)).toEqual(sameReply(events))
      expect(encoder.unsaid()).toEqual([])
      for (const other of [openaiCompletions, anthropicMessages]) {
        const writer = other.openEncoder({ ...CONTEXT, from: 'google-generative-ai' })
        const again = decodeFrames(
          other,
          events.flatMap(event => [...writer.push(event)]),
        )
        expect(faultIn(again)).toBeUndefined()
        expect(again.at(-1)).toEqual({ type: 'reply-end' })
        expect(textOf(again)).toEqual(textOf(events))
        expect(callsOf(again)).toEqual(callsOf(events))
        expect(again.find(event => event.type === 'choice-stop')?.reason).toBe(
          events.find(event => event.type === 'choice-stop')?.reason,
        )
      }
    },
  )
})

describe('recorded whole replies', () => {
  test.each(replies.map(reply => [reply.name, reply] as const))('%s is read and written again', (_, reply) => {
    const body = jsonOf(reply)
    const events = googleGenerativeAi.decodeReply(body)
    expect(faultIn(events)).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
    const again = googleGenerativeAi.encodeReply(events, CONTEXT)
    expect(again.unsaid).toEqual([])
    expect(sameReply(googleGenerativeAi.decodeReply(again.body))).toEqual(sameReply(events))
    expect(again.body).toMatchObject({ responseId: body.responseId, modelVersion: body.modelVersion })
  })
})

test('the replies are found by their names', () => {
  expect(new Set([...streams, ...replies].map(({ path }) => path)).size).toBe(streams.length + replies.length)
  if (streams.length > 0) expect(streams.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(CALLS)))
})
