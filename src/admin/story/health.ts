import { oneLine } from '../../base/one-line.ts'
import type { HealthView } from '../../upstream/health.ts'
import type { CoolDown } from '../contract.ts'
import type { ProviderNow } from '../overview.ts'
import { plural, showDuration, timeParts } from './amounts.ts'

/**
 * Why something is left alone and until when: `cools down for 4 min: The 5 hour window is used up (plan_exhausted), until 14:10`. `now`:
 * milliseconds since 1970.
 */
export function coolDownWords({ reason, what, until }: CoolDown, now: number): string {
  const because = what === undefined ? reason : `${oneLine(what, 300).replace(/\.$/, '')} (${reason})`
  if (until === undefined) return `was left alone, and the next call decides: ${because}`
  return `cools down for ${showDuration(Math.max(0, until - now))}: ${because}, until ${untilWords(until, now)}`
}

/**
 * How a provider stands. `cooling`: something of it is left alone for a while. `on-trial`: that while is over, and the next call decides. `failing`: it
 * failed when it was asked last. `unproven`: nothing tells that it is well.
 */
export type Standing = 'unusable' | 'cooling' | 'on-trial' | 'failing' | 'well' | 'unproven'

/** The standing of a provider: one for all who show it. */
export function standingOf(
  provider: Pick<ProviderNow, 'cooling' | 'lastFailure' | 'today' | 'firstByteMs'> & { readonly available?: boolean },
): Standing {
  const { available, cooling, lastFailure, today, firstByteMs } = provider
  if (available === false) return 'unusable'
  if (cooling.length > 0) return cooling.some(({ until }) => until !== undefined) ? 'cooling' : 'on-trial'
  if (lastFailure !== undefined) return 'failing'
  return today.calls > today.failed || firstByteMs !== undefined ? 'well' : 'unproven'
}

/** The state of one key of a model; undefined if all is well with it. */
export function stateWords(view: HealthView, now: number): string | undefined {
  const { state, reason, what, until } = view
  if (state === 'closed' || reason === undefined) return undefined
  return coolDownWords(
    { reason, ...(what === undefined ? {} : { what }), ...(until === undefined ? {} : { until }) },
    now,
  )
}

/** What was counted: answers, failures of the provider and of the network apart, what is under way, and how fast it is. */
export function countWords(view: HealthView): string {
  const { answered, providerFailures, networkFailures, inFlight, firstByteMs } = view
  const parts = [
    plural(answered, 'answer'),
    ...(providerFailures === 0 ? [] : [`${plural(providerFailures, 'failure')} of the provider`]),
    ...(networkFailures === 0 ? [] : [`${plural(networkFailures, 'failure')} of the network`]),
    ...(inFlight === 0 ? [] : [`${inFlight} in flight`]),
    ...(firstByteMs === undefined ? [] : [`first byte after ${showDuration(firstByteMs)}`]),
  ]
  return parts.join(', ')
}

/** The time of day, to the minute; on another day with the date. */
function untilWords(at: number, now: number): string {
  const { day, time, zone } = timeParts(at)
  const short = `${time.slice(0, 5)} ${zone}`
  return day === timeParts(now).day ? short : `${day} ${short}`
}
