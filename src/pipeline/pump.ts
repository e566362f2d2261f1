import type { CoarseTimers } from '../base/coarse-timers.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Ending } from '../ledger/receipt.ts'
import type { Broken } from '../upstream/send.ts'
import { diagnoseBroken } from './diagnose.ts'
import type { Heard } from './listener.ts'
import type { StreamAnswer } from './take-reply.ts'

/** How a stream ended, for its receipt. */
export interface StreamEnding {
  readonly ending: Exclude<Ending, 'in-flight'>
  readonly problem?: Problem
  readonly heard: Heard
  readonly unsaid: readonly string[]
  readonly replyBytes: number
}

/** What a stream is pumped with. */
export interface PumpPlan {
  readonly answer: StreamAnswer
  readonly heartbeatMs: number
  readonly timers: CoarseTimers
  /** Set when the time to finish is over at a shutdown. */
  readonly closing: AbortSignal
  /** Set when the client leaves. */
  readonly leaving: AbortSignal
  /** Called exactly once, before the last bytes go out; they wait for it. */
  settle(ending: StreamEnding): Promise<void>
}

const encoder = new TextEncoder()
/** A comment: clients pass over it, proxies and sockets see that the connection lives. */
const HEARTBEAT = encoder.encode(': candor is waiting for the provider\n\n')

type Piece = Awaited<ReturnType<StreamAnswer['incoming']['read']>>
type Woken = { readonly piece: Piece } | 'heartbeat' | 'closing'

/**
 * The client's stream: pulled, never pushed, so a slow client slows the provider. One ending, whatever happens; a client that leaves cancels
 * the provider at once.
 */
export function pump(plan: PumpPlan): ReadableStream<Uint8Array> {
  const state = new PumpState(plan)
  plan.leaving.addEventListener('abort', () => void state.abandon(), { once: true })
  return new ReadableStream<Uint8Array>(
    {
      pull: controller => state.pull(controller),
      cancel: () => state.abandon(),
    },
    { highWaterMark: 0 },
  )
}

class PumpState {
  readonly #plan: PumpPlan
  #first: Uint8Array | undefined
  #reading: Promise<Piece> | undefined
  #replyBytes = 0
  #over = false

  constructor(plan: PumpPlan) {
    this.#plan = plan
    this.#first = plan.answer.first
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { relay } = this.#plan.answer
    let out = this.#first
    this.#first = undefined
    while (out === undefined && relay.heard.ending === undefined && !this.#over) {
      const woken = await this.#next()
      if (this.#over) return
      if (woken === 'heartbeat') out = HEARTBEAT
      else if (woken === 'closing')
        return await this.#finish(controller, relay.fail(interruption()), 'interrupted', interruption())
      else if (woken.piece === 'done') return await this.#finish(controller, relay.end(true), undefined)
      else if ('type' in woken.piece) return await this.#broken(controller, woken.piece)
      else out = relay.push(woken.piece.bytes)
    }
    if (this.#over) return
    if (relay.heard.ending !== undefined) return await this.#finish(controller, out, undefined)
    if (out !== undefined) this.#give(controller, out)
  }

  /** The client has left: nothing more is read, and the provider is told at once. */
  async abandon(): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#plan.answer.incoming.cancel()
    await this.#settle('abandoned', undefined)
  }

  async #broken(controller: ReadableStreamDefaultController<Uint8Array>, broken: Broken): Promise<void> {
    if (broken.type === 'cancelled') return await this.abandon()
    const { relay } = this.#plan.answer
    const found = diagnoseBroken(broken, true, this.#plan.answer.scene)
    const ending = found.code === 'stream_truncated' ? 'truncated' : 'failed'
    await this.#finish(controller, relay.fail(found), ending, found)
  }

  /** Settles first, then gives the last bytes: what a client saw complete is in the ledger. */
  async #finish(
    controller: ReadableStreamDefaultController<Uint8Array>,
    last: Uint8Array | undefined,
    ending: StreamEnding['ending'] | undefined,
    found?: Problem,
  ): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#plan.answer.incoming.cancel()
    this.#replyBytes += last?.length ?? 0
    const heard = this.#plan.answer.relay.heard.ending
    const cause = found ?? (isProblem(heard) ? heard : undefined)
    await this.#settle(ending ?? endingOf(heard), cause)
    if (last !== undefined) controller.enqueue(last)
    controller.close()
  }

  #settle(ending: StreamEnding['ending'], found: Problem | undefined): Promise<void> {
    const { relay } = this.#plan.answer
    return this.#plan.settle({
      ending,
      heard: relay.heard,
      unsaid: relay.unsaid(),
      replyBytes: this.#replyBytes,
      ...(found === undefined ? {} : { problem: found }),
    })
  }

  #give(controller: ReadableStreamDefaultController<Uint8Array>, out: Uint8Array): void {
    this.#replyBytes += out.length
    controller.enqueue(out)
  }

  /** The provider's next piece, or a sign that something else is due. A read that is under way is kept for the next call. */
  #next(): Promise<Woken> {
    const { answer, timers, heartbeatMs, closing } = this.#plan
    this.#reading ??= answer.incoming.read()
    const reading = this.#reading
    return new Promise(resolve => {
      const onClosing = () => wake('closing')
      const cancelBeat = timers.after(heartbeatMs, () => wake('heartbeat'))
      const wake = (woken: Woken) => {
        cancelBeat()
        closing.removeEventListener('abort', onClosing)
        resolve(woken)
      }
      if (closing.aborted) return wake('closing')
      closing.addEventListener('abort', onClosing)
      void reading.then(piece => {
        if (this.#reading === reading) this.#reading = undefined
        wake({ piece })
      })
    })
  }
}

function endingOf(heard: 'complete' | Problem | undefined): StreamEnding['ending'] {
  if (heard === 'complete') return 'complete'
  return heard === undefined || heard.code === 'stream_truncated' ? 'truncated' : 'failed'
}

/** What a call is told that could not finish before the gateway stopped. */
export function interruption(): Problem {
  return problem('draining', 'The gateway is shutting down and had to end this answer before it was complete.', {
    why: 'The time allowed for running answers to finish (gateway.drainMs) was over.',
    fix: ['Ask again: another gateway, or this one after its restart, will answer.'],
  })
}
