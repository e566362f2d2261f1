import { useLayoutEffect } from 'preact/hooks'
import { lastOpened } from './shown.ts'

const DOWN = new Set(['j', 'ArrowDown'])
const UP = new Set(['k', 'ArrowUp'])

/** `j` and `k` go through the rows of the list; so do the arrows, once one is in it. The focus is on a row's link, so Enter opens it. */
export function useRowKeys(): void {
  useLayoutEffect(() => {
    document.addEventListener('keydown', moveRow)
    return () => document.removeEventListener('keydown', moveRow)
  }, [])
}

function moveRow(event: KeyboardEvent): void {
  if (isForOthers(event)) return
  const step = DOWN.has(event.key) ? 1 : UP.has(event.key) ? -1 : 0
  if (step === 0) return
  const rows = [...document.querySelectorAll<HTMLElement>('main tr[data-call] td.time a')]
  const row = document.activeElement?.closest('tr[data-call]') ?? null
  const at = row === null ? -1 : rows.findIndex(link => row.contains(link))
  if (at < 0 && event.key.startsWith('Arrow')) return
  const next = at < 0 ? firstOf(rows) : rows[at + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

/** Where one was before, else the newest. */
function firstOf(rows: readonly HTMLElement[]): HTMLElement | undefined {
  const opened = lastOpened()
  return rows.find(row => row.closest('tr')?.dataset['call'] === opened) ?? rows[0]
}

/** True where a key has another meaning: it writes, chooses, or belongs to the browser. */
export function isForOthers({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true
  return target instanceof Element && target.closest('input, textarea, select, dialog, [contenteditable]') !== null
}
