import './models.css'
import { useMemo, useRef, useState } from 'preact/hooks'
import type { ModelView } from '../../../src/admin/contract.ts'
import { type Question, useQuestion } from '../api.ts'
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

interface List {
  readonly data: readonly ModelView[]
}

function Models() {
  const { answer, trouble, again } = useQuestion<List>('/v1/models', AGAIN_MS)
  return (
    <Page title="Models">
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? trouble === undefined && <Waiting what="the models" /> : <Found callable={answer.data} />}
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

function Found({ callable }: { readonly callable: readonly ModelView[] }) {
  const { query } = usePlace()
  const words = query.get('q') ?? ''
  const lane = LANES.find(([id]) => id === query.get('lane'))?.[0] ?? ''
  const provider = query.get('provider') ?? ''
  const [isOpen, setOpen] = useState(false)
  const isWanted = isOpen || words !== '' || provider !== '' || callable.length === 0
  const rest = useOthers(isWanted)
  const others = useMemo(() => without(rest.answer?.data ?? [], callable), [rest.answer, callable])
  const providers = useMemo(() => providersOf([...callable, ...others]), [callable, others])
  const choose = (models: readonly ModelView[]) =>
    models.filter(model => fits(model, words) && isIn(model, lane, provider))
  const found = choose(callable)
  const otherFound = choose(others)
  return (
    <>
      <Filters {...{ words, lane, provider, providers }} />
      <Section title="Can be called" aside={plural(found.length, 'model')}>
        {found.length === 0 ? <Nothing isFiltered={callable.length > 0} /> : <Callable models={found} />}
      </Section>
      <details class="panel" open={isWanted} onToggle={event => setOpen(event.currentTarget.open)}>
        <summary>
          Cannot be called now, and why{rest.answer !== undefined && `: ${plural(otherFound.length, 'model')}`}
        </summary>
        {rest.trouble !== undefined && <TroubleNote trouble={rest.trouble} again={rest.again} />}
        {rest.answer === undefined ? (
          rest.trouble === undefined && <Waiting what="the other models" />
        ) : (
          <Others models={otherFound} isOpen={words !== ''} />
        )}
      </details>
    </>
  )
}

/** A thousand models of providers without a key: asked for only when somebody wants to see them, and kept from then on. */
function useOthers(isWanted: boolean): Question<List> {
  const wasWanted = useRef(false)
  wasWanted.current ||= isWanted
  return useQuestion<List>(wasWanted.current ? '/v1/models?all=true' : undefined)
}

function without(all: readonly ModelView[], callable: readonly ModelView[]): readonly ModelView[] {
  const ids = new Set(callable.map(({ id }) => id))
  return all.filter(({ id, candor }) => !candor.available && !ids.has(id))
}

function providersOf(models: readonly ModelView[]): readonly string[] {
  return [...new Set(models.map(model => model.candor.provider))].toSorted()
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
            among={[
              ['', 'Every provider'],
              ...withChosen(providers, provider).map(id => [id, id === 'candor' ? 'Routes' : id] as const),
            ]}
            onChange={chosen => changeQuery({ provider: chosen })}
          />
        )}
      </Field>
    </search>
  )
}

/** An address may name one that is not known here yet. */
function withChosen(providers: readonly string[], chosen: string): readonly string[] {
  return chosen === '' || providers.includes(chosen) ? providers : [...providers, chosen]
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
