import type { KeyView } from '../../../../src/admin/keys.ts'
import type { Budget, KeyLimits } from '../../../../src/ledger/gateway-key.ts'
import type { Trouble } from '../../api.ts'

/** A budget while it is written. */
export interface BudgetDraft {
  readonly most: string
  readonly unit: Budget['unit']
  readonly period: Budget['period']
  readonly kind: Budget['kind']
}

/** The limits there are, in the order of the form. */
export const LIMITS = [
  ['requestsPerMinute', 'Requests a minute'],
  ['inputTokensPerMinute', 'Input tokens a minute'],
  ['outputTokensPerMinute', 'Output tokens a minute'],
  ['concurrency', 'Calls at the same time'],
] as const satisfies readonly (readonly [keyof KeyLimits, string])[]

/** A key's settings while they are written: texts as they stand in the fields. */
export interface KeyDraft {
  readonly name: string
  readonly owner: string
  /** Separated by commas. */
  readonly tags: string
  /** One a line. */
  readonly models: string
  /** A day, `2027-01-01`; empty: never. */
  readonly expires: string
  readonly limits: Readonly<Record<(typeof LIMITS)[number][0], string>>
  readonly budgets: readonly BudgetDraft[]
  readonly admin: boolean
}

/** The form of a key that there is not yet. */
export const NEW_KEY: KeyDraft = {
  name: '',
  owner: '',
  tags: '',
  models: '',
  expires: '',
  limits: { requestsPerMinute: '', inputTokensPerMinute: '', outputTokensPerMinute: '', concurrency: '' },
  budgets: [],
  admin: false,
}

/** The form of a key as it is. */
export function draftOf(key: KeyView): KeyDraft {
  const limit = (name: keyof KeyLimits) => String(key.limits[name] ?? '')
  return {
    name: key.name,
    owner: key.owner ?? '',
    tags: key.tags.join(', '),
    models: key.models.join('\n'),
    expires: key.expiresAt?.slice(0, 10) ?? '',
    limits: {
      requestsPerMinute: limit('requestsPerMinute'),
      inputTokensPerMinute: limit('inputTokensPerMinute'),
      outputTokensPerMinute: limit('outputTokensPerMinute'),
      concurrency: limit('concurrency'),
    },
    budgets: key.budgets.map(({ most, unit, period, kind }) => ({ most: String(most), unit, period, kind })),
    admin: key.admin,
  }
}

/**
 * What is sent for a draft: of a new key all that is written, of one that there is only what is another than before. What is no number is
 * sent as it was written: the gateway says what is wrong with it.
 */
export function bodyOf(draft: KeyDraft, before: KeyDraft = NEW_KEY): Record<string, unknown> {
  const all: readonly (readonly [keyof KeyDraft, string, unknown])[] = [
    ['name', 'name', draft.name],
    ['owner', 'owner', draft.owner === '' ? null : draft.owner],
    ['tags', 'tags', listIn(draft.tags, /,|\n/)],
    ['models', 'models', listIn(draft.models, /\n|,/)],
    ['expires', 'expiresAt', draft.expires === '' ? null : draft.expires],
    ['limits', 'limits', limitsIn(draft, before)],
    ['budgets', 'budgets', draft.budgets.map(budget => ({ ...budget, most: numberIn(budget.most) }))],
    ['admin', 'admin', draft.admin],
  ]
  const differs = (field: keyof KeyDraft) => JSON.stringify(draft[field]) !== JSON.stringify(before[field])
  return Object.fromEntries(all.filter(([field]) => differs(field)).map(([, name, value]) => [name, value]))
}

function listIn(text: string, between: RegExp): readonly string[] {
  return text
    .split(between)
    .map(item => item.trim())
    .filter(item => item !== '')
}

function limitsIn(draft: KeyDraft, before: KeyDraft): Record<string, unknown> {
  const changed = LIMITS.filter(([name]) => draft.limits[name] !== before.limits[name])
  return Object.fromEntries(
    changed.map(([name]) => [name, draft.limits[name] === '' ? null : numberIn(draft.limits[name])]),
  )
}

function numberIn(text: string): number | string {
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) ? number : text
}

/** The gateway's words for each field that it refuses, by the field's path: `limits.concurrency`, `budgets[0].most`. */
export function refusals(trouble: Trouble | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  if (trouble === undefined) return found
  // The first sentence tells the first field, the rest the others, each beginning with its path in quotes.
  let rest = trouble.paths.length > 1 ? `${trouble.message} ${trouble.why ?? ''}` : trouble.message
  for (const [i, path] of trouble.paths.entries()) {
    const next = trouble.paths[i + 1]
    const end = next === undefined ? -1 : rest.indexOf(` "${next}" `, 1)
    const words = end < 0 ? rest : rest.slice(0, end)
    found.set(path, words.trim())
    rest = end < 0 ? '' : rest.slice(end + 1)
  }
  return found
}

/** When the period of a budget ends, as the gateway counts it (calendar in UTC, weeks from Monday). Undefined: never. */
export function resetsAt(period: Budget['period'], now: number): number | undefined {
  const at = new Date(now)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  switch (period) {
    case 'hour':
      return Date.UTC(year, month, day, at.getUTCHours() + 1)
    case 'day':
      return Date.UTC(year, month, day + 1)
    case 'week':
      return Date.UTC(year, month, day + ((8 - at.getUTCDay()) % 7 || 7))
    case 'month':
      return Date.UTC(year, month + 1)
    case 'total':
      return undefined
  }
}
