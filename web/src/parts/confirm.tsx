import './forms.css'
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

/**
 * Asks before something that cannot be taken back. It takes the focus, to the way out first; Escape is a no, and the focus goes back to where
 * it came from.
 */
export function Confirm(props: {
  readonly title: string
  /** The button that does it, as a verb. */
  readonly yes: string
  readonly children: ComponentChildren
  readonly onYes: () => void
  readonly onNo: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const [isDoing, setDoing] = useState(false)
  // Before the next paint, so that no key goes to what is behind the question.
  useLayoutEffect(() => {
    const [before, own] = [document.activeElement, dialog.current]
    own?.showModal()
    return () => {
      // While it is open nothing outside of it takes the focus.
      own?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={title}
      onCancel={event => {
        event.preventDefault()
        props.onNo()
      }}
    >
      <h2 id={title}>{props.title}</h2>
      {props.children}
      <div class="actions">
        <button type="button" onClick={() => props.onNo()}>
          Cancel
        </button>
        <button
          type="button"
          class="danger"
          disabled={isDoing}
          onClick={() => {
            setDoing(true)
            props.onYes()
          }}
        >
          {props.yes}
        </button>
      </div>
    </dialog>
  )
}
