import type { CallFilterName } from '../../../src/admin/calls.ts'
import type { CallLine } from '../../../src/admin/live.ts'
import { useReturn } from '../arrival.ts'
import { askedOf, clientNameOf, clientOf, costOf, outcomeOf, tokensOf } from '../call-words.ts'
import { duration, timeHere } from '../words.ts'
import { Badge } from './badge.tsx'
import { Clamped } from './clamped.tsx'
import { breakable } from './code.tsx'
import { TableFrame } from './table-frame.tsx'

/** Calls, one a line. Where it is narrow the less important columns give way. */
export function CallTable(props: {
  readonly title: string
  readonly calls: readonly CallLine[]
  /** A query for the links to single calls, with its `?`: what is to be known there of where one came from. */
  readonly search?: string
}) {
  const { title, calls, search = '' } = props
  useReturn()
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
            <th scope="col" class="number roomy-only">
              Tokens
            </th>
            <th scope="col" class="number roomy-only">
              Cost
            </th>
            <th scope="col" class="number roomy-only">
              First byte
            </th>
            <th scope="col" class="number roomy-only">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map(call => (
            <CallRow key={call.id} call={call} search={search} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function CallRow({ call, search }: { readonly call: CallLine; readonly search: string }) {
  const { mood, text } = outcomeOf(call)
  return (
    <tr data-call={call.id}>
      <td class="time">
        <a href={`/calls/${encodeURIComponent(call.id)}${search}`}>{timeHere(call.at)}</a>
      </td>
      <td>
        <CallModel call={call} />
      </td>
      <td>
        <Badge mood={mood}>{breakable(text, '_')}</Badge>
        {call.attempts > 1 && <span class="soft call-attempts"> {call.attempts} attempts</span>}
      </td>
      <td class="wide-only call-caller">
        <Caller call={call} search={search} />
      </td>
      <td class="number roomy-only">{tokensOf(call)}</td>
      <td class="number roomy-only">{costOf(call)}</td>
      <td class="number roomy-only">{call.firstByteMs === undefined ? '' : duration(call.firstByteMs)}</td>
      <td class="number roomy-only">{call.totalMs === undefined ? '' : duration(call.totalMs)}</td>
    </tr>
  )
}

/** Whose call it was, each name a filter beside those in force. */
function Caller({ call, search }: { readonly call: CallLine; readonly search: string }) {
  const { key } = call
  const client = clientNameOf(call)
  const said = clientOf(call)
  return (
    <>
      {key !== undefined && (
        <a href={filtered(search, 'keyName', key)} title={`Calls with the key ${key}`}>
          <Clamped text={key} />
        </a>
      )}{' '}
      {client === '' ? (
        <Clamped text={said} />
      ) : (
        <a href={filtered(search, 'client', client)} title={`Calls by ${client}, any version`}>
          <Clamped text={said} />
        </a>
      )}
    </>
  )
}

function filtered(search: string, name: CallFilterName, value: string): string {
  const query = new URLSearchParams(search)
  query.set(name, value)
  return `/calls?${query}`
}

/** What was asked for, and what answered where that is something else. */
function CallModel({ call }: { readonly call: CallLine }) {
  const { served, fallback, cache } = call
  return (
    <>
      <Clamped text={askedOf(call)} />
      {served !== undefined && served !== call.asked && (
        <span class="soft">
          {' → '}
          <Clamped text={served} />
        </span>
      )}{' '}
      {fallback !== undefined && <Badge mood="warn">fell back: {breakable(fallback.reason, '_')}</Badge>}
      {cache === 'hit' && <Badge>from the cache</Badge>}
    </>
  )
}
