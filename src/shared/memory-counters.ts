import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import type { Counters, LeaseTake, RateTake, Remaining, ReserveResult, SumReserve, TakeResult } from './counters.ts'
import { type Expiring, type NameTable, openNameTable } from './name-table.ts'

const MINUTE_MS = 60_000

/** Names of one kind: far more than keys have limits, and still some tens of megabytes. */
const NAMES_MAX = 200_000
const ROOM = 'no more names are counted than there is room for'

/** Millionths of a unit are rounding: a rate that is exactly free must not be refused for them. */
const ROUNDING = 1e-6

/** A rate: it expires at its theoretical arrival time, from which on it is like one that was never used. */
type Rate = Expiring

/** Who holds a lease until when. It expires with its last holder. */
interface Lease extends Expiring {
  readonly holders: Map<string, number>
}

interface Sum extends Expiring {
  value: number
}

type Refusal = Omit<Extract<TakeResult, { ok: false }>, 'ok' | 'refused'>

/**
 * Counters of this process alone. No method waits, so each is one step that nothing can come between. Rates and leases go by the monotonic clock,
 * sums by the wall clock, since their periods do. At `namesMax` names of one kind nothing is given under new ones: a counter that cannot be kept must not
 * count as unused.
 */
export function memoryCounters(clock: Clock, namesMax = NAMES_MAX): Counters {
  const monotonicMs = () => clock.monotonicMs()
  const rates = openNameTable<Rate>(monotonicMs, namesMax)
  const leases = openNameTable<Lease>(monotonicMs, namesMax)
  return {
    async take(takes) {
      assert(areDistinct(takes), 'a counter is taken once at a time')
      const now = clock.monotonicMs()
      for (const [index, take] of takes.entries()) {
        const refusal = isLease(take) ? leaseRefusal(leases, take, now) : rateRefusal(rates, take, now)
        if (refusal !== undefined) return { ok: false, refused: index, ...refusal }
      }
      assert(leases.makeRoom(takes.filter(isLease)) && rates.makeRoom(takes.filter(isRate)), ROOM)
      const remaining = takes.map(take => (isLease(take) ? hold(leases, take, now) : spend(rates, take, now)))
      return { ok: true, remaining }
    },
    async adjust(rate) {
      rates.makeRoom([rate])
      spend(rates, rate, clock.monotonicMs())
    },
    async release(name, holder) {
      const lease = leases.get(name)
      lease?.holders.delete(holder)
      if (lease?.holders.size === 0) leases.delete(name)
    },
    ...memorySums(clock, namesMax),
  }
}

function memorySums(clock: Clock, namesMax: number): Pick<Counters, 'reserve' | 'add' | 'sum' | 'restore'> {
  const sums = openNameTable<Sum>(() => clock.now(), namesMax)
  const standing = (name: string): number => sums.get(name)?.value ?? 0
  const put = (value: number, { name, expiresAtMs }: { name: string; expiresAtMs: number }): number => {
    if (expiresAtMs > clock.now()) sums.set(name, { value, expiresAtMs })
    return value
  }
  return {
    async reserve(wanted): Promise<ReserveResult> {
      assert(areDistinct(wanted), 'a sum is reserved from once at a time')
      for (const [index, { name, amount, most }] of wanted.entries()) {
        assert(isAmount(amount) && amount >= 0, 'a reservation is a whole number, not below zero')
        const spent = standing(name)
        if (most !== undefined && spent + amount > most) return { ok: false, refused: index, spent }
      }
      assert(sums.makeRoom(wanted), ROOM)
      return { ok: true, sums: wanted.map(each => put(standing(each.name) + each.amount, each)) }
    },
    async add(amounts) {
      assert(
        amounts.every(each => isAmount(each.amount)),
        'a sum counts whole numbers',
      )
      sums.makeRoom(amounts)
      for (const each of amounts) put(standing(each.name) + each.amount, each)
    },
    async sum(name) {
      return standing(name)
    },
    async restore(found) {
      assert(
        found.every(each => isAmount(each.amount)),
        'a sum counts whole numbers',
      )
      assert(sums.makeRoom(found), ROOM)
      for (const each of found) put(Math.max(standing(each.name), each.amount), each)
    },
  }
}

const isLease = (take: RateTake | LeaseTake): take is LeaseTake => 'holder' in take
const isRate = (take: RateTake | LeaseTake): take is RateTake => !isLease(take)
const isAmount = (amount: number): boolean => Number.isSafeInteger(amount)

function areDistinct(asked: readonly Pick<SumReserve, 'name'>[]): boolean {
  return asked.every(({ name }, index) => asked.findIndex(other => other.name === name) === index)
}

/** Units that may come now; negative where more was used than the rate allows. */
function freeUnits(rates: NameTable<Rate>, { name, perMinute, burst }: RateTake, now: number): number {
  const aheadMs = Math.max(0, (rates.get(name)?.expiresAtMs ?? now) - now)
  return burst - (aheadMs * perMinute) / MINUTE_MS
}

function rateRefusal(rates: NameTable<Rate>, take: RateTake, now: number): Refusal | undefined {
  const { units, perMinute, burst } = take
  assert(units >= 0 && perMinute > 0 && burst >= 1, 'a rate has units to take from')
  const wanted = Math.max(1, units)
  const free = freeUnits(rates, take, now)
  if (free + ROUNDING >= wanted) return undefined
  const retryAfterMs = wanted > burst ? Number.POSITIVE_INFINITY : Math.ceil(((wanted - free) * MINUTE_MS) / perMinute)
  return { retryAfterMs, remaining: rateLeft(rates, take, now) }
}

function spend(rates: NameTable<Rate>, take: RateTake, now: number): Remaining {
  const { name, units, perMinute } = take
  const arrivalMs = Math.max(now, rates.get(name)?.expiresAtMs ?? now) + (units * MINUTE_MS) / perMinute
  if (arrivalMs > now) rates.set(name, { expiresAtMs: arrivalMs })
  else rates.delete(name)
  return rateLeft(rates, take, now)
}

function rateLeft(rates: NameTable<Rate>, take: RateTake, now: number): Remaining {
  const free = freeUnits(rates, take, now)
  return {
    limit: take.burst,
    remaining: Math.max(0, Math.floor(free + ROUNDING)),
    resetMs: Math.ceil(((take.burst - free) * MINUTE_MS) / take.perMinute),
  }
}

/** The lease without holders whose time is over. */
function liveLease(leases: NameTable<Lease>, name: string, now: number): Lease | undefined {
  const lease = leases.get(name)
  if (lease !== undefined)
    for (const [holder, untilMs] of lease.holders) if (untilMs <= now) lease.holders.delete(holder)
  return lease
}

function leaseRefusal(leases: NameTable<Lease>, take: LeaseTake, now: number): Refusal | undefined {
  const lease = liveLease(leases, take.name, now)
  const held = lease?.holders.size ?? 0
  if (held < take.most || lease?.holders.has(take.holder) === true) return undefined
  const firstMs = Math.min(...(lease?.holders.values() ?? []))
  return { retryAfterMs: Math.ceil(firstMs - now), remaining: leaseLeft(lease, take, now) }
}

function hold(leases: NameTable<Lease>, take: LeaseTake, now: number): Remaining {
  const lease = leases.get(take.name) ?? { holders: new Map(), expiresAtMs: now }
  const untilMs = now + take.ttlMs
  lease.holders.set(take.holder, untilMs)
  lease.expiresAtMs = Math.max(lease.expiresAtMs, untilMs)
  leases.set(take.name, lease)
  return leaseLeft(lease, take, now)
}

function leaseLeft(lease: Lease | undefined, { most }: LeaseTake, now: number): Remaining {
  return {
    limit: most,
    remaining: Math.max(0, most - (lease?.holders.size ?? 0)),
    resetMs: Math.ceil((lease?.expiresAtMs ?? now) - now),
  }
}
