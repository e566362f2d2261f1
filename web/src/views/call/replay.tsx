import { useId, useState } from 'preact/hooks'
import type { ModelView } from '../../../../src/admin/contract.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { useQuestion } from '../../api.ts'
import { clientOf } from '../../call-words.ts'
import { Field } from '../../parts/field.tsx'
import { LongText } from '../../parts/long-text.tsx'
import type { Answer } from '../../parts/playground/answer.ts'
import { TroubleNote } from '../../parts/states.tsx'
import { AnswerText } from './answer-text.tsx'
import { Comparison } from './comparison.tsx'
import { indented } from './indented.ts'
import type { Bodies } from './use-bodies.ts'
import { type Replay, type Replayed, useReplay } from './use-replay.ts'

/** Making the call again from here, where the bodies are kept; why not, where that has a reason of its own. */
export function ReplayPart({ receipt, known }: { readonly receipt: Receipt; readonly known: Bodies }) {
  switch (known.state) {
    case 'stranger':
      return <p class="soft">Only an administrator can make the call again from here.</p>
    case 'here':
      return known.view.notReplayable === undefined ? (
        <Replaying receipt={receipt} />
      ) : (
        <p class="note warn">It cannot be made again from here. {known.view.notReplayable}</p>
      )
    case 'large':
      return <Replaying receipt={receipt} />
    default:
      return null
  }
}

function Replaying({ receipt }: { readonly receipt: Receipt }) {
  const [model, setModel] = useState('')
  const replay = useReplay(receipt)
  return (
    <>
      <p>
        A real call: it costs what a call costs. It goes out under Candor's own name
        {isOthers(clientOf(receipt)) && <>, not that of {clientOf(receipt)}</>}, and counts as yours.
      </p>
      <form
        class="replay"
        onSubmit={event => {
          event.preventDefault()
          replay.run(model.trim())
        }}
      >
        <ModelField receipt={receipt} model={model} onModel={setModel} />
        <div class="actions">
          <button type="submit" class="main" disabled={replay.isRunning}>
            Replay
          </button>
          {replay.isRunning && (
            <button type="button" class="danger" onClick={replay.stop}>
              Stop
            </button>
          )}
        </div>
      </form>
      {replay.made !== undefined && <Made receipt={receipt} replay={replay} made={replay.made} />}
    </>
  )
}

/** A replay has Candor's own name already, and its chat too. */
function isOthers(client: string): boolean {
  return client !== '' && !client.startsWith('candor/')
}

function ModelField(props: {
  readonly receipt: Receipt
  readonly model: string
  readonly onModel: (model: string) => void
}) {
  const { answer } = useQuestion<{ data: readonly ModelView[] }>('/v1/models')
  const listId = useId()
  const asked = props.receipt.requestedModel
  return (
    <Field
      label="With another model or route"
      hint={`Empty: ${asked === '' ? 'as it was, without naming one' : `${asked}, as it was`}.`}
    >
      {control => (
        <>
          <input
            {...control}
            list={listId}
            spellcheck={false}
            autocomplete="off"
            value={props.model}
            onInput={event => props.onModel(event.currentTarget.value)}
          />
          <datalist id={listId}>
            {answer?.data.map(({ id, display_name }) => (
              <option key={id} value={id}>
                {display_name}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

interface MadeProps {
  readonly receipt: Receipt
  readonly replay: Replay
  readonly made: Replayed
}

function Made({ receipt, replay, made: { answer, whole } }: MadeProps) {
  const { requestId } = answer
  const isOver = !replay.isRunning
  const isSilent = answer.text === '' && answer.reasoning === '' && answer.calls.length === 0
  return (
    <section class="replayed" aria-label="The answer of this time">
      <h3>{answer.model ?? 'The answer of this time'}</h3>
      <AnswerText answer={answer} name="What was answered this time" />
      {isSilent && whole !== undefined && <LongText text={indented(whole) ?? whole} name="The reply of this time" />}
      <p class="soft" role="status">
        {statusWords(answer, isSilent && whole === undefined)}
      </p>
      {answer.trouble !== undefined && <TroubleNote trouble={answer.trouble} />}
      {isOver && requestId !== undefined && (
        <>
          <p>
            Its receipt is <a href={`/calls/${encodeURIComponent(requestId)}`}>{requestId}</a>.
          </p>
          {answer.receipt === undefined ? (
            <p class="soft">It is being closed …</p>
          ) : (
            <Comparison before={receipt} after={answer.receipt} />
          )}
        </>
      )}
      {isOver && requestId === undefined && answer.outcome === 'stopped' && (
        <p class="soft">
          Nothing had come, so its receipt is not known here; it is among <a href="/calls">the calls</a>.
        </p>
      )}
    </section>
  )
}

function statusWords({ outcome }: Answer, isSilent: boolean): string {
  switch (outcome) {
    case 'running':
      return isSilent ? 'Waiting for the answer …' : 'Answering …'
    case 'stopped':
      return 'Stopped.'
    case 'cut':
      return 'The answer broke off: the connection ended before it was whole.'
    case 'whole':
      return isSilent ? 'The answer is empty.' : ''
    case 'failed':
      return ''
  }
}
