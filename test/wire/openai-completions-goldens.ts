import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'

const ROOT = join(import.meta.dir, '..', 'fixtures', 'openai-completions')
const RECORDED = join(import.meta.dir, '..', '..', '..', 'shared', 'recorded', 'openai-completions')

/** Run with `UPDATE_GOLDENS=1` to write the goldens anew; read every changed line of them before it is kept. */
const UPDATE = process.env.UPDATE_GOLDENS === '1'

/** A fixture file; its golden stands beside it. */
export interface Fixture {
  readonly name: string
  readonly path: string
}

/** The fixtures of one folder, by name. */
export function fixtures(folder: 'requests' | 'encodings' | 'replies' | 'streams'): Fixture[] {
  const dir = join(ROOT, folder)
  return readdirSync(dir)
    .filter(file => !file.endsWith('.canon.json') && !file.endsWith('.wire.json'))
    .sort()
    .map(file => ({ name: file.replace(/\.(?:json|txt)$/, ''), path: join(dir, file) }))
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

/** Real replies recorded by others, where they lie beside the project; none where they do not. */
export function recorded(ending: '.json' | '.chunks.txt'): Fixture[] {
  if (!existsSync(RECORDED)) return []
  return readdirSync(RECORDED)
    .filter(file => file.endsWith(ending))
    .sort()
    .map(file => ({ name: file, path: join(RECORDED, file) }))
}

/** A recorded stream's frames. The recordings hold one chunk a line and leave out `[DONE]`. */
export function recordedFrames(fixture: Fixture): SseFrame[] {
  const lines = readFileSync(fixture.path, 'utf8').split('\n')
  return [...lines.filter(line => line.trim() !== '').map(data => ({ data })), { data: '[DONE]' }]
}
