import type { Attempt } from '../ledger/receipt.ts'
import { showAmount } from '../policy/words.ts'
import type { Leg } from './call.ts'
import { mayHaveWorked } from './call-record.ts'
import { usageCost } from './estimate.ts'
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
export function laneRule(leg: Leg, trip: Trip): Allowance | { readonly closed: string } | undefined {
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

/**
 * Lets a call into a leg's billing lane, or says why not. What one request may cost outside of the first lane is reserved: anew for every request behind
 * one that may have been carried out.
 */
export async function enterLane(leg: Leg, trip: Trip): Promise<string | undefined> {
  const rule = laneRule(leg, trip)
  if (rule === undefined) return undefined
  if ('closed' in rule) return rule.closed
  const { house, record } = trip
  const paid = record.draft.attempts.filter(mayBeBilled).length
  if (record.crossings > paid) return undefined
  const { name, amount, most, expiresAtMs } = rule
  const reserved = await house.counters.reserve([{ name, amount, most, expiresAtMs }])
  if (!reserved.ok) return dayUsedUp(rule, reserved.spent)
  record.crossings += 1
  if (record.crossings > 1) return undefined
  // The ledger keeps what is counted, so that the day's sum can be found again after a restart.
  record.counted(trip.estimate)
  record.owe(({ used, costNanoUsd = amount }, { attempts }) => {
    const paid = attempts.filter(mayBeBilled)
    // What an answer told is known of the last request only. The others may have cost as much as was reserved.
    const answered = attempts.at(-1)
    const isTold = used === 'known' && answered !== undefined && mayBeBilled(answered)
    const rest = (paid.length - record.crossings) * amount + (isTold ? costNanoUsd - amount : 0)
    if (rest !== 0) void house.counters.add([{ name, amount: rest, expiresAtMs }])
  })
  return undefined
}

const mayBeBilled = (attempt: Attempt) => attempt.billing === 'metered' && mayHaveWorked(attempt)

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
