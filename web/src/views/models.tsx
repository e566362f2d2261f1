import './models.css'
import { useMemo } from 'preact/hooks'
import type { ModelView } from '../../../src/admin/contract.ts'
import { useQuestion } from '../api.ts'
import { Choice } from '../parts/choice.tsx'
import { Field } from '../parts/field.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import { changeQuery, usePlace } from '../router.ts'
import type { View } from '../view.ts'
import { plural } from '../words.ts'
import { Callable } from './models/callable.tsx'
import { Others } from './models/others.tsx'

/** What can be called, and why the rest cannot. */
export const models: View = { path: '/models', name: 'Models', Show: Models }

/** How often it is asked again, milliseconds: cool-downs come and go. */
const AGAIN_MS = 15_000

function Models() {
  const { answer, trouble, again } = useQuestion<{ readonly data: readonly ModelView[] }>(
    '/v1/models?all=true',
    AGAIN_MS,
  )
  return (
    <Page title="Models">
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? trouble === undefined && <Waiting what="the models" /> : <Found all={answer.data} />}
    </Page>
  )
}

const LANES = [
  ['', 'Every lane'],
  ['plan', 'Plan'],
  ['metered', 'Metered'],
  ['free', 'Free'],
  ['local', 'Local'],
] as const

type Lane = (typeof LANES)[number][0]

function Found({ all }: { readonly all: readonly ModelView[] }) {
  const { query } = usePlace()
  const words = query.get('q') ?? ''
  const lane = LANES.find(([id]) => id === query.get('lane'))?.[0] ?? ''
  const provider = query.get('provider') ?? ''
  const providers = useMemo(() => [...new Set(all.map(model => model.candor.provider))].toSorted(), [all])
  const found = useMemo(
    () => all.filter(model => fits(model, words) && isIn(model, lane, provider)),
    [all, words, lane, provider],
  )
  const callable = found.filter(({ candor }) => candor.available)
  const others = found.filter(({ candor }) => !candor.available)
  return (
    <>
      <Filters {...{ words, lane, provider, providers }} />
      <Section title="Can be called" aside={plural(callable.length, 'model')}>
        {callable.length === 0 ? <Nothing isFiltered={found.length < all.length} /> : <Callable models={callable} />}
      </Section>
      {others.length > 0 && (
        <Section title="Cannot be called now" aside={plural(others.length, 'model')}>
          <Others models={others} isOpen={words !== ''} />
        </Section>
      )}
    </>
  )
}

/** Every word must be somewhere in what the model is known by. */
function fits({ id, display_name: name, candor }: ModelView, words: string): boolean {
  const text = [id, name, candor.provider, candor.billing, ...(candor.targets ?? [])].join(' ').toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function isIn({ candor }: ModelView, lane: Lane, provider: string): boolean {
  return (lane === '' || candor.billing === lane) && (provider === '' || candor.provider === provider)
}

interface FilterProps {
  readonly words: string
  readonly lane: Lane
  readonly provider: string
  readonly providers: readonly string[]
}

function Filters({ words, lane, provider, providers }: FilterProps) {
  return (
    <search class="models-filters">
      <Field label="Search">
        {control => (
          <input
            {...control}
            type="search"
            data-search=""
            placeholder="a name, a provider, a lane"
            value={words}
            onInput={event => changeQuery({ q: event.currentTarget.value }, { replace: true })}
          />
        )}
      </Field>
      <Field label="Lane">
        {control => (
          <Choice control={control} value={lane} among={LANES} onChange={chosen => changeQuery({ lane: chosen })} />
        )}
      </Field>
      <Field label="Provider">
        {control => (
          <Choice
            control={control}
            value={provider}
            among={[['', 'Every provider'], ...providers.map(id => [id, id === 'candor' ? 'Routes' : id] as const)]}
            onChange={chosen => changeQuery({ provider: chosen })}
          />
        )}
      </Field>
    </search>
  )
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <p class="soft">Nothing that can be called fits this search.</p>
  return (
    <Empty title="No model can be called yet.">
      <p>
        A provider is used as soon as its key is known: set its environment variable, or let Candor find one:{' '}
        <code class="command">candor init</code>
      </p>
      <p>Below stands what each provider lacks.</p>
    </Empty>
  )
}
