import type { CallLine } from '../../../src/admin/live.ts'
import { askedOf, clientOf, costOf, outcomeOf, tokensOf } from '../call-words.ts'
import { duration, timeOfDay } from '../words.ts'
import { Badge } from './badge.tsx'
import { TableFrame } from './table-frame.tsx'

/** Calls, one a line. Where it is narrow the less important columns give way. */
export function CallTable(props: {
  readonly title: string
  readonly calls: readonly CallLine[]
  /** A query for the links to single calls, with its `?`: what is to be known there of where one came from. */
  readonly search?: string
  /** How a call's time is written. */
  readonly timeWords?: (ms: number) => string
}) {
  const { title, calls, search = '', timeWords = timeOfDay } = props
  return (
    <TableFrame title={title}>
      <table class="calls">
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Model</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="wide-only">
              Caller
            </th>
            <th scope="col" class="number wide-only">
              Tokens
            </th>
            <th scope="col" class="number wide-only">
              Cost
            </th>
            <th scope="col" class="number wide-only">
              First byte
            </th>
            <th scope="col" class="number wide-only">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map(call => (
            <CallRow key={call.id} call={call} search={search} timeWords={timeWords} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function CallRow(props: {
  readonly call: CallLine
  readonly search: string
  readonly timeWords: (ms: number) => string
}) {
  const { call, search, timeWords } = props
  const { mood, text } = outcomeOf(call)
  return (
    <tr data-call={call.id}>
      <td class="time">
        <a href={`/calls/${encodeURIComponent(call.id)}${search}`}>{timeWords(call.at)}</a>
      </td>
      <td>
        <CallModel call={call} />
      </td>
      <td>
        <Badge mood={mood}>{text}</Badge>
        {call.attempts > 1 && <span class="soft"> {call.attempts} attempts</span>}
      </td>
      <td class="wide-only">
        {call.key ?? clientOf(call)}
        {call.key !== undefined && <span class="soft"> {clientOf(call)}</span>}
      </td>
      <td class="number wide-only">{tokensOf(call)}</td>
      <td class="number wide-only">{costOf(call)}</td>
      <td class="number wide-only">{call.firstByteMs === undefined ? '' : duration(call.firstByteMs)}</td>
      <td class="number wide-only">{call.totalMs === undefined ? '' : duration(call.totalMs)}</td>
    </tr>
  )
}

/** What was asked for, and what answered where that is something else. */
function CallModel({ call }: { readonly call: CallLine }) {
  const { served, fallback, cache } = call
  return (
    <>
      {askedOf(call)}
      {served !== undefined && served !== call.asked && <span class="soft"> → {served}</span>}{' '}
      {fallback !== undefined && <Badge mood="warn">fell back: {fallback.reason}</Badge>}
      {cache === 'hit' && <Badge>from the cache</Badge>}
    </>
  )
}
