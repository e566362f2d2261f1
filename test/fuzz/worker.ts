// Runs cases until the time is up. The main thread watches the counter: a case that never ends stops it.
import { makeCase, shrink } from './cases.ts'
import { faultOf } from './target.ts'
import { allTargets } from './targets.ts'

/** What the worker is to do. */
export interface Order {
  readonly targets: readonly string[]
  readonly seed: number
  readonly seconds: number
  /** Two numbers in shared memory: the target's place in the list, and the number of the case. */
  readonly progress: Int32Array
}

/** What it found, or `undefined` bytes at the end of a target. */
export type Word =
  | { readonly type: 'found'; readonly target: string; readonly fault: string; readonly bytes: Uint8Array }
  | { readonly type: 'done'; readonly target: string; readonly cases: number }
  | { readonly type: 'end' }

declare const self: Worker

const say = (word: Word) => self.postMessage(word)

self.onmessage = (message: MessageEvent<Order>) => {
  const { targets, seed, seconds, progress } = message.data
  const chosen = allTargets().filter(target => targets.includes(target.name))
  for (const [place, target] of chosen.entries()) {
    const until = performance.now() + (seconds * 1000) / chosen.length
    let number = 0
    for (; performance.now() < until; number += 1) {
      progress[0] = place
      progress[1] = number
      const bytes = makeCase(target, seed, number)
      const fault = faultOf(target, bytes)
      if (fault === undefined) continue
      say({ type: 'found', target: target.name, fault, bytes: shrink(target, bytes) })
      break
    }
    say({ type: 'done', target: target.name, cases: number })
  }
  say({ type: 'end' })
}
