import { begunLine, callLine, type LiveBatch, type LiveEvent, type LiveReader, type Notice } from '../admin/live.ts'
import { openPace, type PaceBook } from '../admin/pace.ts'
import { remarkOf } from '../admin/remarks.ts'
import type { Clock } from '../base/clock.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { CallWatcher } from '../pipeline/watcher.ts'
import type { LogLine } from './app.ts'

/** Events that are kept. Whoever reads more slowly than they come misses some, and is told how many. */
export const KEPT_MAX = 1_000

/** Warnings and errors that are kept for whoever comes later. */
export const NOTICES_MAX = 20

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
  /** The newest warnings and errors of the log since the start, newest first. */
  notices(): readonly Notice[]
  /** Behind the newest event. */
  cursor(): string
  /** A reader of what comes after a cursor, or from now on. Undefined: there are too many. */
  read(after: string | undefined): LiveReader | undefined
  /** Ends all readers. */
  close(): void
}

/** Opens the feed. */
export function openLiveFeed(clock: Clock): LiveFeed {
  const pace = openPace(clock.now)
  const epoch = clock.now().toString(36)
  const ring = openRing(clock)
  let notices: readonly Notice[] = []
  let readers = 0

  /** The place a cursor means; the end for one that is none of this feed. */
  function placeOf(cursor: string | undefined): number {
    const [of, number] = (cursor ?? '').split('.')
    const at = Number(number)
    return of === epoch && Number.isSafeInteger(at) && at >= 0 && at <= ring.end() ? at : ring.end()
  }

  function openReader(after: string | undefined): LiveReader {
    let at = placeOf(after)
    let greeted = false
    let left = false
    return {
      async take() {
        const hello: LiveEvent[] = greeted ? [] : [{ type: 'hello', epoch }]
        if (greeted && at === ring.end() && !left) await ring.somethingOrSilence()
        greeted = true
        if (ring.closed() || left) return undefined
        const { events, next } = ring.from(at)
        at = next
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
    begun: row => ring.keep(() => ({ type: 'begun', call: begunLine(row) })),
    ended(receipt) {
      pace.ended(receipt)
      ring.keep(() => endedEvent(receipt))
    },
    notice({ level, message }) {
      const notice = { at: clock.now(), level, text: message }
      if (level !== 'info') notices = [notice, ...notices].slice(0, NOTICES_MAX)
      ring.keep(() => ({ type: 'notice', ...notice }))
    },
    notices: () => notices,
    cursor: () => `${epoch}.${ring.end()}`,
    read(after) {
      if (readers >= READERS_MAX || ring.closed()) return undefined
      readers += 1
      return openReader(after)
    },
    close: () => ring.close(),
  }
}

function endedEvent(receipt: Receipt): LiveEvent {
  const remark = remarkOf(receipt)
  return { type: 'ended', call: callLine(receipt), ...(remark === undefined ? {} : { remark }) }
}

/** Made into an event only if somebody reads it. */
type Kept = () => LiveEvent

/** The newest events by their place, and whoever waits for the next. */
interface Ring {
  keep(event: Kept): void
  /** The place behind the newest. */
  end(): number
  /** What is kept from a place on, and the place behind it. */
  from(at: number): { readonly events: readonly LiveEvent[]; readonly next: number }
  /** Resolves when something was kept, when it was silent for a while, or when the ring is closed. */
  somethingOrSilence(): Promise<void>
  closed(): boolean
  close(): void
}

function openRing(clock: Clock): Ring {
  const kept: (Kept | undefined)[] = Array.from({ length: KEPT_MAX })
  const wakers = new Set<() => void>()
  let written = 0
  let closed = false

  function wakeAll(): void {
    for (const wake of wakers) wake()
  }

  return {
    keep(event) {
      kept[written % KEPT_MAX] = event
      written += 1
      wakeAll()
    },
    end: () => written,
    from(at) {
      const first = Math.max(at, written - KEPT_MAX)
      const next = Math.min(written, first + BATCH_MAX)
      const events: LiveEvent[] = first > at ? [{ type: 'dropped', count: first - at }] : []
      for (let place = first; place < next; place += 1) {
        const event = kept[place % KEPT_MAX]
        if (event !== undefined) events.push(event())
      }
      return { events, next }
    },
    somethingOrSilence() {
      if (closed) return Promise.resolve()
      return new Promise(resolve => {
        const cancel = clock.after(SILENCE_MS, wake)
        function wake(): void {
          cancel()
          wakers.delete(wake)
          resolve()
        }
        wakers.add(wake)
      })
    },
    closed: () => closed,
    close() {
      closed = true
      wakeAll()
    },
  }
}
