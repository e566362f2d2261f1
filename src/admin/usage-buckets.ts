import { quoteText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { UsageSpan } from './usage-span.ts'

/** How long the stretches are that usage over time is told in, in the time zone of the process that answers. */
const BUCKET_SIZES = ['hour', 'day'] as const
export type BucketSize = (typeof BUCKET_SIZES)[number]

/** Most stretches one answer has. */
export const BUCKETS_MAX = 800

const HOUR_MS = 3_600_000
/** Where nothing is said, times up to this long are told in hours. */
const HOURS_UP_TO_MS = 3 * 24 * HOUR_MS

/** Stretches of time, one behind the other. */
export interface Buckets {
  readonly size: BucketSize
  /** Where each begins, milliseconds since 1970. */
  readonly starts: readonly number[]
}

/** Which size is meant: as asked, else by the length of the time. A problem if there is no such size. */
export function bucketSize(asked: string | undefined, { since, until }: UsageSpan): BucketSize | Problem {
  if (asked === undefined) return since !== undefined && until - since <= HOURS_UP_TO_MS ? 'hour' : 'day'
  const size = BUCKET_SIZES.find(each => each === asked)
  return (
    size ??
    problem('bad_request', `Usage is not told by "${quoteText(asked, 40)}".`, {
      fix: [`Ask for one of: ${BUCKET_SIZES.join(', ')}.`],
      paths: ['bucket'],
    })
  )
}

/** The beginning of the stretch a moment lies in. */
export function bucketStart(size: BucketSize, at: number): number {
  const date = new Date(at)
  if (size === 'day') return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  // Counted from the moment itself: an hour that a clock shows twice is two hours.
  const shift = date.getTimezoneOffset() * 60_000
  return at - modulo(at - shift, HOUR_MS)
}

/** All stretches from one moment up to another, which is not in them. A problem if they are too many. */
export function bucketsBetween(size: BucketSize, since: number, until: number): Buckets | Problem {
  const starts: number[] = []
  for (let at = bucketStart(size, since); at < until; at = nextStart(size, at)) {
    if (starts.length === BUCKETS_MAX) return tooMany(size)
    starts.push(at)
  }
  return { size, starts }
}

/** Days have 23 to 25 hours. */
function nextStart(size: BucketSize, start: number): number {
  if (size === 'hour') return bucketStart('hour', start + HOUR_MS)
  const date = new Date(start)
  const next = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
  return next > start ? next : bucketStart('day', start + 26 * HOUR_MS)
}

function tooMany(size: BucketSize): Problem {
  return problem('bad_request', `From the one to the other it is more than ${BUCKETS_MAX} ${size}s.`, {
    fix: [...(size === 'hour' ? ['Ask for bucket=day.'] : []), 'Ask for a shorter time.'],
    paths: ['bucket'],
  })
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

/** The same function, asked over and over for the same moments. */
export function rememberedStart(size: BucketSize): (at: number) => number {
  const known = new Map<number, number>()
  return at => {
    const found = known.get(at) ?? bucketStart(size, at)
    known.set(at, found)
    return found
  }
}
