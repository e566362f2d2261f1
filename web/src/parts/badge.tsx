import type { ComponentChildren } from 'preact'

/** How something is going. The colour only repeats what the word says. */
export type Mood = 'plain' | 'good' | 'warn' | 'bad'

/** A word in a small box. */
export function Badge({ mood = 'plain', children }: { readonly mood?: Mood; readonly children: ComponentChildren }) {
  return <span class={mood === 'plain' ? 'badge' : `badge ${mood}`}>{children}</span>
}
