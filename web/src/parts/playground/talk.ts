import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { ask, asTrouble, Trouble, troubleIn } from '../../api.ts'
import { type Answer, NO_ANSWER, withChunk } from './answer.ts'
import { openEventReader } from './sse.ts'

/**
 * Asks a model over the gateway's own Chat Completions and reads the answer as it comes. `onAnswer` is told every state of it. Never rejects: what goes
 * wrong is in the answer. Aborting the signal closes the connection, which stops the provider too.
 */
export async function talk(body: object, signal: AbortSignal, onAnswer: (answer: Answer) => void): Promise<Answer> {
  let answer = NO_ANSWER
  try {
    const response = await send('/v1/chat/completions', signal, body)
    answer = { ...answer, ...factsOf(response) }
    onAnswer(answer)
    if (!response.ok) return failed(answer, troubleIn(await response.json().catch(() => undefined), response.status))
    for await (const data of dataOf(response)) {
      if (data === DONE) return { ...answer, outcome: 'whole' }
      answer = withChunk(answer, parsed(data))
      if (answer.outcome === 'failed') return answer
      onAnswer(answer)
    }
    return { ...answer, outcome: 'cut' }
  } catch (error) {
    if (signal.aborted) return { ...answer, outcome: 'stopped' }
    // With headers seen, the connection was lost in the middle of the answer.
    return answer.requestId === undefined ? failed(answer, asTrouble(error)) : { ...answer, outcome: 'cut' }
  }
}

const DONE = '[DONE]'

/** Sends a call from this page. Throws {@link Trouble} where the gateway does not answer, or the reason of the signal. */
export async function send(path: string, signal: AbortSignal, body?: object): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      signal,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new Trouble('The gateway does not answer.', {
      status: 0,
      code: 'unreachable',
      fix: ['See whether it still runs: candor status'],
    })
  }
}

/** The answer, and why there is no more of it. */
export function failed(answer: Answer, trouble: Trouble): Answer {
  return { ...answer, outcome: 'failed', trouble }
}

/** What the headers tell of an answer. */
export function factsOf({ headers }: Response): Pick<Answer, 'model' | 'requestId'> {
  const model = headers.get('candor-model')
  const requestId = headers.get('candor-request-id')
  return { ...(model === null ? {} : { model }), ...(requestId === null ? {} : { requestId }) }
}

/** The data of the events of a stream, as they come. Left early, the connection is closed. */
export async function* dataOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return
  const events = openEventReader()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield* events.push(value)
    }
  } finally {
    // Ended early, the rest is not wanted; ended by itself, this does nothing.
    await reader.cancel().catch(() => undefined)
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

/** A receipt is closed a moment after the last byte: this many times it is asked for, with this pause in milliseconds. */
const RECEIPT = { tries: 20, pauseMs: 250 } as const

/** The receipt of an answer once the call is over; undefined where it cannot be had. */
export async function receiptOf(requestId: string, signal: AbortSignal): Promise<Receipt | undefined> {
  for (let left = RECEIPT.tries; left > 0 && !signal.aborted; left--) {
    const receipt = await ask<Receipt>(`/candor/receipts/${encodeURIComponent(requestId)}`, { signal }).catch(
      () => undefined,
    )
    if (receipt !== undefined && receipt.ending !== 'in-flight') return receipt
    await new Promise(resolve => setTimeout(resolve, RECEIPT.pauseMs))
  }
  return undefined
}
