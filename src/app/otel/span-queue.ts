import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TraceContext } from '../../base/trace-context.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { inputMessages, type Prompt } from './prompts.ts'
import { spansOf } from './spans.ts'

/** A call that waits to be told. */
export interface WaitingCall {
  readonly receipt: Receipt
  readonly trace: TraceContext
  /** Present where prompts are to be told. */
  readonly prompt?: Prompt
}

/** Most spans in one request. */
export const BATCH_SPANS_MAX = 512

/** A request is not made larger than this, in characters, unless one call alone is. */
const BATCH_CHARS_MAX = 4 * 1024 * 1024

/** Most spans that wait; what comes on top is dropped and counted. */
export const WAITING_SPANS_MAX = 8_192

/** Most bytes of prompts that wait; calls on top are told without. */
export const WAITING_PROMPT_BYTES_MAX = 16 * 1024 * 1024

/** Between two turns of the event loop at most this many calls are written. */
const CALLS_A_TURN = 8

/** Calls taken out are let go together, so that taking one costs the same however many wait. */
const FORGET_AFTER = 512

/** Calls that ended and whose spans are not sent yet. Bounded; adding costs next to nothing, the writing is done later. */
export interface SpanQueue {
  /** Spans that wait. */
  readonly spans: number
  /** False: there is no room. */
  add(call: WaitingCall): boolean
  /** Takes out the oldest, as many as one request may hold, and writes their spans bit by bit, each as JSON text. */
  take(): Promise<readonly string[]>
}

/** Opens an empty queue. */
export function openSpanQueue(): SpanQueue {
  let calls: WaitingCall[] = []
  let first = 0
  let spans = 0
  let promptBytes = 0

  function shift(): WaitingCall | undefined {
    const call = calls[first]
    if (call === undefined) return undefined
    first += 1
    spans -= spanCount(call)
    promptBytes -= call.prompt?.body.length ?? 0
    if (first >= FORGET_AFTER || first === calls.length) {
      calls = calls.slice(first)
      first = 0
    }
    return call
  }

  return {
    get spans() {
      return spans
    },
    add(call) {
      const count = spanCount(call)
      if (spans + count > WAITING_SPANS_MAX) return false
      const { prompt, ...rest } = call
      const bytes = prompt?.body.length ?? 0
      const told = promptBytes + bytes <= WAITING_PROMPT_BYTES_MAX
      calls.push(told ? call : rest)
      spans += count
      promptBytes += told ? bytes : 0
      return true
    },
    async take() {
      const written: string[] = []
      let chars = 0
      for (let taken = 1; ; taken += 1) {
        const next = calls[first]
        const full = next === undefined || written.length + spanCount(next) > BATCH_SPANS_MAX || chars > BATCH_CHARS_MAX
        if (written.length > 0 && full) return written
        const call = shift()
        if (call === undefined) return written
        for (const span of jsonOf(call)) {
          written.push(span)
          chars += span.length
        }
        if (taken % CALLS_A_TURN === 0) await nextTurn()
      }
    },
  }
}

function spanCount({ receipt }: WaitingCall): number {
  return 1 + receipt.attempts.length
}

function jsonOf({ receipt, trace, prompt }: WaitingCall): readonly string[] {
  const messages = prompt === undefined ? undefined : inputMessages(prompt)
  return spansOf(receipt, trace, messages).map(span => JSON.stringify(span))
}
