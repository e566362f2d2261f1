import { createParser } from 'eventsource-parser'
import { parseJson } from '../../src/base/json.ts'
import { openJsonArrayReader } from '../../src/base/json-array.ts'
import { scanArray, scanObject, spanText, spliceBytes } from '../../src/base/json-splice.ts'
import { isObject, type JsonObject } from '../../src/base/json-value.ts'
import { openSseReader, type SseFrame } from '../../src/base/sse.ts'
import { openEventCutter } from '../../src/base/sse-boundary.ts'
import { examples } from './corpus.ts'
import { materialOf } from './mutate-json.ts'
import type { Target } from './target.ts'

/** Streams are read byte by byte: long ones would leave time for few cases. */
const small = (bytes: Uint8Array) => bytes.length <= 4000

const WANTED = ['model', 'stream']

/** JSON that is read in two ways, by a full parse and by a scan, must be understood in one. */
function jsonFault(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const parsed = parseJson(text)
  const scan = scanObject(bytes, WANTED)
  if ('fault' in scan) {
    if (scan.at > bytes.length) return `a fault told at ${scan.at} of ${bytes.length}`
    const told = parsed.ok && isObject(parsed.value) && !scan.fault.endsWith('stands twice')
    return told ? `the scan says "${scan.fault}" of valid JSON` : undefined
  }
  if (!parsed.ok) return undefined
  if (!isObject(parsed.value)) return 'the scan finds an object where none is'
  for (const key of WANTED) {
    const span = scan.fields.get(key)
    const there = Object.hasOwn(parsed.value, key)
    if (there !== (span !== undefined)) return `"${key}" is ${there ? 'not found' : 'found and not there'}`
    if (span === undefined) continue
    const value = spanText(bytes, span.valueStart, span.valueEnd)
    if (!Bun.deepEquals(JSON.parse(value), parsed.value[key])) return `"${key}" is read as ${value}`
    const spliced = spliceBytes(bytes, [{ start: span.valueStart, end: span.valueEnd, insert: '"é"' }])
    if (!sameBut(parsed.value, JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(spliced)), key))
      return `splicing "${key}" changed something else`
    const inner = scanArray(bytes, { start: span.valueStart, end: span.valueEnd })
    const listed = parsed.value[key]
    if (Array.isArray(listed) && ('fault' in inner || inner.length !== listed.length))
      return `the elements of "${key}" differ`
  }
  return undefined
}

function sameBut(before: JsonObject, after: JsonObject, key: string): boolean {
  return Bun.deepEquals({ ...before, [key]: 'é' }, after)
}

/** A stream read whole, byte by byte, cut into events, and by another reader of the same grammar. */
function sseFault(bytes: Uint8Array): string | undefined {
  const whole = read([bytes])
  if (!Bun.deepEquals(read(Array.from(bytes, byte => Uint8Array.of(byte))), whole))
    return 'byte by byte it reads otherwise'
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const other: SseFrame[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => other.push(event === undefined || event === '' ? { data } : { event, data }),
  })
  parser.feed(text)
  // The other reader also takes three Latin letters for a byte-order mark.
  if (!text.startsWith('ï»¿') && !Bun.deepEquals(other, whole)) return 'another reader reads otherwise'
  const cutter = openEventCutter(bytes.length + 1)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 7) pieces.push(...[cutter.push(bytes.subarray(at, at + 7)) ?? []].flat())
  const commented = pieces.flatMap((piece, at) => (at === 0 ? [piece] : [new TextEncoder().encode(': x\n\n'), piece]))
  return Bun.deepEquals(read(commented), read(pieces)) ? undefined : 'a comment between two pieces changes it'
}

function read(parts: readonly Uint8Array[]): SseFrame[] {
  const reader = openSseReader()
  return parts.flatMap(part => [...reader.push(part)])
}

/** An array read whole, byte by byte, and by a full parse. */
function arrayFault(bytes: Uint8Array): string | undefined {
  const whole = elementsIn([bytes])
  if (!Bun.deepEquals(elementsIn(Array.from(bytes, byte => Uint8Array.of(byte))), whole))
    return 'byte by byte it reads otherwise'
  const parsed = parseJson(new TextDecoder().decode(bytes))
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined
  if (whole.state !== 'ended') return `valid JSON is ${whole.state}`
  const wanted = Array.isArray(parsed.value) ? parsed.value : [parsed.value]
  const found = whole.elements.map(element => JSON.parse(element))
  return Bun.deepEquals(found, wanted) ? undefined : 'the elements differ'
}

function elementsIn(parts: readonly Uint8Array[]) {
  const reader = openJsonArrayReader()
  const elements = parts.flatMap(part => [...reader.push(part)])
  return { elements, state: reader.state() }
}

/** Two bodies in an array. */
function paired(body: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from('['), body, Buffer.from(',\r\n'), body, Buffer.from(']')]))
}

/** The readers at the bottom of everything. */
export function baseTargets(): Target[] {
  const { bodies, streams, values } = examples()
  const material = materialOf(values)
  return [
    { name: 'json', shape: 'json', corpus: bodies, material, run: jsonFault },
    { name: 'json-array', shape: 'json', corpus: bodies.filter(small).map(paired), material, run: arrayFault },
    { name: 'sse', shape: 'stream', corpus: streams.filter(small), material, run: sseFault },
  ]
}
