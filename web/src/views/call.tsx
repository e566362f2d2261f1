import './call/call.css'
import { useEffect } from 'preact/hooks'
import { type Section as Details, storyDetails } from '../../../src/admin/story/details.ts'
import { tellStory } from '../../../src/admin/story/story.ts'
import type { Receipt } from '../../../src/ledger/receipt.ts'
import { useQuestion } from '../api.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Page, Section } from '../parts/page.tsx'
import { TroubleNote, Waiting } from '../parts/states.tsx'
import { usePlace } from '../router.ts'
import type { View, ViewProps } from '../view.ts'
import { moment } from '../words.ts'
import { Again } from './call/again.tsx'
import { Attempts } from './call/attempts.tsx'
import { Bodies } from './call/bodies.tsx'
import { Figures } from './call/figures.tsx'
import { Neighbours } from './call/neighbours.tsx'
import { useBodies } from './call/use-bodies.ts'
import { Waterfall } from './call/waterfall.tsx'
import { filtersOf, searchOf } from './calls/filter-query.ts'
import { keepOpened } from './calls/shown.ts'

/** Everything that happened to one call. */
export const call: View = { path: '/calls/*', name: 'One call', inside: true, Show: OneCall }

/** A call that runs is asked for again this often, in milliseconds. */
const RUNNING_EVERY_MS = 1_000

function OneCall({ rest: id }: ViewProps) {
  const { query } = usePlace()
  const search = searchOf(filtersOf(query))
  const path = `/candor/receipts/${encodeURIComponent(id)}`
  const { answer, trouble, again } = useRunning(path)
  useEffect(() => keepOpened(id), [id])
  return (
    <Page
      title="One call"
      about={
        <>
          <span class="mono">{id}</span>
          {answer !== undefined && `, ${moment(answer.at)}`}
        </>
      }
      actions={<Neighbours id={id} search={search} />}
    >
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? trouble === undefined && <Waiting what="the receipt" /> : <Told receipt={answer} />}
    </Page>
  )
}

/** The receipt; of a call that runs again and again until it has ended. */
function useRunning(path: string) {
  const question = useQuestion<Receipt>(path)
  const { answer, again } = question
  useEffect(() => {
    if (answer?.ending !== 'in-flight') return undefined
    const timer = setTimeout(again, RUNNING_EVERY_MS)
    return () => clearTimeout(timer)
  }, [answer, again])
  return question
}

/** Told in the attempts and the figures here, each with more than a line. */
const SHOWN_OTHERWISE = ['Attempts', 'Headers sent']

function Told({ receipt }: { readonly receipt: Receipt }) {
  // The first line is what stands above: the id and the time.
  const [, ...story] = tellStory(receipt, Date.now())
  const known = useBodies(receipt)
  return (
    <>
      <Section title="What happened">
        <div class="story" aria-live={receipt.ending === 'in-flight' ? 'polite' : undefined}>
          {story.map((line, i) => (
            <p key={`${i} ${line}`}>{line}</p>
          ))}
          {receipt.replayOf !== undefined && (
            <p>
              It makes <a href={`/calls/${encodeURIComponent(receipt.replayOf)}`}>{receipt.replayOf}</a> again.
            </p>
          )}
        </div>
      </Section>
      <Figures receipt={receipt} />
      <Bodies receipt={receipt} known={known} />
      <Section title="When it happened">
        <Waterfall receipt={receipt} />
      </Section>
      {receipt.attempts.length > 0 && (
        <Section title="What was sent">
          <Attempts attempts={receipt.attempts} />
        </Section>
      )}
      <div class="columns">
        {storyDetails(receipt)
          .filter(({ title }) => !SHOWN_OTHERWISE.includes(title))
          .map(section => (
            <Section title={section.title} key={section.title}>
              <Lines lines={section.lines} />
            </Section>
          ))}
      </div>
      <Again receipt={receipt} known={known} />
      <Raw receipt={receipt} />
    </>
  )
}

function Lines({ lines }: Pick<Details, 'lines'>) {
  const named = lines.filter(({ label }) => label !== undefined)
  return (
    <>
      {lines
        .filter(({ label }) => label === undefined)
        .map(({ text }, i) => (
          <p class="long" key={`${i} ${text}`}>
            {text}
          </p>
        ))}
      {named.length > 0 && (
        <dl class="facts">
          {named.map(({ label, text }, i) => (
            <div key={`${i} ${label}`}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

function Raw({ receipt }: { readonly receipt: Receipt }) {
  const text = JSON.stringify(receipt, undefined, 2)
  return (
    <Section title="The receipt" aside={<CopyButton text={text}>Copy as JSON</CopyButton>}>
      <p class="soft">No prompt, no answer and no key is in it: where bodies are kept, they are kept apart from it.</p>
      <details>
        <summary>Show it as JSON</summary>
        <pre class="wrapped">{text}</pre>
      </details>
    </Section>
  )
}
