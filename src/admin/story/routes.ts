import { type NanoUsd, showUsd } from '../../base/money.ts'
import type { ProblemCode } from '../../canon/problem.ts'
import type { LegExplanation, RouteExplanation } from '../../pipeline/explain-route.ts'
import type { Retry } from '../../pipeline/route.ts'
import type { LegText, RouteWords } from '../route-view.ts'
import { plural, showCount, showDuration } from './amounts.ts'
import { countWords, stateWords } from './health.ts'

/** Tells an explanation. `now`: milliseconds since 1970. */
export function routeWords(found: RouteExplanation, now: number): RouteWords {
  return { head: explanationHead(found), legs: legTexts(found, now) }
}

/** Whether a route may leave its lane. */
export function crossingWords(crossBilling: RouteExplanation['crossBilling']): string {
  if (crossBilling === true) return 'may leave the lane of its first target (crossBilling)'
  if (crossBilling === false) return 'never leaves the lane of its first target'
  const { nanoUsdPerDay, usedNanoUsd } = crossBilling
  const left = Math.max(0, nanoUsdPerDay - usedNanoUsd)
  return `may leave the lane of its first target for ${usd(nanoUsdPerDay)} a day (UTC), of which ${usd(left)} are left today`
}

/** How often the same target is asked again, and how long is waited. */
export function retryWords({ max, capMs, waitMsMax }: Retry, codes: readonly ProblemCode[] = []): string {
  if (max === 0) return 'none: the same target is not asked again'
  const on = codes.length === 0 ? '' : ` on ${codes.join(', ')}`
  return `up to ${plural(max, 'more attempt')} at the same target${on}, waiting up to ${showDuration(capMs)}, or as long as the provider asks if that is no more than ${showDuration(waitMsMax)}`
}

/** What holds for all legs, a sentence or two each. */
function explanationHead(found: RouteExplanation): readonly string[] {
  const { model, route, protocol, sample, estimate, fallback } = found
  const what = model === '' ? 'The default model' : `"${model}"`
  const is = route === undefined ? 'names a model' : route === model ? 'is a route' : `means the route "${route}"`
  const request = sample
    ? `a greeting over ${protocol}, for no request was given`
    : `a request of ${protocol}, reckoned with ${showCount(estimate.inputTokens)} tokens in and ${showCount(estimate.outputTokens)} out${moneyOf(estimate.nanoUsd)}`
  return [
    `${what} ${is}. Explained for ${request}.`,
    ...rulesOf(found),
    ...(fallback === undefined ? [] : [`Now it falls back from ${fallback.from}, because of ${fallback.reason}.`]),
  ]
}

function moneyOf(nanoUsd: number | undefined): string {
  if (nanoUsd === undefined) return ', at a price that is not known'
  return nanoUsd === 0 ? '' : `, ${usd(nanoUsd)} at most`
}

function rulesOf(found: RouteExplanation): readonly string[] {
  const { route, fallbackOn, crossBilling, first, retry, cacheMs } = found
  const falls = fallbackOn.length === 0 ? 'on nothing' : `on ${fallbackOn.join(', ')}`
  return [
    ...(route === undefined
      ? [`Only a route has fallbacks; its lane is ${first.billing}.`]
      : [`Falls back ${falls}. Its lane is ${first.billing}; it ${crossingWords(crossBilling)}.`]),
    `Retries: ${retryWords(retry, retry.codes)}.`,
    ...placeOf(found),
    ...signedOf(found),
    ...(cacheMs === undefined
      ? []
      : [`The same question of the same key is answered from memory for ${showDuration(cacheMs)}.`]),
  ]
}

function placeOf({ drawn, affinity, session, sample, legs }: RouteExplanation): readonly string[] {
  if (legs.length < 2) return []
  const chance = drawn ? ['Equals are drawn for every such call; below, the heaviest stand first.'] : []
  if (!affinity) return chance
  if (session !== undefined)
    return [...chance, `The conversation is known by ${sessionWords(session)}, and stays where it is among equals.`]
  return sample && drawn ? [...chance, 'A conversation stays where it began.'] : chance
}

function sessionWords(session: NonNullable<RouteExplanation['session']>): string {
  if (typeof session === 'object') return `the header ${session.header}`
  return session === 'body' ? 'what its body says' : 'how it begins'
}

function signedOf({ signer, signedReasoning }: RouteExplanation): readonly string[] {
  if (signer === undefined) return []
  const fate = signedReasoning === 'remove' ? 'Elsewhere it is taken out' : 'Other models are passed over'
  return [`It carries thinking that ${signer} signed. ${fate}.`]
}

/** Each leg in words. `now`: milliseconds since 1970. */
function legTexts(found: RouteExplanation, now: number): readonly LegText[] {
  const several = new Set(
    found.legs.filter(({ target }, i) => found.legs.some((leg, j) => leg.target === target && i !== j)),
  )
  return found.legs.map(leg => ({
    position: leg.position,
    name: several.has(leg) ? `${leg.target}, key "${leg.credential}"` : leg.target,
    ...verdictOf(leg),
    rows: rowsOf(leg, found, now),
  }))
}

function verdictOf({ tried, reason, health, unfit }: LegExplanation): Pick<LegText, 'verdict' | 'style'> {
  const because = reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`
  const isDoubtful = unfit !== undefined || health?.state === 'open'
  if (tried === 'first' && isDoubtful) return { verdict: 'asked first: nothing else may answer', style: 'yellow' }
  if (tried === 'first') return { verdict: 'asked first', style: 'green' }
  if (tried === 'after') return { verdict: `asked if others fail${because}`, style: 'cyan' }
  return { verdict: `not asked${because}`, style: 'yellow' }
}

function rowsOf(leg: LegExplanation, found: RouteExplanation, now: number): LegText['rows'] {
  const { health, unfit, fenced, signed } = leg
  return [
    { title: 'lane', text: laneOf(leg, found) },
    ...(fenced === undefined || fenced === leg.reason ? [] : [{ title: 'fence', text: fenced }]),
    {
      title: 'health',
      text: health === undefined ? 'nothing known yet' : (stateWords(health, now) ?? countWords(health)),
    },
    { title: 'request', text: sayingOf(leg) },
    ...(unfit === undefined || unfit === leg.reason ? [] : [{ title: 'fit', text: unfit }]),
    ...(signed === 'remove'
      ? [{ title: 'thinking', text: `signed by ${found.signer ?? 'another model'}: taken out` }]
      : []),
    ...nextOf(leg, found),
  ]
}

function laneOf(leg: LegExplanation, { first, drawn, legs }: RouteExplanation): string {
  const other = leg.billing === first.billing ? '' : `, not the route's (${first.billing})`
  const places = legs.length < 2 ? '' : `; priority ${leg.priority}, weight ${leg.weight}${keyPlace(leg, legs)}`
  const share = leg.share === undefined || !drawn ? '' : `: first in ${Math.round(leg.share * 100)} % of the draws`
  return `${leg.billing}${other}${places}${share}`
}

function keyPlace(
  { target, credentialPriority, credentialWeight }: LegExplanation,
  legs: readonly LegExplanation[],
): string {
  const keys = legs.filter(leg => leg.target === target)
  return keys.length < 2 ? '' : `; among its keys priority ${credentialPriority}, weight ${credentialWeight}`
}

function sayingOf({ saying }: LegExplanation): string {
  const { protocol, passThrough, reported, refused, passed } = saying
  if (refused !== undefined) return refused
  const left = reported.length === 0 ? '' : `, without ${reported.join(', ')}`
  const not = passed.map(each => `; not over ${each.protocol ?? 'another surface'}: ${each.reason}`)
  return `over ${protocol ?? 'no surface'}, ${passThrough ? 'passed through' : 'translated'}${left}${not.join('')}`
}

function nextOf({ tried, moves, target }: LegExplanation, { legs }: RouteExplanation): LegText['rows'] {
  if (tried === 'not') return []
  if (moves.length === 0) return [{ title: 'if it fails', text: 'the problem is told: nothing else is asked' }]
  const nameOf = (to: number) => {
    const next = legs[to - 1]
    return `${to} (${next?.target === target ? `key "${next.credential}"` : (next?.target ?? '')})`
  }
  const goes = moves.map(({ to, codes }) => `on ${codes.join(', ')}: ${nameOf(to)}`)
  return [{ title: 'then', text: `${goes.join('; ')}; any other problem is told` }]
}

function usd(nanoUsd: number): string {
  return showUsd(nanoUsd as NanoUsd)
}
