import { isoMoment } from '../../admin/iso-time.ts'
import type { BudgetView, KeyView } from '../../admin/keys.ts'
import { BUDGET_PERIODS, type BudgetPeriod, type KeyLimits } from '../../ledger/gateway-key.ts'
import { CliFault, EXIT, type Given, type VerbOption } from '../verb.ts'
import { NONE } from './unknown-models.ts'

/** The options that say what a key may do and use. */
export const LIMIT_OPTIONS: readonly VerbOption[] = [
  { flags: '--expires <when>', about: 'a stretch such as 30d, 12h or 2w, or a date such as 2027-01-01 (UTC)' },
  {
    flags: '--model <name>',
    about: 'a model or route it may call, * at its end for anything; may be repeated',
    repeats: true,
  },
  { flags: '--rpm <count>', about: 'requests per minute' },
  { flags: '--input-tpm <count>', about: 'input tokens per minute, such as 200k' },
  { flags: '--output-tpm <count>', about: 'output tokens per minute, such as 50k' },
  { flags: '--concurrency <count>', about: 'calls at the same time' },
  { flags: '--budget <sum>', about: 'such as 5usd/day or 2Mtokens/month:soft; may be repeated', repeats: true },
]

/** What the sums of `--budget` are made of. */
export const BUDGET_NOTES = [
  'Budgets: <amount>usd or <amount>tokens, a slash, and one of hour, day, week, month, total; calendar periods in UTC.',
  'A budget refuses calls once it is used up; with :soft behind it, it only tells.',
].join('\n')

/** A budget as it is sent. */
export type BudgetBody = Omit<BudgetView, 'used'>

/** What is sent to make or change a key. `null` takes something away. */
export interface KeyBody {
  name?: string
  owner?: string
  tags?: readonly string[]
  expiresAt?: number | null
  expiresIn?: number
  models?: readonly string[]
  limits?: { readonly [K in keyof KeyLimits]?: number | null }
  budgets?: readonly BudgetBody[]
  admin?: boolean
}

/** The limits and budgets that were typed. With a key that is there, its other budgets stay. Throws a usage fault. */
export function limitsBody(given: Given, before?: KeyView): KeyBody {
  const limits = typedLimits(given)
  const models = given.list('model')
  const budgets = given.list('budget')
  return {
    ...expiryBody(given.text('expires')),
    ...(models.length === 0 ? {} : { models: models.filter(model => model !== NONE) }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(budgets.length === 0 ? {} : { budgets: typedBudgets(budgets, before) }),
  }
}

const LIMITS = [
  ['rpm', 'requestsPerMinute'],
  ['input-tpm', 'inputTokensPerMinute'],
  ['output-tpm', 'outputTokensPerMinute'],
  ['concurrency', 'concurrency'],
] as const

function typedLimits(given: Given): NonNullable<KeyBody['limits']> {
  const typed = LIMITS.flatMap(([option, limit]) => {
    const text = given.text(option)
    return text === undefined ? [] : [[limit, text === NONE ? null : countOf(text, option)] as const]
  })
  return Object.fromEntries(typed)
}

function countOf(text: string, option: string): number {
  const count = amountOf(text)
  if (count !== undefined && Number.isInteger(count) && count > 0) return count
  throw wrong(option, 'a whole number such as 60 or 200k', text)
}

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** `1.5M` as a number; undefined if it is none. */
function amountOf(text: string): number | undefined {
  const [, digits = '', letter = ''] = /^(\d{1,12}(?:\.\d{1,9})?)([kmg]?)$/i.exec(text) ?? []
  return digits === '' ? undefined : Number((Number(digits) * (MULTIPLES[letter.toLowerCase()] ?? 1)).toFixed(9))
}

const HOUR_MS = 3_600_000
const STRETCHES: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS }

function expiryBody(text: string | undefined): Pick<KeyBody, 'expiresAt' | 'expiresIn'> {
  if (text === undefined) return {}
  if (text === NONE) return { expiresAt: null }
  const [, count = '', unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  if (count !== '') return { expiresIn: Number(count) * (STRETCHES[unit] ?? 0) }
  const expiresAt = isoMoment(text)
  if (expiresAt !== undefined) return { expiresAt }
  throw wrong('expires', 'a stretch such as 30d, 12h or 2w, or a date such as 2027-01-01', text)
}

function typedBudgets(texts: readonly string[], before: KeyView | undefined): readonly BudgetBody[] {
  const sortOf = ({ unit, period, kind }: BudgetBody) => `${unit} ${period} ${kind}`
  const kept = texts.includes(NONE) ? [] : (before?.budgets ?? [])
  const typed = texts.filter(text => text !== NONE).map(budgetOf)
  const all = [...kept.map(({ period, unit, most, kind }) => ({ period, unit, most, kind })), ...typed]
  return [...new Map(all.map(budget => [sortOf(budget), budget])).values()]
}

/** Reads `5usd/day`, `$5/day`, `2Mtokens/month:soft`. Throws a usage fault. */
export function budgetOf(text: string): BudgetBody {
  const [, dollar = '', amount = '', word = '', periodWord = '', kind = 'hard'] =
    /^(\$?)([\d.]+[kmg]??)(usd|tokens?)?\/([a-z]+)(?::(hard|soft))?$/i.exec(text.replaceAll(' ', '')) ?? []
  const period = BUDGET_PERIODS.find((each): each is BudgetPeriod => each === periodWord.toLowerCase())
  const unit = unitOf(dollar, word.toLowerCase())
  const most = amountOf(amount)
  if (period === undefined || unit === undefined || most === undefined || most === 0)
    throw wrong('budget', `a sum such as 5usd/day or 2Mtokens/month:soft (per ${BUDGET_PERIODS.join(', ')})`, text)
  return { period, unit, most, kind: kind.toLowerCase() === 'soft' ? 'soft' : 'hard' }
}

function unitOf(dollar: string, word: string): BudgetBody['unit'] | undefined {
  if (dollar === '$') return word === '' || word === 'usd' ? 'usd' : undefined
  return word === 'usd' ? 'usd' : word === '' ? undefined : 'tokens'
}

function wrong(option: string, what: string, text: string): CliFault {
  return new CliFault(EXIT.usage, `--${option} must be ${what}, not "${text.slice(0, 60)}".`)
}
