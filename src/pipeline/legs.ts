import type { HealthKey } from '../upstream/health.ts'
import { sessionOf } from './affinity.ts'
import { orderEqual } from './balance.ts'
import type { Leg } from './call.ts'
import type { CourseLeg } from './route.ts'
import type { Trip } from './trip.ts'

/** What health is kept of. */
export function healthKey({ target, credential }: Leg): HealthKey {
  return { provider: target.provider.id, credential: credential.name, model: target.model }
}

/**
 * The legs in the order in which they are tried: targets by priority, equals among them as the route balances them; within a target its credentials,
 * in the same way. The session is only looked for where there are equals.
 */
export function orderLegs(trip: Trip, session: SessionReader = sessionReader(trip)): readonly CourseLeg[] {
  const { course, house } = trip
  const balance = course.route?.balance ?? 'order'
  const ordered: CourseLeg[] = []
  // Among equals the first lane comes first: another purse pays only once this one cannot.
  const isInside = (leg: CourseLeg) => leg.credential.billing === course.first.billing
  const tiers = groups(course.legs, leg => leg.priority).flatMap(tier => [
    tier.filter(isInside),
    tier.filter(leg => !isInside(leg)),
  ])
  for (const tier of tiers) {
    const targets = groups(tier, leg => leg.target.ref).map(legs => ({ legs, weight: legs[0]?.weight ?? 1 }))
    const sorted = inOrder(targets, balance, {
      name: ({ legs }) => legs[0]?.target.ref ?? '',
      load: ({ legs }) => Math.min(...legs.map(leg => house.health.load(healthKey(leg)))),
      session,
      random: house.random,
    })
    for (const { legs } of sorted) ordered.push(...orderCredentials(legs, session, trip))
  }
  return ordered
}

function orderCredentials(legs: readonly CourseLeg[], session: SessionReader, { house }: Trip): CourseLeg[] {
  const balance = legs[0]?.target.provider.balance ?? 'order'
  return groups(legs, leg => leg.credential.priority).flatMap(equals =>
    inOrder(
      equals.map(leg => ({ leg, weight: leg.credential.weight })),
      balance,
      {
        name: ({ leg }) => `${leg.target.provider.id}\n${leg.credential.name}`,
        load: ({ leg }) => house.health.load(healthKey(leg)),
        session,
        random: house.random,
      },
    ).map(({ leg }) => leg),
  )
}

/** Which conversation the call belongs to, if that counts. */
export type SessionReader = () => string | undefined

interface Options<T> {
  name(item: T): string
  load(item: T): number
  readonly session: SessionReader
  random(): number
}

function inOrder<T extends { readonly weight: number }>(
  equals: readonly T[],
  how: Parameters<typeof orderEqual>[1],
  { session, ...options }: Options<T>,
): readonly T[] {
  if (equals.length < 2 || how === 'order') return equals
  const found = session()
  return orderEqual(equals, how, { ...options, ...(found === undefined ? {} : { session: found }) })
}

/** Reads the session at most once, and never where a route does not want it. */
function sessionReader({ call, course, record }: Trip): SessionReader {
  if (course.route?.affinity === false) return () => undefined
  let read: { readonly session: string | undefined } | undefined
  return () => {
    read ??= { session: sessionOf(call, record.draft.key?.id) }
    return read.session
  }
}

/** Neighbours that agree, in their order. */
function groups<T>(items: readonly T[], by: (item: T) => string | number): T[][] {
  const found = new Map<string | number, T[]>()
  for (const item of items) {
    const same = found.get(by(item))
    if (same === undefined) found.set(by(item), [item])
    else same.push(item)
  }
  return [...found.entries()].map(([, group]) => group)
}
