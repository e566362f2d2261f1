import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, NO_ANSWER } from './answer.ts'
import { type Asked, requestBody, type Settings, type Turn } from './conversation.ts'
import { receiptOf, talk } from './talk.ts'

/** A place where one model is talked to. What is said is kept in this page's memory only. */
export interface Seat {
  readonly turns: readonly Turn[]
  readonly isRunning: boolean
  /** Asks the model. Throws {@link Trouble} where a setting cannot be sent; then nothing is. */
  ask(model: string, settings: Settings, asked: Asked): void
  stop(): void
  /** Forgets what was said. */
  clear(): void
}

/** A seat of its own. Leaving the view stops what runs. */
export function useSeat(): Seat {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const running = useRef<AbortController | undefined>(undefined)
  const [isRunning, setRunning] = useState(false)
  const left = useRef(new AbortController())
  const lastId = useRef(0)
  const put = useCallback((id: number, answer: Answer) => {
    setTurns(before => before.map(turn => (turn.id === id ? { ...turn, answer } : turn)))
  }, [])
  useEffect(() => {
    const { current } = left
    return () => {
      running.current?.abort()
      current.abort()
    }
  }, [])

  const run = async (id: number, body: object, own: AbortController) => {
    const painter = openPainter<Answer>(answer => put(id, answer))
    const answer = await talk(body, own.signal, painter.paint)
    painter.stop()
    put(id, answer)
    if (running.current === own) {
      running.current = undefined
      setRunning(false)
    }
    if (answer.requestId === undefined) return
    const receipt = await receiptOf(answer.requestId, left.current.signal)
    if (receipt !== undefined) put(id, { ...answer, receipt })
  }

  return {
    turns,
    isRunning,
    ask(model, settings, asked) {
      const body = requestBody(model, settings, turns, asked)
      const own = new AbortController()
      running.current?.abort()
      running.current = own
      lastId.current += 1
      const id = lastId.current
      setTurns([...turns, { id, model, asked, answer: NO_ANSWER }])
      setRunning(true)
      void run(id, body, own)
    },
    stop: () => running.current?.abort(),
    clear() {
      running.current?.abort()
      setTurns([])
    },
  }
}

/** Shows the newest of what comes, once for each picture the browser paints: an answer may come in thousands of pieces. */
export function openPainter<T>(show: (value: T) => void): {
  readonly paint: (value: T) => void
  readonly stop: () => void
} {
  let frame: number | undefined
  let newest: T | undefined
  return {
    paint(value) {
      newest = value
      frame ??= requestAnimationFrame(() => {
        frame = undefined
        if (newest !== undefined) show(newest)
      })
    },
    stop() {
      if (frame !== undefined) cancelAnimationFrame(frame)
    },
  }
}
