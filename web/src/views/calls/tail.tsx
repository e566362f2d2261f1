import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../../../src/admin/live.ts'
import { type LiveState, useLive } from '../../live.ts'
import { LiveWords } from '../../parts/live-words.tsx'
import { plural } from '../../words.ts'

/** The list is asked for again at most this often, in milliseconds. */
const AGAIN_MS = 1_000

/** How the list follows the calls that are made. */
export interface Tail {
  readonly state: LiveState
  readonly isHeld: boolean
  /** Calls that began while the list was held. */
  readonly begun: number
  /** Events that were not told. */
  readonly dropped: number
  hold(isHeld: boolean): void
}

/**
 * Asks for the list again when something happened. The gateway's own search says what fits the filters, so nothing that was dropped on the way is
 * missing in the end.
 */
export function useTail(isFollowing: boolean, again: () => void): Tail {
  const [isHeld, setHeld] = useState(false)
  const [begun, setBegun] = useState(0)
  const [dropped, setDropped] = useState(0)
  const due = useDue(again)
  const state = useLive(isFollowing ? '' : undefined, events => {
    const lost = events.reduce((sum, event) => sum + (event.type === 'dropped' ? event.count : 0), 0)
    if (lost > 0) setDropped(before => before + lost)
    if (isHeld) setBegun(before => before + events.filter(({ type }) => type === 'begun').length)
    else if (events.some(isAboutCalls)) due()
  })
  const hold = (next: boolean) => {
    setHeld(next)
    setBegun(0)
    if (!next) again()
  }
  return { state, isHeld, begun, dropped, hold }
}

/** `hello` too: before it, something may have been missed. */
function isAboutCalls({ type }: LiveEvent): boolean {
  return type !== 'notice'
}

/** Does something soon, and not again before a while has passed. */
function useDue(what: () => void): () => void {
  const latest = useRef(what)
  latest.current = what
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const last = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  return () => {
    if (timer.current !== undefined) return
    timer.current = setTimeout(
      () => {
        timer.current = undefined
        last.current = performance.now()
        latest.current()
      },
      Math.max(0, last.current + AGAIN_MS - performance.now()),
    )
  }
}

/** Stops the list for somebody who reads, and lets it go on. */
export function HoldButton({ tail: { isHeld, hold } }: { readonly tail: Tail }) {
  return (
    <button type="button" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>
      {isHeld ? 'Go on' : 'Hold the list'}
    </button>
  )
}

/** Whether the list is of this moment. */
export function TailWords({ tail, isTop }: { readonly tail: Tail; readonly isTop: boolean }) {
  const { state, dropped, isHeld, begun } = tail
  const held = begun === 0 ? 'Held.' : `Held. ${plural(begun, 'call')} began since.`
  const older = 'Not live: new calls come to the newest page of a list without an end.'
  return <LiveWords state={state} dropped={dropped} instead={isTop ? (isHeld ? held : undefined) : older} />
}
