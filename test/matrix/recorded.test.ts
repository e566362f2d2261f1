import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asObject, asString, isObject, type JsonObject } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { decodeFrames } from '../wire/stream-laws.ts'
import { CONTEXT } from './fixtures.ts'
import { retold } from './retold.ts'

/** Real replies recorded by others lie beside the project on some machines; they are no part of it. */
const ROOT = join(import.meta.dir, '..', '..', '..', 'shared', 'recorded')

interface Recorded {
  readonly name: string
  readonly protocol: WireProtocol
  readonly path: string
}

function recorded(ending: string): readonly Recorded[] {
  return WIRE_PROTOCOLS.flatMap(protocol => {
    const folder = join(ROOT, protocol.id)
    const files = existsSync(folder) ? readdirSync(folder).sort() : []
    return files
      .filter(file => file.endsWith(ending))
      .map(file => ({ name: `${protocol.id} ${file}`, protocol, path: join(folder, file) }))
  })
}

/** The recordings hold one event's data a line; the event's name stands in the data where the protocol has one. */
function framesIn({ protocol, path }: Recorded): SseFrame[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line.trim() !== '')
  const frames = lines.map((data): SseFrame => {
    const type = asString(asObject(JSON.parse(data))?.type)
    return type === undefined || protocol.id === 'openai-completions' ? { data } : { event: type, data }
  })
  return protocol.id === 'openai-completions' ? [...frames, { data: '[DONE]' }] : frames
}

function replyIn(path: string): JsonObject | undefined {
  const body: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return isObject(body) && body.error === undefined ? body : undefined
}

const streams = recorded('.chunks.txt')
const replies = recorded('.json').filter(({ path }) => replyIn(path) !== undefined)
console.log(`recorded replies told in every protocol: ${streams.length} streams, ${replies.length} whole`)

describe('recorded replies told in the other three protocols', () => {
  test.each(streams)('$name, as a stream', file => {
    const events = decodeFrames(file.protocol, framesIn(file))
    expect(retold(events, file.protocol, { ...CONTEXT, from: file.protocol.id })).toEqual([])
  })

  test.each(replies)('$name, whole', file => {
    const events = file.protocol.decodeReply(replyIn(file.path) ?? {})
    expect(retold(events, file.protocol, { ...CONTEXT, from: file.protocol.id })).toEqual([])
  })
})
