import { describe, expect, test } from 'bun:test'
import { asObject, isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { fixtures, golden, jsonOf } from './openai-responses-goldens.ts'
import { meaning } from './openai-responses-meaning.ts'
import { readTold } from './openai-responses-told.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'asked/model', createdSeconds: 1, streamUsage: true }
const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value))

/** The events a client would see, and what had no words. */
function told(events: readonly Event[], context: ReplyContext) {
  const encoder = openaiResponses.openEncoder(context)
  const frames = events.flatMap(event => [...encoder.push(event)])
  const wire = frames.map(frame => JSON.parse(frame.data) as JsonObject)
  expect(frames.map(frame => frame.event)).toEqual(wire.map(event => String(event.type)))
  expect(wire.map(event => event.sequence_number)).toEqual(wire.map((_, number) => number))
  return { lines: frames.map(frame => frame.data), wire, unsaid: encoder.unsaid() }
}

describe.each(fixtures('replies'))('whole reply $name', fixture => {
  const events = openaiResponses.decodeReply(jsonOf(fixture))

  test('gives the events of its golden, in the order of the grammar', () => {
    expect(faultIn(events)).toBeUndefined()
    expect(plain(events)).toEqual(golden(fixture, 'canon', plain(events)) as JsonValue)
  })

  test('says the same when written and read again', () => {
    const { body } = openaiResponses.encodeReply(events, CONTEXT)
    const again = openaiResponses.decodeReply(body)
    expect(faultIn(again)).toBeUndefined()
    if (events.at(-1)?.type === 'failure') expect(again.at(-1)?.type).toBe('failure')
    else expect(meaning(again)).toEqual(meaning(events))
  })
})

describe.each(fixtures('told'))('told $name', fixture => {
  const { events, context } = readTold(fixture)

  test('gives the events and the response of its golden', () => {
    const { lines, wire, unsaid } = told(events, context)
    const whole = openaiResponses.encodeReply(events, context)
    expect(whole.body).toEqual(asObject(wire.at(-1)?.response) ?? {})
    expect(whole.unsaid).toEqual(unsaid)
    const actual = plain({ unsaid, lines })
    expect(actual).toEqual(golden(fixture, 'wire', actual) as JsonValue)
  })

  test('its items are told from beginning to end, at their places', () => {
    const { wire } = told(events, context)
    const places = (type: string) => wire.filter(event => event.type === type).map(event => event.output_index)
    const added = places('response.output_item.added')
    expect(added).toEqual(added.map((_, place) => place))
    const output = asObject(wire.at(-1)?.response)?.output
    const done = wire.filter(event => event.type === 'response.output_item.done')
    done.sort((a, b) => Number(a.output_index) - Number(b.output_index))
    expect(done.map(event => event.item)).toEqual(output as JsonValue[])
    if (events.at(-1)?.type === 'reply-end') expect(done).toHaveLength(added.length)
  })
})

test('nothing is written after the end', () => {
  const encoder = openaiResponses.openEncoder(CONTEXT)
  encoder.push({ type: 'reply-start', id: 'a', model: 'b' })
  encoder.push({ type: 'reply-end' })
  expect(encoder.push({ type: 'ping' })).toEqual([])
  expect(encoder.push({ type: 'reply-end' })).toEqual([])
})

test('an answer too long to repeat ends as a failure', () => {
  const encoder = openaiResponses.openEncoder(CONTEXT)
  const text = 'x'.repeat(16 * 1024 * 1024)
  encoder.push({ type: 'reply-start', id: 'a', model: 'b' })
  encoder.push({ type: 'block-start', index: 0, choice: 0, block: { type: 'text' } })
  const names: (string | undefined)[] = []
  for (let i = 0; i < 9; i += 1) {
    const frames = encoder.push({ type: 'block-delta', index: 0, delta: { type: 'text', text } })
    names.push(...frames.map(frame => frame.event))
  }
  expect(names.slice(0, 7)).toEqual(Array(7).fill('response.output_text.delta'))
  expect(names.slice(-2)).toEqual(['error', 'response.failed'])
  expect(encoder.push({ type: 'block-stop', index: 0 })).toEqual([])
})

test('ids differ within a reply, and are the same for the same request', () => {
  const idsIn = (value: JsonValue | undefined): string[] => {
    if (Array.isArray(value)) return value.flatMap(idsIn)
    if (!isObject(value)) return []
    return [...(typeof value.id === 'string' ? [value.id] : []), ...Object.values(value).flatMap(idsIn)]
  }
  for (const fixture of fixtures('told')) {
    const { events, context } = readTold(fixture)
    const ids = idsIn(openaiResponses.encodeReply(events, context).body)
    expect(new Set(ids).size).toBe(ids.length)
    expect(idsIn(openaiResponses.encodeReply(events, context).body)).toEqual(ids)
  }
})
