import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/base/json.ts'
import { asArray, asObject, isObject, type JsonObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { mergeUsage, type Usage } from '../../src/canon/usage.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { framesOfLines } from './anthropic-messages-goldens.ts'
import { decodeFrames, lawBreaks, sseBytes } from './stream-laws.ts'

/** Real replies recorded by others lie beside the project on some machines; they are no part of it. */
const FOLDER = join(import.meta.dir, '..', '..', '..', 'shared', 'recorded', 'anthropic-messages')
const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }

const files = existsSync(FOLDER) ? readdirSync(FOLDER).sort() : []
const streams = files.filter(file => file.endsWith('.chunks.txt'))
const replies = files.filter(file => file.endsWith('.json'))
console.log(`recorded Anthropic replies: ${streams.length} streams, ${replies.length} whole`)

/** What is known to be wrong with a recorded stream: the provider spliced two answers into one. */
const BROKEN: Readonly<Record<string, string>> = { 'anthropic--spliced-message-start.chunks.txt': 'upstream_protocol' }

/** Usage told at the end of some recorded streams, where the provider corrected what it had said before. */
const CORRECTED: Readonly<Record<string, Partial<Usage>>> = {
  'anthropic--anthropic-message-delta-input-tokens.chunks.txt': { input: 61 },
  'anthropic--anthropic-fallback.chunks.txt': { input: 412, output: 264 },
}

function framesIn(file: string) {
  return framesOfLines(readFileSync(join(FOLDER, file), 'utf8').trim())
}

function usageIn(events: readonly Event[]): Usage | undefined {
  let usage: Usage | undefined
  for (const event of events) if (event.type === 'usage') usage = mergeUsage(usage, event.usage)
  return usage
}

/** A message's content without the marks of who called a tool, which are told as unknown and not carried. */
function contentOf(body: JsonObject): unknown {
  return asArray(body.content).map(block => {
    const { caller: _, ...rest } = asObject(block) ?? {}
    return rest.type === 'tool_use' ? rest : block
  })
}

describe('recorded streams', () => {
  test.each(streams)('%s holds the laws of streams', file => {
    expect(lawBreaks(anthropicMessages, sseBytes(framesIn(file)))).toEqual([])
  })

  test.each(streams)('%s ends as it should, and says the same when told again', file => {
    const events = decodeFrames(anthropicMessages, framesIn(file))
    const last = events.at(-1)
    expect(last?.type === 'failure' ? last.problem.code : 'complete').toBe(BROKEN[file] ?? 'complete')
    if (CORRECTED[file] !== undefined) expect(usageIn(events)).toMatchObject(CORRECTED[file])
    if (last?.type === 'failure') return
    const encoder = anthropicMessages.openEncoder(CONTEXT)
    const again = decodeFrames(
      anthropicMessages,
      events.flatMap(event => [...encoder.push(event)]),
    )
    expect(faultIn(again)).toBeUndefined()
    const whole = (from: readonly Event[]) => contentOf(anthropicMessages.encodeReply(from, CONTEXT).body)
    expect(whole(again)).toEqual(whole(events))
  })
})

describe('recorded whole replies', () => {
  test.each(replies)('%s is read and written again', file => {
    const read = parseJson(readFileSync(join(FOLDER, file), 'utf8'))
    if (!read.ok || !isObject(read.value)) throw new Error('not a JSON object')
    const events = anthropicMessages.decodeReply(read.value)
    expect(faultIn(events)).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
    const { body } = anthropicMessages.encodeReply(events, CONTEXT)
    expect(contentOf(body)).toEqual(contentOf(read.value))
    expect(body.stop_reason).toBe(read.value.stop_reason)
    expect(body.usage).toMatchObject({ output_tokens: asObject(read.value.usage)?.output_tokens })
  })
})

test('the replies are found by their names', () => {
  expect(streams.length + replies.length).toBe(files.length)
})
