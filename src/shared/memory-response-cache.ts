import type { Clock } from '../base/clock.ts'
import type { KeptResponse, ResponseCache } from './response-cache.ts'

/** What an entry takes beside its key and its contents, roughly, in bytes. */
const ENTRY_BYTES = 512

/** No answer may take more than this share of the room: a single one would push out all others. */
const SHARE_MAX = 1 / 4

interface Entry {
  readonly value: KeptResponse
  readonly bytes: number
  /** Monotonic milliseconds. */
  readonly untilMs: number
}

/**
 * Answers in this process. `bytesMax` counts answers and keys, and what goes with them. Where there is no room the answer goes that was asked
 * for the longest time ago.
 */
export function memoryResponseCache({
  clock,
  bytesMax,
}: {
  readonly clock: Clock
  readonly bytesMax: number
}): ResponseCache {
  // A map keeps the order in which keys were put in: the first is the one asked for the longest time ago.
  const entries = new Map<string, Entry>()
  let held = 0

  function drop(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry !== undefined && entries.delete(key)) held -= entry.bytes
    return entry
  }

  function place(key: string, entry: Entry): void {
    entries.set(key, entry)
    held += entry.bytes
  }

  return {
    async get(key) {
      const entry = drop(key)
      if (entry === undefined || entry.untilMs <= clock.monotonicMs()) return undefined
      place(key, entry)
      return entry.value
    },
    async put(key, given, ttlMs) {
      const bytes = sizeOf(key, given)
      if (bytes > bytesMax * SHARE_MAX || !(ttlMs > 0)) return
      drop(key)
      for (const oldest of entries.keys()) {
        if (held + bytes <= bytesMax) break
        drop(oldest)
      }
      // A copy: what was given may be a view of a larger buffer, which would stay in memory with it.
      place(key, { value: { ...given, bytes: given.bytes.slice() }, bytes, untilMs: clock.monotonicMs() + ttlMs })
    },
  }
}

function sizeOf(key: string, { bytes, ...said }: KeptResponse): number {
  const chars = key.length + JSON.stringify(said).length
  return bytes.length + 2 * chars + ENTRY_BYTES
}
