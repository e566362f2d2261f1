import { useEffect, useRef, useState } from 'preact/hooks'
import type { ExplainedRouteView } from '../../../../src/admin/route-view.ts'
import { ask, asTrouble, type Trouble } from '../../api.ts'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { Section } from '../../parts/page.tsx'
import { TroubleNote } from '../../parts/states.tsx'
import { changeQuery, usePlace } from '../../router.ts'
import { Explained } from './explained.tsx'

const PROTOCOLS = [
  ['', 'By its shape'],
  ['openai-completions', 'openai-completions'],
  ['openai-responses', 'openai-responses'],
  ['anthropic-messages', 'anthropic-messages'],
  ['google-generative-ai', 'google-generative-ai'],
] as const

type Protocol = (typeof PROTOCOLS)[number][0]

/** What came of the last question. */
interface Outcome {
  readonly explained?: ExplainedRouteView
  readonly trouble?: Trouble
  /** What is wrong with the pasted text. */
  readonly badJson?: string
}

/** What is asked about. */
interface Asking {
  readonly name: string
  readonly text: string
  readonly protocol: Protocol
  readonly userAgent: string
}

/** Where a call would go now. Nothing is sent to a provider. */
export function Explain({ names }: { readonly names: readonly string[] }) {
  const linked = usePlace().query.get('explain') ?? ''
  const [asking, setAsking] = useState<Asking>({ name: linked, text: '', protocol: '', userAgent: '' })
  const [outcome, setOutcome] = useState<Outcome>({})
  const newest = useRef(0)

  const explain = async (about: Asking) => {
    newest.current += 1
    const own = newest.current
    const found = await outcomeOf(about)
    if (own === newest.current) setOutcome(found)
  }
  // A link to an explanation shows it.
  useEffect(() => {
    const about = { ...asking, name: linked }
    setAsking(about)
    if (linked !== '') void explain(about)
  }, [linked])

  return (
    <Section title="Explain a call" aside="nothing is sent, and nothing is counted">
      <ExplainForm
        asking={asking}
        names={names}
        badJson={outcome.badJson}
        onChange={change => setAsking({ ...asking, ...change })}
        onSubmit={() => {
          if (asking.name !== linked) changeQuery({ explain: asking.name })
          if (asking.name === linked || asking.name === '') void explain(asking)
        }}
      />
      <div aria-live="polite">
        {outcome.trouble !== undefined && <TroubleNote trouble={outcome.trouble} />}
        {outcome.explained !== undefined && <Explained found={outcome.explained} />}
      </div>
    </Section>
  )
}

interface FormProps {
  readonly asking: Asking
  readonly names: readonly string[]
  readonly badJson: string | undefined
  onChange(change: Partial<Asking>): void
  onSubmit(): void
}

function ExplainForm({ asking, names, badJson, onChange, onSubmit }: FormProps) {
  return (
    <form
      class="form"
      onSubmit={event => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <div class="form-grid">
        <Field label="Route or model" hint="Empty: what the request names.">
          {control => (
            <input
              {...control}
              list="route-names"
              autocomplete="off"
              value={asking.name}
              onInput={event => onChange({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Protocol of the request">
          {control => (
            <Choice
              control={control}
              value={asking.protocol}
              among={PROTOCOLS}
              onChange={protocol => onChange({ protocol })}
            />
          )}
        </Field>
        <Field label="The client's name" hint="Its User-Agent: some surfaces admit only names they know.">
          {control => (
            <input
              {...control}
              value={asking.userAgent}
              onInput={event => onChange({ userAgent: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <datalist id="route-names">
        {names.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <RequestField text={asking.text} badJson={badJson} onChange={text => onChange({ text })} />
      <div class="actions">
        <button type="submit" class="main">
          Explain
        </button>
      </div>
    </form>
  )
}

interface RequestProps {
  readonly text: string
  readonly badJson: string | undefined
  onChange(text: string): void
}

function RequestField({ text, badJson, onChange }: RequestProps) {
  return (
    <Field
      label="Request"
      hint="The JSON body of a request, in any protocol. Empty: a short greeting stands for one."
      refusal={badJson}
    >
      {control => (
        <textarea
          {...control}
          class="mono"
          rows={7}
          spellcheck={false}
          value={text}
          onInput={event => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

async function outcomeOf({ name, text, protocol, userAgent }: Asking): Promise<Outcome> {
  const read = requestIn(text)
  if (!read.ok) return { badJson: read.why }
  return await answerOf({
    ...(name === '' ? {} : { model: name }),
    ...(read.request === undefined ? {} : { request: read.request }),
    ...(protocol === '' ? {} : { protocol }),
    ...(userAgent === '' ? {} : { headers: { 'user-agent': userAgent } }),
  })
}

async function answerOf(question: object): Promise<Outcome> {
  try {
    return { explained: await ask<ExplainedRouteView>('/candor/routes/explain', { body: question }) }
  } catch (error) {
    return { trouble: asTrouble(error) }
  }
}

type Read = { readonly ok: true; readonly request: unknown } | { readonly ok: false; readonly why: string }

/** The pasted text as a JSON object; nothing pasted is no request. */
function requestIn(text: string): Read {
  if (text.trim() === '') return { ok: true, request: undefined }
  try {
    const request: unknown = JSON.parse(text)
    const isObject = typeof request === 'object' && request !== null && !Array.isArray(request)
    return isObject ? { ok: true, request } : { ok: false, why: 'A request is a JSON object: { … }.' }
  } catch (error) {
    return { ok: false, why: `This is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}` }
  }
}
