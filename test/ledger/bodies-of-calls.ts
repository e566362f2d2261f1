import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '../../src/base/ids.ts'
import { type BodyFilesOptions, openBodyFiles } from '../../src/ledger/body-files.ts'
import type { BodiesMissing, BodyLimits, BodyStore, KeptBodies, KeptBody } from '../../src/ledger/kept-bodies.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A body with all of its bytes. */
export function wholeBody(text: string | Uint8Array): KeptBody {
  const data = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return { contentType: 'application/json', bytes: data.length, data }
}

/** The bodies of a call that came at that time, milliseconds since 1970. */
export function bodiesAt(at: number, changes: Partial<KeptBodies> = {}): KeptBodies {
  return {
    id: newId('req', at),
    at,
    protocol: 'openai-completions',
    operation: 'generate',
    jsonArray: false,
    headers: {},
    request: wholeBody('{"model":"a/m"}'),
    reply: wholeBody('{"choices":[]}'),
    ...changes,
  }
}

/** Bytes that cannot be made smaller. */
export function noise(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes)
  let state = 1
  for (let i = 0; i < bytes; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    made[i] = state >>> 24
  }
  return made
}

/** Bodies in words that can be compared: what was asked, or why it is not there. */
export function askedIn(found: KeptBodies | BodiesMissing): string {
  return 'missing' in found ? found.missing : Buffer.from(found.request.data).toString()
}

export const MIB = 1024 * 1024
export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000
/** The beginning of a day. */
export const TODAY = Date.parse('2026-11-23T00:00:00Z')
export const NOON = TODAY + DAY_MS / 2
export const LIMITS: BodyLimits = { keepDays: 7, bytesMax: 4 * MIB, totalBytesMax: 1_024 * MIB }

/** A store for a test. */
export interface TestBodyFiles extends Disposable {
  readonly store: BodyStore
  readonly clock: ManualClock
  /** Lines of the log. */
  readonly said: readonly string[]
  /** Where the days lie. */
  readonly root: string
  readonly options: BodyFilesOptions
}

/** Opens a store in a folder of its own, which is gone at the end of the block that holds it with `using`. */
export function bodyFilesOf(limits: Partial<BodyLimits> = {}, startMs = NOON): TestBodyFiles {
  const folder = temporaryFolder()
  const clock = manualClock(startMs)
  const said: string[] = []
  const options: BodyFilesOptions = {
    folder: folder.path,
    clock,
    limits: { ...LIMITS, ...limits },
    say: ({ level, message }) => said.push(`${level}: ${message}`),
  }
  const root = join(folder.path, 'bodies')
  return { store: openBodyFiles(options), clock, said, root, options, [Symbol.dispose]: folder[Symbol.dispose] }
}

/** The name of the folder of a day. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** Where the bodies of a call lie. */
export function fileOf(root: string, { id, at }: KeptBodies): string {
  return join(root, dayOf(at), `${id}.zst`)
}

/** All files and folders below, the oldest first. */
export function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).toSorted()
}

/** Keeps them, and waits until they are written. */
export async function put(store: BodyStore, ...all: readonly KeptBodies[]): Promise<void> {
  for (const bodies of all) store.keep(bodies)
  await store.close()
}
