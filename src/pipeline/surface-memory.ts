import type { Clock } from '../base/clock.ts'

/** How long a refusal is remembered: long enough to spare a round trip a call, short enough to notice that a list has changed. */
const REMEMBER_MS = 10 * 60_000
const ENTRIES_MAX = 2_000

/** Remembers which surfaces have refused which client name, so that the next call goes to the one that serves. */
export interface SurfaceMemory {
  refused(baseUrl: string, userAgent: string): void
  /** True if that surface refused that name within the last ten minutes. */
  refuses(baseUrl: string, userAgent: string): boolean
}

/** A memory in this process. Bounded: the oldest entry makes room. */
export function openSurfaceMemory(clock: Clock): SurfaceMemory {
  const until = new Map<string, number>()
  const key = (baseUrl: string, userAgent: string) => `${baseUrl}\n${userAgent}`
  return {
    refused(baseUrl, userAgent) {
      if (until.size >= ENTRIES_MAX) {
        const oldest = until.keys().next()
        if (!oldest.done) until.delete(oldest.value)
      }
      until.set(key(baseUrl, userAgent), clock.monotonicMs() + REMEMBER_MS)
    },
    refuses(baseUrl, userAgent) {
      if (until.size === 0) return false
      const end = until.get(key(baseUrl, userAgent))
      if (end === undefined) return false
      if (end > clock.monotonicMs()) return true
      until.delete(key(baseUrl, userAgent))
      return false
    },
  }
}
