import { useMemo, useState } from 'preact/hooks'
import type { BodyView } from '../../../../src/admin/bodies.ts'
import { showBytes } from '../../../../src/admin/story/amounts.ts'
import type { ProtocolId } from '../../../../src/canon/protocol.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { LongText } from '../../parts/long-text.tsx'
import { count } from '../../words.ts'
import { AnswerText } from './answer-text.tsx'
import { indented } from './indented.ts'
import { answerIn } from './read-reply.ts'

interface BodyProps {
  readonly name: string
  readonly body: BodyView
  /** It is a stream of this protocol: what it says is put together first. */
  readonly protocol?: ProtocolId
}

/** One body, closed at first: whoever looks over somebody's shoulder need not see it. Nothing of it is read before it is opened. */
export function BodyPane(props: BodyProps) {
  const { name, body } = props
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="body-pane" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="body-name">{name}</span>{' '}
        <span class="soft">
          {showBytes(body.bytes)} of {body.contentType}
        </span>
      </summary>
      {isOpen && <Inside {...props} />}
    </details>
  )
}

function Inside({ name, body, protocol }: BodyProps) {
  const answer = useMemo(() => (protocol === undefined ? undefined : answerIn(body, protocol)), [body, protocol])
  return (
    <div class="body-inside">
      <Remarks body={body} />
      {answer === undefined ? (
        <Written name={name} body={body} />
      ) : (
        <>
          <AnswerText answer={answer} name={`${name}, put together`} />
          <Raw name={name} body={body} />
        </>
      )}
      <div class="actions">
        {answer !== undefined && answer.text !== '' && <CopyButton text={answer.text}>Copy the answer</CopyButton>}
        <CopyButton text={body.text}>{`Copy ${name.toLowerCase()}`}</CopyButton>
      </div>
    </div>
  )
}

function Raw({ name, body }: BodyProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>As it came, with every event</summary>
      {isOpen && <Written name={`${name}, as it came`} body={body} />}
    </details>
  )
}

function Written({ name, body: { text } }: BodyProps) {
  const shown = useMemo(() => indented(text) ?? text, [text])
  return shown === '' ? <p class="soft">It is empty.</p> : <LongText text={shown} name={name} />
}

function Remarks({ body }: { readonly body: BodyView }) {
  const { cut, masked, bytes, keptBytes, shownBytes } = body
  return (
    <>
      {cut && (
        <p class="note warn">
          Only the first {count(keptBytes)} of {count(bytes)} bytes were kept.
        </p>
      )}
      {shownBytes !== undefined && (
        <p class="note">
          Here are the first {count(shownBytes)} of {count(keptBytes)} bytes that are kept.
        </p>
      )}
      {masked && <p class="note">What looks like a key is masked here.</p>}
    </>
  )
}
