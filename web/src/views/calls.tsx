import './calls/calls.css'
import { useEffect } from 'preact/hooks'
import type { CallsHistogramView, CallsView } from '../../../src/admin/calls.ts'
import { type Question, type Trouble, useQuestion } from '../api.ts'
import { CallTable } from '../parts/call-table.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import { usePlace } from '../router.ts'
import type { View } from '../view.ts'
import { moment } from '../words.ts'
import { type FilterTexts, filtersOf, searchOf } from './calls/filter-query.ts'
import { Filters } from './calls/filters.tsx'
import { Histogram } from './calls/histogram.tsx'
import { useRowKeys } from './calls/row-keys.ts'
import { keepShown } from './calls/shown.ts'
import { HoldButton, TailWords, useTail } from './calls/tail.tsx'

/** All calls: searched, counted over time, and followed as they are made. */
export const calls: View = { path: '/calls', name: 'Calls', Show: Calls }

/** Calls on a page. */
const PAGE = 50
/** How often calls are counted again while the list is followed, in milliseconds. */
const COUNT_EVERY_MS = 15_000

function Calls() {
  const { query } = usePlace()
  const filters = filtersOf(query)
  const search = searchOf(filters)
  const before = query.get('before') ?? ''
  const page = useQuestion<CallsView>(`/candor/calls${searchOf({ ...filters, before, limit: String(PAGE) })}`)
  // Nothing new comes to older pages, nor to a stretch of time that has an end.
  const isTop = before === '' && filters.until === undefined
  const tail = useTail(isTop, page.again)
  const countEvery = isTop && !tail.isHeld ? COUNT_EVERY_MS : undefined
  const counts = useQuestion<CallsHistogramView>(`/candor/calls/histogram${search}`, countEvery)
  const { answer, trouble, again } = page
  useRowKeys()
  useEffect(() => {
    if (answer !== undefined) keepShown(search, location.pathname + location.search, answer.data)
  }, [answer, search])
  return (
    <Page
      title="Calls"
      about={<TailWords tail={tail} isTop={isTop} />}
      actions={isTop ? <HoldButton tail={tail} /> : undefined}
    >
      <Filters filters={filters} calls={answer?.data ?? []} />
      <Counts counts={counts} told={page.trouble} />
      <Section title="List" aside={<KeyHints />}>
        {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
        {answer === undefined ? (
          trouble === undefined && <Waiting what="calls" />
        ) : (
          <List view={answer} filters={filters} before={before} />
        )}
      </Section>
    </Page>
  )
}

function KeyHints() {
  return (
    <span class="wide-only key-hints">
      <kbd>/</kbd> to the filters, <kbd>j</kbd> <kbd>k</kbd> or arrows through the list, <kbd>Enter</kbd> opens a call,{' '}
      <kbd>Esc</kbd> comes back
    </span>
  )
}

/** `told`: what is wrong with the list. What is wrong with both is said there. */
function Counts(props: { readonly counts: Question<CallsHistogramView>; readonly told: Trouble | undefined }) {
  const { counts, told } = props
  const { answer, trouble, again } = counts
  const isTold = trouble !== undefined && trouble.message === told?.message
  if (isTold && answer === undefined) return null
  return (
    <Section title="Calls over time" aside="drag over a stretch of time to see its calls">
      {trouble !== undefined && !isTold && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="the counts" />
      ) : (
        <Histogram counts={answer} key={`${answer.bucketMs}`} />
      )}
    </Section>
  )
}

function List(props: { readonly view: CallsView; readonly filters: FilterTexts; readonly before: string }) {
  const { view, filters, before } = props
  const { data, next, lookedBackTo } = view
  const search = searchOf(filters)
  return (
    <>
      {data.length > 0 && <CallTable title="Calls, newest first" calls={data} search={search} />}
      {data.length === 0 && lookedBackTo === undefined && <None isFiltered={search !== ''} isOlder={before !== ''} />}
      {lookedBackTo !== undefined && (
        <p class="note">
          {data.length === 0 ? 'No call fits so far.' : 'No further call fits so far.'} The search stopped at{' '}
          {moment(lookedBackTo)}, for there are so many calls; the older ones were not looked at.
        </p>
      )}
      <nav class="pages" aria-label="Pages of the list">
        {before !== '' && <a href={`/calls${search}`}>Newest calls</a>}
        {next !== undefined && (
          <a href={`/calls${searchOf({ ...filters, before: next })}`}>
            {lookedBackTo === undefined ? 'Older calls' : 'Look further back'}
          </a>
        )}
      </nav>
    </>
  )
}

function None({ isFiltered, isOlder }: { readonly isFiltered: boolean; readonly isOlder: boolean }) {
  if (isOlder) return <Empty title="There are no older calls.">{null}</Empty>
  if (isFiltered)
    return (
      <Empty title="No call fits these filters.">
        <p>
          Filters want whole names: <code>openai/gpt-9</code>, not <code>gpt</code>. Of a client the version does not
          count. All of them have to fit.
        </p>
        <p>
          <a href="/calls">Show all calls</a>
        </p>
      </Empty>
    )
  const base = location.origin
  return (
    <Empty title="No call has been made yet.">
      <p>
        Every call through this gateway is listed here, also those that were refused, with what was tried and what it
        cost. Point a client at <code>{base}/v1</code> (OpenAI) or <code>{base}</code> (Anthropic, Gemini), or try it:
      </p>
      <pre class="command">candor chat "hello"</pre>
    </Empty>
  )
}
