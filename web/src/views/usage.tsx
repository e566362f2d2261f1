import './usage.css'
import type { UsageSeriesView } from '../../../src/admin/usage-series.ts'
import { useQuestion } from '../api.ts'
import { Page } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import { usePlace } from '../router.ts'
import type { View } from '../view.ts'
import { plural } from '../words.ts'
import { UsageCharts } from './usage/charts.tsx'
import { asked, FilterBar, type Filters, filtersIn } from './usage/filters.tsx'
import { Grounds, Groups, Totals } from './usage/tables.tsx'
import { Windows } from './usage/windows.tsx'
import { zoneOf } from './usage/zone.ts'

/** What was used and what it cost, over time; and what is left of plans. */
export const usage: View = { path: '/usage', name: 'Usage', Show: Usage }

/** How often it is asked again, milliseconds. */
const AGAIN_MS = 60_000

function Usage() {
  const { query } = usePlace()
  const filters = filtersIn(query)
  const { answer, trouble, again } = useQuestion<UsageSeriesView>(`/candor/usage/series?${asked(filters)}`, AGAIN_MS)
  const today = zoneOf(answer?.timeZone ?? '').day(Date.now())
  return (
    <Page
      title="Usage"
      about={answer === undefined ? undefined : spanWords(answer)}
      actions={<Download filters={filters} />}
    >
      <FilterBar filters={filters} today={today} />
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? trouble === undefined && <Waiting what="the sums" /> : <Sums view={answer} />}
    </Page>
  )
}

/** The same numbers as `candor usage --csv`. */
function Download({ filters }: { readonly filters: Filters }) {
  return (
    <a class="button" href={`/candor/usage?${asked({ ...filters, bucket: '' })}&format=csv`} download>
      Download as CSV
    </a>
  )
}

function spanWords({ since, until, timeZone }: UsageSeriesView): string {
  const zone = zoneOf(timeZone)
  const from = since === undefined ? 'From the beginning' : `From ${zone.minute(Date.parse(since))}`
  return `${from} to ${zone.minute(Date.parse(until))}, by the clock of the gateway (${timeZone}).`
}

function Sums({ view }: { readonly view: UsageSeriesView }) {
  const { total, fault, dayOnly = 0, quotas, timeZone } = view
  return (
    <>
      {fault !== undefined && (
        <p class="note warn" role="status">
          These sums are not all there is. {fault}
        </p>
      )}
      {total.calls === 0 ? (
        <Empty title="No call has ended in this time.">
          <p>
            Choose a longer time, or make a call: <code class="command">candor chat</code>
          </p>
        </Empty>
      ) : (
        <>
          <Totals total={total} />
          {dayOnly > 0 && (
            <p class="note">
              Of {plural(dayOnly, 'call')} only the day is kept: their receipts are gone. They stand at noon in UTC.
            </p>
          )}
          <UsageCharts view={view} />
          <Groups view={view} />
          <Grounds total={total} />
        </>
      )}
      {quotas !== undefined && <Windows quotas={quotas} timeZone={timeZone} />}
    </>
  )
}
