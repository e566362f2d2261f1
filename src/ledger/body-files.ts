import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { errorCode } from '../base/error-code.ts'
import { isId, timeOfId } from '../base/ids.ts'
import {
  type BodiesMissing,
  type BodyHealth,
  type BodyLimits,
  type BodyStore,
  decodeBodies,
  encodeBodies,
  type KeptBodies,
} from './kept-bodies.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** The first look at what is old comes this long after the start: a command that is over sooner removes nothing. */
const FIRST_SWEEP_MS = 60_000
const SWEEP_EVERY_MS = 60 * 60 * 1000
/** Bodies that wait for the disk, in bytes; what comes beyond that is dropped and counted. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024
/** When there is too much, so much is left: else every further call would remove a file. */
const LEFT_SHARE = 0.9
const FOLDER = 'bodies'
const SUFFIX = '.zst'
const A_DAY = /^\d{4}-\d\d-\d\d$/
const A_FILE = /^req_[0-9a-z]+\.zst(?:\.part)?$/

/** What the files are kept with. */
export interface BodyFilesOptions {
  /** The data folder; the bodies lie in `bodies/` below it. */
  readonly folder: string
  readonly clock: Clock
  readonly limits: BodyLimits
  /** Told when bodies are removed because none is to be kept any more, and when they cannot be written. */
  say(line: { readonly level: 'info' | 'warn'; readonly message: string }): void
}

/** Keeps the bodies as files: a folder a day (UTC), a file a call, compressed with zstd (RFC 8878). Only their owner can read them. */
export function openBodyFiles(options: BodyFilesOptions): BodyStore {
  return new BodyFiles(options)
}

/** The bodies of a call, out of the data folder alone. Never rejects. */
export async function readKeptBodies(folder: string, id: string): Promise<KeptBodies | BodiesMissing> {
  const path = pathOf(join(folder, FOLDER), id)
  if (path === undefined) return absent()
  try {
    const bodies = decodeBodies(await Bun.zstdDecompress(await readFile(path)))
    if (bodies !== undefined && bodies.id === id) return bodies
    return { missing: 'damaged', why: `${path} is not whole.` }
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? absent()
      : { missing: 'damaged', why: `${path} cannot be read: ${wordsOf(error)}.` }
  }
}

function absent(): BodiesMissing {
  return { missing: 'absent', why: 'They were not kept when the call was made, or have been removed since.' }
}

class BodyFiles implements BodyStore {
  readonly #options: BodyFilesOptions
  readonly #root: string
  #limits: BodyLimits
  /** In the order in which they are written. */
  readonly #waiting = new Map<string, KeptBodies>()
  #waitingBytes = 0
  #dropped = 0
  #warning: string | undefined
  /** Bytes on the disk; undefined before they were counted. */
  #bytes: number | undefined
  /** What is done with the files, one after the other. */
  #work: Promise<void> = Promise.resolve()
  #writing = false
  #cancel: () => void

  constructor(options: BodyFilesOptions) {
    this.#options = options
    this.#limits = options.limits
    this.#root = join(options.folder, FOLDER)
    this.#cancel = options.clock.after(FIRST_SWEEP_MS, () => this.#sweepNow())
  }

  keep(bodies: KeptBodies): void {
    // A call that began before it was switched off.
    if (this.#limits.keepDays === 0) return
    const bytes = sizeOf(bodies)
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#drop('the disk is slower than the calls come')
      return
    }
    this.#waitingBytes += bytes
    this.#waiting.set(bodies.id, bodies)
    if (this.#writing) return
    this.#writing = true
    this.#do(() => this.#writeAll())
  }

  async find(id: string): Promise<KeptBodies | BodiesMissing> {
    return this.#waiting.get(id) ?? (await readKeptBodies(this.#options.folder, id))
  }

  limit(limits: BodyLimits): void {
    const before = this.#limits
    this.#limits = limits
    if (limits.keepDays !== before.keepDays || limits.totalBytesMax !== before.totalBytesMax) this.#sweepNow()
  }

  health(): BodyHealth {
    return {
      ...this.#limits,
      ...(this.#bytes === undefined ? {} : { bytes: this.#bytes }),
      dropped: this.#dropped,
      ...(this.#warning === undefined ? {} : { warning: this.#warning }),
    }
  }

  async close(): Promise<void> {
    this.#cancel()
    await this.#work
  }

  /** One thing at a time: what is removed is never written at the same moment. */
  #do(job: () => Promise<void>): void {
    this.#work = this.#work.then(job).catch(error => this.#warn(wordsOf(error)))
  }

  async #writeAll(): Promise<void> {
    for (const [id, bodies] of this.#waiting) {
      try {
        await this.#write(bodies)
        this.#warning = undefined
      } catch (error) {
        this.#drop(wordsOf(error))
      }
      this.#waiting.delete(id)
      this.#waitingBytes -= sizeOf(bodies)
    }
    this.#writing = false
    if ((this.#bytes ?? 0) > this.#limits.totalBytesMax) await this.#sweep()
  }

  async #write(bodies: KeptBodies): Promise<void> {
    const path = pathOf(this.#root, bodies.id)
    if (path === undefined) throw new Error(`${bodies.id} is not the id of a call`)
    const data = await Bun.zstdCompress(encodeBodies(bodies))
    const partial = `${path}.part`
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await writeFile(partial, data, { mode: 0o600 })
    await rename(partial, path)
    if (this.#bytes !== undefined) this.#bytes += data.length
  }

  #drop(why: string): void {
    this.#dropped += 1
    this.#warn(why)
  }

  /** Says it once, until something could be written again. */
  #warn(why: string): void {
    const warning = `Bodies of calls are not kept: ${why}.`
    if (this.#warning === undefined) this.#options.say({ level: 'warn', message: warning })
    this.#warning = warning
  }

  #sweepNow(): void {
    this.#cancel()
    this.#cancel = this.#options.clock.after(SWEEP_EVERY_MS, () => this.#sweepNow())
    this.#do(() => this.#sweep())
  }

  /** Removes the days that are over, then the oldest calls while there is too much. */
  async #sweep(): Promise<void> {
    const { keepDays, totalBytesMax } = this.#limits
    const oldest = this.#options.clock.now() - keepDays * DAY_MS
    let bytes = 0
    let removed = 0
    const left: { readonly path: string; readonly bytes: number }[] = []
    for (const day of await namesIn(this.#root, A_DAY)) {
      const folder = join(this.#root, day)
      const isOver = keepDays === 0 || Date.parse(`${day}T00:00:00Z`) + DAY_MS <= oldest
      for (const name of await namesIn(folder, A_FILE)) {
        const path = join(folder, name)
        if (isOver) removed += 1
        else {
          const size = (await stat(path)).size
          left.push({ path, bytes: size })
          bytes += size
        }
      }
      if (isOver) await rm(folder, { recursive: true, force: true })
    }
    const most = bytes > totalBytesMax ? totalBytesMax * LEFT_SHARE : totalBytesMax
    for (const file of left) {
      if (bytes <= most) break
      await rm(file.path, { force: true })
      bytes -= file.bytes
      removed += 1
    }
    this.#bytes = bytes
    if (removed > 0 && keepDays === 0)
      this.#options.say({
        level: 'info',
        message: `Bodies are kept no longer: what was kept of ${removed === 1 ? 'one call' : `${removed} calls`} was removed.`,
      })
  }
}

function sizeOf({ request, reply }: KeptBodies): number {
  return request.data.length + (reply?.data.length ?? 0)
}

/** Where the bodies of a call lie; undefined if that is no id of a call. */
function pathOf(root: string, id: string): string | undefined {
  const at = isId(id, 'req') ? timeOfId(id) : undefined
  if (at === undefined) return undefined
  return join(root, new Date(at).toISOString().slice(0, 10), `${id}${SUFFIX}`)
}

/** Names in a folder, the oldest first: days and ids sort by time. */
async function namesIn(folder: string, shape: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => shape.test(name)).sort()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

function wordsOf(error: unknown): string {
  const code = errorCode(error)
  return code === 'unknown' ? String(error) : code
}
