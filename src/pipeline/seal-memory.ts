import type { Clock } from '../base/clock.ts'

/** Entries kept at most; the oldest makes room. */
const ENTRIES_MAX = 20_000
/** Conversations are not taken up again after longer pauses with their thinking intact. Milliseconds. */
const REMEMBER_MS = 24 * 3_600_000
/** The end of a signature tells it from all others, and is all that is kept of it. */
const TAIL_CHARS = 48

/** Remembers which model signed which thinking, so that a conversation is not carried to another one unnoticed. */
export interface SealMemory {
  /** `ref`: the `provider/model` that gave the signature. */
  signed(signature: string, ref: string): void
  /** Who gave the signature, if that was seen here. */
  signerOf(signature: string): string | undefined
}

/** A memory in this process. */
export function openSealMemory(clock: Clock): SealMemory {
  const kept = new Map<string, { readonly ref: string; readonly untilMs: number }>()
  return {
    signed(signature, ref) {
      if (signature === '') return
      if (kept.size >= ENTRIES_MAX) {
        const oldest = kept.keys().next()
        if (!oldest.done) kept.delete(oldest.value)
      }
      kept.set(signature.slice(-TAIL_CHARS), { ref, untilMs: clock.monotonicMs() + REMEMBER_MS })
    },
    signerOf(signature) {
      const found = kept.get(signature.slice(-TAIL_CHARS))
      return found !== undefined && found.untilMs > clock.monotonicMs() ? found.ref : undefined
    },
  }
}
