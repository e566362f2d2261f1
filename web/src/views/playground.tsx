import './playground.css'
import { useState } from 'preact/hooks'
import type { ModelView } from '../../../src/admin/contract.ts'
import { asTrouble, type Trouble, useQuestion } from '../api.ts'
import { Page } from '../parts/page.tsx'
import { type Asked, openCalls, type Picture, type Settings } from '../parts/playground/conversation.ts'
import { Pictures } from '../parts/playground/pictures.tsx'
import { SeatView } from '../parts/playground/seat-view.tsx'
import { SettingsFields } from '../parts/playground/settings-fields.tsx'
import { type Seat, useSeat } from '../parts/playground/use-seat.ts'
import { Empty, TroubleNote } from '../parts/states.tsx'
import { changeQuery, usePlace } from '../router.ts'
import type { View } from '../view.ts'

/** Talks to any model or route, or to two side by side. Nothing of it is kept but the receipts of the calls. */
export const playground: View = { path: '/playground', name: 'Playground', Show: Playground }

const NO_SETTINGS: Settings = { system: '', temperature: '', maxTokens: '', tools: '' }

/** The id of the field a message is written in. */
const MESSAGE = 'message'

/** Results of calls as they are being written, by the call's id. */
type Results = Readonly<Record<string, string>>

/** What was chosen in the two fields; `undefined` of the first: nothing yet, of the second: there is no second. */
type Chosen = readonly [string | undefined, string | undefined]

/** The models chosen. They stand in the address, so that a playground can be linked. */
function useChosen(): readonly [Chosen, (place: number, model: string | undefined) => void] {
  const { query } = usePlace()
  const [chosen, setChosen] = useState<Chosen>([query.get('model') ?? undefined, query.get('beside') ?? undefined])
  const choose = (place: number, model: string | undefined) => {
    const next: Chosen = place === 0 ? [model, chosen[1]] : [chosen[0], model]
    setChosen(next)
    changeQuery({ model: next[0], beside: next[1] }, { replace: true })
  }
  return [chosen, choose]
}

function Playground() {
  const list = useQuestion<{ data: readonly ModelView[] }>('/v1/models')
  const models = list.answer?.data ?? []
  const [[chosen, beside], choose] = useChosen()
  const [first, second] = [useSeat(), useSeat()]
  const [settings, setSettings] = useState(NO_SETTINGS)
  const [results, setResults] = useState<readonly Results[]>([{}, {}])
  const [usual, other] = models.map(({ id }) => id)
  const seats = [
    { name: beside === undefined ? 'Model' : 'First model', seat: first, model: chosen ?? usual ?? '' },
    ...(beside === undefined ? [] : [{ name: 'Second model', seat: second, model: beside }]),
  ]
  const ask = (text: string, pictures: readonly Picture[]) => {
    for (const [place, { seat, model }] of seats.entries())
      seat.ask(model, settings, askedOf(seat, text, pictures, results[place] ?? {}))
    setResults([{}, {}])
  }
  const switchBeside = () => {
    second.clear()
    choose(1, beside === undefined ? (other ?? usual ?? '') : undefined)
  }
  return (
    <Page
      title="Playground"
      about="Talk to any model or route. What is said stays in this page; each call leaves its receipt, as any other."
      actions={
        <button type="button" onClick={switchBeside}>
          {beside === undefined ? 'Another model beside it' : 'One model only'}
        </button>
      }
    >
      {list.trouble !== undefined && <TroubleNote trouble={list.trouble} again={list.again} />}
      {list.answer?.data.length === 0 && <NoModels />}
      <SettingsFields settings={settings} onChange={setSettings} />
      <div class="seats">
        {seats.map(({ name, seat, model }, place) => (
          <SeatView
            key={place === 0 ? 'first' : 'second'}
            name={name}
            seat={seat}
            model={model}
            models={models}
            onModel={written => choose(place, written)}
            results={results[place] ?? {}}
            onDone={toMessage}
            onResult={(id, result) => setResults(results.with(place, { ...results[place], [id]: result }))}
          />
        ))}
      </div>
      <Composer
        isRunning={seats.some(({ seat }) => seat.isRunning)}
        hasCalls={seats.some(({ seat }) => openCalls(seat.turns).length > 0)}
        ask={ask}
        stop={() => {
          for (const { seat } of seats) seat.stop()
          toMessage()
        }}
      />
    </Page>
  )
}

/** Where one writes on: a button that was pressed and is gone would leave the focus nowhere. */
function toMessage(): void {
  document.getElementById(MESSAGE)?.focus()
}

/** The question for one seat, with a result for each call that waits for one. */
function askedOf(seat: Seat, text: string, pictures: readonly Picture[], results: Results): Asked {
  const waiting = openCalls(seat.turns).map(({ id }) => [id, results[id] ?? ''] as const)
  return { text, pictures, results: Object.fromEntries(waiting) }
}

/** Where the next message is written. */
function Composer(props: {
  readonly isRunning: boolean
  /** A model waits for results, so that a message may be empty. */
  readonly hasCalls: boolean
  /** Throws {@link Trouble} where it cannot be sent. */
  readonly ask: (text: string, pictures: readonly Picture[]) => void
  readonly stop: () => void
}) {
  const [text, setText] = useState('')
  const [pictures, setPictures] = useState<readonly Picture[]>([])
  const [trouble, setTrouble] = useState<Trouble>()
  const mayAsk = !props.isRunning && (text.trim() !== '' || pictures.length > 0 || props.hasCalls)
  const send = () => {
    if (!mayAsk) return
    try {
      props.ask(text, pictures)
      setText('')
      setPictures([])
      setTrouble(undefined)
    } catch (error) {
      setTrouble(asTrouble(error))
    }
  }
  return (
    <form
      class="panel composer"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <label for={MESSAGE}>Message</label>
      <textarea
        id={MESSAGE}
        rows={3}
        value={text}
        placeholder="Enter sends, Shift and Enter begins a new line"
        onInput={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <Pictures pictures={pictures} onChange={setPictures} />
      <div class="actions">
        <button type="submit" class="main" disabled={!mayAsk}>
          Send
        </button>
        {props.isRunning && (
          <button type="button" class="danger" onClick={props.stop}>
            Stop
          </button>
        )}
      </div>
    </form>
  )
}

function NoModels() {
  return (
    <Empty title="No model can be called yet.">
      <p>
        No provider has a key. <a href="/doctor">The doctor</a> says what is missing; <code>candor demo</code> brings
        simulated providers.
      </p>
    </Empty>
  )
}
