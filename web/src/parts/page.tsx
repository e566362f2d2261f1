import type { ComponentChildren } from 'preact'

/** The frame of a view: its one first-level heading, which takes the focus on arrival, what can be done beside it, and the rest below. */
export function Page(props: {
  readonly title: string
  /** One line below the heading. */
  readonly about?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}) {
  return (
    <div class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.actions !== undefined && <div class="actions">{props.actions}</div>}
      </div>
      {props.about !== undefined && <p class="about">{props.about}</p>}
      {props.children}
    </div>
  )
}

/** A part of a view with a heading of the second level. */
export function Section(props: {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}) {
  return (
    <section class="panel" aria-label={props.title}>
      <div class="panel-head">
        <h2>{props.title}</h2>
        {props.aside !== undefined && <div class="panel-aside">{props.aside}</div>}
      </div>
      {props.children}
    </section>
  )
}
