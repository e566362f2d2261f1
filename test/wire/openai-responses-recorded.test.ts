import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { inputTotal, outputTotal, type Usage } from '../../src/canon/usage.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { type Fixture, framesOf, jsonOf, recorded } from './openai-responses-goldens.ts'
import { meaning, toldAgain } from './openai-responses-meaning.ts'
import { decodeFrames, lawBreaks, sseBytes } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }

const streams = recorded('.chunks.txt')
const replies = recorded('.json')
console.log(`recorded Responses replies: ${streams.length} streams, ${replies.length} whole`)

/** Recordings in this folder that are no response: Chat Completions of a model that has only those, and an error. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'azure--azure-deepseek-reasoning.1.chunks.txt': 'upstream_protocol',
  'azure--azure-deepseek-reasoning.1.json': 'upstream_protocol',
  'openai--reasoning-model-temperature-error.json': 'upstream_bad_request',
}

/** What the canonical form has no place for. */
const UNKNOWN = new Set(['function_call.namespace'])

function endingOf(events: readonly Event[]): string | undefined {
  const last = events.at(-1)
  return last?.type === 'failure' ? last.problem.code : last?.type
}

function usageIn(events: readonly Event[]): Usage {
  return events.findLast(event => event.type === 'usage')?.usage ?? {}
}

/** The response a recording ends with, or is. A recording may hold more than one; the first is what a stream would have been. */
function responseOf(fixture: Fixture): JsonObject {
  if (fixture.path.endsWith('.json')) return jsonOf(fixture)
  const lines = readFileSync(fixture.path, 'utf8').split('\n')
  const last = lines.find(line => line.includes('"type":"response.completed"'))
  return asObject(asObject(JSON.parse(last ?? '{}'))?.response) ?? {}
}

/** An item without what a new one is given anew, what is not carried, and what the provider seals anew each time it tells it. */
function withoutIds(item: unknown): JsonObject {
  const { id: _id, status: _status, namespace: _namespace, encrypted_content: _sealed, ...rest } = asObject(item) ?? {}
  return rest
}

function expectTheSame(fixture: Fixture, events: readonly Event[]): void {
  const wire = responseOf(fixture)
  const { body } = openaiResponses.encodeReply(events, CONTEXT)
  expect(asArray(body.output).map(withoutIds)).toEqual(asArray(wire.output).map(withoutIds))
  const usage = usageIn(events)
  expect(inputTotal(usage)).toBe(Number(asObject(wire.usage)?.input_tokens))
  expect(outputTotal(usage)).toBe(Number(asObject(wire.usage)?.output_tokens))
  expect(body.id).toBe(wire.id)
  expect(body.model).toBe(wire.model)
}

function expectKnown(events: readonly Event[]): void {
  const names = events.flatMap(event => (event.type === 'unknown' ? [event.name] : []))
  expect(names.filter(name => !UNKNOWN.has(name))).toEqual([])
}

describe.each(streams)('recorded stream $name', fixture => {
  const events = decodeFrames(openaiResponses, framesOf(fixture))

  test('keeps the laws of streams', () => {
    expect(lawBreaks(openaiResponses, sseBytes(framesOf(fixture)))).toEqual([])
  }, 60_000)

  test('ends as it should, and says the same when told again', () => {
    expect(endingOf(events)).toBe(OTHERWISE[fixture.name] ?? 'reply-end')
    if (OTHERWISE[fixture.name] !== undefined) return
    expectKnown(events)
    expect(meaning(toldAgain(openaiResponses, events, CONTEXT))).toEqual(meaning(events))
    expectTheSame(fixture, events)
  })
})

describe.each(replies)('recorded whole reply $name', fixture => {
  test('is read and written again', () => {
    const events = openaiResponses.decodeReply(jsonOf(fixture))
    expect(faultIn(events)).toBeUndefined()
    expect(endingOf(events)).toBe(OTHERWISE[fixture.name] ?? 'reply-end')
    if (OTHERWISE[fixture.name] !== undefined) return
    expectKnown(events)
    expectTheSame(fixture, events)
  })
})

test('either all kinds of recordings are there or none', () => {
  expect(streams.length > 0).toBe(replies.length > 0)
})
