import { PROBLEMS, type ProblemCode } from '../canon/problem.ts'
import type { Billing } from '../catalog/provider.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { Usage, UsageRow } from '../ledger/usage.ts'
import type { HealthView } from '../upstream/health.ts'
import type { QuotaView } from '../upstream/quota.ts'
import type { CoolDown, ProviderView, StatusView } from './contract.ts'
import { type CallLine, callLine, type Notice } from './live.ts'
import type { Pace, PaceMinute } from './pace.ts'
import { type AgedQuotaView, quotaList } from './quota-views.ts'
import { type Remark, remarkOf } from './remarks.ts'

/** Something of a provider that is left alone for a while. */
export interface CoolingView extends CoolDown {
  readonly model: string
  readonly credential: string
}

/** A provider, as far as one wants to know at a glance. */
export interface ProviderNow {
  readonly id: string
  readonly name: string
  readonly billing: Billing
  readonly available: boolean
  /** Why it cannot be used. */
  readonly unavailable?: string
  readonly cooling: readonly CoolingView[]
  /** What it says is left. */
  readonly quotas: readonly AgedQuotaView[]
  readonly inFlight: number
  /** What went wrong the last time it was asked, as far as the newest calls tell. Absent: nothing, or it is not known. */
  readonly lastFailure?: ProblemCode
  /** Of its models, the shortest average time to the first byte, in milliseconds. */
  readonly firstByteMs?: number
  /** Calls since midnight where the gateway runs. */
  readonly today: { readonly calls: number; readonly failed: number }
}

/** What was used since midnight where the gateway runs. */
export interface Today {
  /** Milliseconds since 1970. */
  readonly since: number
  /** How old the sums are, in milliseconds: of a ledger that is slow to sum up they are read less often. */
  readonly ageMs: number
  readonly calls: number
  readonly failed: number
  readonly fallbacks: number
  readonly lanes: UsageRow['lanes']
  /** What is known of the cost of metered calls. */
  readonly costNanoUsd: number
  /** Calls whose cost is not known, or not all of it: of an answer that was cut off, what was told by then is in it. */
  readonly unpriced: number
  /** Calls that were answered and whose usage is not known. */
  readonly usageUnknown: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Why the sums are not all there is. */
  readonly fault?: string
}

/** The answer to `GET /candor/overview`: the first view, in one question. */
export interface Overview {
  /** The gateway's clock, milliseconds since 1970: ages are counted from it. */
  readonly now: number
  readonly status: StatusView
  /** How many providers are known that cannot be used and were not used today; they are not listed. */
  readonly otherProviders: number
  readonly providers: readonly ProviderNow[]
  readonly today: Today
  /** The last hour by minutes, since the start at most. */
  readonly minutes: readonly PaceMinute[]
  /** The last sixty seconds. */
  readonly lately: Pace
  /** The newest calls, newest first. */
  readonly calls: readonly CallLine[]
  /** What did not simply go well of the newest calls, newest first. */
  readonly remarks: readonly Remark[]
  /** Warnings and errors of the gateway's own since its start, newest first. */
  readonly notices: readonly Notice[]
  /** Where the live events go on after this: `/candor/live?after=`. */
  readonly cursor: string
}

/** Calls shown at first. */
export const OVERVIEW_CALLS = 60

/** Most remarks shown. */
const REMARKS_MAX = 30

/** What the overview is made of. */
export interface OverviewParts {
  readonly now: number
  readonly status: StatusView
  readonly providers: readonly ProviderView[]
  readonly quotas: readonly QuotaView[]
  readonly usage: { readonly since: number; readonly at: number; readonly byProvider: Usage }
  readonly minutes: readonly PaceMinute[]
  readonly lately: Pace
  /** Newest first. */
  readonly receipts: readonly Receipt[]
  /** Newest first. */
  readonly notices: readonly Notice[]
  readonly cursor: string
}

/** Puts the overview together. Pure. */
export function overviewOf(parts: OverviewParts): Overview {
  const { now, status, minutes, lately, receipts, notices, cursor, usage } = parts
  const rows = new Map(usage.byProvider.rows.map(row => [row.group, row]))
  const quotas = quotaList(parts.quotas, now).data
  const failures = lastFailures(receipts)
  const providers = parts.providers.map(provider =>
    providerNow(provider, { row: rows.get(provider.id), quotas, lastFailure: failures.get(provider.id) }),
  )
  const shown = providers.filter(({ available, today }) => available || today.calls > 0)
  return {
    now,
    status,
    providers: shown,
    otherProviders: providers.length - shown.length,
    today: { ageMs: Math.max(0, now - usage.at), ...todayOf(usage.since, usage.byProvider) },
    minutes,
    lately,
    calls: receipts.slice(0, OVERVIEW_CALLS).map(callLine),
    remarks: receipts.flatMap(receipt => remarkOf(receipt) ?? []).slice(0, REMARKS_MAX),
    notices,
    cursor,
  }
}

/** How each provider failed when it was asked last. What the client is to blame for, and what nobody waited for, says nothing against it. */
function lastFailures(receipts: readonly Receipt[]): ReadonlyMap<string, ProblemCode | undefined> {
  const found = new Map<string, ProblemCode | undefined>()
  const attempts = receipts.flatMap(receipt => (receipt.ending === 'in-flight' ? [] : receipt.attempts.toReversed()))
  for (const { provider, problem, status } of attempts) {
    const blame = problem === undefined ? undefined : PROBLEMS[problem.code].blame
    const isMute = blame === 'gateway' || (problem === undefined && status === undefined)
    if (!isMute && !found.has(provider)) found.set(provider, blame === 'client' ? undefined : problem?.code)
  }
  return found
}

/** What is known of a provider beside itself. */
interface Beside {
  readonly row: UsageRow | undefined
  /** Of all providers. */
  readonly quotas: readonly AgedQuotaView[]
  readonly lastFailure: ProblemCode | undefined
}

function providerNow(
  { id, name, billing, available, unavailable, health = [] }: ProviderView,
  { row, quotas, lastFailure }: Beside,
): ProviderNow {
  const times = health.flatMap(({ firstByteMs }) => firstByteMs ?? [])
  return {
    id,
    name,
    billing,
    available,
    ...(unavailable === undefined ? {} : { unavailable }),
    cooling: health.flatMap(coolingOf),
    quotas: quotas.filter(({ provider }) => provider === id),
    inFlight: health.reduce((sum, { inFlight }) => sum + inFlight, 0),
    ...(lastFailure === undefined ? {} : { lastFailure }),
    ...(times.length === 0 ? {} : { firstByteMs: Math.min(...times) }),
    today: { calls: row?.calls ?? 0, failed: row?.failed ?? 0 },
  }
}

function coolingOf({ state, model, credential, reason, what, until }: HealthView): CoolingView[] {
  if (state === 'closed' || reason === undefined) return []
  const code: ProblemCode = reason
  const rest = { ...(what === undefined ? {} : { what }), ...(until === undefined ? {} : { until }) }
  return [{ model, credential, reason: code, ...rest }]
}

/** The sums of all providers. `since`: where they begin, milliseconds since 1970. */
export function todayOf(since: number, { rows, fault }: Usage): Omit<Today, 'ageMs'> {
  const sum = (of: (row: UsageRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  return {
    since,
    calls: sum(row => row.calls),
    failed: sum(row => row.failed),
    fallbacks: sum(row => row.fallbacks),
    lanes: {
      plan: sum(({ lanes }) => lanes.plan),
      metered: sum(({ lanes }) => lanes.metered),
      free: sum(({ lanes }) => lanes.free),
      local: sum(({ lanes }) => lanes.local),
    },
    costNanoUsd: sum(row => row.costNanoUsd),
    unpriced: sum(row => row.unpriced),
    usageUnknown: sum(row => row.usageUnknown),
    inputTokens: sum(({ tokens }) => tokens.input + tokens.cacheRead + tokens.cacheWrite),
    outputTokens: sum(({ tokens }) => tokens.output + tokens.reasoning),
    ...(fault === undefined ? {} : { fault }),
  }
}
