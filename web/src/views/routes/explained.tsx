import type { ExplainedRouteView } from '../../../../src/admin/route-view.ts'
import { Badge, type Mood } from '../../parts/badge.tsx'
import { Clamped } from '../../parts/clamped.tsx'
import { Code } from '../../parts/code.tsx'
import { TableFrame } from '../../parts/table-frame.tsx'
import { percent } from '../../words.ts'
import { Health } from './rules.tsx'

type Leg = ExplainedRouteView['legs'][number]
type LegWords = ExplainedRouteView['words']['legs'][number]

/** An explanation in words, and the same as a table. */
export function Explained({ found }: { readonly found: ExplainedRouteView }) {
  const { words, unusable, missingKeys, problem } = found
  return (
    <div class="route-answer">
      <h3>In words</h3>
      {words.head.map(sentence => (
        <p key={sentence}>{sentence}</p>
      ))}
      {words.legs.length > 0 && (
        <ol class="route-order">
          {words.legs.map(leg => (
            <LegStory key={leg.position} leg={leg} />
          ))}
        </ol>
      )}
      {unusable.map(({ target, code, reason }) => (
        <p key={target}>
          <code>{target}</code> <Badge mood="bad">cannot be used</Badge> {reason} (<Code text={code} />)
        </p>
      ))}
      {missingKeys.map(({ target, reason }) => (
        <p key={JSON.stringify([target, reason])}>
          <code>{target}</code> <Badge mood="warn">a key is missing</Badge> {reason}
        </p>
      ))}
      {problem !== undefined && (
        <div class="note bad">
          <p>
            <strong>Now the client would be told: {problem.what}</strong> (<Code text={problem.code} />) {problem.why}
          </p>
          {problem.fix.length > 0 && (
            <ul>
              {problem.fix.map(line => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {found.legs.length > 0 && (
        <>
          <h3>As a table</h3>
          <LegTable found={found} />
        </>
      )}
    </div>
  )
}

const MOODS: Readonly<Record<LegWords['style'], Mood>> = { green: 'good', cyan: 'plain', yellow: 'warn' }

function LegStory({ leg }: { readonly leg: LegWords }) {
  return (
    <li value={leg.position}>
      <strong>{leg.name}</strong>: <span class={`${MOODS[leg.style]}-ink`}>{leg.verdict}</span>
      <dl class="route-rules">
        {leg.rows.map(({ title, text }) => (
          <div class="route-row" key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </li>
  )
}

const TURNS: Readonly<Record<Leg['tried'], { readonly words: string; readonly mood: Mood }>> = {
  first: { words: 'asked first', mood: 'good' },
  after: { words: 'asked if others fail', mood: 'plain' },
  not: { words: 'not asked', mood: 'warn' },
}

function LegTable({ found }: { readonly found: ExplainedRouteView }) {
  return (
    <TableFrame title="What would be tried, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            <th scope="col">Target</th>
            <th scope="col">Key</th>
            <th scope="col">Turn</th>
            <th scope="col">Lane</th>
            <th scope="col" class="number">
              Priority
            </th>
            <th scope="col" class="number">
              Weight
            </th>
            <th scope="col">Over</th>
            <th scope="col">Health</th>
            <th scope="col">Goes on</th>
          </tr>
        </thead>
        <tbody>
          {found.legs.map(leg => (
            <LegRow key={leg.position} leg={leg} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function LegRow({ leg }: { readonly leg: Leg }) {
  const turn = TURNS[leg.tried]
  const share = leg.share === undefined ? '' : `, first in ${percent(leg.share * 100)}`
  return (
    <tr>
      <td class="number">{leg.position}</td>
      <th scope="row" class="route-leg-name">
        <code>
          <Clamped text={leg.target} />
        </code>
      </th>
      <td class="route-key">{leg.credential}</td>
      <td class="route-long">
        <Badge mood={turn.mood}>{turn.words}</Badge> {leg.reason ?? leg.fenced ?? leg.unfit}
      </td>
      <td>
        <Badge>{leg.billing}</Badge>
      </td>
      <td class="number">{leg.priority}</td>
      <td class="number">
        {leg.weight}
        {share}
      </td>
      <td class="route-long">{overWords(leg)}</td>
      <td class="route-long">
        <Health target={{}} leg={leg} />
      </td>
      <td class="route-long">{nextWords(leg)}</td>
    </tr>
  )
}

function overWords({ saying }: Leg): string {
  const { protocol, passThrough, reported, refused } = saying
  if (refused !== undefined) return refused
  const left = reported.length === 0 ? '' : `, without ${reported.join(', ')}`
  return `${protocol ?? 'no surface'}, ${passThrough ? 'passed through' : 'translated'}${left}`
}

function nextWords({ tried, moves }: Leg): string {
  if (tried === 'not') return ''
  if (moves.length === 0) return 'nowhere: the problem is told'
  return moves.map(({ to, codes }) => `to ${to} on ${codes.join(', ')}`).join('; ')
}
