import { describe, expect, test } from 'bun:test'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { fixtureNames, golden, readEvents, readFixture, readStream } from './anthropic-messages-goldens.ts'
import { decodeFrames, lawBreaks, sseBytes } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'asked/model', createdSeconds: 1, streamUsage: true }

/** The lines a client would see, and what had no words. */
function told(events: readonly Event[], from: ProtocolId) {
  const encoder = anthropicMessages.openEncoder({ ...CONTEXT, from })
  const frames = events.flatMap(event => [...encoder.push(event)])
  for (const frame of frames) expect(JSON.parse(frame.data).type).toBe(frame.event)
  return { lines: frames.map(frame => frame.data), unsaid: encoder.unsaid() }
}

describe('streams are read', () => {
  test.each(fixtureNames('streams'))('%s', name => {
    const events = decodeFrames(anthropicMessages, readStream('streams', name))
    expect(faultIn(events)).toBeUndefined()
    const { want, got } = golden('streams', name, { events, toldAgain: told(events, 'anthropic-messages') })
    expect(got).toEqual(want)
  })

  test.each(fixtureNames('streams'))('%s holds the laws of streams', name => {
    expect(lawBreaks(anthropicMessages, sseBytes(readStream('streams', name)))).toEqual([])
  })

  test('there are at least 20 fixtures', () => {
    expect(fixtureNames('streams').length).toBeGreaterThanOrEqual(20)
  })

  test('an event without a name is known by its type, one without a type by its name', () => {
    const decoder = anthropicMessages.openDecoder()
    expect(decoder.push({ data: '{"type":"ping"}' })).toEqual([{ type: 'ping' }])
    expect(decoder.push({ event: 'ping', data: '{}' })).toEqual([{ type: 'ping' }])
    expect(decoder.push({ event: 'ping', data: '' })).toEqual([{ type: 'ping' }])
  })
})

describe('whole replies are read', () => {
  test.each(fixtureNames('replies'))('%s', name => {
    const events = anthropicMessages.decodeReply(readFixture('replies', name))
    expect(faultIn(events)).toBeUndefined()
    const again = anthropicMessages.encodeReply(events, CONTEXT)
    const { want, got } = golden('replies', name, { events, writtenAgain: again })
    expect(got).toEqual(want)
  })
})

describe('foreign replies are told to Anthropic clients', () => {
  test.each(fixtureNames('told'))('%s', name => {
    const { events, from } = readEvents(name)
    const whole = anthropicMessages.encodeReply(events, { ...CONTEXT, from })
    const { want, got } = golden('told', name, { ...told(events, from), whole })
    expect(got).toEqual(want)
  })
})

test('blocks that must wait for another are held up to a limit, then the reply fails', () => {
  const encoder = anthropicMessages.openEncoder(CONTEXT)
  const text = 'x'.repeat(1024 * 1024)
  const delta: Event = { type: 'block-delta', index: 1, delta: { type: 'text', text } }
  const frames = [
    { type: 'reply-start', id: 'a', model: 'b' } as const,
    { type: 'block-start', index: 0, choice: 0, block: { type: 'text' } } as const,
    { type: 'block-start', index: 1, choice: 0, block: { type: 'text' } } as const,
    ...[delta, delta, delta, delta],
    { type: 'block-stop', index: 0 } as const,
  ].flatMap(event => [...encoder.push(event)])
  expect(frames.map(frame => frame.event)).toEqual(['message_start', 'content_block_start', 'error'])
  expect(frames.at(-1)?.data).toContain('"code":"upstream_protocol"')
})
