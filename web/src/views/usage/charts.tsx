import { useMemo } from 'preact/hooks'
import type { UsageColumns, UsageSeriesView } from '../../../../src/admin/usage-series.ts'
import { Chart, type Series } from '../../parts/chart.tsx'
import { Section } from '../../parts/page.tsx'
import { count, shortCount, usd } from '../../words.ts'
import { groupName } from './sums.ts'
import { type Zone, zoneOf } from './zone.ts'

/** One measure of a bucket; null: it is not known. */
type Measure = (columns: UsageColumns, place: number) => number | null

const TOKENS: Measure = ({ tokensIn, tokensOut }, i) => (tokensIn[i] ?? 0) + (tokensOut[i] ?? 0)

/** Nothing known of a cost that is not nothing. */
const COST: Measure = ({ costNanoUsd, unpriced }, i) => {
  const known = costNanoUsd[i] ?? 0
  return known === 0 && (unpriced[i] ?? 0) > 0 ? null : known
}

const UNPRICED: Measure = ({ unpriced }, i) => unpriced[i] ?? 0

/** Colours for so many groups; the others together have the last one. */
const LINES_MAX = 5

/** Cost and tokens over time, by group. What has no known cost is counted in a chart of its own. */
export function UsageCharts({ view }: { readonly view: UsageSeriesView }) {
  const { total, timeZone, bucket, starts } = view
  const zone = useMemo(() => zoneOf(timeZone), [timeZone])
  const cost = useMemo(() => seriesOf(view, COST), [view])
  const tokens = useMemo(() => seriesOf(view, TOKENS), [view])
  const unpriced = useMemo(() => seriesOf(view, UNPRICED), [view])
  const axis = { ...axisOf(zone, bucket), times: starts, kind: 'stack' as const }
  return (
    <div class="columns">
      <Section title="Cost" aside="of metered calls, by list prices">
        {total.lanes.metered === 0 && total.costNanoUsd === 0 && total.unpriced === 0 ? (
          <p class="soft">No call was metered in this time: plans, free and local models have no cost a call.</p>
        ) : (
          <Chart title="Cost over time" series={cost} words={usd} {...axis} />
        )}
      </Section>
      <Section title="Tokens" aside="in and out, as providers told them">
        <Chart title="Tokens over time" series={tokens} words={shortCount} {...axis} />
      </Section>
      {total.unpriced > 0 && (
        <Section title="Calls without a known cost" aside="in no sum of money">
          <Chart title="Calls without a known cost, over time" series={unpriced} words={wholeCount} {...axis} />
        </Section>
      )}
    </div>
  )
}

/** Marks between two whole numbers have none. */
function wholeCount(value: number): string {
  return Number.isInteger(value) ? count(value) : ''
}

function axisOf(zone: Zone, bucket: UsageSeriesView['bucket']) {
  const { name, day, minute, shortDay, shortHour } = zone
  return bucket === 'day'
    ? { timeWords: day, shortTime: shortDay, timeZone: name }
    : { timeWords: minute, shortTime: shortHour, timeZone: name }
}

/** The groups with the most of it, and all others together: their sum is that of all calls. */
function seriesOf({ lines, all, starts, by = 'provider' }: UsageSeriesView, measure: Measure): readonly Series[] {
  const places = starts.map((_, i) => i)
  const valuesOf = (columns: UsageColumns) => places.map(i => measure(columns, i))
  const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0)
  const known = lines
    .map(line => ({ name: groupName(line, by), line, values: valuesOf(line) }))
    .filter(({ values }) => values.some(value => value !== 0))
    .sort((a, b) => sum(b.values) - sum(a.values))
  const shown = known.slice(0, LINES_MAX)
  const rest = restOf(
    all,
    shown.map(({ line }) => line),
    places,
  )
  const others = valuesOf(rest)
  return [
    ...shown.map(({ name, values }) => ({ name, values })),
    ...(others.every(value => value === 0) && shown.length > 0
      ? []
      : [{ name: othersName(shown), values: others, colour: 6 }]),
  ]
}

function othersName(shown: readonly object[]): string {
  return shown.length === 0 ? 'all' : 'all others'
}

function restOf(all: UsageColumns, lines: readonly UsageColumns[], places: readonly number[]): UsageColumns {
  const rest = (name: keyof UsageColumns) =>
    places.map(i => lines.reduce((left, line) => left - (line[name][i] ?? 0), all[name][i] ?? 0))
  return {
    calls: rest('calls'),
    failed: rest('failed'),
    tokensIn: rest('tokensIn'),
    tokensOut: rest('tokensOut'),
    costNanoUsd: rest('costNanoUsd'),
    unpriced: rest('unpriced'),
    usageUnknown: rest('usageUnknown'),
  }
}
