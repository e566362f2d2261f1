import { callLine } from '../../../../src/admin/live.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { costOf, outcomeOf, tokensOf } from '../../call-words.ts'
import { TableFrame } from '../../parts/table-frame.tsx'
import { duration } from '../../words.ts'
import { answeredBy, tookOf } from './figures.tsx'

/** A call beside the one that made it again. */
export function Comparison({ before, after }: { readonly before: Receipt; readonly after: Receipt }) {
  return (
    <TableFrame title="Then and now">
      <table class="comparison">
        <caption class="visually-hidden">This call, and the one that made it again</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Then</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([name, words]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{words(before)}</td>
              <td>{words(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

const ROWS: readonly (readonly [name: string, words: (receipt: Receipt) => string])[] = [
  ['Answered by', answeredBy],
  ['Outcome', outcomeWords],
  ['First byte', ({ firstByteMs }) => (firstByteMs === undefined ? 'none came' : duration(firstByteMs))],
  ['In all', tookOf],
  ['Tokens in → out', receipt => tokensOf(callLine(receipt)) || 'not told'],
  ['Cost', costWords],
]

function outcomeWords(receipt: Receipt): string {
  const { text } = outcomeOf(callLine(receipt))
  return receipt.status === 0 ? text : `${text}, HTTP ${receipt.status}`
}

function costWords(receipt: Receipt): string {
  const { cost } = receipt
  if (cost.type === 'plan') return 'the plan pays'
  return costOf(callLine(receipt)) || 'not yet known'
}
