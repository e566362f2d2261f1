import { useEffect, useState } from 'preact/hooks'
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

/** Where a call would go now. Nothing is sent to a provider. */
export function Explain({ names }: { readonly names: readonly string[] }) {
  const model = usePlace().query.get('explain') ?? ''
  const [text, setText] = useState('')
  const [protocol, setProtocol] = useState<Protocol>('')
  const [userAgent, setUserAgent] = useState('')
  const [outcome, setOutcome] = useState<Outcome>({})

  const explain = async (name: string) => {
    const read = requestIn(text)
    if (!read.ok) return setOutcome({ badJson: read.why })
    const question = {
      ...(name === '' ? {} : { model: name }),
      ...(read.request === undefined ? {} : { request: read.request }),
      ...(protocol === '' ? {} : { protocol }),
      ...(userAgent === '' ? {} : { headers: { 'user-agent': userAgent } }),
    }
    setOutcome(await answerOf(question))
  }
  // A link to an explanation shows it.
  useEffect(() => {
    if (model !== '') void explain(model)
  }, [model])

  return (
    <Section title="Explain a call" aside="nothing is sent, and nothing is counted">
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          const name = String(new FormData(event.currentTarget).get('model') ?? '')
          if (name === model) void explain(name)
          else changeQuery({ explain: name })
        }}
      >
        <div class="form-grid">
          <Field label="Route or model" hint="Empty: what the request names.">
            {control => <input {...control} name="model" list="route-names" value={model} autocomplete="off" />}
          </Field>
          <Field label="Protocol of the request">
            {control => <Choice control={control} value={protocol} among={PROTOCOLS} onChange={setProtocol} />}
          </Field>
          <Field label="The client's name" hint="Its User-Agent: some surfaces admit only names they know.">
            {control => (
              <input {...control} value={userAgent} onInput={event => setUserAgent(event.currentTarget.value)} />
            )}
          </Field>
        </div>
        <datalist id="route-names">
          {names.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Field
          label="Request"
          hint="The JSON body of a request, in any protocol. Empty: a short greeting stands for one."
          refusal={outcome.badJson}
        >
          {control => (
            <textarea
              {...control}
              class="mono"
              rows={7}
              spellcheck={false}
              value={text}
              onInput={event => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="actions">
          <button type="submit" class="main">
            Explain
          </button>
        </div>
      </form>
      <div aria-live="polite">
        {outcome.trouble !== undefined && <TroubleNote trouble={outcome.trouble} />}
        {outcome.explained !== undefined && <Explained found={outcome.explained} />}
      </div>
    </Section>
  )
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
