import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/base/json.ts'
import { asString, isObject, type JsonObject } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'

const ROOT = join(import.meta.dir, '..', 'fixtures', 'openai-responses')
const RECORDED = join(import.meta.dir, '..', '..', '..', 'shared', 'recorded', 'openai-responses')

/** Run with `UPDATE_GOLDENS=1` to write the goldens anew; read every changed line of them before it is kept. */
const UPDATE = process.env.UPDATE_GOLDENS === '1'

/** A fixture file; its golden stands beside it. */
export interface Fixture {
  readonly name: string
  readonly path: string
}

/** The fixtures of one folder, by name. Throws if a golden has lost its fixture. */
export function fixtures(folder: 'requests' | 'encodings' | 'replies' | 'streams' | 'told'): Fixture[] {
  const dir = join(ROOT, folder)
  const files = readdirSync(dir).sort()
  const found = files
    .filter(file => !isGolden(file))
    .map(file => ({ name: file.replace(/\.(?:json|txt)$/, ''), path: join(dir, file) }))
  const names = new Set(found.map(fixture => fixture.name))
  const strays = files.filter(file => isGolden(file) && !names.has(file.replace(/\.(?:canon|wire)\.json$/, '')))
  if (strays.length > 0) throw new Error(`goldens without a fixture: ${strays.join(', ')}`)
  return found
}

function isGolden(file: string): boolean {
  return file.endsWith('.canon.json') || file.endsWith('.wire.json')
}

/** What the golden beside a fixture says; with `UPDATE_GOLDENS=1` it is written first. */
export function golden(fixture: Fixture, kind: 'canon' | 'wire', actual: unknown): unknown {
  const path = fixture.path.replace(/\.(?:json|txt)$/, `.${kind}.json`)
  if (UPDATE) writeFileSync(path, `${JSON.stringify(actual, undefined, 2)}\n`)
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** A fixture's JSON. */
export function jsonOf(fixture: Fixture): JsonObject {
  return JSON.parse(readFileSync(fixture.path, 'utf8')) as JsonObject
}

/** A fixture's bytes. */
export function bytesOf(fixture: Fixture): Uint8Array {
  return readFileSync(fixture.path)
}

/** A fixture with one event's data a line, as the frames of a stream. */
export function framesOf(fixture: Fixture): SseFrame[] {
  return framesOfLines(readFileSync(fixture.path, 'utf8'))
}

/** One frame a line that is not empty, named by the data's own `type` where it has one. */
export function framesOfLines(text: string): SseFrame[] {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(data => {
      const read = parseJson(data)
      const event = read.ok && isObject(read.value) ? asString(read.value.type) : undefined
      return event === undefined ? { data } : { event, data }
    })
}

/** Real replies recorded by others, where they lie beside the project; none where they do not. */
export function recorded(ending: '.json' | '.chunks.txt'): Fixture[] {
  if (!existsSync(RECORDED)) return []
  return readdirSync(RECORDED)
    .filter(file => file.endsWith(ending))
    .sort()
    .map(file => ({ name: file, path: join(RECORDED, file) }))
}
