import type { CoarseTimers, Timed } from '../base/coarse-timers.ts'
import type { Latch, LatchWaiter } from '../base/latch.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Ending } from '../ledger/receipt.ts'
import type { Broken } from '../upstream/send.ts'
import { diagnoseBroken } from './diagnose.ts'
import type { Heard } from './listener.ts'
import type { Keeper } from './response-cache.ts'
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
  /** What is given out as a sign of life. */
  readonly heartbeat: Uint8Array
  readonly timers: CoarseTimers
  /** Trips when the time to finish is over at a shutdown. */
  readonly closing: Latch
  /** Set when the client leaves. */
  readonly leaving: AbortSignal
  /** These collect what is given out. */
  readonly keepers: readonly Pick<Keeper, 'push'>[]
  /** Called exactly once, before the last bytes go out; they wait for it. */
  settle(ending: StreamEnding): Promise<void>
}

type Controller = ReadableStreamDefaultController<Uint8Array>

/**
 * The client's stream: pulled, never pushed, so a slow client slows the provider. One ending, whatever happens; a client that leaves cancels
 * the provider at once.
 */
export function pump(plan: PumpPlan): ReadableStream<Uint8Array> {
  const state = new PumpState(plan)
  return new ReadableStream<Uint8Array>(
    {
      start: controller => state.start(controller),
      pull: controller => state.pull(controller),
      cancel: () => state.abandon(),
    },
    { highWaterMark: 0 },
  )
}

class PumpState implements Timed, LatchWaiter, EventListenerObject {
  dueMs = 0
  readonly #plan: PumpPlan
  #controller: Controller | undefined
  #first: Uint8Array | undefined
  #replyBytes = 0
  #bytesAtBeat = -1
  /** The client waits for bytes: it has taken all there were. */
  #waiting = false
  #over = false

  constructor(plan: PumpPlan) {
    this.#plan = plan
    this.#first = plan.answer.first
  }

  start(controller: Controller): void {
    const { closing, leaving, timers, heartbeatMs } = this.#plan
    this.#controller = controller
    leaving.addEventListener('abort', this, { once: true })
    closing.add(this)
    timers.set(this, heartbeatMs)
  }

  /** Time for a sign of life, unless the stream has moved since the last look. */
  due(): void {
    if (this.#controller !== undefined && this.#waiting && this.#replyBytes === this.#bytesAtBeat)
      this.#give(this.#controller, this.#plan.heartbeat)
    this.#bytesAtBeat = this.#replyBytes
    this.#plan.timers.set(this, this.#plan.heartbeatMs)
  }

  /** The client has left. */
  handleEvent(): void {
    void this.abandon()
  }

  /** The gateway's time is over. */
  latchTripped(): void {
    if (this.#controller !== undefined) void this.#interrupt(this.#controller)
  }

  async pull(controller: Controller): Promise<void> {
    const { relay, incoming } = this.#plan.answer
    let out = this.#first
    this.#first = undefined
    this.#waiting = true
    while (out === undefined && relay.heard.ending === undefined && !this.#over) {
      const piece = await incoming.read()
      if (this.#over) return
      if (piece === 'done') return await this.#finish(controller, relay.end(true), undefined)
      if ('type' in piece) return await this.#broken(controller, piece)
      out = relay.push(piece)
    }
    this.#waiting = false
    if (this.#over) return
    if (relay.heard.ending !== undefined) return await this.#finish(controller, out, undefined)
    if (out !== undefined) this.#give(controller, out)
  }

  /** The client has left: nothing more is read, and the provider is told at once. */
  async abandon(): Promise<void> {
    if (this.#over) return
    this.#stop()
    await this.#settle('abandoned', undefined)
  }

  async #interrupt(controller: Controller): Promise<void> {
    const found = interruption()
    await this.#finish(controller, this.#plan.answer.relay.fail(found), 'interrupted', found)
  }

  async #broken(controller: Controller, broken: Broken): Promise<void> {
    if (broken.type === 'cancelled') return await this.abandon()
    const { relay, scene } = this.#plan.answer
    const found = diagnoseBroken(broken, true, scene)
    const ending = found.code === 'stream_truncated' ? 'truncated' : 'failed'
    await this.#finish(controller, relay.fail(found), ending, found)
  }

  /** Settles first, then gives the last bytes: what a client saw complete is in the ledger. */
  async #finish(
    controller: Controller,
    last: Uint8Array | undefined,
    ending: StreamEnding['ending'] | undefined,
    found?: Problem,
  ): Promise<void> {
    if (this.#over) return
    this.#stop()
    this.#replyBytes += last?.length ?? 0
    if (last !== undefined) this.#keep(last)
    const heard = this.#plan.answer.relay.heard.ending
    const cause = found ?? (isProblem(heard) ? heard : undefined)
    await this.#settle(ending ?? endingOf(heard), cause)
    if (last !== undefined) controller.enqueue(last)
    controller.close()
  }

  /** From here on nothing is read and nothing is due. */
  #stop(): void {
    this.#over = true
    this.#plan.timers.cancel(this)
    this.#plan.leaving.removeEventListener('abort', this)
    this.#plan.closing.remove(this)
    this.#plan.answer.incoming.cancel()
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

  #give(controller: Controller, out: Uint8Array): void {
    this.#replyBytes += out.length
    this.#keep(out)
    controller.enqueue(out)
  }

  #keep(out: Uint8Array): void {
    for (const keeper of this.#plan.keepers) keeper.push(out)
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
