import { type Clock, systemClock } from '../../src/base/clock.ts'

/** A clock whose timers run out only when the test says so. */
export interface WaitingClock extends Clock {
  /** The delay of the oldest timer that was started and not yet let go, as soon as there is one. */
  waiting(): Promise<number>
  /** Lets that timer run out. */
  letGo(): void
}

/** A clock with no timer started. */
export function openWaitingClock(): WaitingClock {
  const timers: { readonly ms: number; readonly fire: () => void }[] = []
  let told: (() => void) | undefined
  return {
    ...systemClock,
    after(ms, fire) {
      const timer = { ms, fire }
      timers.push(timer)
      told?.()
      return () => {
        const at = timers.indexOf(timer)
        if (at >= 0) timers.splice(at, 1)
      }
    },
    async waiting() {
      if (timers.length === 0) {
        await new Promise<void>(resolve => {
          told = resolve
        })
      }
      return timers[0]?.ms ?? 0
    },
    letGo: () => timers.shift()?.fire(),
  }
}
