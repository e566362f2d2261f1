import type { UsageRowView, UsageSumsView, UsageView } from '../../admin/usage.ts'
import { type NanoUsd, showUsd } from '../../base/money.ts'
import { showCount } from '../amounts.ts'
import type { Column, Printer } from '../print.ts'

/** Prints usage as a table, with the total below. */
export function printUsage(view: UsageView, print: Printer): void {
  const rows = view.rows.map(row => cells(groupName(row), row))
  print.table(columns(view), [...rows, cells('total', view.total)])
}

function columns({ by }: UsageView): readonly Column[] {
  return [
    { title: (by ?? '').toUpperCase(), flexible: true },
    { title: 'CALLS', right: true },
    { title: 'FAILED', right: true, wide: true },
    { title: 'FALLBACKS', right: true, wide: true },
    { title: 'TOKENS IN', right: true },
    { title: 'CACHED', right: true },
    { title: 'OUT', right: true },
    { title: 'COST' },
  ]
}

function cells(name: string, sums: UsageSumsView): readonly string[] {
  const { tokens } = sums
  return [
    name,
    showCount(sums.calls),
    showCount(sums.failed),
    showCount(sums.fallbacks),
    showCount(tokens.input + tokens.cacheRead + tokens.cacheWrite),
    showCount(tokens.cacheRead),
    showCount(tokens.output + tokens.reasoning),
    costWords(sums),
  ]
}

function groupName({ group, name }: UsageRowView): string {
  if (group === '') return '(none)'
  return name === undefined ? group : `${name} (${group})`
}

/** `$1.23, plan + 12 unpriced`: what is known, who else paid, and how many calls are in neither. */
export function costWords({ costNanoUsd, unpriced, lanes }: UsageSumsView): string {
  const isPriced = costNanoUsd > 0 || lanes.metered > unpriced
  const paid = [
    ...(isPriced ? [showUsd(costNanoUsd as NanoUsd)] : []),
    ...(['plan', 'free', 'local'] as const).filter(lane => lanes[lane] > 0),
  ].join(', ')
  const open = unpriced === 0 ? '' : `${showCount(unpriced)} unpriced`
  return [paid, open].filter(words => words !== '').join(' + ') || '-'
}

const CSV: readonly { readonly title: string; value(row: UsageRowView): string | number }[] = [
  { title: 'group', value: row => row.group },
  { title: 'name', value: row => row.name ?? '' },
  { title: 'calls', value: row => row.calls },
  { title: 'failed', value: row => row.failed },
  { title: 'fallbacks', value: row => row.fallbacks },
  { title: 'cache_hits', value: row => row.cacheHits },
  { title: 'input_tokens', value: row => row.tokens.input },
  { title: 'cache_read_tokens', value: row => row.tokens.cacheRead },
  { title: 'cache_write_tokens', value: row => row.tokens.cacheWrite },
  { title: 'output_tokens', value: row => row.tokens.output },
  { title: 'reasoning_tokens', value: row => row.tokens.reasoning },
  { title: 'cost_usd', value: row => (row.costUsd === null ? '' : (row.costNanoUsd / 1e9).toFixed(9)) },
  { title: 'unpriced', value: row => row.unpriced },
  { title: 'usage_unknown', value: row => row.usageUnknown },
  { title: 'plan_calls', value: row => row.lanes.plan },
  { title: 'metered_calls', value: row => row.lanes.metered },
  { title: 'free_calls', value: row => row.lanes.free },
  { title: 'local_calls', value: row => row.lanes.local },
]

/** Usage as CSV (RFC 4180), a head and a line a group. An empty `cost_usd` is not known. */
export function usageCsv(rows: readonly UsageRowView[]): string {
  const lines = [CSV.map(({ title }) => title), ...rows.map(row => CSV.map(({ value }) => csvCell(value(row))))]
  return lines.map(line => `${line.join(',')}\r\n`).join('')
}

function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
