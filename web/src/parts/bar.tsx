import type { Mood } from './badge.tsx'

/** Below these shares of a hundred, what is left of a quota or budget is little, or next to nothing. */
const LITTLE = { warn: 25, bad: 10 } as const

/** How much is left, as a mood. */
function moodOfLeft(percentLeft: number): Mood {
  if (percentLeft < LITTLE.bad) return 'bad'
  return percentLeft < LITTLE.warn ? 'warn' : 'good'
}

/** What is left of something, as a bar with its words: the words tell all the bar shows. */
export function Bar(props: {
  /** Of what: `weekly`. */
  readonly name: string
  /** 0 to 100. */
  readonly percentLeft: number
  /** `63 % left, resets in 2 h 10 min`. */
  readonly words: string
  /** The numbers are of the past. */
  readonly dimmed?: boolean
}) {
  const left = Math.min(100, Math.max(0, props.percentLeft))
  return (
    <div class={props.dimmed === true ? 'bar dimmed' : 'bar'}>
      <div class="bar-words">
        <span>{props.name}</span>
        <span>{props.words}</span>
      </div>
      <div class="bar-track" aria-hidden="true">
        <div class={`bar-fill ${moodOfLeft(left)}`} style={{ width: `${left}%` }} />
      </div>
    </div>
  )
}
