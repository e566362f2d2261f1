import { readFileSync } from 'node:fs'
import { ownFile } from '../base/own-files.ts'
import type { ModelRow } from './model.ts'
import type { Provider } from './provider.ts'

interface ModelsFile {
  /** Where the rows are from; `date`, YYYY-MM-DD, is the day they were published. */
  readonly source: { readonly date: string }
  readonly lists: Readonly<Record<string, readonly ModelRow[]>>
}

interface KnownModels {
  readonly rows: readonly ModelRow[]
  readonly byId: ReadonlyMap<string, ModelRow>
}

let file: ModelsFile | undefined
const known = new WeakMap<Provider, KnownModels>()

/** What is known of a provider's models: rows written by hand, then those of models.json. A subscription's rows carry no price. */
export function modelsOf(provider: Provider): readonly ModelRow[] {
  return knownOf(provider).rows
}

/** The row of one model, by its present name or an older one. */
export function findModel(provider: Provider, id: string): ModelRow | undefined {
  const { byId } = knownOf(provider)
  return byId.get(id) ?? byId.get(provider.modelAliases?.[id] ?? '')
}

/** The day on which what models.json says was published, YYYY-MM-DD. */
export function modelsDate(): string {
  return modelsFile().source.date
}

/** Read when first asked for: most commands never ask. */
function modelsFile(): ModelsFile {
  file ??= JSON.parse(readFileSync(ownFile('src/catalog/models.json'), 'utf8')) as ModelsFile
  return file
}

function knownOf(provider: Provider): KnownModels {
  const before = known.get(provider)
  if (before !== undefined) return before
  const own = provider.models ?? []
  const ownIds = new Set(own.map(row => row.id))
  const listed = modelsFile().lists[provider.modelsFrom ?? provider.id] ?? []
  const all = [...own, ...listed.filter(row => !ownIds.has(row.id))]
  const rows = provider.billing === 'plan' ? all.map(withoutPrice) : all
  const now = { rows, byId: new Map(rows.map(row => [row.id, row])) }
  known.set(provider, now)
  return now
}

function withoutPrice({ price: _, ...row }: ModelRow): ModelRow {
  return row
}
