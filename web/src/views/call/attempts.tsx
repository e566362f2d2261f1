import type { Attempt } from '../../../../src/ledger/receipt.ts'
import { Badge } from '../../parts/badge.tsx'
import { TableFrame } from '../../parts/table-frame.tsx'

/** What went to each provider: where to, under which name, with which headers. Secrets are masked where the receipt is made. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  return (
    <ol class="attempts">
      {attempts.map((attempt, i) => (
        <li key={`${i} ${attempt.url}`}>
          <p>
            <strong>
              {attempt.provider}/{attempt.model}
            </strong>{' '}
            over {attempt.protocol} {attempt.because !== undefined && <Badge>{attempt.because}</Badge>}{' '}
            {attempt.billing !== undefined && <Badge>{attempt.billing}</Badge>}{' '}
            {attempt.possiblyBilled === true && <Badge mood="warn">may be billed</Badge>}
          </p>
          <p>
            <code>{attempt.url}</code>
            {attempt.credential !== undefined && <span class="soft"> with the key “{attempt.credential}”</span>}
          </p>
          {attempt.problem !== undefined && (
            <p class="bad-ink">
              {attempt.problem.what} <code>{attempt.problem.code}</code>
            </p>
          )}
          {attempt.problem?.upstream?.message !== undefined && (
            <blockquote>The provider said: {attempt.problem.upstream.message}</blockquote>
          )}
          <Headers attempt={attempt} place={i + 1} />
        </li>
      ))}
    </ol>
  )
}

function Headers({ attempt: { headers }, place }: { readonly attempt: Attempt; readonly place: number }) {
  const names = Object.keys(headers).sort()
  return (
    <details>
      <summary>Headers sent, secrets masked ({names.length})</summary>
      <TableFrame title={`Headers of attempt ${place}`}>
        <table>
          <caption class="visually-hidden">Headers of attempt {place}</caption>
          <tbody>
            {names.map(name => (
              <tr key={name}>
                <th scope="row" class="mono">
                  {name}
                </th>
                <td class="mono">{headers[name]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </details>
  )
}
