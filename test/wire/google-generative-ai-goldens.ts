import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'

const FIXTURES = join(import.meta.dir, '..', 'fixtures')
const ROOT = join(FIXTURES, 'google-generative-ai')
const RECORDED = join(import.meta.dir, '..', '..', '..', 'shared', 'recorded', 'google-generative-ai')

/** Run with `UPDATE_GOLDENS=1` to write the goldens anew; read every changed line of them before it is kept. */
const UPDATE = process.env.UPDATE_GOLDENS === '1'

/** What a golden holds: the canonical reading, or the wire's words. */
type GoldenKind = 'canon' | 'wire'

const GOLDEN = /\.(?:canon|wire)\.json$/
const EXTENSION = /\.(?:json|txt)$/

/** A fixture file; its golden stands beside it. */
export interface Fixture {
  readonly name: string
  readonly path: string
}

/** The fixtures of one folder of this protocol (`requests`, `encodings`, `replies`, `streams`, …), by name. */
export function fixtures(folder: string): Fixture[] {
  const dir = join(ROOT, folder)
  const files = readdirSync(dir)
  const names = new Set(files.filter(file => !GOLDEN.test(file)).map(file => file.replace(EXTENSION, '')))
  const strays = files.filter(file => GOLDEN.test(file) && !names.has(file.replace(GOLDEN, '')))
  if (strays.length > 0) throw new Error(`goldens without a fixture: ${strays.join(', ')}`)
  return files
    .filter(file => !GOLDEN.test(file))
    .sort()
    .map(file => ({ name: file.replace(EXTENSION, ''), path: join(dir, file) }))
}

/** The golden beside a fixture and what came out now, both as plain JSON; with `UPDATE_GOLDENS=1` it is written first. */
export function golden(
  fixture: Fixture,
  kind: GoldenKind,
  actual: unknown,
): { readonly want: unknown; readonly got: unknown } {
  const path = fixture.path.replace(EXTENSION, `.${kind}.json`)
  const text = `${JSON.stringify(actual, undefined, 2)}\n`
  if (UPDATE) writeFileSync(path, text)
  if (!existsSync(path)) throw new Error(`no golden at ${path}: run with UPDATE_GOLDENS=1 and read what it wrote`)
  return { want: JSON.parse(readFileSync(path, 'utf8')), got: JSON.parse(text) }
}

/** A fixture's JSON. */
export function jsonOf(fixture: Fixture): JsonObject {
  return JSON.parse(readFileSync(fixture.path, 'utf8')) as JsonObject
}

/** A fixture's bytes. */
export function bytesOf(fixture: Fixture): Uint8Array {
  return readFileSync(fixture.path)
}

/** A request of another protocol; its golden lies in this protocol's folder `crossings`. */
export interface Crossing extends Fixture {
  readonly body: JsonObject
}

/** Another protocol's request fixtures, for crossing over. */
export function crossings(protocol: string): Crossing[] {
  const dir = join(FIXTURES, protocol, 'requests')
  return readdirSync(dir)
    .filter(file => file.endsWith('.json') && !/\.(?:canon|wire|golden)\.json$/.test(file))
    .sort()
    .map(file => ({
      name: `${protocol}--${file.replace(EXTENSION, '')}`,
      path: join(ROOT, 'crossings', `${protocol}--${file}`),
      body: JSON.parse(readFileSync(join(dir, file), 'utf8')) as JsonObject,
    }))
}

/** Real replies recorded by others, where they lie beside the project; none where they do not. */
export function recorded(ending: '.json' | '.chunks.txt'): Fixture[] {
  if (!existsSync(RECORDED)) return []
  return readdirSync(RECORDED)
    .filter(file => file.endsWith(ending))
    .sort()
    .map(file => ({ name: file, path: join(RECORDED, file) }))
}

/** A recorded stream's frames: one chunk a line. This protocol has no closing frame. */
export function recordedFrames(fixture: Fixture): SseFrame[] {
  const lines = readFileSync(fixture.path, 'utf8').split('\n')
  return lines.filter(line => line.trim() !== '').map(data => ({ data }))
}
