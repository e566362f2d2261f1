import type { UsageRowView } from './usage.ts'

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

/**
 * Usage as CSV (RFC 4180), a head and a line a group. An empty `cost_usd` is not known. A name that a sheet would take for a formula, as a client may
 * call itself, stands behind an apostrophe (owasp.org, CSV Injection).
 */
export function usageCsv(rows: readonly UsageRowView[]): string {
  const lines = [CSV.map(({ title }) => title), ...rows.map(row => CSV.map(({ value }) => csvCell(value(row))))]
  return lines.map(line => `${line.join(',')}\r\n`).join('')
}

function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
