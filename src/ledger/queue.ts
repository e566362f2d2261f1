import { BriefMap } from '../base/brief-map.ts'
import type { Receipt } from './receipt.ts'
import type { Row } from './row.ts'

/** A row that waits to be written. */
export interface Waiting {
  readonly row: Row
  /** Monotonic milliseconds. */
  readonly since: number
  /** Lets the call go on: called when the row is durable, or when waiting for that has no more sense. */
  readonly release: () => void
  /** The receipt is in the journal: the row waits, but no call does, and it outlives the process. */
  journalled: boolean
}

/** How much may wait. */
export interface QueueLimits {
  readonly rowsMax: number
  readonly charsMax: number
}

/** The limits of a running gateway: reached only when the disk cannot be written for a while. */
const QUEUE_LIMITS: QueueLimits = { rowsMax: 10_000, charsMax: 32 * 1024 * 1024 }

/**
 * Rows that wait for the next commit, at most one a call: the ending takes the place of the admission. When there are too many the
 * oldest admissions go first, since a call that ends writes its whole row anyway, and then the oldest endings.
 */
export interface Queue {
  /** Puts the row in, and gives back what had to go to make room. */
  put(waiting: Waiting): readonly Waiting[]
  /**
   * The next rows to write, endings first: somebody waits for them. Of the admissions only those that wait since `admittedUntilMs` or longer.
   * All stay until {@link remove}.
   */
  next(rowsMax: number, admittedUntilMs: number): readonly Waiting[]
  /** True if an ending waits. */
  hasEnded(): boolean
  remove(written: readonly Waiting[]): void
  all(): readonly Waiting[]
  has(id: string): boolean
  /** The receipt of a row that waits. */
  find(id: string): Receipt | undefined
  size(): number
  /** Monotonic milliseconds since when the oldest row waits, or undefined if none does. */
  oldestSince(): number | undefined
}

/** An empty queue. */
export function openQueue(limits: QueueLimits = QUEUE_LIMITS): Queue {
  const admitted = new BriefMap<string, Waiting>()
  const ended = new BriefMap<string, Waiting>()
  let chars = 0

  const take = (from: BriefMap<string, Waiting>, id: string): Waiting | undefined => {
    const waiting = from.get(id)
    if (waiting === undefined) return undefined
    from.delete(id)
    chars -= waiting.row.chars
    return waiting
  }
  const size = () => admitted.size + ended.size
  const dropOldest = (): Waiting | undefined => {
    const from = admitted.size > 0 ? admitted : ended
    const oldest = first(from)
    return oldest === undefined ? undefined : take(from, oldest.row.id)
  }

  return {
    put(waiting) {
      const { id } = waiting.row
      take(admitted, id)
      take(ended, id)?.release()
      const kept = waiting.row.ended ? ended : admitted
      kept.set(id, waiting)
      chars += waiting.row.chars
      const dropped: Waiting[] = []
      while (size() > limits.rowsMax || chars > limits.charsMax) {
        const oldest = dropOldest()
        if (oldest === undefined) break
        dropped.push(oldest)
      }
      return dropped
    },
    next(rowsMax, admittedUntilMs) {
      const rows: Waiting[] = []
      addSome(ended, rowsMax, Number.POSITIVE_INFINITY, rows)
      addSome(admitted, rowsMax, admittedUntilMs, rows)
      return rows
    },
    hasEnded: () => ended.size > 0,
    remove(written) {
      for (const { row } of written) take(row.ended ? ended : admitted, row.id)
    },
    all: () => [...ended.values(), ...admitted.values()],
    has: id => ended.has(id) || admitted.has(id),
    find: id => (ended.get(id) ?? admitted.get(id))?.row.receipt(),
    size,
    oldestSince() {
      const since = [first(ended)?.since, first(admitted)?.since].filter(time => time !== undefined)
      return since.length === 0 ? undefined : Math.min(...since)
    },
  }
}

function first(waiting: BriefMap<string, Waiting>): Waiting | undefined {
  const head = waiting.values().next()
  return head.done ? undefined : head.value
}

/** Adds waiting rows, oldest first, until there are `rowsMax`. They came in the order of their times. */
function addSome(waiting: BriefMap<string, Waiting>, rowsMax: number, untilMs: number, rows: Waiting[]): void {
  for (const each of waiting.values()) {
    if (rows.length >= rowsMax || each.since > untilMs) return
    rows.push(each)
  }
}
