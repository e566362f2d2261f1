import { useMemo } from 'preact/hooks'
import type { QuotaHistoryView, WindowHistory } from '../../../../src/admin/quota-history.ts'
import { Bar } from '../../parts/bar.tsx'
import { Chart, type Series } from '../../parts/chart.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { ago, duration, percent, plural } from '../../words.ts'
import { type Zone, zoneOf } from './zone.ts'

/** Plan windows over time, as their providers told them, and apart from that where they are heading. */
export function Windows({ quotas, timeZone }: { readonly quotas: QuotaHistoryView; readonly timeZone: string }) {
  const { since, now, windows } = quotas
  const zone = useMemo(() => zoneOf(timeZone), [timeZone])
  return (
    <Section title="Plan windows" aside={`since the start of the gateway, ${ago(since, now)}`}>
      {windows.length === 0 ? (
        <Empty title="No provider has told how much is left.">
          <p>
            Providers with a plan are asked now and then, once a call has used them; others tell it with their answers.
            To ask now: <code class="command">candor usage quota --refresh</code>
          </p>
        </Empty>
      ) : (
        <div class="columns">
          {windows.map(each => (
            <WindowChart
              key={JSON.stringify([each.provider, each.credential, each.source, each.window])}
              {...{ each, now, zone }}
            />
          ))}
        </div>
      )}
    </Section>
  )
}

interface WindowProps {
  readonly each: WindowHistory
  /** The gateway's clock, milliseconds since 1970. */
  readonly now: number
  readonly zone: Zone
}

function WindowChart({ each, now, zone }: WindowProps) {
  const { provider, credential, window, points, stale } = each
  const drawing = useMemo(() => drawingOf(each), [each])
  const left = points.at(-1)?.[1] ?? 0
  return (
    <div class="usage-window">
      <h3>
        {provider}, {window}
        {credential === 'default' ? '' : `, key ${credential}`}
      </h3>
      <Bar name={`Told by ${provider}`} percentLeft={left} words={toldWords(each, now)} dimmed={stale} />
      <p>
        <strong>Our estimate:</strong> {forecastWords(each, zone)}
      </p>
      {points.length < 2 ? (
        <p class="soft">Told once so far: it is drawn from the second time on.</p>
      ) : (
        <Chart
          title={`${provider}, ${window}: percent left`}
          times={drawing.times}
          series={drawing.series}
          words={percent}
          timeWords={zone.minute}
          shortTime={zone.shortHour}
          timeZone={zone.name}
          top={100}
          height={120}
        />
      )}
    </div>
  )
}

function toldWords({ points, resetsAtMs, stale }: WindowHistory, now: number): string {
  const [at = now, left = 0] = points.at(-1) ?? []
  const reset =
    resetsAtMs === undefined
      ? ''
      : resetsAtMs > now
        ? `, resets in ${duration(resetsAtMs - now)}`
        : ', its reset is over'
  return `${percent(left)} left${reset}; told ${ago(at, now)}${stale ? ', out of date' : ''}`
}

function forecastWords({ forecast, resetsAtMs, points }: WindowHistory, zone: Zone): string {
  if (forecast.type === 'none') return `none, because ${forecast.why}.`
  const { perHour, overMs, emptyAt, atReset } = forecast
  const pace = `at the pace of the last ${duration(overMs)} (${plural(points.length, 'reading')} kept)`
  if (emptyAt !== undefined) {
    const early = resetsAtMs === undefined ? '' : `, ${duration(resetsAtMs - emptyAt)} before its reset`
    return `${pace} nothing is left at ${zone.minute(emptyAt)}${early}.`
  }
  if (atReset !== undefined)
    return `${pace} ${percent(atReset)} are left when it resets at ${zone.minute(resetsAtMs ?? 0)}.`
  return `${pace} it changes by ${perHour.toFixed(1)} % an hour; when it resets is not told.`
}

/** What was told as one line, and the estimate as a broken one that goes on from its end. */
function drawingOf({ points, resetsAtMs, forecast }: WindowHistory): { times: number[]; series: Series[] } {
  const end = forecast.type === 'none' ? undefined : (forecast.emptyAt ?? resetsAtMs)
  const last = points.at(-1)
  const told = points.map(([, left]) => left)
  const times = points.map(([at]) => at)
  const none = told.map(() => null)
  const series: Series[] = [{ name: 'told by the provider', values: told }]
  if (forecast.type === 'none' || end === undefined || last === undefined || end <= last[0]) return { times, series }
  return {
    times: [...times, end],
    series: [
      { name: 'told by the provider', values: [...told, null] },
      {
        name: 'our estimate',
        values: [...none.slice(1), last[1], forecast.emptyAt === undefined ? (forecast.atReset ?? null) : 0],
        colour: 2,
        dashed: true,
      },
    ],
  }
}
