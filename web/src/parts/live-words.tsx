import type { LiveState } from '../live.ts'
import { plural, timeOfDay } from '../words.ts'

/** Whether what is shown is of this moment. `instead`: what else is to be said of it; `dropped`: events the gateway could not tell. */
export function LiveWords(props: {
  readonly state: LiveState
  readonly dropped: number
  readonly instead?: string | undefined
}) {
  const { state, dropped, instead } = props
  return (
    <span class="live-state" role="status">
      {instead === undefined && <span class={`dot ${state.type}`} aria-hidden="true" />}
      {instead ?? wordsOf(state)}
      {dropped > 0 &&
        ` ${plural(dropped, 'line was', 'lines were')} dropped: they came faster than they could be shown. The ledger has every call.`}
    </span>
  )
}

function wordsOf(state: LiveState): string {
  if (state.type === 'open') return 'Live.'
  if (state.type === 'connecting') return 'Connecting …'
  if (state.type === 'resting') return 'Resting while the page is hidden.'
  return `The connection was lost. It is tried again at ${timeOfDay(state.retryAt)}.`
}
