import type { AttemptCause, Receipt } from '../ledger/receipt.ts'
import { showCost, showDuration, showUsage, timeParts } from './amounts.ts'
import { glued, unglued } from './glue.ts'
import { indent, type Paint } from './print.ts'
import type { Output } from './shell.ts'
import type { Column } from './table.ts'
import { oneLine } from './terminal-text.ts'

/** The columns of {@link receiptCells}. */
export const RECEIPT_COLUMNS: readonly Column[] = [
  { title: 'DATE', wide: true },
  { title: 'TIME' },
  { title: 'ENDING', flexible: true },
  { title: 'STATUS', right: true, wide: true },
  { title: 'ASKED FOR', flexible: true },
  { title: 'SERVED BY', flexible: true },
  { title: 'TOOK', right: true },
  { title: 'TOKENS', wide: true },
  { title: 'COST', wide: true },
  { title: 'CLIENT', wide: true, flexible: 'first' },
  { title: 'RECEIPT' },
]

/** One call as the cells of a table. */
export function receiptCells(receipt: Receipt): readonly string[] {
  const { day, time } = timeParts(receipt.at)
  return [
    day,
    time,
    receipt.problem === undefined ? receipt.ending : `${receipt.ending} ${receipt.problem.code}`,
    receipt.status === 0 ? '-' : String(receipt.status),
    receipt.requestedModel || '(default)',
    servedCell(receipt),
    receipt.totalUnknown === true ? '-' : showDuration(receipt.totalMs),
    showUsage(receipt)?.replace(' tokens in', ' in') ?? '-',
    receipt.cost.type === 'none' ? '-' : showCost(receipt.cost),
    oneLine(receipt.client, 40) || '-',
    receipt.id,
  ]
}

function servedCell({ attempts, servedModel = '-', fallback, cache }: Receipt): string {
  if (cache === 'hit') return `${servedModel} (cache)`
  if (attempts.length === 0) return '-'
  return fallback === undefined ? servedModel : `${servedModel} (fallback)`
}

/** What was not plain sailing: a fallback, further attempts at the same, an answer from the cache, little that is left. */
function marks({ fallback, attempts, cache, quotaWarning }: Receipt): readonly string[] {
  const count = (cause: AttemptCause) => attempts.filter(({ because }) => because === cause).length
  const retries = count('retry')
  return [
    ...(fallback === undefined ? [] : [`fallback from ${oneLine(fallback.from, 80)} (${fallback.reason})`]),
    ...(retries === 0 ? [] : [retries === 1 ? '1 retry' : `${retries} retries`]),
    ...(count('credential') === 0 ? [] : ['another key']),
    ...(cache === 'hit' ? ['from cache'] : []),
    ...(quotaWarning === undefined ? [] : [`${Math.floor(quotaWarning.remainingPercent)} % left`]),
  ]
}

/** One call in words, for a log that is followed, and for terminals too narrow for a table: one line, on a terminal as many as it takes. */
export function receiptLines(receipt: Receipt, paint: Paint, output: Output): readonly string[] {
  const style = receipt.ending === 'complete' ? 'green' : receipt.ending === 'abandoned' ? 'yellow' : 'red'
  const asked = oneLine(receipt.requestedModel, 80) || '(default)'
  const served = receipt.servedModel === undefined ? '' : oneLine(receipt.servedModel, 80)
  const parts = [
    served === '' || served === asked ? asked : `${asked} → ${served}`,
    receipt.billing ?? '',
    ...marks(receipt).map(mark => paint('yellow', mark)),
    receipt.totalUnknown === true ? '' : showDuration(receipt.totalMs),
    showUsage(receipt) ?? '',
    receipt.cost.type === 'metered' || receipt.cost.type === 'unknown' ? showCost(receipt.cost) : '',
    receipt.problem?.code ?? '',
    oneLine(receipt.client, 60),
    paint('dim', receipt.id),
  ]
  const status = receipt.status === 0 ? '---' : String(receipt.status)
  const words = [paint(style, `${status} ${receipt.ending}`), ...parts.filter(part => part !== '')]
  const time = `${paint('dim', timeParts(receipt.at).time)} `
  return indent(words.map(glued).join('  '), time, output).map(unglued)
}
