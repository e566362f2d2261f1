import { useMemo } from 'preact/hooks'
import type { Overview } from '../../../../src/admin/overview.ts'
import { Chart, type Series } from '../../parts/chart.tsx'
import { Section } from '../../parts/page.tsx'
import { Tile } from '../../parts/tile.tsx'
import { count, duration, plural, shortCount, timeOfDay, usd } from '../../words.ts'

/** The numbers of the moment. What is not known is said so. */
export function Figures({ overview, running }: { readonly overview: Overview; readonly running: number }) {
  const { lately, today } = overview
  const speed = lately.tokensPerSecond
  return (
    <dl class="tiles">
      <Tile name="Running" value={count(running)} note={running === 0 ? 'nothing at this moment' : 'at this moment'} />
      <Tile
        name="Calls a minute"
        value={count(lately.calls)}
        note={lately.failed === 0 ? 'none failed' : `${count(lately.failed)} failed`}
      />
      <Tile
        name="Tokens a second"
        value={shortCount(lately.outputTokens / 60)}
        note={speed === undefined ? 'written, over a minute' : `one answer writes at ${shortCount(speed)} a second`}
      />
      <Tile
        name="Time to first byte"
        value={lately.firstByteMs === undefined ? '–' : duration(lately.firstByteMs)}
        note={lately.firstByteMs === undefined ? 'no answer in the last minute' : 'in the middle, over a minute'}
      />
      <Tile name="Spent today" value={usd(today.costNanoUsd)} note={<SpendNote overview={overview} />} />
      <Tile
        name="Calls today"
        value={shortCount(today.calls)}
        note={[
          today.failed === 0 ? 'none failed' : `${count(today.failed)} failed`,
          ...(today.fallbacks === 0 ? [] : [`${count(today.fallbacks)} fell back`]),
        ].join(', ')}
      />
    </dl>
  )
}

/** Sums older than this are told with their age, in milliseconds. */
const OLD_MS = 15_000

/** A sum of money is told with what is not in it. */
function SpendNote({ overview: { today } }: { readonly overview: Overview }) {
  const { unpriced, lanes, fault, ageMs } = today
  if (fault !== undefined) return <span class="bad-ink">{fault}</span>
  return (
    <>
      {unpriced > 0 && <span class="warn-ink">{plural(unpriced, 'call')} without a known price not in it. </span>}
      {unpriced === 0 && (lanes.metered === 0 ? 'No call was metered. ' : 'Every metered call has its price. ')}
      {lanes.plan > 0 && `${plural(lanes.plan, 'call')} on plans. `}
      {ageMs > OLD_MS && `Summed up ${duration(ageMs)} ago.`}
    </>
  )
}

/** The last hour, by minutes. */
export function Hour({ overview }: { readonly overview: Overview }) {
  const { minutes } = overview
  const times = useMemo(() => minutes.map(({ at }) => at), [minutes])
  const calls = useMemo<readonly Series[]>(
    () => [
      { name: 'calls', values: minutes.map(minute => minute.calls), colour: 1 },
      { name: 'failed', values: minutes.map(minute => minute.failed), colour: 2 },
    ],
    [minutes],
  )
  const tokens = useMemo<readonly Series[]>(
    () => [{ name: 'tokens a second', values: minutes.map(minute => minute.outputTokens / 60), colour: 3 }],
    [minutes],
  )
  const firstByte = useMemo<readonly Series[]>(
    () => [{ name: 'time to first byte', values: minutes.map(minute => minute.firstByteMs ?? null), colour: 6 }],
    [minutes],
  )
  const timeWords = (ms: number) => timeOfDay(ms).slice(0, 5)
  const shared = { times, timeWords }
  return (
    <div class="columns">
      <Section title="Calls a minute">
        <Chart {...shared} title="Calls a minute" series={calls} words={shortCount} kind="bars" />
      </Section>
      <Section title="Tokens a second">
        <Chart {...shared} title="Tokens written a second" series={tokens} words={shortCount} />
      </Section>
      <Section title="Time to first byte">
        <Chart {...shared} title="Time to first byte" series={firstByte} words={duration} />
      </Section>
    </div>
  )
}
