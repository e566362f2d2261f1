import type { BudgetView, KeyView } from '../../admin/keys.ts'
import { fromUsd, showUsd } from '../../base/money.ts'
import type { KeyLimits } from '../../ledger/gateway-key.ts'
import { showDuration, showTime, showTokens } from '../amounts.ts'
import { indent } from '../print.ts'
import type { Column } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import type { Desk } from '../verb.ts'

/** The columns of a list of keys. */
export const KEY_COLUMNS: readonly Column[] = [
  { title: 'NAME', spills: true },
  { title: 'KEY' },
  { title: 'STATE' },
  { title: 'LIMITS', flexible: true },
  { title: 'USED / BUDGET', flexible: true },
  { title: 'MODELS', wide: true, flexible: true },
  { title: 'OWNER', wide: true, flexible: true },
]

/** A key as a row of {@link KEY_COLUMNS}. `now`: milliseconds since 1970. */
export function keyCells(key: KeyView, now: number): readonly string[] {
  return [
    key.name + (key.admin ? ' (admin)' : ''),
    key.hint === '' ? 'configured' : key.hint,
    stateWords(key, now),
    limitWords(key.limits),
    key.budgets.length === 0 ? '-' : key.budgets.map(budgetWords).join(', '),
    key.models.length === 0 ? 'all' : key.models.join(', '),
    key.owner ?? '-',
  ]
}

function stateWords({ state, expiresAt }: KeyView, now: number): string {
  if (state !== 'active' || expiresAt === undefined) return state
  return `active, expires in ${showDuration(Date.parse(expiresAt) - now)}`
}

function limitWords(limits: KeyLimits): string {
  const words = [
    count(limits.requestsPerMinute, 'requests/min'),
    count(limits.inputTokensPerMinute, 'tokens in/min'),
    count(limits.outputTokensPerMinute, 'tokens out/min'),
    count(limits.concurrency, 'at once'),
  ]
  return words.filter(word => word !== '').join(', ') || '-'
}

function count(most: number | undefined, what: string): string {
  return most === undefined ? '' : `${showTokens(most)} ${what}`
}

function budgetWords({ used, most, unit, period, kind }: BudgetView): string {
  const sum =
    unit === 'usd'
      ? `${showUsd(fromUsd(used))} / ${showUsd(fromUsd(most))}`
      : `${showTokens(used)} / ${showTokens(most)} tokens`
  return `${sum} ${periodWords(period)}${kind === 'soft' ? ' (soft)' : ''}`
}

function periodWords(period: BudgetView['period']): string {
  if (period === 'total') return 'in total'
  return period === 'day' ? 'today' : `this ${period}`
}

/** Prints everything about one key. */
export function tellKey(key: KeyView, { shell, print }: Desk): void {
  const row = (title: string, text: string) => {
    for (const line of indent(text, print.paint('dim', title.padEnd(10)), shell.stdout)) print.line(line)
  }
  const state = stateWords(key, shell.clock.now())
  const color = key.state === 'active' ? 'green' : 'red'
  print.line(`${print.paint('bold', oneLine(key.name))} (${key.id}): ${print.paint(color, state)}`)
  row('key', key.from === 'store' ? key.hint : 'written in the configuration (gateway.keys)')
  if (key.owner !== undefined) row('owner', oneLine(key.owner))
  if (key.tags.length > 0) row('tags', key.tags.map(tag => oneLine(tag)).join(', '))
  row('rights', key.admin ? 'calls models, and may use the admin API' : 'calls models')
  row('models', key.models.length === 0 ? 'all' : key.models.map(model => oneLine(model)).join(', '))
  row('limits', limitWords(key.limits))
  for (const [i, budget] of key.budgets.entries()) row(i === 0 ? 'budgets' : '', budgetWords(budget))
  for (const [title, at] of [
    ['made', key.createdAt],
    ['expires', key.expiresAt],
    ['revoked', key.revokedAt],
  ] as const)
    if (at !== undefined) row(title, showTime(Date.parse(at)))
}
