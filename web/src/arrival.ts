import { useEffect, useRef } from 'preact/hooks'
import { takeLeft } from './router.ts'

/** Where it is known what was opened: a single call's path. */
const CALL = '/calls/'

/** Whoever comes back from a call to a list that has it is put at its row, as soon as the list is there. */
export function useReturn(): void {
  const isDone = useRef(false)
  useEffect(() => {
    if (isDone.current) return
    isDone.current = true
    const from = takeLeft()
    if (from?.startsWith(CALL) !== true || hasMovedOn()) return
    const rows = [...document.querySelectorAll<HTMLElement>('main tr[data-call]')]
    const row = rows.find(each => CALL + encodeURIComponent(each.dataset['call'] ?? '') === from)
    row?.querySelector<HTMLElement>('a')?.focus({ preventScroll: true })
    row?.scrollIntoView({ block: 'center' })
  })
}

/** The focus is where arriving at a view puts it, or nowhere, unless one has gone on already. */
function hasMovedOn(): boolean {
  const at = document.activeElement
  return at !== null && at !== document.body && at.tagName !== 'H1'
}
