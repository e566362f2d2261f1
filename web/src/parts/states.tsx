import type { ComponentChildren } from 'preact'
import type { Trouble } from '../api.ts'

/** Something is being fetched for the first time. */
export function Waiting({ what }: { readonly what: string }) {
  return (
    <p class="waiting" role="status">
      Asking for {what} …
    </p>
  )
}

/** Why something is not shown: what, why, and how to mend it. */
export function TroubleNote({ trouble, again }: { readonly trouble: Trouble; readonly again?: () => void }) {
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{trouble.message}</strong>
        {trouble.why !== undefined && ` ${trouble.why}`}
        {trouble.said !== undefined &&
          !trouble.message.includes(trouble.said) &&
          ` The provider said: "${trouble.said}"`}
      </p>
      {trouble.fix.length > 0 && (
        <ul>
          {trouble.fix.map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {again !== undefined && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

/** There is nothing here yet: what would be, and how it comes. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  )
}
