import { Markdown } from '../markdown.tsx'
import { TroubleNote } from '../states.tsx'
import type { Answer, ToolCall } from './answer.ts'
import type { Turn } from './conversation.ts'
import { receiptFacts } from './receipt-words.ts'

/** What was said to the model, and what came back, with the receipt of it. */
export function TurnView({ turn }: { readonly turn: Turn }) {
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
        <ReceiptView answer={answer} />
      </div>
    </div>
  )
}

function AnswerView({ answer }: { readonly answer: Answer }) {
  const { reasoning, text, calls } = answer
  return (
    <>
      {reasoning !== '' && (
        <details class="reasoning" open={text === '' && calls.length === 0}>
          <summary>Reasoning</summary>
          <p>{reasoning}</p>
        </details>
      )}
      {text !== '' && <Markdown text={text} />}
      {calls.map(call => (
        <CallView key={call.id} call={call} />
      ))}
    </>
  )
}

function CallView({ call }: { readonly call: ToolCall }) {
  return (
    <div class="tool-call">
      <p>
        Wants to call <code>{call.name}</code> <span class="soft">({call.id})</span>
      </p>
      <pre tabIndex={0}>{indented(call.arguments)}</pre>
    </div>
  )
}

/** Arguments that are whole JSON with line breaks; else as far as they have come. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

/** What the protocol calls the reason for stopping, where the answer is not simply over. */
const STOPS: Readonly<Record<string, string>> = {
  length: 'It stops here because it reached the output limit.',
  content_filter: 'It stops here because a content filter cut it.',
  tool_calls: 'It waits for the results of its calls.',
}

function statusWords({ outcome, stopReason, text, calls }: Answer): string {
  if (outcome === 'running') return text === '' ? 'Waiting for the answer …' : 'Answering …'
  if (outcome === 'stopped') return 'Stopped.'
  if (outcome === 'cut') return 'The answer broke off: the connection ended before it was whole.'
  if (outcome === 'failed') return ''
  return STOPS[stopReason ?? ''] ?? (text === '' && calls.length === 0 ? 'The answer is empty.' : '')
}

function ReceiptView({ answer }: { readonly answer: Answer }) {
  const { requestId, receipt, outcome } = answer
  if (outcome === 'running') return null
  if (requestId === undefined)
    return outcome === 'stopped' ? (
      <p class="soft">
        Nothing had come, so its receipt is not known here; it is among <a href="/calls">the calls</a>.
      </p>
    ) : null
  return (
    <section class="receipt" aria-label="Receipt">
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
