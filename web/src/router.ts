import { useLayoutEffect, useState } from 'preact/hooks'

/** Where the page is: everything a view shows follows from it, so that it can be linked and gone back to. */
export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

const CHANGED = 'candor:place'

/** The place of this moment. */
function placeNow(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

/** Goes to a path of the dashboard, with its query. `replace`: without a step to go back to, as typing into a filter wants it. */
export function go(to: string, how: { readonly replace?: boolean } = {}): void {
  if (how.replace === true) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  dispatchEvent(new Event(CHANGED))
}

/** Changes the query of the place. An empty text or undefined removes a name; the rest stays. */
export function changeQuery(
  changes: Readonly<Record<string, string | undefined>>,
  how: { readonly replace?: boolean } = {},
): void {
  const { path, query } = placeNow()
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  go(text === '' ? path : `${path}?${text}`, how)
}

let left: string | undefined

/** Notes which path was left for the one that is shown now. */
export function keepLeft(path: string): void {
  left = path
}

/** The path that was left for this view, told once; undefined on the first view since the page was loaded. */
export function takeLeft(): string | undefined {
  const path = left
  left = undefined
  return path
}

/** The place, and every change of it. */
export function usePlace(): Place {
  const [place, setPlace] = useState(placeNow)
  useLayoutEffect(() => {
    const changed = () => setPlace(placeNow())
    addEventListener('popstate', changed)
    addEventListener(CHANGED, changed)
    return () => {
      removeEventListener('popstate', changed)
      removeEventListener(CHANGED, changed)
    }
  }, [])
  return place
}

/** Follows a click on a link inside the dashboard; clicks that want a new tab or a download go the browser's own way. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || link.target !== '' || link.hasAttribute('download')) return
  if (link.origin !== location.origin || link.pathname.startsWith('/candor/')) return
  if (link.hash !== '' && link.pathname === location.pathname && link.search === location.search) return
  event.preventDefault()
  go(link.pathname + link.search)
}
