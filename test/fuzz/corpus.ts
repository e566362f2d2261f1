import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isObject, type JsonValue } from '../../src/base/json-value.ts'
import { formatSse } from '../../src/base/sse.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import seeds from './seeds.json'

/** Well-formed examples, by what they are. */
export interface Examples {
  readonly bodies: readonly Uint8Array[]
  readonly streams: readonly Uint8Array[]
  /** The JSON in all of them, parsed. */
  readonly values: readonly JsonValue[]
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Larger files are left out: a case should take microseconds. */
const FILE_BYTES_MAX = 100_000

const encoder = new TextEncoder()
const bytesOf = (value: JsonValue) => encoder.encode(JSON.stringify(value))

/**
 * The examples of one protocol, or of all: a few written for this, the fixtures of the codecs, and, where they lie beside the project,
 * recorded replies of real providers.
 */
export function examples(protocol?: ProtocolId): Examples {
  const bodies: JsonValue[] = []
  const streams: (readonly JsonValue[])[] = []
  const raw: Uint8Array[] = []
  for (const [id, own] of Object.entries(seeds)) {
    if (protocol !== undefined && id !== protocol) continue
    bodies.push(...own.bodies)
    streams.push(...own.streams)
  }
  for (const path of filesOf(protocol)) {
    const text = readFileSync(path, 'utf8')
    if (path.endsWith('.json')) bodies.push(...objectsIn(parsed(text), 2))
    else if (path.endsWith('.chunks.txt'))
      streams.push(
        text
          .split('\n')
          .filter(line => line !== '')
          .map(parsed),
      )
    else if (/^(?:data|event|:)/.test(text)) raw.push(encoder.encode(text))
  }
  return {
    bodies: bodies.map(bytesOf),
    streams: [...streams.map(streamBytes), ...raw],
    values: [...bodies, ...streams.flat()],
  }
}

function filesOf(protocol: ProtocolId | undefined): string[] {
  const own = ['test/fixtures', '../shared/recorded'].flatMap(place => filesBelow(join(ROOT, place, protocol ?? '')))
  const matrix = protocol === undefined ? [] : filesBelow(join(ROOT, 'test/fixtures/matrix')).filter(isOf(protocol))
  return [...own, ...matrix].filter(path => !path.endsWith('.golden.json'))
}

/** The fixtures of the matrix name their protocol: `text.openai-responses.json`. */
function isOf(protocol: ProtocolId): (path: string) => boolean {
  return path => path.includes(`.${protocol}.`)
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => join(folder, name))
    .filter(
      path => /\.(?:json|txt|sse)$/.test(path) && statSync(path).isFile() && statSync(path).size <= FILE_BYTES_MAX,
    )
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The objects in a value down to a depth: a fixture may wrap the body it is about. */
function objectsIn(value: JsonValue | undefined, depth: number): JsonValue[] {
  if (!isObject(value)) return []
  return [value, ...(depth === 0 ? [] : Object.values(value).flatMap(item => objectsIn(item, depth - 1)))]
}

/** As a provider sends it: the event is named after the data's `type`, where it has one. */
function streamBytes(payloads: readonly JsonValue[]): Uint8Array {
  const frames = payloads.map(payload => {
    const data = typeof payload === 'string' ? payload : JSON.stringify(payload)
    return isObject(payload) && typeof payload.type === 'string' ? { event: payload.type, data } : { data }
  })
  return encoder.encode(frames.map(formatSse).join(''))
}
