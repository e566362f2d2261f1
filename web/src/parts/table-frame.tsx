import type { ComponentChildren } from 'preact'

/** What lets a wide table scroll inside its own frame, with the keyboard too. `title`: what the table holds. */
export function TableFrame(props: {
  readonly title: string
  /** A further class, for a height. */
  readonly look?: string
  readonly children: ComponentChildren
}) {
  return (
    <section class={`table-frame ${props.look ?? ''}`} aria-label={props.title} tabIndex={0}>
      {props.children}
    </section>
  )
}
