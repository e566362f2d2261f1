import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { changeQuery } from '../../router.ts'

/** What is asked, as the address says it. What is not understood is left to the gateway, which says so. */
export interface Filters {
  readonly period: string
  readonly since: string
  readonly until: string
  readonly by: string
  readonly bucket: string
}

/** What stands in the address, or what is shown where nothing does. */
export function filtersIn(query: URLSearchParams): Filters {
  const text = (name: string, otherwise: string) => query.get(name) ?? otherwise
  const isCustom = query.has('since') || query.has('until')
  return {
    period: isCustom ? 'custom' : text('period', 'week'),
    since: text('since', ''),
    until: text('until', ''),
    by: text('by', 'provider'),
    bucket: text('bucket', ''),
  }
}

/** The words of the question, for `/candor/usage` and `/candor/usage/series`. */
export function asked({ period, since, until, by, bucket }: Filters): string {
  const words = new URLSearchParams({ by })
  if (period === 'custom') {
    if (since !== '') words.set('since', since)
    if (until !== '') words.set('until', until)
  } else words.set('period', period)
  if (bucket !== '') words.set('bucket', bucket)
  return words.toString()
}

const PERIODS = [
  ['today', 'Today'],
  ['week', 'This week'],
  ['month', 'This month'],
  ['all', 'All of it'],
  ['custom', 'From … to …'],
] as const

const GROUPS = [
  ['provider', 'Provider'],
  ['model', 'Model'],
  ['key', 'Key'],
  ['client', 'Client'],
  ['billing', 'Billing'],
] as const

const BUCKETS = [
  ['', 'What fits'],
  ['hour', 'Hours'],
  ['day', 'Days'],
] as const

/** Everything chosen here stands in the address. */
export function FilterBar({ filters, today }: { readonly filters: Filters; readonly today: string }) {
  const { period, since, until } = filters
  const choose = (chosen: string) =>
    changeQuery(
      chosen === 'custom'
        ? { period: undefined, since: daysBefore(today, 6), until: today }
        : { period: chosen, since: undefined, until: undefined },
    )
  return (
    <div class="usage-filters">
      <Field label="Time">
        {control => <Choice control={control} value={known(PERIODS, period)} among={PERIODS} onChange={choose} />}
      </Field>
      {period === 'custom' && (
        <>
          <DateField label="From" name="since" value={since} />
          <DateField label="To" name="until" value={until} />
        </>
      )}
      <Field label="By">
        {control => (
          <Choice
            control={control}
            value={known(GROUPS, filters.by)}
            among={GROUPS}
            onChange={by => changeQuery({ by })}
          />
        )}
      </Field>
      <Field label="In steps of">
        {control => (
          <Choice
            control={control}
            value={known(BUCKETS, filters.bucket)}
            among={BUCKETS}
            onChange={bucket => changeQuery({ bucket })}
          />
        )}
      </Field>
    </div>
  )
}

function DateField(props: { readonly label: string; readonly name: string; readonly value: string }) {
  const { label, name, value } = props
  return (
    <Field label={label}>
      {control => (
        <input
          {...control}
          type="date"
          value={value.slice(0, 10)}
          onChange={event => changeQuery({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  )
}

/** A word of the address that is no choice is shown as the first one; the gateway says what is wrong with it. */
function known<Id extends string>(among: readonly (readonly [Id, string])[], value: string): Id {
  const [first] = among
  const found = among.find(([id]) => id === value) ?? first
  if (found === undefined) throw new Error('nothing to choose from')
  return found[0]
}

/** A date some days before another: `2026-11-20`. */
function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10)
}
