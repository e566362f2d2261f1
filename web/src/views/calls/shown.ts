import type { CallLine } from '../../../../src/admin/live.ts'

/** What the list showed last: single calls are gone through in its order. */
let shown: { readonly search: string; readonly address: string; readonly ids: readonly string[] } = {
  search: '',
  address: '/calls',
  ids: [],
}
let opened: string | undefined

/** Calls kept: far more pages than anybody goes through by hand. */
const KEPT_MAX = 5_000

/** Keeps the calls that the list shows, under which filters, and at which page. */
export function keepShown(search: string, address: string, calls: readonly Pick<CallLine, 'id'>[]): void {
  const ids = calls.map(({ id }) => id)
  const kept = shown.search === search ? shown.ids.filter(id => !ids.includes(id)) : []
  shown = { search, address, ids: [...kept, ...ids].sort().reverse().slice(0, KEPT_MAX) }
}

/** The calls beside this one in the list that was shown, where they are known. */
export function neighboursOf(search: string, id: string): { readonly newer?: string; readonly older?: string } {
  const at = shown.search === search ? shown.ids.indexOf(id) : -1
  if (at < 0) return {}
  const [newer, older] = [shown.ids[at - 1], shown.ids[at + 1]]
  return { ...(newer === undefined ? {} : { newer }), ...(older === undefined ? {} : { older }) }
}

/** The list one comes back to: the page that was shown last, if it was one of these filters. */
export function listOf(search: string): string {
  return shown.search === search ? shown.address : `/calls${search}`
}

/** Remembers which call was looked at, so that the list goes on from there. */
export function keepOpened(id: string): void {
  opened = id
}

/** The call that was looked at last. */
export function lastOpened(): string | undefined {
  return opened
}
