import { Markdown } from '../markdown.tsx'
import { TroubleNote } from '../states.tsx'
import type { Answer, Drawn, ToolCall } from './answer.ts'
import type { Turn } from './conversation.ts'
import { receiptFacts } from './receipt-words.ts'

/** What was said to the model, and what came back, with the receipt of it. `name`: which turn of which model, as `turn 2, second model`. */
export function TurnView({ turn, name }: { readonly turn: Turn; readonly name: string }) {
  const { asked, answer } = turn
  const results = Object.entries(asked.results)
  return (
    <div class="turn">
      <div class="asked">
        <h3>You</h3>
        {results.map(([id, result]) => (
          <p key={id} class="asked-text">
            <span class="soft">Result of {id}: </span>
            {result === '' ? <em>nothing</em> : result}
          </p>
        ))}
        {asked.text !== '' && <p class="asked-text">{asked.text}</p>}
        {asked.pictures.map(picture => (
          <img key={picture.url} src={picture.url} alt={picture.name} />
        ))}
      </div>
      <div class="answered">
        <h3>{answer.model ?? turn.model}</h3>
        <AnswerView answer={answer} />
        <p class="soft" role="status">
          {statusWords(answer)}
        </p>
        {answer.trouble !== undefined && <TroubleNote trouble={answer.trouble} />}
        <ReceiptView answer={answer} name={name} />
      </div>
    </div>
  )
}

function AnswerView({ answer }: { readonly answer: Answer }) {
  const { reasoning, text, calls, pictures } = answer
  return (
    <>
      {reasoning !== '' && (
        <details class="reasoning" open={text === '' && calls.length === 0}>
          <summary>Reasoning</summary>
          <p>{reasoning}</p>
        </details>
      )}
      {text !== '' && <Markdown text={text} />}
      {pictures.map((picture, place) => (
        <DrawnPicture key={place} picture={picture} name={`Picture ${place + 1} the model drew`} />
      ))}
      {calls.map(call => (
        <CallView key={call.id} call={call} />
      ))}
    </>
  )
}

function DrawnPicture({ picture: { url }, name }: { readonly picture: Drawn; readonly name: string }) {
  if (url !== undefined) return <img class="drawn" src={url} alt={name} />
  return <p class="note warn">{name} is not shown: it is larger than 6 MiB, or not in the answer itself.</p>
}

function CallView({ call }: { readonly call: ToolCall }) {
  const fields = fieldsOf(call.arguments)
  return (
    <div class="tool-call">
      <p>
        Wants to call <code>{call.name}</code> <span class="soft">({call.id})</span>
        {fields?.length === 0 && ' without arguments'}
      </p>
      {fields === undefined && <pre tabIndex={0}>{call.arguments}</pre>}
      {fields !== undefined && fields.length > 0 && (
        <dl>
          {fields.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <pre tabIndex={0}>{value}</pre>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

/** Arguments that are whole, one by one: texts as they are, with their lines, all else as JSON. Undefined: as yet, or for good, they are no object. */
function fieldsOf(text: string): readonly (readonly [name: string, value: string])[] | undefined {
  if (text.trim() === '') return []
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.entries(value).map(([name, each]) => [
      name,
      typeof each === 'string' ? each : JSON.stringify(each, undefined, 2),
    ])
  } catch {
    return undefined
  }
}

/** What the protocol calls the reason for stopping, where the answer is not simply over. */
const STOPS: Readonly<Record<string, string>> = {
  length: 'It stops here because it reached the output limit.',
  content_filter: 'It stops here because a content filter cut it.',
  tool_calls: 'It waits for the results of its calls.',
}

function statusWords({ outcome, stopReason, text, calls, pictures }: Answer): string {
  const isEmpty = text === '' && calls.length === 0 && pictures.length === 0
  if (outcome === 'running') return isEmpty ? 'Waiting for the answer …' : 'Answering …'
  if (outcome === 'stopped') return 'Stopped.'
  if (outcome === 'cut') return 'The answer broke off: the connection ended before it was whole.'
  if (outcome === 'failed') return ''
  return STOPS[stopReason ?? ''] ?? (isEmpty ? 'The answer is empty.' : '')
}

function ReceiptView({ answer, name }: { readonly answer: Answer; readonly name: string }) {
  const { requestId, receipt, outcome } = answer
  if (outcome === 'running') return null
  if (requestId === undefined)
    return outcome === 'stopped' ? (
      <p class="soft">
        Nothing had come, so its receipt is not known here; it is among <a href="/calls">the calls</a>.
      </p>
    ) : null
  return (
    <section class="receipt" aria-label={`Receipt of ${name}`}>
      {receipt === undefined ? (
        <p class="soft">The receipt is being closed …</p>
      ) : (
        <dl>
          {receiptFacts(receipt).map(([name, words]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      )}
      <a href={`/calls/${encodeURIComponent(requestId)}`}>The whole story</a>
    </section>
  )
}
