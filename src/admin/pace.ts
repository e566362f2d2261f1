import { outputTotal } from '../canon/usage.ts'
import type { Receipt } from '../ledger/receipt.ts'

/** Counts are kept for slots of this length. */
const SLOT_MS = 10_000
const MINUTE_SLOTS = 60_000 / SLOT_MS
const MINUTES = 60
const SLOTS_MAX = MINUTES * MINUTE_SLOTS

/** Most measurements kept of a slot; later ones take the place of the earliest. */
const SAMPLES_MAX = 64

/** What ended in some time. */
export interface Pace {
  readonly calls: number
  /** Of these, the ones without a whole answer, other than those the client itself left. */
  readonly failed: number
  /** Those told by providers. */
  readonly outputTokens: number
  /** The middle of the times to the first byte, in milliseconds. Absent: no answer was measured. */
  readonly firstByteMs?: number
  /** The middle of the speeds at which single streams were written, in tokens a second. */
  readonly tokensPerSecond?: number
}

/** The pace of one minute of the clock. */
export interface PaceMinute extends Pace {
  /** Its begin, milliseconds since 1970. */
  readonly at: number
}

/** How calls have gone in the last hour, since the start at most. In memory and bounded. */
export interface PaceBook {
  ended(receipt: Receipt): void
  /** The last sixty minutes, the running one last. */
  minutes(): readonly PaceMinute[]
  /** The last sixty seconds. */
  lately(): Pace
}

interface Slot {
  /** Its number since 1970. */
  number: number
  calls: number
  failed: number
  outputTokens: number
  readonly firstByteMs: number[]
  readonly speeds: number[]
}

/** Opens the book. `now`: milliseconds since 1970. */
export function openPace(now: () => number): PaceBook {
  const slots: (Slot | undefined)[] = Array.from({ length: SLOTS_MAX })

  function slotNow(): Slot {
    const number = Math.floor(now() / SLOT_MS)
    const kept = slots[number % SLOTS_MAX]
    if (kept?.number === number) return kept
    const fresh = { number, calls: 0, failed: 0, outputTokens: 0, firstByteMs: [], speeds: [] }
    slots[number % SLOTS_MAX] = fresh
    return fresh
  }

  function between(first: number, last: number): Slot[] {
    const kept = slots.filter(slot => slot !== undefined)
    return kept.filter(({ number }) => number >= first && number <= last)
  }

  return {
    ended(receipt) {
      const slot = slotNow()
      const { ending, usage, firstByteMs, totalMs } = receipt
      const output = (usage && outputTotal(usage)) ?? 0
      slot.calls += 1
      if (ending !== 'complete' && ending !== 'abandoned') slot.failed += 1
      slot.outputTokens += output
      if (firstByteMs === undefined) return
      sample(slot.firstByteMs, firstByteMs, slot.calls)
      const writingMs = totalMs - firstByteMs
      // A stream that came in one piece says nothing about how fast it was written.
      if (receipt.stream && ending === 'complete' && output > 1 && writingMs > 1) {
        sample(slot.speeds, output / (writingMs / 1_000), slot.calls)
      }
    },
    minutes() {
      const current = Math.floor(now() / 60_000)
      return Array.from({ length: MINUTES }, (_, i) => {
        const minute = current - MINUTES + 1 + i
        const first = minute * MINUTE_SLOTS
        return { at: minute * 60_000, ...paceOf(between(first, first + MINUTE_SLOTS - 1)) }
      })
    },
    lately() {
      const last = Math.floor(now() / SLOT_MS)
      return paceOf(between(last - MINUTE_SLOTS + 1, last))
    },
  }
}

function sample(kept: number[], value: number, count: number): void {
  if (kept.length < SAMPLES_MAX) kept.push(value)
  else kept[count % SAMPLES_MAX] = value
}

function paceOf(slots: readonly Slot[]): Pace {
  const sum = (of: (slot: Slot) => number) => slots.reduce((total, slot) => total + of(slot), 0)
  const firstByteMs = middle(slots.flatMap(slot => slot.firstByteMs))
  const tokensPerSecond = middle(slots.flatMap(slot => slot.speeds))
  return {
    calls: sum(slot => slot.calls),
    failed: sum(slot => slot.failed),
    outputTokens: sum(slot => slot.outputTokens),
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
  }
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
