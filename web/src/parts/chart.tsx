import 'uplot/dist/uPlot.min.css'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { THEME_CHANGED } from '../theme.ts'
import { Clamped } from './clamped.tsx'
import { TableFrame } from './table-frame.tsx'

/** One row of numbers over time. `null`: not known at that time, which leaves a gap. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** Which of the style sheet's six series colours, 1 to 6. Absent: by its place. */
  readonly colour?: number
  /** An estimate, not told by anybody: its line is broken. */
  readonly dashed?: boolean
  /** The line goes on over times at which nothing is known. */
  readonly joined?: boolean
}

/** What a chart shows. */
export interface ChartProps {
  /** What it is, as its label and the caption of the table behind it. */
  readonly title: string
  /** Milliseconds since 1970, rising; as long as the values of each series. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** How a value is written. */
  readonly words: (value: number) => string
  /** How a time is written. */
  readonly timeWords: (ms: number) => string
  /** `area`, `stack`: the series lie upon each other, as areas or as bars, and their sum is the upper edge. */
  readonly kind?: 'line' | 'bars' | 'area' | 'stack'
  /** The value at the upper edge. Absent: a little more than the largest one. */
  readonly top?: number
  /** Values are whole numbers, and so are the marks of the axis. */
  readonly isWhole?: boolean
  /** How a time is written below the chart, where there is little room. Absent: as elsewhere. */
  readonly shortTime?: ((ms: number) => string) | undefined
  /** Whose hours and days the marks on the axis stand at: `Europe/Berlin`. Absent: those of the browser. */
  readonly timeZone?: string | undefined
  /** Pixels. */
  readonly height?: number
}

/** A chart over time, with what it says in words, and the same numbers as a table behind it. */
export function Chart(props: ChartProps) {
  const [at, setAt] = useState<number>()
  const { title, series, times, timeWords, words } = props
  const shown = at === undefined ? undefined : times[at]
  return (
    <figure class="chart">
      <div class="chart-legend">
        {series.map((each, i) => {
          const value = at === undefined ? undefined : each.values[at]
          return (
            <span key={each.name}>
              <span class="chart-key" style={{ background: `var(${colourOf(each, i)})` }} aria-hidden="true" />
              <Clamped text={each.name} />
              {typeof value === 'number' && <strong> {words(value)}</strong>}
            </span>
          )
        })}
        <span class="soft">{shown === undefined ? '' : timeWords(shown)}</span>
      </div>
      <Plot {...props} onCursor={setAt} />
      <details>
        <summary>{title}, as a table</summary>
        <DataTable {...props} />
      </details>
    </figure>
  )
}

function DataTable({ title, times, series, words, timeWords }: ChartProps) {
  return (
    <TableFrame title={title} look="chart-table">
      <table>
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(each => (
              <th scope="col" class="number" key={each.name}>
                <Clamped text={each.name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, i) => (
            <tr key={time}>
              <th scope="row">{timeWords(time)}</th>
              {series.map(({ name, values }) => (
                <td class="number" key={name}>
                  {typeof values[i] === 'number' ? words(values[i]) : 'not known'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

const HEIGHT = 150

/** The drawing itself. It is made anew when its series, its kind or the colours change, else fed with new numbers. */
function Plot(props: ChartProps & { readonly onCursor: (at: number | undefined) => void }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const theme = useThemeCount()
  const { title, times, series, kind = 'line', height = HEIGHT, top, timeZone } = props
  const latest = useRef(props)
  latest.current = props
  const data = useMemo(() => dataOf(times, series, kind), [times, series, kind])
  const shape = `${series.map((each, i) => each.name + colourOf(each, i)).join('\n')} ${kind} ${height} ${theme} ${top} ${timeZone}`

  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const width = Math.max(120, element.clientWidth)
    const tell = (at: number | undefined) => latest.current.onCursor(at)
    const made = new uPlot({ ...optionsFor(latest.current, element, tell), width, height }, data, element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: Math.max(120, element.clientWidth), height }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [shape])

  useEffect(() => plot.current?.setData(data), [data])

  return <div class="chart-plot" ref={place} role="img" aria-label={`${title}: ${summaryOf(props)}`} />
}

/** Counts changes of the colours: of the theme chosen here, and of the system's. */
function useThemeCount(): number {
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    const changed = () => setChanges(before => before + 1)
    const system = matchMedia('(prefers-color-scheme: dark)')
    addEventListener(THEME_CHANGED, changed)
    system.addEventListener('change', changed)
    return () => {
      removeEventListener(THEME_CHANGED, changed)
      system.removeEventListener('change', changed)
    }
  }, [])
  return changes
}

function summaryOf({ series, times, words, timeWords }: ChartProps): string {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined) return 'nothing yet'
  const said = series.map(({ name, values }) => {
    const known = values.filter(value => value !== null)
    return known.length === 0 ? `${name} not known` : `${name} at most ${words(Math.max(...known))}`
  })
  return `${timeWords(first)} to ${timeWords(last)}, ${said.join(', ')}`
}

/** Upon each other, each series is drawn at the sum of itself and those before it; bars the tallest first, for the others stand before it. */
function dataOf(times: readonly number[], series: readonly Series[], kind: ChartProps['kind']): uPlot.AlignedData {
  const rows = series.map(({ values }) => [...values])
  if (kind === 'area' || kind === 'stack') {
    for (const [i, row] of rows.entries()) {
      const below = rows[i - 1]
      if (below !== undefined) for (const [at, value] of row.entries()) row[at] = (value ?? 0) + (below[at] ?? 0)
    }
  }
  return [times.map(time => time / 1_000), ...(kind === 'stack' ? rows.toReversed() : rows)]
}

function optionsFor(
  { series, kind, words, timeWords, shortTime = timeWords, top, timeZone, isWhole = false }: ChartProps,
  element: HTMLElement,
  onCursor: (at: number | undefined) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const ink = paintOf('--ink-soft', element)
  const line = paintOf('--line', element)
  const axis = { stroke: ink, font: LABEL_FONT, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } }
  const bars = uPlot.paths.bars?.({ size: [0.7, 24] })
  const isBar = kind === 'bars' || kind === 'stack'
  const drawn = series.map((each, i): uPlot.Series => {
    const colour = paintOf(colourOf(each, i), element)
    return {
      label: each.name,
      stroke: colour,
      // A bar of nothing has no edge either.
      width: kind === 'stack' ? 0 : 1.5,
      ...(each.dashed === true ? { dash: [5, 4] } : {}),
      ...(each.joined === true ? { spanGaps: true } : {}),
      ...(isBar && bars !== undefined ? { fill: colour, paths: bars, points: { show: false } } : {}),
      // A value between two that are not known makes no line, and would not be seen.
      ...(!isBar && each.values.includes(null) ? { points: { show: true, size: 4, fill: colour } } : {}),
      ...(kind === 'area' ? { fill: `color-mix(in srgb, ${colour} 35%, transparent)` } : {}),
    }
  })
  return {
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 5 } },
    scales: {
      ...(isBar ? { x: { range: (plot, first, last) => withRoom(first, last, plot.data[0]) } } : {}),
      y: { range: (_plot, _low, high) => [0, top ?? (high > 0 ? high * 1.1 : 1)] },
    },
    series: [{}, ...(kind === 'stack' ? drawn.toReversed() : drawn)],
    ...(timeZone === undefined ? {} : { tzDate: seconds => uPlot.tzDate(new Date(seconds * 1_000), timeZone) }),
    axes: [
      { ...axis, size: 30, values: (_plot, splits) => onceEach(splits.map(value => shortTime(value * 1_000))) },
      {
        ...axis,
        ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
        size: (plot, labels) => roomFor(plot, labels),
        values: (plot, splits) => labelsOf(splits, words, isNothing(plot.data)),
      },
    ],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)] },
  }
}

/** From one mark to the next: 1, 2, 5, 10, 20 and so on. */
const WHOLE_STEPS = Array.from({ length: 15 }, (_, i) => [1, 2, 5].map(step => step * 10 ** i)).flat()

/** How labels are written. */
const LABEL_FONT = '12px system-ui, sans-serif'

/** Between the labels and the plot, with the marks, in pixels. */
const LABEL_GAP = 18

/** As wide as the longest label, in pixels. */
function roomFor({ ctx }: uPlot, labels: readonly string[] | null): number {
  ctx.save()
  // The canvas is drawn in the pixels of the screen, the font here is in those of the page.
  ctx.font = LABEL_FONT
  const widest = Math.max(0, ...(labels ?? []).map(label => ctx.measureText(label).width))
  ctx.restore()
  return Math.ceil(widest) + LABEL_GAP
}

/** Where there is nothing yet, only the zero means something. */
function labelsOf(splits: readonly number[], words: ChartProps['words'], isEmpty: boolean): string[] {
  return onceEach(splits.map(value => (isEmpty && value !== 0 ? '' : words(value))))
}

/** Of marks in a row that would be called the same only the first has its label. */
function onceEach(labels: readonly string[]): string[] {
  return labels.map((label, i) => (label === labels[i - 1] ? '' : label))
}

function isNothing([, ...rows]: uPlot.AlignedData): boolean {
  return rows.every(row => Array.from(row).every(value => value === null || value === undefined || value === 0))
}

/** The first and the last bar stand at the edge: room for half of each, in seconds. */
function withRoom(first: number, last: number, times: ArrayLike<number>): [number, number] {
  const { 0: one = 0, 1: two = one + 3_600 } = times
  const half = (two - one) / 2
  return [first - half, last + half]
}

function colourOf(series: Series, place: number): string {
  return `--series-${series.colour ?? (place % 6) + 1}`
}

/** A canvas knows no variables: what one means at this moment. */
function paintOf(variable: string, element: HTMLElement): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${variable})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
