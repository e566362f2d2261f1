/**
 * A name from outside, however long, in two lines at most: whole in its title, and while the keyboard is in its row. It is written in its own
 * direction, and turns nothing beside it around.
 */
export function Clamped({ text }: { readonly text: string }) {
  return (
    <bdi class="clamped" title={text}>
      {text}
    </bdi>
  )
}

/** Words of ours with such names in them: in a few lines, whole in the same places. */
export function Sentence({ text }: { readonly text: string }) {
  return (
    <span class="clamped" title={text}>
      {text}
    </span>
  )
}
