import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../src/admin/live.ts'

/** How the stream of live events stands. */
export type LiveState =
  | { readonly type: 'connecting' }
  | { readonly type: 'open' }
  /** It broke, and is opened again at that time, milliseconds since 1970 by this machine's clock. */
  | { readonly type: 'lost'; readonly retryAt: number }
  /** Nobody looks: the page is hidden. */
  | { readonly type: 'resting' }

const NAMES: readonly LiveEvent['type'][] = ['hello', 'begun', 'ended', 'notice', 'dropped']

/** Events are handed over together, so that a busy gateway does not mean as many drawings. In milliseconds. */
const TOGETHER_MS = 200

/** Waits between tries, in milliseconds: doubled each time, up to the second. */
const RETRY = { first: 1_000, most: 30_000 } as const

/**
 * Follows the gateway's live events from a cursor on (undefined: not yet). Reconnects by itself and goes on where it was; what the gateway could
 * not keep meanwhile comes as `dropped`. While the page is hidden it lets go of the connection.
 */
export function useLive(after: string | undefined, take: (events: readonly LiveEvent[]) => void): LiveState {
  const [state, setState] = useState<LiveState>({ type: 'connecting' })
  const taker = useRef(take)
  taker.current = take
  const isReady = after !== undefined
  const start = useRef(after)
  start.current = after
  useEffect(() => {
    if (!isReady) return undefined
    return follow(start.current ?? '', events => taker.current(events), setState)
  }, [isReady])
  return state
}

/** Follows until the returned function is called. */
function follow(
  after: string,
  take: (events: readonly LiveEvent[]) => void,
  tell: (state: LiveState) => void,
): () => void {
  let cursor = after
  let source: EventSource | undefined
  let waitMs: number = RETRY.first
  let retry: ReturnType<typeof setTimeout> | undefined
  const collected = collector(take)

  function open(): void {
    tell({ type: 'connecting' })
    const own = new EventSource(`/candor/live?after=${encodeURIComponent(cursor)}`)
    source = own
    own.addEventListener('open', () => {
      waitMs = RETRY.first
      tell({ type: 'open' })
    })
    own.addEventListener('error', lost)
    for (const name of NAMES) own.addEventListener(name, heard)
  }

  function heard(message: MessageEvent<string>): void {
    if (message.lastEventId !== '') cursor = message.lastEventId
    collected.add(JSON.parse(message.data) as LiveEvent)
  }

  /** The browser's own way to reconnect gives up at an answer that is no stream; this one does not. */
  function lost(): void {
    letGo()
    const jittered = waitMs * (0.8 + Math.random() * 0.4)
    waitMs = Math.min(RETRY.most, waitMs * 2)
    tell({ type: 'lost', retryAt: Date.now() + jittered })
    retry = setTimeout(open, jittered)
  }

  function letGo(): void {
    source?.close()
    source = undefined
    clearTimeout(retry)
  }

  function seen(): void {
    const isHidden = document.visibilityState === 'hidden'
    if (isHidden) {
      letGo()
      tell({ type: 'resting' })
    } else if (source === undefined) {
      letGo()
      open()
    }
  }

  document.addEventListener('visibilitychange', seen)
  if (document.visibilityState === 'hidden') tell({ type: 'resting' })
  else open()
  return () => {
    document.removeEventListener('visibilitychange', seen)
    letGo()
    collected.stop()
  }
}

function collector(take: (events: readonly LiveEvent[]) => void) {
  let events: LiveEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const hand = () => {
    timer = undefined
    const all = events
    events = []
    take(all)
  }
  return {
    add(event: LiveEvent): void {
      events.push(event)
      timer ??= setTimeout(hand, TOGETHER_MS)
    },
    stop(): void {
      clearTimeout(timer)
    },
  }
}
