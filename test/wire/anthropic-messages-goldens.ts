import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/base/json.ts'
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'

const ROOT = join(import.meta.dir, '..', 'fixtures', 'anthropic-messages')
const GOLDEN = '.golden.json'

/** With `UPDATE_GOLDENS=1` goldens are written instead of compared; read each before keeping it. */
const UPDATING = process.env.UPDATE_GOLDENS === '1'

/** The names of the fixtures of one kind, without their extension. Throws if a golden has lost its fixture. */
export function fixtureNames(kind: string): string[] {
  const files = readdirSync(join(ROOT, kind))
  const names = files.filter(file => !file.endsWith(GOLDEN)).map(file => file.replace(/\.[a-z]+$/, ''))
  const strays = files.filter(file => file.endsWith(GOLDEN) && !names.includes(file.slice(0, -GOLDEN.length)))
  if (strays.length > 0) throw new Error(`goldens without a fixture: ${strays.join(', ')}`)
  return names.sort()
}

/** A fixture that is one JSON object. */
export function readFixture(kind: string, name: string): JsonObject {
  return readObject(join(ROOT, kind, `${name}.json`))
}

/** A fixture of kind `told`: a reply's canonical events, and the protocol they were read from. */
export function readEvents(name: string): { readonly events: readonly Event[]; readonly from: ProtocolId } {
  return JSON.parse(readFileSync(join(ROOT, 'told', `${name}.json`), 'utf8'))
}

/** A fixture with one event's data a line, as the frames of a stream. */
export function readStream(kind: string, name: string): SseFrame[] {
  return framesOfLines(readFileSync(join(ROOT, kind, `${name}.txt`), 'utf8').replace(/\n$/, ''))
}

/** One frame a line, named by the data's own `type` where it has one. */
export function framesOfLines(text: string): SseFrame[] {
  return text.split('\n').map(data => {
    const read = parseJson(data)
    const type = read.ok && isObject(read.value) ? read.value.type : undefined
    return typeof type === 'string' ? { event: type, data } : { data }
  })
}

/** The golden beside a fixture and what came out now, both as plain JSON; equal when nothing is to be written. */
export function golden(
  kind: string,
  name: string,
  actual: unknown,
): { readonly want: JsonValue; readonly got: JsonValue } {
  const path = join(ROOT, kind, `${name}${GOLDEN}`)
  const got = JSON.parse(JSON.stringify(actual)) as JsonValue
  if (UPDATING) writeFileSync(path, `${JSON.stringify(got, null, 2)}\n`)
  if (!existsSync(path))
    throw new Error(`no golden for ${kind}/${name}: run with UPDATE_GOLDENS=1 and read what it wrote`)
  return { want: readObject(path), got }
}

function readObject(path: string): JsonObject {
  const read = parseJson(readFileSync(path, 'utf8'), 200)
  if (!read.ok || !isObject(read.value)) throw new Error(`not a JSON object: ${path}`)
  return read.value
}
