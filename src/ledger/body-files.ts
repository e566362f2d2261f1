import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { Clock } from '../base/clock.ts'
import { errorCode } from '../base/error-code.ts'
import { isId, timeOfId } from '../base/ids.ts'
import {
  type BodiesMissing,
  type BodyHealth,
  type BodyLimits,
  type BodyRoom,
  type BodyStore,
  bytesHeldBy,
  decodeBodies,
  encodeBodies,
  type KeptBodies,
  openBodyRoom,
} from './kept-bodies.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** The first look at what is old comes this long after the start: a command that is over sooner removes nothing. */
const FIRST_SWEEP_MS = 60_000
const SWEEP_EVERY_MS = 60 * 60 * 1000
/** So often what is there is counted anew: other processes keep bodies in the same folder. */
const SWEEPS_A_COUNT = 24
/** Bodies that wait for the disk, in bytes; what comes beyond that is dropped and counted. One call may always wait, however large it is. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024
/** What streams under way have collected together, in bytes. */
const COLLECTED_BYTES_MAX = 256 * 1024 * 1024
/** When there is too much, so much is left: else every further call would remove a file. */
const LEFT_SHARE = 0.9
/** A file takes whole blocks of the disk; most file systems have blocks of this size, in bytes. */
const BLOCK_BYTES = 4_096
const FOLDER = 'bodies'
const SUFFIX = '.zst'
const A_DAY = /^\d{4}-\d\d-\d\d$/
const A_FILE = /^req_[0-9a-z_]+\.zst(?:\.part)?$/

/** Says what is wrong while it is: writing or removing. */
type Trouble = 'Bodies of calls are not kept' | 'Bodies that are too old or too many are not removed'

const zstd = promisify(zstdCompress)
/** With a checksum, which the format leaves away unless it is asked for: a damaged file is told from a whole one. */
const PACKING = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

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

/** Where the bodies lie. */
export function bodiesFolder(folder: string): string {
  return join(folder, FOLDER)
}

/** The bodies of a call, out of the data folder alone. Never rejects. */
export async function readKeptBodies(folder: string, id: string): Promise<KeptBodies | BodiesMissing> {
  const path = pathOf(bodiesFolder(folder), id)
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
  readonly room: BodyRoom = openBodyRoom(COLLECTED_BYTES_MAX)
  readonly #options: BodyFilesOptions
  readonly #root: string
  #limits: BodyLimits
  /** In the order in which they are written. */
  readonly #waiting = new Map<string, KeptBodies>()
  #waitingBytes = 0
  #dropped = 0
  readonly #troubles = new Map<Trouble, string>()
  /** Bytes on the disk; undefined before they were counted. */
  #bytes: number | undefined
  /** What is done with the files, one after the other. */
  #work: Promise<void> = Promise.resolve()
  #sweeps = 0
  #writing = false
  #cancel: () => void

  constructor(options: BodyFilesOptions) {
    this.#options = options
    this.#limits = options.limits
    this.#root = bodiesFolder(options.folder)
    this.#cancel = options.clock.after(FIRST_SWEEP_MS, () => this.#sweepNow())
  }

  keep(bodies: KeptBodies): void {
    // A call that began before it was switched off.
    if (this.#limits.keepDays === 0) return
    this.#forget(this.#waiting.get(bodies.id))
    const bytes = bytesHeldBy(bodies)
    if (this.#waiting.size > 0 && this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#drop('the disk is slower than the calls come')
      return
    }
    this.#waitingBytes += bytes
    this.#waiting.set(bodies.id, bodies)
    if (!this.#writing) this.#write()
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
    const warnings = [...this.#troubles.values()]
    return {
      ...this.#limits,
      ...(this.#bytes === undefined ? {} : { bytes: this.#bytes }),
      dropped: this.#dropped,
      ...(warnings.length === 0 ? {} : { warning: warnings.join(' ') }),
    }
  }

  async close(): Promise<void> {
    this.#cancel()
    // A call that ends meanwhile is written too.
    for (let work: Promise<void> | undefined; work !== this.#work; ) {
      work = this.#work
      await work
    }
  }

  /** One thing at a time: what is removed is never written at the same moment. */
  #do(job: () => Promise<void>): void {
    this.#work = this.#work.then(job)
  }

  #write(): void {
    this.#writing = true
    this.#do(() => this.#writeWaiting())
  }

  /** Writes what waits by now. What comes meanwhile is written later, so that calls that never cease keep nothing from being removed. */
  async #writeWaiting(): Promise<void> {
    for (const bodies of [...this.#waiting.values()]) {
      if (this.#limits.keepDays > 0) await this.#writeOne(bodies)
      this.#forget(bodies)
    }
    if ((this.#bytes ?? 0) > this.#limits.totalBytesMax) await this.#sweep()
    this.#writing = false
    if (this.#waiting.size > 0) this.#write()
  }

  async #writeOne(bodies: KeptBodies): Promise<void> {
    try {
      const bytes = await writeKept(this.#root, bodies)
      if (this.#bytes !== undefined) this.#bytes += bytes
      // Where the disk is slow, the next one may be dropped again: that is one trouble, told once.
      if (this.#waitingBytes <= WAITING_BYTES_MAX / 2) this.#troubles.delete('Bodies of calls are not kept')
    } catch (error) {
      this.#drop(wordsOf(error))
    }
  }

  /** Unless other bodies of the same call have taken their place. */
  #forget(bodies: KeptBodies | undefined): void {
    if (bodies === undefined || this.#waiting.get(bodies.id) !== bodies) return
    this.#waiting.delete(bodies.id)
    this.#waitingBytes -= bytesHeldBy(bodies)
  }

  #drop(why: string): void {
    this.#dropped += 1
    this.#warn('Bodies of calls are not kept', why)
  }

  /** Says it once, until it is over. */
  #warn(trouble: Trouble, why: string): void {
    const message = `${trouble}: ${why}.`
    if (!this.#troubles.has(trouble)) this.#options.say({ level: 'warn', message })
    this.#troubles.set(trouble, message)
  }

  #sweepNow(): void {
    this.#cancel()
    this.#cancel = this.#options.clock.after(SWEEP_EVERY_MS, () => this.#sweepNow())
    this.#do(() => this.#sweep())
  }

  /** Removes the days that are over, then the oldest calls while there is too much. */
  async #sweep(): Promise<void> {
    try {
      const days = await namesIn(this.#root, A_DAY, 'folder')
      const removed = await this.#removeOver(days)
      // Counting looks at every file, so it is not done each time.
      const isDue = removed > 0 || this.#sweeps % SWEEPS_A_COUNT === 0
      this.#sweeps += 1
      if (isDue || this.#bytes === undefined || this.#bytes > this.#limits.totalBytesMax) await this.#removeBeyond(days)
      this.#troubles.delete('Bodies that are too old or too many are not removed')
    } catch (error) {
      this.#warn('Bodies that are too old or too many are not removed', wordsOf(error))
    }
  }

  /** How many files it removed. */
  async #removeOver(days: readonly string[]): Promise<number> {
    const { keepDays } = this.#limits
    const oldest = this.#options.clock.now() - keepDays * DAY_MS
    let calls = 0
    let files = 0
    for (const day of days) {
      if (keepDays > 0 && Date.parse(`${day}T00:00:00Z`) + DAY_MS > oldest) continue
      const folder = join(this.#root, day)
      for (const name of await namesIn(folder, A_FILE, 'file')) {
        await rm(join(folder, name), { force: true })
        files += 1
        if (name.endsWith(SUFFIX)) calls += 1
      }
      await removeEmpty(folder)
    }
    if (calls > 0 && keepDays === 0)
      this.#options.say({
        level: 'info',
        message: `Bodies are kept no longer: what was kept of ${calls === 1 ? 'one call' : `${calls} calls`} was removed.`,
      })
    return files
  }

  /** Counts what there is, and removes the oldest while it is too much. */
  async #removeBeyond(days: readonly string[]): Promise<void> {
    const { totalBytesMax } = this.#limits
    const files = await filesIn(this.#root, days)
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const most = bytes > totalBytesMax ? totalBytesMax * LEFT_SHARE : totalBytesMax
    for (const file of files) {
      if (bytes <= most) break
      await rm(file.path, { force: true })
      bytes -= file.bytes
    }
    this.#bytes = bytes
  }
}

/** Where the bodies of a call lie; undefined if that is no id of a call. */
function pathOf(root: string, id: string): string | undefined {
  const at = isId(id, 'req') ? timeOfId(id) : undefined
  if (at === undefined) return undefined
  return join(root, new Date(at).toISOString().slice(0, 10), `${id}${SUFFIX}`)
}

/** Writes the file of one call, whole or not at all. Resolves to the bytes it takes on the disk. */
async function writeKept(root: string, bodies: KeptBodies): Promise<number> {
  const path = pathOf(root, bodies.id)
  if (path === undefined) throw new Error(`${bodies.id} is not the id of a call`)
  const data = await zstd(encodeBodies(bodies), PACKING)
  const partial = `${path}.part`
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  try {
    await writeFile(partial, data, { mode: 0o600 })
    await rename(partial, path)
  } catch (error) {
    // A full disk is not filled further with beginnings of files.
    await rm(partial, { force: true }).catch(() => {})
    throw error
  }
  return onDisk(data.length)
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

interface StoredFile {
  readonly path: string
  readonly bytes: number
}

/** The files of these days, the oldest first. One that another process has removed by now is none. */
async function filesIn(root: string, days: readonly string[]): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = []
  for (const day of days) {
    for (const name of await namesIn(join(root, day), A_FILE, 'file')) {
      const path = join(root, day, name)
      const found = await unless('ENOENT', stat(path))
      if (found !== undefined) files.push({ path, bytes: onDisk(found.size) })
    }
  }
  return files
}

/** Names in a folder, the oldest first: days and ids sort by time. None where there is no such folder. */
async function namesIn(folder: string, shape: RegExp, kind: 'folder' | 'file'): Promise<string[]> {
  const entries = (await unless('ENOENT', readdir(folder, { withFileTypes: true }))) ?? []
  return entries
    .filter(entry => shape.test(entry.name) && (kind === 'folder' ? entry.isDirectory() : entry.isFile()))
    .map(({ name }) => name)
    .sort()
}

/** Removes a day's folder, unless somebody put something else there. */
async function removeEmpty(folder: string): Promise<void> {
  await unless('ENOENT', unless('EEXIST', unless('ENOTEMPTY', rmdir(folder))))
}

/** What was promised; undefined if it failed with that code. */
async function unless<T>(code: string, promised: Promise<T>): Promise<T | undefined> {
  try {
    return await promised
  } catch (error) {
    if (errorCode(error) === code) return undefined
    throw error
  }
}

function wordsOf(error: unknown): string {
  const code = errorCode(error)
  return code === 'unknown' ? String(error) : code
}
