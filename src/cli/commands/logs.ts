import type { Receipt } from '../../ledger/receipt.ts'
import { zoneWords } from '../amounts.ts'
import { follow } from '../follow.ts'
import { RECEIPT_COLUMNS, receiptCells, receiptLines } from '../receipt-line.ts'
import { openReceipts, type ReceiptSource } from '../receipt-source.ts'
import { uncutWidth } from '../table.ts'
import { tell } from '../tell.ts'
import { CliFault, type Desk, EXIT, URL_OPTION, type Verb, wholeNumber } from '../verb.ts'

/** `candor logs`. */
export const logs: Verb = {
  name: 'logs',
  summary: 'The newest calls, and new ones as they end',
  options: [
    { flags: '-f, --follow', about: 'go on with new ones as they end' },
    { flags: '-n, --lines <count>', about: 'how many of the newest to show, 500 at most (default: 20)' },
    URL_OPTION,
  ],
  examples: [
    { line: 'candor logs -n 50', about: 'the last fifty' },
    { line: 'candor logs -f --json', about: 'new ones as NDJSON' },
  ],
  async run(given, desk) {
    const count = wholeNumber(given, 'lines', 0, 500) ?? 20
    const since = desk.shell.clock.now()
    const source = await openReceipts(given.text('url'), desk)
    try {
      const newest = count === 0 ? [] : await source.newest(count)
      const oldestFirst = newest.toReversed()
      tellZone(given.flag('follow'), since, desk)
      if (given.flag('follow')) return await goOn(source, oldestFirst, since, desk)
      showAll(oldestFirst, desk)
      return EXIT.ok
    } finally {
      await source.close()
    }
  },
}

/** Said once, where lines have only the time of day. */
function tellZone(follows: boolean, now: number, desk: Desk): void {
  const { print } = desk
  if (print.json) return
  const more = follows ? '; new calls come as they end, until Ctrl-C' : ''
  tell(print.paintNote('dim', `times are those of ${zoneWords(now)}${more}`), desk)
}

function showAll(receipts: readonly Receipt[], { print, shell }: Desk): void {
  const { stdout } = shell
  const rows = receipts.map(receiptCells)
  if (print.json) for (const receipt of receipts) print.record(receipt)
  else if (receipts.length === 0) print.note('No call has been made yet.')
  else if (!stdout.isTTY || uncutWidth(RECEIPT_COLUMNS, rows) <= stdout.columns) print.table(RECEIPT_COLUMNS, rows)
  else for (const receipt of receipts) for (const line of receiptLines(receipt, print.paint, stdout)) print.line(line)
}

/** Follows until a signal. What is shown at the beginning is not told again. */
async function goOn(
  source: ReceiptSource,
  first: readonly Receipt[],
  since: number,
  { shell, print }: Desk,
): Promise<number> {
  const show = (receipt: Receipt) => {
    if (print.json) print.record(receipt)
    else for (const line of receiptLines(receipt, print.paint, shell.stdout)) print.line(line)
  }
  for (const receipt of first) if (receipt.ending !== 'in-flight') show(receipt)
  // The clock's timers let the process end; this one does not.
  const awake = setInterval(() => {}, 60_000)
  const following = new Promise<number>((resolve, reject) => {
    const follower = follow({
      newest: limit => source.newest(limit),
      find: id => source.find(id),
      clock: shell.clock,
      shown: first,
      since,
      tell: show,
      missed: () =>
        print.warn('More calls have come than could be read; some are missing here. candor logs -n 500 has more.'),
      failed: error => reject(new CliFault(EXIT.absent, 'The calls can no longer be read.', { why: words(error) })),
    })
    const stop = shell.onSignal(() => {
      follower.stop()
      stop()
      print.note('\nInterrupted: no longer following.')
      resolve(EXIT.interrupted)
    })
  })
  return await following.finally(() => clearInterval(awake))
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
