import { useEffect, useId, useState } from 'preact/hooks'
import type { CallFilterName } from '../../../../src/admin/calls.ts'
import type { CallLine } from '../../../../src/admin/live.ts'
import { PROBLEM_CODES } from '../../../../src/canon/problem.ts'
import { clientNameOf } from '../../call-words.ts'
import { Clamped } from '../../parts/clamped.tsx'
import { Field, type FieldControl } from '../../parts/field.tsx'
import { changeQuery } from '../../router.ts'
import { moment } from '../../words.ts'
import { FILTER_NAMES, FILTERS, type FilterTexts } from './filter-query.ts'

/** Sets filters, each change a step to go back to. The list begins at its newest call again. */
export function setFilters(changes: Readonly<Partial<Record<CallFilterName, string | undefined>>>): void {
  changeQuery({ ...changes, before: undefined })
}

/** The filters: the usual ones, the others behind a summary, and those in force as words to take away. */
export function Filters({ filters, calls }: { readonly filters: FilterTexts; readonly calls: readonly CallLine[] }) {
  const known = suggestionsFrom(calls)
  return (
    <search class="panel" aria-label="Filters">
      <div class="form-grid">
        <TextFilter name="model" filters={filters} known={known.model} isFirst />
        <ChoiceFilter name="ending" filters={filters} among={ENDINGS} all="Every ending" />
        <SpanChoice filters={filters} />
      </div>
      <details>
        <summary>More filters</summary>
        <div class="form-grid more-filters">
          <TextFilter name="served" filters={filters} known={known.served} />
          <TextFilter name="provider" filters={filters} known={known.provider} />
          <ChoiceFilter name="problem" filters={filters} among={PROBLEMS} all="Any or none" />
          <ChoiceFilter name="billing" filters={filters} among={LANES} all="Every lane" />
          <TextFilter name="client" filters={filters} known={known.client} />
          <TextFilter name="keyName" filters={filters} known={known.keyName} />
          <TextFilter name="route" filters={filters} known={known.route} />
          <ChoiceFilter name="fallback" filters={filters} among={FALLBACK} all="With and without" />
          <TimeFilter name="since" filters={filters} />
          <TimeFilter name="until" filters={filters} />
        </div>
      </details>
      <InForce filters={filters} />
    </search>
  )
}

const ENDINGS = [
  ['complete', 'complete'],
  ['in-flight', 'running'],
  ['failed', 'failed'],
  ['truncated', 'cut'],
  ['abandoned', 'client left'],
  ['interrupted', 'interrupted'],
] as const
const LANES = ['plan', 'metered', 'free', 'local'].map(lane => [lane, lane] as const)
const PROBLEMS = PROBLEM_CODES.map(code => [code, code] as const)
const FALLBACK = [['true', 'only where another target answered']] as const

/** What is known of names that filters can ask for: those of the calls that are shown. */
function suggestionsFrom(calls: readonly CallLine[]) {
  const distinct = (of: (call: CallLine) => string | undefined) => [
    ...new Set(calls.flatMap(call => of(call) || []).slice(0, 200)),
  ]
  return {
    model: distinct(call => call.asked),
    served: distinct(call => call.served),
    provider: distinct(call => call.served?.split('/')[0]),
    client: distinct(clientNameOf),
    keyName: distinct(call => call.key),
    route: distinct(call => call.route),
  }
}

interface FilterProps {
  readonly name: CallFilterName
  readonly filters: FilterTexts
}

/** What is typed counts when it is left, or with Enter: half a name finds nothing. */
function TextFilter(props: FilterProps & { readonly known: readonly string[]; readonly isFirst?: true }) {
  const { name, filters, known, isFirst } = props
  const list = useId()
  const set = filters[name] ?? ''
  const [draft, setDraft] = useState(set)
  useEffect(() => setDraft(set), [set])
  const commit = () => {
    if (draft.trim() !== set) setFilters({ [name]: draft.trim() })
  }
  return (
    <Field label={FILTER_NAMES[name]}>
      {(control: FieldControl) => (
        <>
          <input
            {...control}
            type="text"
            list={list}
            spellcheck={false}
            autocomplete="off"
            data-search={isFirst}
            value={draft}
            onInput={event => setDraft(event.currentTarget.value)}
            onBlur={commit}
            onKeyDown={event => {
              if (event.key === 'Enter') commit()
              if (event.key !== 'Escape') return
              setDraft(set)
              event.currentTarget.blur()
            }}
          />
          <datalist id={list}>
            {known.map(value => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

function ChoiceFilter(
  props: FilterProps & { readonly among: readonly (readonly [string, string])[]; readonly all: string },
) {
  const { name, filters, among, all } = props
  return (
    <Field label={FILTER_NAMES[name]}>
      {(control: FieldControl) => (
        <select
          {...control}
          value={filters[name] ?? ''}
          onChange={event => setFilters({ [name]: event.currentTarget.value })}
        >
          <option value="">{all}</option>
          {among.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

const HOUR_MS = 3_600_000
const SPANS = [
  [HOUR_MS, 'The last hour'],
  [24 * HOUR_MS, 'The last day'],
  [7 * 24 * HOUR_MS, 'The last 7 days'],
  [30 * 24 * HOUR_MS, 'The last 30 days'],
] as const

/** Stretches of time by name. What is set is a moment, so that a link shows somebody else the same calls. */
function SpanChoice({ filters }: { readonly filters: FilterTexts }) {
  const isSet = filters.since !== undefined || filters.until !== undefined
  return (
    <Field label="Time">
      {(control: FieldControl) => (
        <select
          {...control}
          value={isSet ? 'set' : ''}
          onChange={event => {
            const span = Number(event.currentTarget.value)
            const since = span > 0 ? new Date(Date.now() - span).toISOString() : undefined
            setFilters({ since, until: undefined })
          }}
        >
          <option value="">All there is</option>
          {isSet && <option value="set">As set</option>}
          {SPANS.map(([ms, words]) => (
            <option key={ms} value={ms}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function TimeFilter({ name, filters }: FilterProps) {
  const at = Date.parse(filters[name] ?? '')
  return (
    <Field label={FILTER_NAMES[name]}>
      {(control: FieldControl) => (
        <input
          {...control}
          type="datetime-local"
          step={1}
          value={Number.isNaN(at) ? '' : moment(at).replace(' ', 'T')}
          onChange={event => {
            const chosen = Date.parse(event.currentTarget.value)
            setFilters({ [name]: Number.isNaN(chosen) ? undefined : new Date(chosen).toISOString() })
          }}
        />
      )}
    </Field>
  )
}

/** The filters in force, each a button that takes it away: also those that nobody sees while they are folded away. */
function InForce({ filters }: { readonly filters: FilterTexts }) {
  const set = FILTERS.filter(name => filters[name] !== undefined)
  if (set.length === 0) return null
  return (
    <ul class="in-force" aria-label="Filters in force">
      {set.map(name => (
        <li key={name}>
          <button type="button" onClick={() => setFilters({ [name]: undefined })}>
            {FILTER_NAMES[name]}: <Clamped text={wordsOf(name, filters[name] ?? '')} />
            <span aria-hidden="true"> ×</span>
            <span class="visually-hidden">, take away</span>
          </button>
        </li>
      ))}
      {set.length > 1 && (
        <li>
          <a href="/calls">Take all away</a>
        </li>
      )}
    </ul>
  )
}

function wordsOf(name: CallFilterName, text: string): string {
  if (name === 'fallback') return 'only'
  if (name === 'client') return `${clientNameOf({ client: text }) || text}, any version`
  const at = name === 'since' || name === 'until' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? text : moment(at)
}
