import { begunLine, callLine, type LiveBatch, type LiveEvent, type LiveReader } from '../admin/live.ts'
import { openPace, type PaceBook } from '../admin/pace.ts'
import { remarkOf } from '../admin/remarks.ts'
import type { Clock } from '../base/clock.ts'
import type { CallWatcher } from '../pipeline/watcher.ts'
import type { LogLine } from './app.ts'

/** Events that are kept. Whoever reads more slowly than they come misses some, and is told how many. */
export const KEPT_MAX = 1_000

/** Events given out at once. */
const BATCH_MAX = 200

/** Most readers at a time. */
export const READERS_MAX = 100

/** A reader that waits is woken after this much silence, so that it can give a sign of life. */
export const SILENCE_MS = 15_000

/** Calls as they happen, for whoever watches. Calls never wait for it: it keeps a few events, and readers take them. */
export interface LiveFeed extends CallWatcher {
  readonly pace: PaceBook
  /** A line of the log. */
  notice(line: LogLine): void
  /** Behind the newest event. */
  cursor(): string
  /** A reader of what comes after a cursor, or from now on. Undefined: there are too many. */
  read(after: string | undefined): LiveReader | undefined
  /** Ends all readers. */
  close(): void
}

/** Made into an event only if somebody reads it. */
type Kept = () => LiveEvent

/** Opens the feed. */
export function openLiveFeed(clock: Clock): LiveFeed {
  const pace = openPace(clock.now)
  const epoch = clock.now().toString(36)
  const ring: (Kept | undefined)[] = Array.from({ length: KEPT_MAX })
  const wakers = new Set<() => void>()
  let written = 0
  let readers = 0
  let closed = false

  function keep(event: Kept): void {
    ring[written % KEPT_MAX] = event
    written += 1
    wakeAll()
  }

  function wakeAll(): void {
    for (const wake of wakers) wake()
    wakers.clear()
  }

  function somethingOrSilence(): Promise<void> {
    return new Promise(resolve => {
      const cancel = clock.after(SILENCE_MS, wake)
      function wake(): void {
        cancel()
        wakers.delete(wake)
        resolve()
      }
      wakers.add(wake)
    })
  }

  /** What is kept from a place on, and the place behind it. */
  function eventsFrom(at: number): { events: LiveEvent[]; next: number } {
    const first = Math.max(at, written - KEPT_MAX)
    const next = Math.min(written, first + BATCH_MAX)
    const events: LiveEvent[] = first > at ? [{ type: 'dropped', count: first - at }] : []
    for (let i = first; i < next; i += 1) {
      const event = ring[i % KEPT_MAX]
      if (event !== undefined) events.push(event())
    }
    return { events, next }
  }

  function startOf(after: string | undefined): number {
    const [of, number] = (after ?? '').split('.')
    const at = Number(number)
    return of === epoch && Number.isSafeInteger(at) && at >= 0 && at <= written ? at : written
  }

  function openReader(after: string | undefined): LiveReader {
    let at = startOf(after)
    let greeted = false
    let left = false
    return {
      async take() {
        const isFirst = !greeted
        greeted = true
        if (!isFirst && at === written && !closed && !left) await somethingOrSilence()
        if (closed || left) return undefined
        const { events, next } = eventsFrom(at)
        at = next
        const hello: LiveEvent[] = isFirst ? [{ type: 'hello', epoch }] : []
        return { events: [...hello, ...events], cursor: `${epoch}.${at}` } satisfies LiveBatch
      },
      close() {
        if (!left) readers -= 1
        left = true
      },
    }
  }

  return {
    name: 'live',
    pace,
    begun: row => keep(() => ({ type: 'begun', call: begunLine(row) })),
    ended(receipt) {
      pace.ended(receipt)
      keep(() => {
        const remark = remarkOf(receipt)
        return { type: 'ended', call: callLine(receipt), ...(remark === undefined ? {} : { remark }) }
      })
    },
    notice({ level, message }) {
      const at = clock.now()
      keep(() => ({ type: 'notice', at, level, text: message }))
    },
    cursor: () => `${epoch}.${written}`,
    read(after) {
      if (readers >= READERS_MAX || closed) return undefined
      readers += 1
      return openReader(after)
    },
    close() {
      closed = true
      wakeAll()
    },
  }
}
