import type { ComponentChildren } from 'preact'

/** One number that matters, with its name and what it does not say by itself. */
export function Tile(props: {
  readonly name: string
  readonly value: ComponentChildren
  readonly note?: ComponentChildren
}) {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd class="tile-value">{props.value}</dd>
      {props.note !== undefined && <dd class="tile-note">{props.note}</dd>}
    </div>
  )
}
