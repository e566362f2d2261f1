import type { ModelRow } from '../../catalog/model.ts'
import { modelsOf } from '../../catalog/models.ts'
import type { Provider } from '../../catalog/provider.ts'
import type { Choice } from './prompter.ts'

/** The models to choose from, and the one proposed. */
export interface ModelList {
  readonly choices: readonly Choice<string>[]
  readonly proposed?: string
}

/** `listed`: what the provider itself lists, where it was asked; else the catalogue's. */
export function modelChoices(row: Provider | undefined, listed: readonly string[] | undefined): ModelList {
  if (listed !== undefined) return listOf(listed.map(plain), listed[0])
  if (row === undefined) return { choices: [] }
  const rows = modelsOf(row)
  return listOf(rows.map(choiceOf), proposed(row, rows))
}

/** The proposed one stands first. */
function listOf(choices: readonly Choice<string>[], id: string | undefined): ModelList {
  if (id === undefined) return { choices }
  const first = choices.filter(({ value }) => value === id)
  return { choices: [...first, ...choices.filter(({ value }) => value !== id)], proposed: id }
}

function plain(id: string): Choice<string> {
  return { value: id, label: id }
}

function choiceOf({ id, name, price, contextWindow }: ModelRow): Choice<string> {
  const facts = [
    ...(name === undefined || name === id ? [] : [name]),
    ...(contextWindow === undefined ? [] : [`${Math.round(contextWindow / 1_000)}k`]),
    ...(price === undefined ? [] : [`$${price.input} in, $${price.output} out for a million`]),
  ]
  return { value: id, label: id, ...(facts.length === 0 ? {} : { hint: facts.join(', ') }) }
}

/**
 * Of a plan the model its other names lead to. Else, in the largest family of names, the last of those that cost no more than most, numbers
 * counted as numbers: usually the newest of moderate price. Without prices the first.
 */
function proposed(row: Provider, rows: readonly ModelRow[]): string | undefined {
  const meant = mostFrequent(Object.values(row.modelAliases ?? {}).filter(id => rows.some(each => each.id === id)))
  if (meant !== undefined && row.billing === 'plan') return meant
  const prices = rows.flatMap(({ price }) => price?.output ?? []).sort((a, b) => a - b)
  const most = prices[Math.floor(prices.length / 2)] ?? 0
  const family = mostFrequent(rows.map(({ id }) => familyOf(id)))
  const moderate = rows.filter(({ price, id }) => price !== undefined && price.output <= most && !PASSING.test(id))
  const byName = moderate.map(({ id }) => id).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return byName.findLast(id => familyOf(id) === family) ?? byName.at(-1) ?? rows[0]?.id
}

/** Names that mean another model later. */
const PASSING = /latest|preview/

function familyOf(id: string): string {
  return /^[A-Za-z]*/.exec(id)?.[0] ?? ''
}

function mostFrequent(ids: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}
