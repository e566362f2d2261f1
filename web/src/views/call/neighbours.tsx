import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { CallsView } from '../../../../src/admin/calls.ts'
import { ask, asTrouble } from '../../api.ts'
import { go } from '../../router.ts'
import { filtersOf, searchOf } from '../calls/filter-query.ts'
import { isForOthers } from '../calls/row-keys.ts'
import { keepShown, listOf, neighboursOf } from '../calls/shown.ts'

const NO_NEWER = 'It is the newest of the calls that were listed.'

/** To the calls beside this one, with the arrow keys too, and back to the list with Escape. */
export function Neighbours({ id, search }: { readonly id: string; readonly search: string }) {
  const [said, setSaid] = useState('')
  useEffect(() => setSaid(''), [id])
  const newer = () => {
    const found = neighboursOf(search, id).newer
    if (found === undefined) setSaid(NO_NEWER)
    else go(addressOf(found, search))
  }
  const older = () => {
    olderThan(id, search).then(
      found => (found === undefined ? setSaid('There is no older one.') : go(addressOf(found, search))),
      (error: unknown) => setSaid(asTrouble(error).message),
    )
  }
  // Before anything is drawn: a key that is pressed at once is meant for the call that is seen.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isForOthers(event) || isScrolling(event)) return
      if (event.key === 'Escape') go(listOf(search))
      else if (event.key === 'ArrowLeft' || event.key === 'k') newer()
      else if (event.key === 'ArrowRight' || event.key === 'j') older()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
  return (
    <>
      <span class="soft" role="status">
        {said}
      </span>
      <button type="button" onClick={newer}>
        <span aria-hidden="true">← </span>Newer
      </button>
      <button type="button" onClick={older}>
        Older<span aria-hidden="true"> →</span>
      </button>
      <a href={listOf(search)}>All calls</a>
    </>
  )
}

/** A frame that can be scrolled keeps its arrow keys. */
function isScrolling({ key, target }: KeyboardEvent): boolean {
  return key.startsWith('Arrow') && target instanceof Element && target.closest('.table-frame, .long-text') !== null
}

function addressOf(id: string, search: string): string {
  return `/calls/${encodeURIComponent(id)}${search}`
}

/** The next older call under the same filters: from the list that was shown, else asked for. */
async function olderThan(id: string, search: string): Promise<string | undefined> {
  const known = neighboursOf(search, id).older
  if (known !== undefined) return known
  const filters = filtersOf(new URLSearchParams(search))
  const { data } = await ask<CallsView>(`/candor/calls${searchOf({ ...filters, before: id, limit: '1' })}`)
  const found = data[0]?.id
  if (found !== undefined) keepShown(search, listOf(search), [{ id }, { id: found }])
  return found
}
