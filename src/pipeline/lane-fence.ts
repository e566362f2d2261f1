import { showAmount } from '../policy/words.ts'
import { usageCost } from './estimate.ts'
import type { CourseLeg } from './route.ts'
import type { Trip } from './trip.ts'

const DAY_MS = 86_400_000

/** A lane that is open up to an amount a day. */
export interface Allowance {
  /** Of the sum that is spent outside of the first lane. */
  readonly name: string
  /** What this call may cost there, in nano-dollars. */
  readonly amount: number
  readonly most: number
  /** When the day's sum may be forgotten, milliseconds since 1970. */
  readonly expiresAtMs: number
  /** The two lanes, in words. */
  readonly lanes: string
}

/**
 * What the fence says to a leg, before anything is reserved; undefined: it is open. The lane of the first target is free to use; another one only
 * where the route crosses lanes, and with an amount only as long as the day's sum, this call's estimate included, stays below it. A call that names a
 * model has no route, and so never leaves its lane.
 */
export function laneRule(leg: CourseLeg, trip: Trip): Allowance | { readonly closed: string } | undefined {
  const { course, call } = trip
  const { billing } = leg.credential
  if (billing === course.first.billing) return undefined
  const { route } = course
  const lanes = `${lane(billing)}, and ${route === undefined ? 'the call' : `the route`} is ${lane(course.first.billing)}`
  if (route === undefined || route.crossBilling === false)
    return {
      closed: `its lane is ${lanes}: ${route === undefined ? 'only a route can leave a lane' : 'the route has no crossBilling'}`,
    }
  if (route.crossBilling === true || billing !== 'metered') return undefined
  const amount = dearestCrossing(trip)
  if (amount === undefined)
    return {
      closed: `its lane is ${lanes}, up to an amount a day: what it costs is not known, so the amount cannot be kept`,
    }
  const day = dayOf(call.at)
  const { expiresAtMs } = day
  return {
    name: crossingSum(route.name, day.number),
    amount,
    most: route.crossBilling.nanoUsdPerDay,
    expiresAtMs,
    lanes,
  }
}

/** Why a call is not let in where so much of the day's amount is spent. */
export function dayUsedUp({ lanes, most, amount }: Allowance, spent: number): string {
  return `its lane is ${lanes}: of the ${showAmount(most, 'usd')} a day of crossBilling ${showAmount(spent, 'usd')} are used, and this call may cost ${showAmount(amount, 'usd')}`
}

/** Lets a call into a leg's billing lane, or says why not. What it may cost outside of the first lane is reserved. */
export async function enterLane(leg: CourseLeg, trip: Trip): Promise<string | undefined> {
  const rule = laneRule(leg, trip)
  if (rule === undefined) return undefined
  if ('closed' in rule) return rule.closed
  const { house, record } = trip
  if (record.crossed) return undefined
  const { name, amount, most, expiresAtMs } = rule
  const reserved = await house.counters.reserve([{ name, amount, most, expiresAtMs }])
  if (!reserved.ok) return dayUsedUp(rule, reserved.spent)
  record.crossed = true
  // The ledger keeps what is counted, so that the day's sum can be found again after a restart.
  record.counted(trip.estimate)
  record.owe(outcome => {
    const spent = outcome.used === 'none' ? 0 : outcome.used === 'unknown' ? amount : (outcome.costNanoUsd ?? amount)
    // An answer of another lane after all: nothing was spent in this one.
    const own = record.draft.billing === 'metered' ? spent : 0
    if (own !== amount) void house.counters.add([{ name, amount: own - amount, expiresAtMs }])
  })
  return undefined
}

/** The most the call may cost outside of the first lane: reserved once, whichever of the legs answers. Undefined if a price is not known. */
function dearestCrossing({ course, call, estimate }: Trip): number | undefined {
  const { inputTokens, outputTokens } = estimate()
  let most = 0
  for (const { target, credential } of course.legs) {
    if (credential.billing !== 'metered') continue
    const amount = usageCost(target, { input: inputTokens, output: outputTokens }, call.at)
    if (amount === undefined) return undefined
    most = Math.max(most, amount)
  }
  return most
}

/** The sum of what a route spent outside of its first lane on one day, counted in days since 1970. */
export function crossingSum(route: string, day: number): string {
  return `crossing:${route}:${day}`
}

/** A day in UTC: its number since 1970, and when its sums may be forgotten. */
export function dayOf(atMs: number): {
  readonly number: number
  readonly startMs: number
  readonly expiresAtMs: number
} {
  const number = Math.floor(atMs / DAY_MS)
  return { number, startMs: number * DAY_MS, expiresAtMs: (number + 2) * DAY_MS }
}

function lane(billing: string): string {
  return `"${billing}"`
}
