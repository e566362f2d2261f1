import { describe, expect, test } from 'bun:test'
import type { JsonObject, JsonValue } from '../../src/base/json-value.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { fixtures, framesOf, golden } from './openai-responses-goldens.ts'
import { meaning, toldAgain } from './openai-responses-meaning.ts'
import { decodeFrames, lawBreaks, sseBytes } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }
const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value))

describe.each(fixtures('streams'))('stream $name', fixture => {
  const events = decodeFrames(openaiResponses, framesOf(fixture))

  test('gives the events of its golden, in the order of the grammar', () => {
    expect(faultIn(events)).toBeUndefined()
    expect(plain(events)).toEqual(golden(fixture, 'canon', plain(events)) as JsonValue)
  })

  test('keeps the laws of streams', () => {
    expect(lawBreaks(openaiResponses, sseBytes(framesOf(fixture)))).toEqual([])
  })

  test('says the same when told and read again', () => {
    const again = toldAgain(openaiResponses, events, CONTEXT)
    expect(faultIn(again)).toBeUndefined()
    if (events.at(-1)?.type === 'failure') expect(again.at(-1)?.type).toBe('failure')
    else expect(meaning(again)).toEqual(meaning(events))
  })
})

test('there are at least 50 fixtures', () => {
  expect(fixtures('streams').length).toBeGreaterThanOrEqual(50)
})

test('an event without a name is known by its type, one without a type by its name', () => {
  const decoder = openaiResponses.openDecoder()
  expect(decoder.push({ data: '{"type":"keepalive"}' })).toEqual([{ type: 'ping' }])
  expect(decoder.push({ event: 'keepalive', data: '{}' })).toEqual([{ type: 'ping' }])
  expect(decoder.push({ data: ' ' })).toEqual([{ type: 'ping' }])
})

test('each unknown name is told once, and no more than a hundred of them', () => {
  const decoder = openaiResponses.openDecoder()
  const names = Array.from({ length: 150 }, (_, i) => `thread.${i % 120}`)
  const told = names.flatMap(type => [...decoder.push({ data: JSON.stringify({ type }) })])
  expect(told).toHaveLength(100)
  expect(new Set(told.map(event => JSON.stringify(event))).size).toBe(100)
})

test('of a text too long to be kept, nothing is told twice', () => {
  const decoder = openaiResponses.openDecoder()
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const delta = 'x'.repeat(3 * 1024 * 1024)
  const said = (event: JsonObject) =>
    decoder
      .push({ data: JSON.stringify({ ...at, ...event }) })
      .flatMap(({ type }) => (type === 'block-delta' ? [type] : []))
  for (const _ of [1, 2, 3]) expect(said({ type: 'response.output_text.delta', delta })).toHaveLength(1)
  expect(said({ type: 'response.output_text.done', text: `${delta}${delta}${delta}` })).toEqual([])
})
