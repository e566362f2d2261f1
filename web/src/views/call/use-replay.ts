import { useEffect, useRef, useState } from 'preact/hooks'
import type { ProtocolId } from '../../../../src/canon/protocol.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { asTrouble, troubleIn } from '../../api.ts'
import { type Answer, NO_ANSWER } from '../../parts/playground/answer.ts'
import { dataOf, factsOf, failed, receiptOf, send } from '../../parts/playground/talk.ts'
import { openPainter } from '../../parts/playground/use-seat.ts'
import { withData } from './read-reply.ts'

/** A call made again, as far as it has come. */
export interface Replayed {
  readonly answer: Answer
  /** The reply itself, where it did not come as events. */
  readonly whole?: string
}

/** Makes one call again, as often as wanted. */
export interface Replay {
  /** Absent: not yet made again. */
  readonly made?: Replayed
  readonly isRunning: boolean
  /** `model`: another model or route; empty: as it was. */
  run(model: string): void
  stop(): void
}

/** Leaving the view stops what runs. */
export function useReplay({ id, clientProtocol }: Pick<Receipt, 'id' | 'clientProtocol'>): Replay {
  const [made, setMade] = useState<Replayed>()
  const [isRunning, setRunning] = useState(false)
  const running = useRef<AbortController | undefined>(undefined)
  const left = useRef(new AbortController())
  useEffect(() => {
    const { current } = left
    return () => {
      running.current?.abort()
      current.abort()
    }
  }, [])

  const run = async (model: string, own: AbortController) => {
    const painter = openPainter<Replayed>(setMade)
    const query = model === '' ? '' : `?${new URLSearchParams({ model })}`
    const path = `/candor/replay/${encodeURIComponent(id)}${query}`
    const done = await replay(path, clientProtocol, own.signal, painter.paint)
    painter.stop()
    setMade(done)
    running.current = undefined
    setRunning(false)
    const { requestId } = done.answer
    if (requestId === undefined) return
    const receipt = await receiptOf(requestId, left.current.signal)
    // It may be made a third time by now.
    if (receipt !== undefined)
      setMade(now => (now?.answer.requestId === requestId ? { ...now, answer: { ...now.answer, receipt } } : now))
  }

  return {
    ...(made === undefined ? {} : { made }),
    isRunning,
    run(model) {
      if (running.current !== undefined) return
      const own = new AbortController()
      running.current = own
      setMade({ answer: NO_ANSWER })
      setRunning(true)
      void run(model, own)
    },
    stop: () => running.current?.abort(),
  }
}

/** Never rejects: what goes wrong is in the answer. */
async function replay(
  path: string,
  protocol: ProtocolId,
  signal: AbortSignal,
  onReply: (made: Replayed) => void,
): Promise<Replayed> {
  let answer = NO_ANSWER
  try {
    const response = await send(path, signal)
    answer = { ...answer, ...factsOf(response) }
    onReply({ answer })
    if (!response.ok) {
      const told: unknown = await response.json().catch(() => undefined)
      return { answer: failed(answer, troubleIn(told, response.status)) }
    }
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
      const whole = await response.text()
      const read = withData(answer, protocol, whole)
      return { answer: read.outcome === 'failed' ? read : { ...read, outcome: 'whole' }, whole }
    }
    for await (const data of dataOf(response)) {
      answer = withData(answer, protocol, data)
      onReply({ answer: answer.outcome === 'whole' ? { ...answer, outcome: 'running' } : answer })
    }
    return { answer: answer.outcome === 'running' ? { ...answer, outcome: 'cut' } : answer }
  } catch (error) {
    if (signal.aborted) return { answer: { ...answer, outcome: 'stopped' } }
    // With headers seen, the connection was lost in the middle of the answer.
    return { answer: answer.requestId === undefined ? failed(answer, asTrouble(error)) : { ...answer, outcome: 'cut' } }
  }
}
