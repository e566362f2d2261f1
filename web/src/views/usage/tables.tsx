import type { ComponentChildren } from 'preact'
import type { UsageRowView, UsageSumsView } from '../../../../src/admin/usage.ts'
import type { UsageSeriesView } from '../../../../src/admin/usage-series.ts'
import { Clamped } from '../../parts/clamped.tsx'
import { Section } from '../../parts/page.tsx'
import { TableFrame } from '../../parts/table-frame.tsx'
import { Tile } from '../../parts/tile.tsx'
import { count, plural, shortCount, usd } from '../../words.ts'
import { costWords, groupName, tokensIn, tokensOut } from './sums.ts'

/** The sums that matter, each with what it leaves out. */
export function Totals({ total }: { readonly total: UsageSumsView }) {
  const { tokens, unpriced, usageUnknown } = total
  return (
    <dl class="tiles">
      <Tile
        name="Calls"
        value={count(total.calls)}
        note={`${count(total.failed)} failed, ${plural(total.fallbacks, 'fallback')}`}
      />
      <Tile
        name="Tokens in"
        value={shortCount(tokensIn(total))}
        note={`${shortCount(tokens.cacheRead)} of them from a cache`}
      />
      <Tile
        name="Tokens out"
        value={shortCount(tokensOut(total))}
        note={`${shortCount(tokens.reasoning)} of them reasoning`}
      />
      <Tile name="Cost" value={total.costUsd === null ? 'not known' : usd(total.costNanoUsd)} note={costNote(total)} />
      {unpriced > 0 && (
        <Tile name="Unpriced" value={plural(unpriced, 'call')} note="their cost is not known, or only in part" />
      )}
      {usageUnknown > 0 && (
        <Tile
          name="Usage not told"
          value={plural(usageUnknown, 'call')}
          note="their tokens are not known, or only in part"
        />
      )}
    </dl>
  )
}

function costNote({ lanes, unpriced }: UsageSumsView): string {
  const more = unpriced > 0 ? '; it was more than this' : ''
  return `of ${plural(lanes.metered, 'metered call')}${more}`
}

/** Rows shown at once; the file has all. */
const ROWS_MAX = 200

/** The sums by group, as `candor usage` shows them. */
export function Groups({ view }: { readonly view: UsageSeriesView }) {
  const { rows, total, by = 'provider' } = view
  return (
    <Section title={`By ${by}`}>
      <TableFrame title={`Usage by ${by}`}>
        <table class="usage-list">
          <thead>
            <tr>
              <th scope="col">{titleOf(by)}</th>
              {['Calls', 'Failed', 'Fallbacks', 'Tokens in', 'Cached', 'Tokens out', 'Not told'].map(name => (
                <th scope="col" class="number" key={name}>
                  {name}
                </th>
              ))}
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_MAX).map(row => (
              <Row key={row.group} sums={row} name={<GroupLink row={row} by={by} />} />
            ))}
          </tbody>
          <tfoot>
            <Row sums={total} name="All" />
          </tfoot>
        </table>
      </TableFrame>
      {rows.length > ROWS_MAX && (
        <p class="soft">
          {plural(rows.length - ROWS_MAX, 'more group')} with fewer calls: the CSV file has all of them.
        </p>
      )}
    </Section>
  )
}

function titleOf(by: string): string {
  return by.charAt(0).toUpperCase() + by.slice(1)
}

function Row({ sums, name }: { readonly sums: UsageSumsView; readonly name: ComponentChildren }) {
  const numbers = [
    sums.calls,
    sums.failed,
    sums.fallbacks,
    tokensIn(sums),
    sums.tokens.cacheRead,
    tokensOut(sums),
    sums.usageUnknown,
  ]
  return (
    <tr>
      <th scope="row" class="usage-group">
        {name}
      </th>
      {numbers.map((number, i) => (
        <td class="number" key={i}>
          {count(number)}
        </td>
      ))}
      <td class="usage-words">{costWords(sums)}</td>
    </tr>
  )
}

const FILTER_NAMES: Readonly<Record<string, string>> = {
  provider: 'provider',
  model: 'served',
  key: 'keyName',
  client: 'client',
  billing: 'billing',
}

function GroupLink({ row, by }: { readonly row: UsageRowView; readonly by: string }) {
  const name = groupName(row, by)
  const filter = FILTER_NAMES[by]
  if (row.group === '' || filter === undefined) return <Clamped text={name} />
  return (
    <a href={`/calls?${new URLSearchParams({ [filter]: row.group })}`}>
      <Clamped text={name} />
    </a>
  )
}

/** What providers told, what was reckoned from it, and what is an estimate: apart. */
export function Grounds({ total }: { readonly total: UsageSumsView }) {
  return (
    <Section title="What is told, and what is reckoned">
      <TableFrame title="Where the numbers come from">
        <table>
          <thead>
            <tr>
              <th scope="col">Number</th>
              <th scope="col">Where from</th>
              <th scope="col" class="number">
                In this time
              </th>
            </tr>
          </thead>
          <tbody>
            <Ground name="Tokens" from="told by the providers" value={count(tokensIn(total) + tokensOut(total))} />
            <Ground
              name="Calls that were answered, and whose tokens nobody told whole"
              from="not known; in sums only what was told before a call was cut off"
              value={count(total.usageUnknown)}
            />
            <Ground
              name="Calls without a whole answer"
              from="told, as far as there was an answer; those refused before a provider was asked used nothing"
              value={count(total.failed)}
            />
            <Ground
              name="Cost"
              from="reckoned: the told tokens at list prices"
              value={total.costUsd === null ? 'not known' : usd(total.costNanoUsd)}
            />
            <Ground
              name="Calls without a known cost"
              from="not known; in sums only what was told before a call was cut off"
              value={count(total.unpriced)}
            />
            <Ground
              name="Counted against budgets, money"
              from="reckoned; where usage was not told, our estimate from before the call"
              value={usd(total.chargedNanoUsd)}
            />
            <Ground
              name="Counted against budgets, tokens"
              from="told; where not, our estimate likewise"
              value={count(total.chargedTokens)}
            />
          </tbody>
        </table>
      </TableFrame>
    </Section>
  )
}

function Ground({ name, from, value }: { readonly name: string; readonly from: string; readonly value: string }) {
  return (
    <tr>
      <th scope="row" class="usage-group">
        {name}
      </th>
      <td class="usage-words">{from}</td>
      <td class="number">{value}</td>
    </tr>
  )
}
