import type { Clock } from '../base/clock.ts'
import type { ReceivedRequest } from './http-reader.ts'
import type { ToldUsage } from './reply.ts'

/** A request a simulated provider received, and how its answer went. Times are the clock's monotonic milliseconds. */
export interface SimRequest extends ReceivedRequest {
  readonly atMs: number
  /** The client left before the answer was out. */
  readonly aborted: boolean
  readonly abortedAtMs?: number
  /** The last byte of the answer was handed to the socket. */
  readonly answeredAtMs?: number
  /** What the answer was to tell as used, faults aside. Absent where nothing is told. */
  readonly told?: ToldUsage
}

interface Recorded {
  readonly entry: SimRequest
  readonly requestNumber: number
  telling(usage: ToldUsage | undefined): void
  ended(left: boolean): void
}

/** Keeps what was received, oldest first, within limits. */
export interface Recorder {
  /** Notes a request and numbers it from 1; the returned function notes the end of its answer. */
  record(request: ReceivedRequest): Recorded
  all(): readonly SimRequest[]
  /** Forgets everything, the numbers too. */
  clear(): void
  /** Resolves as soon as the condition holds over everything recorded. */
  when(condition: (requests: readonly SimRequest[]) => boolean): Promise<void>
}

/** Bodies kept together, in characters; the oldest requests are forgotten first. */
const BODY_CHARS_MAX = 64 * 1024 * 1024

/** A recorder of at most `requestsMax` requests. */
export function openRecorder(clock: Clock, requestsMax: number): Recorder {
  let entries: SimRequest[] = []
  let bodyChars = 0
  let requestNumber = 0
  let waiters: { readonly condition: (requests: readonly SimRequest[]) => boolean; readonly done: () => void }[] = []

  function changed(): void {
    if (waiters.length === 0) return
    const ready = waiters.filter(waiter => waiter.condition(entries))
    waiters = waiters.filter(waiter => !ready.includes(waiter))
    for (const waiter of ready) waiter.done()
  }

  function forgetOldest(): void {
    while (entries.length > requestsMax || bodyChars > BODY_CHARS_MAX) bodyChars -= entries.shift()?.body.length ?? 0
  }

  return {
    record(request) {
      const entry: { -readonly [K in keyof SimRequest]: SimRequest[K] } = {
        ...request,
        atMs: clock.monotonicMs(),
        aborted: false,
      }
      entries.push(entry)
      bodyChars += request.body.length
      requestNumber += 1
      forgetOldest()
      changed()
      return {
        entry,
        requestNumber,
        telling(usage) {
          if (usage !== undefined) entry.told = usage
        },
        ended(left) {
          entry.aborted = left
          if (left) entry.abortedAtMs = clock.monotonicMs()
          else entry.answeredAtMs = clock.monotonicMs()
          changed()
        },
      }
    },
    all: () => [...entries],
    clear() {
      entries = []
      bodyChars = 0
      requestNumber = 0
    },
    when: condition =>
      new Promise(done => {
        waiters.push({ condition, done })
        changed()
      }),
  }
}
