import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { asObject, isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import * as anthropic from './anthropic-messages-goldens.ts'
import { bytesOf, fixtures, golden } from './google-generative-ai-goldens.ts'
import { geminiIsComplete, sameReply, textOf, toldReply } from './google-generative-ai-laws.ts'
import * as completions from './openai-completions-goldens.ts'
import { decodeFrames, framesOf, lawBreaks } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'asked/model', createdSeconds: 1, streamUsage: true }

/** The frames a client would be sent, and what had no words. */
function told(events: readonly Event[], from: WireProtocol['id']) {
  const encoder = googleGenerativeAi.openEncoder({ ...CONTEXT, from })
  const frames = events.flatMap(event => [...encoder.push(event)])
  return { frames, unsaid: encoder.unsaid() }
}

describe('streams are read', () => {
  test.each(fixtures('streams').map(fixture => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const events = decodeFrames(googleGenerativeAi, framesOf([bytesOf(fixture)]))
    expect(faultIn(events)).toBeUndefined()
    const { want, got } = golden(fixture, 'canon', events)
    expect(got).toEqual(want)
    const { frames, unsaid } = told(events, 'google-generative-ai')
    const again = golden(fixture, 'wire', { chunks: frames.map(frame => JSON.parse(frame.data)), unsaid })
    expect(again.got).toEqual(again.want)
  })

  test.each(fixtures('streams').map(fixture => [fixture.name, fixture] as const))(
    '%s holds the laws of streams',
    (_, fixture) => {
      expect(lawBreaks(googleGenerativeAi, bytesOf(fixture), { isComplete: geminiIsComplete })).toEqual([])
    },
  )

  test.each(fixtures('streams').map(fixture => [fixture.name, fixture] as const))(
    '%s says the same when told and read again',
    (_, fixture) => {
      const events = decodeFrames(googleGenerativeAi, framesOf([bytesOf(fixture)]))
      const again = decodeFrames(googleGenerativeAi, told(events, 'google-generative-ai').frames)
      expect(faultIn(again)).toBeUndefined()
      expect(again.at(-1)?.type).toBe(events.at(-1)?.type as Event['type'])
      if (events.at(-1)?.type === 'failure') expect(textOf(again)).toEqual(textOf(events))
      else expect(sameReply(again)).toEqual(sameReply(events))
    },
  )

  test('there are at least 50 fixtures', () => {
    expect(fixtures('streams').length).toBeGreaterThanOrEqual(50)
  })

  test('an event called error is one, whatever it holds', () => {
    const decoder = googleGenerativeAi.openDecoder()
    const [event] = decoder.push({ event: 'error', data: '{"message":"Gone","status":"UNAVAILABLE"}' })
    expect(event).toMatchObject({ type: 'failure', problem: { code: 'overloaded' } })
    expect(decoder.end()).toEqual([])
  })
})

describe('foreign replies are told to Gemini clients', () => {
  test.each(fixtures('told').map(fixture => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const { events, from } = toldReply(fixture)
    const { frames, unsaid } = told(events, from)
    for (const frame of frames) expect(Object.keys(frame)).toEqual(['data'])
    const chunks = frames.map(frame => JSON.parse(frame.data))
    const whole = googleGenerativeAi.encodeReply(events, { ...CONTEXT, from })
    const { want, got } = golden(fixture, 'wire', { chunks, unsaid, whole })
    expect(got).toEqual(want)
  })
})

/** Every stream fixture of the other protocols. */
const foreign: readonly (readonly [string, WireProtocol, readonly SseFrame[]])[] = [
  ...anthropic
    .fixtureNames('streams')
    .map(name => [`anthropic ${name}`, anthropicMessages, anthropic.readStream('streams', name)] as const),
  ...completions
    .fixtures('streams')
    .map(
      fixture => [`completions ${fixture.name}`, openaiCompletions, framesOf([completions.bytesOf(fixture)])] as const,
    ),
]

describe('a foreign stream', () => {
  test.each(foreign)('%s, told to a Gemini client, has the same text and the same ending', (_, protocol, frames) => {
    const events = decodeFrames(protocol, frames)
    const { frames: written } = told(events, protocol.id)
    const again = decodeFrames(googleGenerativeAi, written)
    expect(faultIn(again)).toBeUndefined()
    expect(again.at(-1)?.type).toBe(events.at(-1)?.type as Event['type'])
    expect(textOf(again)).toEqual(textOf(events))
  })

  test.each(foreign)('%s: clients can keep every chunk of it', (_, protocol, frames) => {
    const written = told(decodeFrames(protocol, frames), protocol.id).frames
    expect(written.length).toBeGreaterThan(0)
    for (const { data } of written) {
      const chunk = JSON.parse(data)
      if (chunk.error !== undefined) continue
      expect(chunk.responseId).toBeString()
      for (const candidate of chunk.candidates) {
        expect(candidate.content.role).toBe('model')
        expect(candidate.content.parts.length).toBeGreaterThan(0)
        for (const part of candidate.content.parts) expect(isObject(part) && Object.keys(part).length > 0).toBe(true)
      }
    }
  })
})

/** A value as the pieces in which its provider would stream it. Texts are cut in two where they can be. */
function piecesOf(value: JsonValue, path: string): JsonObject[] {
  const entries = Array.isArray(value)
    ? value.map((item, at): [string, JsonValue] => [`${path}[${at}]`, item])
    : Object.entries(asObject(value) ?? {}).map(([key, item]): [string, JsonValue] => [pathTo(path, key), item ?? null])
  if (entries.length > 0) return entries.flatMap(([to, item]) => piecesOf(item, to))
  if (Array.isArray(value)) return [{ jsonPath: `${path}[]` }]
  if (isObject(value)) return [{ jsonPath: path }]
  if (value === null) return [{ jsonPath: path, nullValue: 'NULL_VALUE' }]
  if (typeof value === 'number') return [{ jsonPath: path, numberValue: value }]
  if (typeof value === 'boolean') return [{ jsonPath: path, boolValue: value }]
  const text = String(value)
  const middle = text.length >> 1
  return [
    { jsonPath: path, stringValue: text.slice(0, middle), willContinue: true },
    { jsonPath: path, stringValue: text.slice(middle) },
  ]
}

function pathTo(path: string, key: string): string {
  if (/^[a-z]+$/i.test(key)) return `${path}.${key}`
  return `${path}['${key.replace(/[\\']/g, '\\$&')}']`
}

test('arguments that come in pieces are one JSON text, whatever they hold', () => {
  const key = fc.string({ maxLength: 5 }).filter(name => name !== '__proto__')
  const { value } = fc.letrec<{ value: JsonValue }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 4 }), fc.nat(3), (args, size) => {
      const wanted = JSON.parse(JSON.stringify(args))
      const pieces = piecesOf(wanted, '$')
      const calls: JsonObject[] = [{ name: 'f', willContinue: true }]
      for (let at = 0; at < pieces.length; at += size + 1)
        calls.push({ partialArgs: pieces.slice(at, at + size + 1), willContinue: true })
      const frames = calls.map(functionCall => ({
        data: JSON.stringify({ candidates: [{ content: { parts: [{ functionCall }] }, finishReason: 'STOP' }] }),
      }))
      const events = decodeFrames(googleGenerativeAi, frames)
      expect(events.at(-1)).toEqual({ type: 'reply-end' })
      const input = events.flatMap(event =>
        event.type === 'block-delta' && event.delta.type === 'input' ? [event.delta.text] : [],
      )
      expect(JSON.parse(input.join(''))).toEqual(wanted)
    }),
    { numRuns: 300 },
  )
})

describe('limits', () => {
  test('input that must be held for a whole call is held up to a limit, then the reply fails', () => {
    const encoder = googleGenerativeAi.openEncoder({ ...CONTEXT, from: 'openai-completions' })
    const call = { type: 'tool-call', id: 'c', name: 'f', custom: false } as const
    const delta: Event = { type: 'block-delta', index: 0, delta: { type: 'input', text: 'x'.repeat(1024 * 1024) } }
    const frames = [
      { type: 'reply-start', id: 'a', model: 'b' } as const,
      { type: 'block-start', index: 0, choice: 0, block: call } as const,
      ...[delta, delta, delta, delta, delta],
      { type: 'block-stop', index: 0 } as const,
    ].flatMap(event => [...encoder.push(event)])
    expect(frames).toHaveLength(1)
    expect(frames[0]?.data).toContain('"code":"upstream_protocol"')
  })

  test('reasoning too long to be carried twice is told once, and that is told', () => {
    const encoder = googleGenerativeAi.openEncoder({ ...CONTEXT, from: 'anthropic-messages' })
    const text = 'x'.repeat(700_000)
    const frames = (
      [
        { type: 'reply-start', id: 'a', model: 'b' },
        { type: 'block-start', index: 0, choice: 0, block: { type: 'reasoning' } },
        { type: 'block-delta', index: 0, delta: { type: 'text', text } },
        { type: 'block-delta', index: 0, delta: { type: 'text', text } },
        { type: 'block-delta', index: 0, delta: { type: 'signature', signature: 'EpAE' } },
        { type: 'block-stop', index: 0 },
        { type: 'block-start', index: 1, choice: 0, block: { type: 'tool-call', id: 'c', name: 'f', custom: false } },
        { type: 'block-stop', index: 1 },
      ] satisfies Event[]
    ).flatMap(event => [...encoder.push(event)])
    expect(JSON.parse(frames.at(-1)?.data ?? '').candidates[0].content.parts).toEqual([
      { functionCall: { id: 'c', name: 'f', args: {} } },
    ])
    expect(encoder.unsaid()).toEqual(['reasoning on a tool call'])
  })
})
