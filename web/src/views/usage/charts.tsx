import { useMemo } from 'preact/hooks'
import type { UsageColumns, UsageLine, UsageSeriesView } from '../../../../src/admin/usage-series.ts'
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

/** Of a chart, in pixels. */
const HEIGHT = 190

/** Cost and tokens over time, by group. What has no known cost is counted in a chart of its own. */
export function UsageCharts({ view }: { readonly view: UsageSeriesView }) {
  const { total, timeZone, bucket, starts } = view
  const zone = useMemo(() => zoneOf(timeZone), [timeZone])
  const { cost, tokens, unpriced } = useMemo(() => {
    const shown = shownLines(view)
    return {
      cost: seriesOf(view, shown, COST),
      tokens: seriesOf(view, shown, TOKENS),
      unpriced: seriesOf(view, shown, UNPRICED),
    }
  }, [view])
  const axis = { ...axisOf(zone, bucket), times: starts, kind: 'stack' as const, height: HEIGHT }
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
        <Chart title="Tokens over time" series={tokens} words={shortCount} {...axis} isWhole />
      </Section>
      {total.unpriced > 0 && (
        <Section
          title="Calls without a known cost"
          aside="in sums of money only with what was told before they were cut off"
        >
          <Chart title="Calls without a known cost, over time" series={unpriced} words={count} {...axis} isWhole />
        </Section>
      )}
    </div>
  )
}

function axisOf(zone: Zone, bucket: UsageSeriesView['bucket']) {
  const { name, day, minute, shortDay, shortHour } = zone
  return bucket === 'day'
    ? { timeWords: day, shortTime: shortDay, timeZone: name }
    : { timeWords: minute, shortTime: shortHour, timeZone: name }
}

/** The groups with the largest shares of tokens and cost. In every chart they have the same place and colour. */
function shownLines({ lines, all }: UsageSeriesView): readonly UsageLine[] {
  const sum = (columns: UsageColumns, measure: Measure) =>
    columns.calls.reduce((total, _, i) => total + (measure(columns, i) ?? 0), 0)
  const share = (line: UsageLine, measure: Measure) => sum(line, measure) / (sum(all, measure) || 1)
  const weight = (line: UsageLine) => share(line, TOKENS) + share(line, COST) + share(line, UNPRICED) / 100
  return lines.toSorted((a, b) => weight(b) - weight(a)).slice(0, LINES_MAX)
}

/** Some groups, and all others together: their sum is that of all calls. */
function seriesOf(
  { all, starts, by = 'provider' }: UsageSeriesView,
  shown: readonly UsageLine[],
  measure: Measure,
): readonly Series[] {
  const places = starts.map((_, i) => i)
  const valuesOf = (columns: UsageColumns) => places.map(i => measure(columns, i))
  const others = { name: 'all others', values: valuesOf(restOf(all, shown, places)), colour: LINES_MAX + 1 }
  const series = shown.map((line, i) => ({ name: groupName(line, by), values: valuesOf(line), colour: i + 1 }))
  const found = [...series, others].filter(({ values }) => values.some(value => value !== 0))
  return found.length === 0 ? [{ ...others, name: 'all' }] : found
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
