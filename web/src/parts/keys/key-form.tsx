import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { asTrouble, type Trouble } from '../../api.ts'
import { Field } from '../field.tsx'
import { TroubleNote } from '../states.tsx'
import { BudgetFields } from './budget-fields.tsx'
import { type KeyDraft, LIMITS, refusals } from './draft.ts'

/** What the fields of a key need to know. */
interface FieldsProps {
  readonly draft: KeyDraft
  readonly refused: ReadonlyMap<string, string>
  readonly change: (changes: Partial<KeyDraft>) => void
}

/** The settings of a key, to be written and sent. What the gateway refuses is told at its field, which takes the focus. */
export function KeyForm(props: {
  readonly start: KeyDraft
  /** The button that sends it. */
  readonly verb: string
  /** Rejects with why it was not taken. */
  readonly send: (draft: KeyDraft) => Promise<void>
  readonly onCancel: () => void
}) {
  const [draft, setDraft] = useState(props.start)
  const [trouble, setTrouble] = useState<Trouble>()
  const [sending, setSending] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const refused = refusals(trouble)
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>('input')?.focus()
  }, [])
  useLayoutEffect(() => {
    if (trouble !== undefined) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [trouble])
  const change: FieldsProps['change'] = changes => setDraft(before => ({ ...before, ...changes }))
  const submit = async () => {
    setSending(true)
    setTrouble(undefined)
    // Where it was taken, this form is gone by now.
    await props.send(draft).catch((error: unknown) => {
      setTrouble(asTrouble(error))
      setSending(false)
    })
  }
  return (
    <form
      ref={form}
      class="form"
      noValidate
      autocomplete="off"
      onSubmit={event => {
        event.preventDefault()
        void submit()
      }}
    >
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <Who draft={draft} refused={refused} change={change} />
      <fieldset>
        <legend>Limits</legend>
        <p class="field-hint">An empty field means no limit.</p>
        <Limits draft={draft} refused={refused} change={change} />
      </fieldset>
      <BudgetFields budgets={draft.budgets} refused={refused} onChange={budgets => change({ budgets })} />
      <label class="check">
        <input
          type="checkbox"
          checked={draft.admin}
          onChange={event => change({ admin: event.currentTarget.checked })}
        />
        <span>Administrator: with this key one sees every call and changes keys.</span>
      </label>
      <div class="actions">
        <button type="submit" class="main" disabled={sending}>
          {props.verb}
        </button>
        <button type="button" onClick={props.onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function Who({ draft, refused, change }: FieldsProps) {
  return (
    <div class="form-grid">
      <TextField label="Name" refusal={refused.get('name')} value={draft.name} onInput={name => change({ name })} />
      <TextField
        label="Owner"
        hint="Whom it belongs to, for people."
        refusal={refused.get('owner')}
        value={draft.owner}
        onInput={owner => change({ owner })}
      />
      <TextField
        label="Tags"
        hint="Separated by commas."
        refusal={refusalWithin(refused, 'tags')}
        value={draft.tags}
        onInput={tags => change({ tags })}
      />
      <Field
        label="Expires"
        hint="At the beginning of that day, in UTC. Empty: never."
        refusal={refused.get('expiresAt')}
      >
        {control => (
          <input
            {...control}
            type="date"
            value={draft.expires}
            onInput={event => change({ expires: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label="Models and routes"
        hint="One a line; * at the end stands for anything. Empty: all."
        refusal={refusalWithin(refused, 'models')}
      >
        {control => (
          <textarea
            {...control}
            rows={3}
            value={draft.models}
            onInput={event => change({ models: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  )
}

function Limits({ draft, refused, change }: FieldsProps) {
  return (
    <div class="form-grid">
      {LIMITS.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          numeric
          refusal={refused.get(`limits.${name}`)}
          value={draft.limits[name]}
          onInput={text => change({ limits: { ...draft.limits, [name]: text } })}
        />
      ))}
    </div>
  )
}

function TextField(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly refusal: string | undefined
  readonly value: string
  readonly numeric?: true
  readonly onInput: (text: string) => void
}) {
  return (
    <Field label={props.label} refusal={props.refusal} {...(props.hint === undefined ? {} : { hint: props.hint })}>
      {control => (
        <input
          {...control}
          {...(props.numeric === true ? { inputMode: 'numeric' } : {})}
          value={props.value}
          onInput={event => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

/** What is wrong with a list, or with one of its items. */
function refusalWithin(refused: ReadonlyMap<string, string>, list: string): string | undefined {
  return [...refused].find(([path]) => path === list || path.startsWith(`${list}[`))?.[1]
}
