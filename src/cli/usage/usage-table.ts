import type { UsageRowView, UsageSumsView, UsageView } from '../../admin/usage.ts'
import { type NanoUsd, showUsd } from '../../base/money.ts'
import { showCount } from '../amounts.ts'
import type { Printer } from '../print.ts'
import type { Column } from '../table.ts'

/** Prints usage as a table, with the total below. */
export function printUsage(view: UsageView, print: Printer): void {
  const rows = view.rows.map(row => cells(groupName(row), row))
  print.table(columns(view), [...rows, cells('total', view.total)])
}

function columns({ by }: UsageView): readonly Column[] {
  return [
    { title: (by ?? '').toUpperCase(), spills: true },
    { title: 'CALLS', right: true },
    { title: 'FAILED', right: true, wide: true },
    { title: 'FALLBACKS', right: true, wide: true },
    { title: 'TOKENS IN', right: true },
    { title: 'CACHED', right: true, wide: true },
    { title: 'OUT', right: true },
    { title: 'COST', wraps: true },
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

/** `$1.23, plan + 12 unpriced`: what is known, who else paid, and of how many calls not all is known. */
export function costWords({ costNanoUsd, unpriced, lanes }: UsageSumsView): string {
  const isPriced = costNanoUsd > 0 || lanes.metered > unpriced
  const paid = [
    ...(isPriced ? [showUsd(costNanoUsd as NanoUsd)] : []),
    ...(['plan', 'free', 'local'] as const).filter(lane => lanes[lane] > 0),
  ].join(', ')
  const open = unpriced === 0 ? '' : `${showCount(unpriced)} unpriced`
  return [paid, open].filter(words => words !== '').join(' + ') || '-'
}
