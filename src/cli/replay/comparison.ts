import type { Receipt } from '../../ledger/receipt.ts'
import { showCost, showDuration, showUsage } from '../amounts.ts'
import type { Paint } from '../print.ts'
import type { Output } from '../shell.ts'
import { layTable } from '../table.ts'
import { oneLine } from '../terminal-text.ts'

/** A call before and now, row by row, for a person. `before` is undefined where nothing is known of it. */
export function comparisonLines(
  before: Receipt | undefined,
  now: Receipt,
  { columns, isTTY }: Output,
  paint: Paint,
): readonly string[] {
  const rows = ROWS.map(([title, of]) => [title, before === undefined ? 'not known' : of(before), of(now)])
  const width = isTTY ? columns : Number.POSITIVE_INFINITY
  return layTable(
    [{ title: '' }, { title: 'BEFORE', flexible: true }, { title: 'NOW', flexible: true }],
    rows,
    width,
    paint,
  )
}

const ROWS: readonly (readonly [string, (receipt: Receipt) => string])[] = [
  ['model', modelOf],
  ['ending', ({ ending, problem }) => (problem === undefined ? ending : `${ending}, ${problem.code}`)],
  ['first byte', ({ firstByteMs }) => (firstByteMs === undefined ? '-' : showDuration(firstByteMs))],
  ['total', ({ totalMs, totalUnknown }) => (totalUnknown === true ? 'not known' : showDuration(totalMs))],
  ['tokens', receipt => showUsage(receipt)?.replace(/ tokens? in/, ' in') ?? 'not told'],
  ['paid', ({ cost }) => (cost.type === 'plan' ? 'on the plan' : showCost(cost))],
  ['call', ({ id }) => id],
]

/** Who answered, or was to answer. */
function modelOf({ cache, fallback, servedModel }: Receipt): string {
  if (servedModel === undefined) return 'none'
  const model = oneLine(servedModel)
  if (cache === 'hit') return `${model} (cache)`
  return fallback === undefined ? model : `${model} (fallback)`
}
