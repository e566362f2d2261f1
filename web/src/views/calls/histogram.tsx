import { useRef, useState } from 'preact/hooks'
import type { CallsHistogramView } from '../../../../src/admin/calls.ts'
import type { Ending } from '../../../../src/ledger/receipt.ts'
import { TableFrame } from '../../parts/table-frame.tsx'
import { count, moment, plural } from '../../words.ts'
import { setFilters } from './filters.tsx'

/** In the order they are put on each other, with the words of the list. */
const ENDINGS: readonly (readonly [Ending, string])[] = [
  ['complete', 'complete'],
  ['in-flight', 'running'],
  ['abandoned', 'client left'],
  ['failed', 'failed'],
  ['truncated', 'cut'],
  ['interrupted', 'interrupted'],
]

/** Units of the drawing: it is stretched to the room there is. */
const HEIGHT = 100

/** Two buckets, both included, in either order. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** How many calls ended how over time. A stretch of it is chosen with the pointer or the arrow keys, and becomes the filter. */
export function Histogram({ counts }: { readonly counts: CallsHistogramView }) {
  const [chosen, setChosen] = useState<Stretch>()
  const { buckets } = counts
  const total = buckets.reduce((sum, bucket) => sum + sumOf(bucket), 0)
  return (
    <figure class="histogram">
      <Legend counts={counts} />
      <Plot counts={counts} chosen={chosen} choose={setChosen} />
      <div class="histogram-ends soft">
        <span>{moment(counts.since)}</span>
        <span>{moment(counts.until)}</span>
      </div>
      <figcaption>
        <span role="status">
          {chosen === undefined ? `${plural(total, 'call')}.` : stretchWords(counts, chosen)}
          {counts.countedFrom !== undefined &&
            ` Only calls since ${moment(counts.countedFrom)} are counted: there are too many. Choose a time to count older ones.`}
          {counts.fault !== undefined && ` Not all is counted: ${counts.fault}`}
        </span>
      </figcaption>
      <details>
        <summary>Calls over time, as a table</summary>
        <CountsTable counts={counts} />
      </details>
    </figure>
  )
}

function Legend({ counts }: { readonly counts: CallsHistogramView }) {
  const met = ENDINGS.filter(([ending]) => counts.buckets.some(bucket => (bucket[ending] ?? 0) > 0))
  return (
    <div class="chart-legend">
      {met.map(([ending, words]) => (
        <span key={ending}>
          <span class={`chart-key ending-${ending}`} aria-hidden="true" />
          {words} <strong>{count(counts.buckets.reduce((sum, bucket) => sum + (bucket[ending] ?? 0), 0))}</strong>
        </span>
      ))}
    </div>
  )
}

interface PlotProps {
  readonly counts: CallsHistogramView
  readonly chosen: Stretch | undefined
  readonly choose: (stretch: Stretch | undefined) => void
}

function Plot({ counts, chosen, choose }: PlotProps) {
  const frame = useRef<HTMLElement>(null)
  const drag = useRef<number | undefined>(undefined)
  const { buckets } = counts
  const bucketAt = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect()
    if (box === undefined || box.width === 0) return 0
    return within(Math.floor(((event.clientX - box.left) / box.width) * buckets.length), buckets.length)
  }
  const narrow = (stretch: Stretch) => {
    const [first, last] = [Math.min(stretch.from, stretch.to), Math.max(stretch.from, stretch.to)]
    choose(undefined)
    setFilters({ since: iso(startOf(counts, first)), until: iso(startOf(counts, last + 1)) })
  }
  return (
    <section
      class="histogram-plot"
      ref={frame}
      tabIndex={0}
      aria-label="Calls over time. Arrow keys choose a moment, with Shift a stretch; Enter shows its calls."
      onPointerDown={event => {
        if (event.button !== 0) return
        drag.current = bucketAt(event)
        frame.current?.setPointerCapture(event.pointerId)
        choose({ from: drag.current, to: drag.current })
      }}
      onPointerMove={event => {
        const at = bucketAt(event)
        choose({ from: drag.current ?? at, to: at })
      }}
      onPointerUp={event => {
        if (drag.current === undefined) return
        const stretch = { from: drag.current, to: bucketAt(event) }
        drag.current = undefined
        narrow(stretch)
      }}
      onPointerCancel={() => {
        drag.current = undefined
        choose(undefined)
      }}
      onPointerLeave={() => drag.current === undefined && choose(undefined)}
      onBlur={() => choose(undefined)}
      onKeyDown={event => onKey(event, { chosen, choose, narrow, buckets: buckets.length })}
    >
      <Bars counts={counts} chosen={chosen} />
    </section>
  )
}

interface KeyParts extends Omit<PlotProps, 'counts'> {
  readonly buckets: number
  readonly narrow: (stretch: Stretch) => void
}

function onKey(event: KeyboardEvent, { chosen, choose, narrow, buckets }: KeyParts): void {
  const at = chosen?.to ?? buckets
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: chosen === undefined ? 0 : at + 1,
    Home: 0,
    End: buckets - 1,
  }
  const to = moves[event.key]
  if (to !== undefined) {
    const next = within(to, buckets)
    choose({ from: event.shiftKey && chosen !== undefined ? chosen.from : next, to: next })
  } else if (event.key === 'Enter' && chosen !== undefined) narrow(chosen)
  else if (event.key === 'Escape' && chosen !== undefined) choose(undefined)
  else return
  event.preventDefault()
}

function Bars({ counts, chosen }: Pick<PlotProps, 'counts' | 'chosen'>) {
  const { buckets } = counts
  const most = Math.max(1, ...buckets.map(sumOf))
  const first = chosen === undefined ? 0 : Math.min(chosen.from, chosen.to)
  const wide = chosen === undefined ? 0 : Math.abs(chosen.to - chosen.from) + 1
  return (
    <svg viewBox={`0 0 ${buckets.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {counts.countedFrom !== undefined && (
        <rect
          class="uncounted"
          width={Math.max(0, (counts.countedFrom - counts.since) / counts.bucketMs)}
          height={HEIGHT}
        />
      )}
      {wide > 0 && <rect class="chosen" x={first} width={wide} height={HEIGHT} />}
      {buckets.map((bucket, i) => {
        let top = HEIGHT
        return ENDINGS.map(([ending]) => {
          const height = ((bucket[ending] ?? 0) / most) * HEIGHT
          if (height === 0) return null
          // One call among thousands is still seen.
          const seen = Math.max(height, 1)
          top -= seen
          return (
            <rect key={`${i} ${ending}`} class={`ending-${ending}`} x={i + 0.08} y={top} width={0.84} height={seen} />
          )
        })
      })}
    </svg>
  )
}

function CountsTable({ counts }: { readonly counts: CallsHistogramView }) {
  const rows = counts.buckets
    .map((bucket, i) => ({ bucket, at: startOf(counts, i) }))
    .filter(row => sumOf(row.bucket) > 0)
  return (
    <TableFrame title="Calls over time" look="chart-table">
      <table>
        <caption class="visually-hidden">Calls over time; stretches without a call are left out</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {ENDINGS.map(([ending, words]) => (
              <th scope="col" class="number" key={ending}>
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ bucket, at }) => (
            <tr key={at}>
              <th scope="row">{moment(at)}</th>
              {ENDINGS.map(([ending]) => (
                <td class="number" key={ending}>
                  {count(bucket[ending] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function stretchWords(counts: CallsHistogramView, { from, to }: Stretch): string {
  const [first, last] = [Math.min(from, to), Math.max(from, to)]
  const within = counts.buckets.slice(first, last + 1)
  const told = ENDINGS.flatMap(([ending, words]) => {
    const calls = within.reduce((sum, bucket) => sum + (bucket[ending] ?? 0), 0)
    return calls === 0 ? [] : [`${count(calls)} ${words}`]
  })
  const calls = told.length === 0 ? 'no call' : told.join(', ')
  return `${moment(startOf(counts, first))} to ${moment(startOf(counts, last + 1))}: ${calls}.`
}

function sumOf(bucket: CallsHistogramView['buckets'][number]): number {
  return ENDINGS.reduce((sum, [ending]) => sum + (bucket[ending] ?? 0), 0)
}

/** Where a bucket begins, within what was asked for. */
function startOf({ since, bucketMs }: CallsHistogramView, bucket: number): number {
  return since + bucket * bucketMs
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function within(at: number, length: number): number {
  return Math.max(0, Math.min(length - 1, at))
}
