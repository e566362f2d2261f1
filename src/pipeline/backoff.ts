import type { Clock } from '../base/clock.ts'
import type { Latch } from '../base/latch.ts'
import type { Problem } from '../canon/problem.ts'
import { askedWaitMs } from '../upstream/cooldown.ts'
import type { Retry } from './route.ts'

/**
 * May the same target be asked again after this, if nothing has gone to the client yet? Only where nothing was answered, or the answer was that there
 * is no room now. `stream_truncated` is a connection lost behind the head of an answer.
 */
export function retryable({ code, timer }: Problem): boolean {
  if (code === 'timeout') return timer === 'connect' || timer === 'first byte'
  return code === 'overloaded' || code === 'rate_limited' || code === 'unreachable' || code === 'stream_truncated'
}

/**
 * How long to wait before the next attempt, in milliseconds: a random time up to the backoff ("full jitter": M. Brooker, Exponential Backoff And
 * Jitter, AWS Architecture Blog 2015), but never less than the provider asked for. `too long`: it asked for more than the retry waits.
 * `attempt`: how many further attempts there were already. `nowMs`: milliseconds since 1970.
 */
export function retryWait(
  problem: Problem,
  attempt: number,
  retry: Retry,
  random: () => number,
  nowMs: number,
): number | 'too long' {
  const asked = askedWaitMs(problem, nowMs) ?? 0
  if (asked > retry.waitMsMax) return 'too long'
  const backoff = Math.min(retry.capMs, retry.baseMs * 2 ** attempt) * random()
  return Math.max(asked, backoff)
}

/** How a wait ended: its time was over, the client left, or the gateway must end its calls. */
export type WaitEnd = 'over' | 'left' | 'closing'

/** Waits, unless the client leaves or the gateway closes before that. Nothing of it stays behind. */
export function waitFor(ms: number, clock: Clock, leaving: AbortSignal, closing: Latch): Promise<WaitEnd> {
  if (leaving.aborted) return Promise.resolve('left')
  if (closing.happened) return Promise.resolve('closing')
  return new Promise(resolve => {
    const end = (how: WaitEnd) => {
      cancel()
      leaving.removeEventListener('abort', left)
      closing.remove(waiter)
      resolve(how)
    }
    const left = () => end('left')
    const waiter = { latchTripped: () => end('closing') }
    const cancel = clock.after(ms, () => end('over'))
    leaving.addEventListener('abort', left)
    closing.add(waiter)
  })
}
