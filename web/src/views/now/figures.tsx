import { useMemo } from 'preact/hooks'
import type { Overview } from '../../../../src/admin/overview.ts'
import type { PaceMinute } from '../../../../src/admin/pace.ts'
import { Chart } from '../../parts/chart.tsx'
import { Section } from '../../parts/page.tsx'
import { Tile } from '../../parts/tile.tsx'
import { count, duration, plural, shortCount, timeHere, timeOfDay, usd } from '../../words.ts'

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

/** A sum of money is told with what is not in it, or not whole. */
function SpendNote({ overview: { today } }: { readonly overview: Overview }) {
  const { unpriced, lanes, fault, ageMs } = today
  if (fault !== undefined) return <span class="bad-ink">{fault}</span>
  return (
    <>
      {unpriced > 0 && <span class="warn-ink">{plural(unpriced, 'call')} without a known cost. </span>}
      {unpriced === 0 && (lanes.metered === 0 ? 'No call was metered. ' : 'Every metered call has its price. ')}
      {lanes.plan > 0 && `${plural(lanes.plan, 'call')} on plans. `}
      {ageMs > OLD_MS && `Summed up ${duration(ageMs)} ago.`}
    </>
  )
}

const MINUTE_MS = 60_000

/** The last hour, by minutes. What was before the gateway's start is not known here, which is not the same as nothing. */
export function Hour({ overview }: { readonly overview: Overview }) {
  const { minutes, status } = overview
  const startedAt = Date.parse(status.startedAt)
  const times = useMemo(() => minutes.map(({ at }) => at), [minutes])
  const { calls, tokens, firstByte } = useMemo(() => {
    const known = (of: (minute: PaceMinute) => number | undefined) =>
      minutes.map(minute => (minute.at + MINUTE_MS > startedAt ? (of(minute) ?? null) : null))
    return {
      calls: [
        { name: 'calls', values: known(minute => minute.calls), colour: 1 },
        { name: 'failed', values: known(({ failed }) => failed), colour: 2 },
      ],
      tokens: [{ name: 'tokens a second', values: known(({ outputTokens }) => outputTokens / 60), colour: 3 }],
      firstByte: [{ name: 'time to first byte', values: known(({ firstByteMs }) => firstByteMs), colour: 6 }],
    }
  }, [minutes, startedAt])
  const isYoung = (times[0] ?? 0) < startedAt
  const timeWords = (ms: number) => timeOfDay(ms).slice(0, 5)
  const shared = { times, timeWords }
  return (
    <>
      {isYoung && (
        <p class="soft small">
          The charts begin at {timeHere(startedAt)}, when this gateway was started. <a href="/calls">The calls</a> have
          what was before.
        </p>
      )}
      <div class="columns">
        <Section title="Calls a minute">
          <Chart {...shared} title="Calls a minute" series={calls} words={shortCount} kind="bars" isWhole />
        </Section>
        <Section title="Tokens a second">
          <Chart {...shared} title="Tokens written a second" series={tokens} words={shortCount} />
        </Section>
        <Section title="Time to first byte">
          <Chart {...shared} title="Time to first byte" series={firstByte} words={duration} isWhole />
        </Section>
      </div>
    </>
  )
}
