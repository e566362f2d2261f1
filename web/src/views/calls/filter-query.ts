import type { CallFilterName } from '../../../../src/admin/calls.ts'

/** The filters in force, as they stand in the address: texts that may be wrong. */
export type FilterTexts = Readonly<Partial<Record<CallFilterName, string>>>

/** How each filter is called, in the order they are shown. */
export const FILTER_NAMES: Readonly<Record<CallFilterName, string>> = {
  model: 'Model asked for',
  served: 'Answered by',
  provider: 'Provider',
  ending: 'Ending',
  problem: 'Problem',
  billing: 'Billing',
  client: 'Client',
  keyName: 'Gateway key',
  route: 'Route',
  fallback: 'Fallback',
  since: 'From',
  until: 'Until',
}

/** The names of the filters. */
export const FILTERS = Object.keys(FILTER_NAMES) as readonly CallFilterName[]

/** The filters that stand in a query. */
export function filtersOf(query: URLSearchParams): FilterTexts {
  const texts: Partial<Record<CallFilterName, string>> = {}
  for (const name of FILTERS) {
    const text = query.get(name) ?? ''
    if (text !== '') texts[name] = text
  }
  return texts
}

/** A query of these names, with its `?`; empty if none has a text. The order is always the same, so that equal filters make equal addresses. */
export function searchOf(texts: FilterTexts & { readonly before?: string; readonly limit?: string }): string {
  const query = new URLSearchParams()
  for (const name of [...FILTERS, 'before', 'limit'] as const) {
    const text = texts[name] ?? ''
    if (text !== '') query.set(name, text)
  }
  return query.size === 0 ? '' : `?${query}`
}
