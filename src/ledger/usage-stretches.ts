import { QUARTER_MS } from './usage-measures.ts'

/** An hour, in milliseconds. */
export const HOUR_MS = 4 * QUARTER_MS

/** The beginning of the hour a moment lies in. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS
}

/** Times whose calls the pieces say, milliseconds since 1970. */
export interface Summed {
  /** The first moment: the beginning of an hour. */
  readonly since: number
  /** From here on there are pieces of a quarter of an hour too: the beginning of an hour. */
  readonly quartersSince: number
  /** Behind the last moment, which may lie within a piece. */
  readonly until: number
}

/** A time from its first moment up to `until`, which is not in it; milliseconds since 1970. */
export interface Stretch {
  readonly since: number
  readonly until: number
  /** How long the pieces are that say what is in it: it begins and ends with one. Absent: only the rows say it. */
  readonly pieceMs?: number
}

/** What a time is cut up by. */
export interface Cuts {
  /** Pieces of this length that begin there are not kept, as they would be too many. */
  crowded(pieceMs: number, start: number): boolean
  /** Moments with different marks are not in one piece. Asked for the beginnings of quarters of an hour. Absent: all may be. */
  readonly markOf?: ((at: number) => string | number) | undefined
}

/** Pieces of this many hours or quarters are read at once: a millisecond, in which no call goes on. */
const PIECES_AT_ONCE = 48

/**
 * Cuts a time into stretches that are read one after the other, from its beginning: as long pieces as fit, and rows where none do. None is missing
 * and none overlap. A piece at the end of what is summed up says only what is before that end; the rows behind it are a stretch of their own.
 */
export function stretchesOf(time: Stretch, summed: Summed | undefined, cuts: Cuts): readonly Stretch[] {
  if (summed === undefined) return [time]
  const [first, end] = [Math.max(time.since, summed.since), Math.min(time.until, summed.until)]
  if (first >= end) return [time]
  const stretches: Stretch[] = []

  const alike = (one: number, other: number) => cuts.markOf === undefined || cuts.markOf(one) === cuts.markOf(other)
  const add = (since: number, until: number, pieceMs?: number) => {
    if (since >= until) return
    const last = stretches.at(-1)
    const most = pieceMs === undefined ? Number.POSITIVE_INFINITY : PIECES_AT_ONCE * pieceMs
    const joins =
      last !== undefined &&
      last.until === since &&
      last.pieceMs === pieceMs &&
      until - last.since <= most &&
      (pieceMs === undefined || alike(last.since, since))
    if (joins) stretches.pop()
    const from = joins ? last.since : since
    stretches.push(pieceMs === undefined ? { since: from, until } : { since: from, until, pieceMs })
  }

  const cut = (start: number, pieceMs: number) => {
    const stop = start + pieceMs
    const whole = start >= time.since && Math.min(stop, summed.until) <= time.until
    const kept = (pieceMs === HOUR_MS || start >= summed.quartersSince) && !cuts.crowded(pieceMs, start)
    if (whole && kept && alike(start, stop - QUARTER_MS)) add(start, stop, pieceMs)
    else if (pieceMs === HOUR_MS)
      for (let quarter = start; quarter < Math.min(stop, end); quarter += QUARTER_MS) cut(quarter, QUARTER_MS)
    else add(Math.max(start, first), Math.min(stop, end))
  }

  add(time.since, first)
  for (let hour = hourOf(first); hour < end; hour += HOUR_MS) cut(hour, HOUR_MS)
  add(end, time.until)
  return stretches
}
