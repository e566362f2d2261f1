import type { Attempt, Receipt } from '../../../../src/ledger/receipt.ts'
import { TableFrame } from '../../parts/table-frame.tsx'
import { duration } from '../../words.ts'

/** A stretch of a call, in milliseconds after it began. */
interface Phase {
  readonly name: 'waited' | 'to first byte' | 'body'
  readonly from: number
  readonly to: number
}

interface Row {
  readonly attempt: Attempt
  readonly phases: readonly Phase[]
}

/** Width of the drawing, in its own units: it is stretched to the room there is. */
const WIDTH = 1_000

/** Every attempt over time, with its phases, and the same as a table. */
export function Waterfall({ receipt }: { readonly receipt: Receipt }) {
  const end = endOf(receipt)
  const rows = receipt.attempts.map(attempt => ({ attempt, phases: phasesOf(attempt, end) }))
  if (rows.length === 0) return <p class="soft">No provider was asked, so there is nothing to measure.</p>
  return (
    <figure class="waterfall">
      <div class="chart-legend">
        <span>
          <span class="chart-key phase-waited" aria-hidden="true" />
          waited before it
        </span>
        <span>
          <span class="chart-key phase-first" aria-hidden="true" />
          sent, until the first byte
        </span>
        <span>
          <span class="chart-key phase-body" aria-hidden="true" />
          the answer's body
        </span>
      </div>
      <div class="waterfall-rows" aria-hidden="true">
        {rows.map((row, i) => (
          <Line key={`${i} ${row.attempt.url}`} row={row} end={end} />
        ))}
        <div class="waterfall-ends soft">
          <span>0</span>
          <span>{duration(end)}</span>
        </div>
      </div>
      <PhaseTable rows={rows} />
    </figure>
  )
}

function Line({ row: { attempt, phases }, end }: { readonly row: Row; readonly end: number }) {
  const scale = WIDTH / Math.max(1, end)
  return (
    <div class="waterfall-row">
      <span class="waterfall-name">
        {attempt.provider}/{attempt.model}
        {attempt.problem !== undefined && <span class="bad-ink"> {attempt.problem.code}</span>}
      </span>
      <svg viewBox={`0 0 ${WIDTH} 14`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="waterfall-track" width={WIDTH} height={14} />
        {phases.map(({ name, from, to }) => (
          // What took next to no time is still seen.
          <rect
            key={name}
            class={CLASSES[name]}
            x={Math.min(from * scale, WIDTH - 2)}
            width={Math.max(2, (to - from) * scale)}
            height={14}
          />
        ))}
      </svg>
    </div>
  )
}

const CLASSES: Readonly<Record<Phase['name'], string>> = {
  waited: 'phase-waited',
  'to first byte': 'phase-first',
  body: 'phase-body',
}

function PhaseTable({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <TableFrame title="Attempts and their times">
      <table>
        <caption class="visually-hidden">Attempts and their times</caption>
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">Result</th>
            <th scope="col" class="number">
              Began at
            </th>
            <th scope="col" class="number">
              Waited
            </th>
            <th scope="col" class="number">
              First byte
            </th>
            <th scope="col" class="number">
              Body
            </th>
            <th scope="col" class="number">
              Ended at
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ attempt, phases }, i) => (
            <tr key={`${i} ${attempt.url}`}>
              <th scope="row">
                {i + 1}. {attempt.provider}/{attempt.model}
              </th>
              <td>{resultOf(attempt)}</td>
              <td class="number">{duration(attempt.startedMs)}</td>
              <td class="number">{took(phases, 'waited') ?? ''}</td>
              <td class="number">
                {(attempt.firstByteMs === undefined ? undefined : took(phases, 'to first byte')) ?? 'none came'}
              </td>
              <td class="number">{took(phases, 'body') ?? ''}</td>
              <td class="number">{attempt.endedMs === undefined ? 'not known' : duration(attempt.endedMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function resultOf({ status, problem, endedMs }: Attempt): string {
  if (status === undefined) return problem?.code ?? (endedMs === undefined ? 'running' : 'no answer')
  return problem === undefined ? `HTTP ${status}` : `HTTP ${status}, ${problem.code}`
}

function took(phases: readonly Phase[], name: Phase['name']): string | undefined {
  const found = phases.find(phase => phase.name === name)
  return found === undefined ? undefined : duration(found.to - found.from)
}

/** The end of the drawing: of the call, or of what is known of it so far. */
function endOf({ attempts, totalMs, ending, at }: Receipt): number {
  const running = ending === 'in-flight' ? Math.max(0, Date.now() - at) : 0
  const known = attempts.flatMap(({ startedMs, firstByteMs, endedMs }) => [startedMs, firstByteMs ?? 0, endedMs ?? 0])
  return Math.max(totalMs, running, ...known)
}

function phasesOf({ waitedMs, startedMs, firstByteMs, endedMs }: Attempt, end: number): readonly Phase[] {
  const ended = Math.max(startedMs, endedMs ?? end)
  const first = Math.min(firstByteMs ?? ended, ended)
  return [
    ...(waitedMs === undefined
      ? []
      : [{ name: 'waited' as const, from: Math.max(0, startedMs - waitedMs), to: startedMs }]),
    { name: 'to first byte', from: startedMs, to: first },
    ...(firstByteMs === undefined ? [] : [{ name: 'body' as const, from: first, to: ended }]),
  ]
}
