import { useLayoutEffect, useRef } from 'preact/hooks'
import type { MadeKeyView } from '../../../../src/admin/keys.ts'
import { CopyButton } from '../copy-button.tsx'

/** A secret, the one time it can be seen. It stands nowhere but on the page. */
export function SecretNote({ made, onDone }: { readonly made: MadeKeyView; readonly onDone: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    heading.current?.focus()
  }, [made])
  return (
    <section class="note warn secret" aria-label="The new secret">
      <h2 ref={heading} tabIndex={-1}>
        The secret of {made.key.name}
      </h2>
      <p>
        <strong>It is shown this once.</strong> The gateway keeps no more than a digest of it. Put it where it belongs
        now: it is gone when you leave this view.
      </p>
      <pre class="command">{made.secret}</pre>
      <div class="actions">
        <CopyButton text={made.secret}>Copy the secret</CopyButton>
        <button type="button" onClick={onDone}>
          I have it
        </button>
      </div>
    </section>
  )
}
