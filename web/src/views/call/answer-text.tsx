import { LongText } from '../../parts/long-text.tsx'
import type { Answer } from '../../parts/playground/answer.ts'

/** What a model said, as text: nothing in it is followed or drawn. `name`: whose answer it is. */
export function AnswerText({ answer, name }: { readonly answer: Answer; readonly name: string }) {
  const { text, reasoning, calls } = answer
  return (
    <>
      {reasoning !== '' && (
        <details>
          <summary>Reasoning</summary>
          <LongText text={reasoning} name={`${name}: reasoning`} />
        </details>
      )}
      {text !== '' && <LongText text={text} name={name} />}
      {calls.map((call, i) => (
        <div key={`${i} ${call.id}`}>
          <p class="long">
            Wants to call <code>{call.name}</code> <span class="soft">({call.id})</span>
            {call.arguments === '' && ' without arguments'}
          </p>
          {call.arguments !== '' && <LongText text={call.arguments} name={`Arguments of ${call.name}, ${i + 1}`} />}
        </div>
      ))}
    </>
  )
}
