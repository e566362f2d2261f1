import './now/now.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Overview } from '../../../src/admin/overview.ts'
import { useQuestion } from '../api.ts'
import { useLive } from '../live.ts'
import { CallTable } from '../parts/call-table.tsx'
import { LiveWords } from '../parts/live-words.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import type { View } from '../view.ts'
import { Figures, Hour } from './now/figures.tsx'
import { Providers } from './now/providers.tsx'
import { Remarks } from './now/remarks.tsx'
import { type Moment, NOTHING, withEvents, withOverview } from './now/state.ts'

/** What happens at this moment. */
export const now: View = { path: '/', name: 'Now', Show: Now }

/** The sums are asked for this often, in milliseconds; calls come by themselves. */
const EVERY_MS = 10_000

/** Where calls end, so soon after. */
const SOON_MS = 2_000

function Now() {
  const { answer, trouble, again } = useQuestion<Overview>('/candor/overview', EVERY_MS)
  const [moment, setMoment] = useState(NOTHING)
  const [held, setHeld] = useState<Moment>()
  const live = useLive(answer?.cursor, events => setMoment(before => withEvents(before, events)))
  useEffect(() => {
    if (answer !== undefined) setMoment(before => withOverview(before, answer))
  }, [answer])
  useEffect(() => {
    if (moment.gaps > 0) again()
  }, [moment.gaps, again])
  useSoon(moment.ended, again)
  const shown = held ?? moment
  const actions = (
    <button
      type="button"
      aria-pressed={held !== undefined}
      onClick={() => setHeld(held === undefined ? moment : undefined)}
    >
      {held === undefined ? 'Hold the list' : 'Go on'}
    </button>
  )
  return (
    <Page title="Now" about={<LiveWords state={live} dropped={moment.dropped} />} actions={actions}>
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="what happens now" />
      ) : (
        <Picture overview={answer} moment={shown} isHeld={held !== undefined} />
      )}
    </Page>
  )
}

/** Does something a little after a number has changed, however often it changes until then. */
function useSoon(changes: number, act: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    if (changes === 0) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      act()
    }, SOON_MS)
  }, [changes, act])
  useEffect(() => () => clearTimeout(timer.current), [])
}

function Picture(props: { readonly overview: Overview; readonly moment: Moment; readonly isHeld: boolean }) {
  const { overview, moment, isHeld } = props
  const running = moment.calls.filter(({ ending }) => ending === 'in-flight').length
  return (
    <>
      <Warnings overview={overview} />
      <Figures overview={overview} running={Math.max(running, overview.status.inFlight)} />
      <Hour overview={overview} />
      <Providers overview={overview} />
      <Remarks moment={moment} />
      <Section title="Calls" aside={isHeld ? 'held: new ones are not shown' : 'as they happen'}>
        {moment.calls.length === 0 ? <NoCalls /> : <CallTable title="The newest calls" calls={moment.calls} />}
      </Section>
    </>
  )
}

/** What an administrator has to know before anything else. */
function Warnings({ overview: { status } }: { readonly overview: Overview }) {
  const { config, ledger, draining } = status
  return (
    <>
      {draining && <p class="note warn">The gateway is shutting down: it takes no more calls.</p>}
      {config.refused !== undefined && (
        <div class="note bad" role="alert">
          <strong>The configuration's newest text is not in force; the old one is.</strong>
          <pre tabIndex={0}>{config.refused}</pre>
        </div>
      )}
      {ledger.warning !== undefined && (
        <p class="note bad" role="alert">
          {ledger.warning}
        </p>
      )}
      {config.warnings.map(warning => (
        <p class="note warn" key={warning}>
          {warning}
        </p>
      ))}
    </>
  )
}

function NoCalls() {
  const base = location.origin
  return (
    <Empty title="No call has been made yet.">
      <p>
        Point a client here: OpenAI clients at <code>{base}/v1</code>, Anthropic and Gemini clients at{' '}
        <code>{base}</code>. <code>candor connect</code> does it for many of them. Or try it at once:
      </p>
      <pre class="command">candor chat "hello"</pre>
    </Empty>
  )
}
