import { parseJson } from '../base/json.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../canon/protocol.ts'
import type { Receipt } from './receipt.ts'

/** What a client sent, or was given, as far as it is kept. */
export interface KeptBody {
  readonly contentType: string
  /** Bytes it had in all. */
  readonly bytes: number
  /** Its beginning; all of it unless it was longer than what is kept. */
  readonly data: Uint8Array
}

/** Whether its end is missing. */
export function isCut({ bytes, data }: KeptBody): boolean {
  return data.length < bytes
}

/** The bodies of one call, and what it takes to make the same call again. Its receipt is kept for itself. */
export interface KeptBodies {
  readonly id: string
  /** When the call came, milliseconds since 1970. */
  readonly at: number
  readonly protocol: ProtocolId
  readonly operation: Receipt['operation']
  /** What the path said, where the protocol says it there. */
  readonly names?: { readonly model: string; readonly stream: boolean }
  /** The client wanted its stream as one JSON array. */
  readonly jsonArray: boolean
  /** The client's headers that decide what is answered. None of them tells who the client is, and none is a secret. */
  readonly headers: Readonly<Record<string, string>>
  readonly request: KeptBody
  /** What the client was given. Absent: it left before there was anything. */
  readonly reply?: KeptBody
}

/** Why there are no bodies of a call. */
export interface BodiesMissing {
  /** `absent`: never kept, or removed by now. */
  readonly missing: 'absent' | 'damaged'
  /** In words. */
  readonly why: string
}

/** How much is kept, and how long. */
export interface BodyLimits {
  /** Days; 0 keeps nothing. */
  readonly keepDays: number
  /** Most that is kept of one body, in bytes. */
  readonly bytesMax: number
  /** Most that all kept bodies may take on the disk, in bytes. */
  readonly totalBytesMax: number
}

/** What is kept at this moment. The counter begins at zero with the process. */
export interface BodyHealth extends BodyLimits {
  /** On the disk; absent until it was counted after the start. */
  readonly bytes?: number
  /** Calls whose bodies were to be kept, and are not. */
  readonly dropped: number
  /** For people: what is not kept, and why. Absent when all is well. */
  readonly warning?: string
}

/** Memory that streams under way may fill together with what is to be kept of them. */
export interface BodyRoom {
  /** Whether there is room for so many bytes more; if so, they are taken. */
  take(bytes: number): boolean
  give(bytes: number): void
}

/** Room for so many bytes. */
export function openBodyRoom(bytesMax: number): BodyRoom {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > bytesMax) return false
      taken += bytes
      return true
    },
    give(bytes) {
      taken -= bytes
    },
  }
}

/** Keeps the bodies of calls, where that is switched on. Nobody waits for it, and nothing here throws or rejects. */
export interface BodyStore {
  /** Takes the bodies to be written; returns at once. Of a call that is kept twice, the later hold. */
  keep(bodies: KeptBodies): void
  /** What is collected of streams before it is taken. */
  readonly room: BodyRoom
  find(id: string): Promise<KeptBodies | BodiesMissing>
  /** From now on these hold. What is older, or too much, is removed; all of it where nothing is to be kept. */
  limit(limits: BodyLimits): void
  health(): BodyHealth
  /** Writes what waits. */
  close(): Promise<void>
}

/** What the facts of a call take in memory beside its bodies, in bytes: more than they mostly do. */
const FACTS_BYTES = 2_048

/** Memory that bodies keep from being used for something else, in bytes: a small view holds all that it is a view of. */
export function bytesHeldBy({ request, reply }: KeptBodies): number {
  return FACTS_BYTES + request.data.buffer.byteLength + (reply?.data.buffer.byteLength ?? 0)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const LINE_END = 0x0a

/** A call's bodies in the form of a file: a line of JSON, then the request, then the reply, as they were. */
export function encodeBodies({ request, reply, ...facts }: KeptBodies): Uint8Array {
  const line = JSON.stringify({
    version: 1,
    ...facts,
    request: sizesOf(request),
    ...(reply === undefined ? {} : { reply: sizesOf(reply) }),
  })
  return Buffer.concat([encoder.encode(`${line}\n`), request.data, ...(reply === undefined ? [] : [reply.data])])
}

function sizesOf({ contentType, bytes, data }: KeptBody): JsonObject {
  return { contentType, bytes, kept: data.length }
}

/** The bodies in a file; undefined if it is none, or not whole. Never throws. */
export function decodeBodies(file: Uint8Array): KeptBodies | undefined {
  const lineEnd = file.indexOf(LINE_END)
  if (lineEnd < 0) return undefined
  const line = parseJson(decoder.decode(file.subarray(0, lineEnd)))
  if (!line.ok || !isObject(line.value)) return undefined
  const facts = factsIn(line.value)
  const request = bodyAt(line.value['request'], file, lineEnd + 1)
  if (facts === undefined || request === undefined) return undefined
  if (line.value['reply'] === undefined) return { ...facts, request }
  const reply = bodyAt(line.value['reply'], file, lineEnd + 1 + request.data.length)
  return reply === undefined ? undefined : { ...facts, request, reply }
}

const OPERATIONS = ['generate', 'count-tokens', 'embed'] as const satisfies readonly Receipt['operation'][]

function factsIn(line: JsonObject): Omit<KeptBodies, 'request' | 'reply'> | undefined {
  const { version, id, at, jsonArray } = line
  const protocol = PROTOCOL_IDS.find(each => each === line['protocol'])
  const operation = OPERATIONS.find(each => each === line['operation'])
  const headers = isObject(line['headers']) ? textsIn(line['headers']) : undefined
  const names = namesIn(line['names'])
  if (version !== 1 || typeof id !== 'string' || typeof at !== 'number' || typeof jsonArray !== 'boolean')
    return undefined
  if (protocol === undefined || operation === undefined || headers === undefined) return undefined
  return { id, at, protocol, operation, jsonArray, headers, ...(names === undefined ? {} : { names }) }
}

function textsIn(value: JsonObject): Record<string, string> {
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts)
}

function namesIn(value: unknown): KeptBodies['names'] {
  if (!isObject(value)) return undefined
  const { model, stream } = value
  return typeof model === 'string' && typeof stream === 'boolean' ? { model, stream } : undefined
}

function bodyAt(sizes: unknown, file: Uint8Array, start: number): KeptBody | undefined {
  if (!isObject(sizes)) return undefined
  const { contentType, bytes, kept } = sizes
  if (typeof contentType !== 'string' || typeof bytes !== 'number' || typeof kept !== 'number') return undefined
  const data = file.subarray(start, start + kept)
  return data.length === kept ? { contentType, bytes, data } : undefined
}
