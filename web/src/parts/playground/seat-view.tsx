import type { ModelView } from '../../../../src/admin/contract.ts'
import { Field } from '../field.tsx'
import { openCalls } from './conversation.ts'
import { TurnView } from './turn-view.tsx'
import type { Seat } from './use-seat.ts'

interface SeatProps {
  /** `Model`, or `Second model` where there are two. */
  readonly name: string
  readonly seat: Seat
  readonly model: string
  readonly models: readonly ModelView[]
  readonly onModel: (model: string) => void
  /** Results of open calls as they are being written, by the call's id. */
  readonly results: Readonly<Record<string, string>>
  readonly onResult: (id: string, result: string) => void
  /** What was pressed is gone: the focus has to go to where one writes on. */
  readonly onDone: () => void
}

/** One model and what was said to it. */
export function SeatView(props: SeatProps) {
  const { seat, model, models } = props
  const listId = `models-${props.name.replaceAll(' ', '-')}`
  return (
    <section class="panel seat" aria-label={props.name}>
      <h2 class="visually-hidden">{props.name}</h2>
      <Field label={`${props.name} or route`} hint={aboutModel(models, model)}>
        {control => (
          <input
            {...control}
            list={listId}
            spellcheck={false}
            autocomplete="off"
            value={model}
            onInput={event => props.onModel(event.currentTarget.value)}
          />
        )}
      </Field>
      <datalist id={listId}>
        {models.map(({ id, display_name }) => (
          <option key={id} value={id}>
            {display_name}
          </option>
        ))}
      </datalist>
      {seat.turns.map((turn, place) => (
        <TurnView key={turn.id} turn={turn} name={`turn ${place + 1}, ${props.name.toLowerCase()}`} />
      ))}
      {openCalls(seat.turns).map(call => (
        <Field key={call.id} label={`Result of ${call.name} (${call.id})`} hint="Sent with the next message.">
          {control => (
            <textarea
              {...control}
              rows={2}
              value={props.results[call.id] ?? ''}
              onInput={event => props.onResult(call.id, event.currentTarget.value)}
            />
          )}
        </Field>
      ))}
      <Actions {...props} />
    </section>
  )
}

/** Ends what is being said, or all of it. */
function Actions({ name, seat, onDone }: Pick<SeatProps, 'name' | 'seat' | 'onDone'>) {
  if (!seat.isRunning && seat.turns.length === 0) return null
  const act = (what: () => void) => () => {
    what()
    onDone()
  }
  return (
    <div class="actions">
      {seat.isRunning ? (
        <button type="button" class="danger" onClick={act(seat.stop)}>
          Stop {name.toLowerCase()}
        </button>
      ) : (
        <button type="button" onClick={act(seat.clear)}>
          Begin anew
        </button>
      )}
    </div>
  )
}

/** What is known of the model named, in a line. */
function aboutModel(models: readonly ModelView[], name: string): string {
  if (name === '') return 'Empty: the default model of the configuration.'
  const found = models.find(({ id }) => id === name)
  if (found === undefined) return 'Not in the list; an alias may still mean a model.'
  const { targets, billing, cools_down } = found.candor
  const isNamed = !name.endsWith(`/${found.display_name}`)
  return [
    ...(targets === undefined ? (isNamed ? [found.display_name] : []) : [`a route to ${targets.join(', ')}`]),
    `lane: ${billing}`,
    ...(cools_down === undefined ? [] : [`cools down now: ${cools_down.what ?? cools_down.reason}`]),
  ].join('; ')
}
