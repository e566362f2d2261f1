import type { ConfigView } from '../../admin/contract.ts'
import type { CallLine } from '../../admin/live.ts'
import type { CoolingView, Today } from '../../admin/overview.ts'
import type { Pace } from '../../admin/pace.ts'
import { type AgedQuotaView, currentWindows, isLow, isUsedUp } from '../../admin/quota-views.ts'
import type { Remark } from '../../admin/remarks.ts'
import { standingOf } from '../../admin/story/health.ts'
import type { ProblemCode } from '../../canon/problem.ts'
import type { BodyHealth } from '../../ledger/kept-bodies.ts'
import type { QuotaWindow } from '../../upstream/quota.ts'
import { oneLine } from '../terminal-text.ts'

/** The gateway that runs. */
export interface GatewayFacts {
  readonly url: string
  /** Absent: it was named by its URL. */
  readonly pid?: number
  readonly version: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly upMs: number
  readonly ready: boolean
  /** Why it takes no calls. */
  readonly notReady: readonly string[]
  readonly inFlight: number
  /** The last sixty seconds. */
  readonly lately: Pace
  /** Receipts that will never be in the ledger. */
  readonly receiptsLost: number
  /** What is not being recorded, and why. */
  readonly ledgerWarning?: string
  /** What is kept of what is asked and answered. Absent: an older gateway, which keeps nothing. */
  readonly bodies?: BodyHealth
}

/** One provider. Without a running gateway only what it did today is known. */
export interface ProviderFacts {
  readonly id: string
  readonly billing?: string
  readonly available?: boolean
  readonly unavailable?: string
  readonly cooling: readonly CoolingView[]
  readonly quotas: readonly AgedQuotaView[]
  readonly inFlight: number
  readonly lastFailure?: ProblemCode
  readonly firstByteMs?: number
  readonly today: { readonly calls: number; readonly failed: number }
}

/** The newest call that did not end well. */
export interface LastError {
  readonly callId: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Absent: Candor stopped while the call ran. */
  readonly code?: ProblemCode
  readonly text: string
}

/** Everything on the screen of `candor status`. */
export interface StatusFacts {
  /** The gateway's clock, milliseconds since 1970; this machine's where none runs. */
  readonly now: number
  readonly gateway?: GatewayFacts
  /** Why there is none, where something is known of it. */
  readonly gone?: string
  /** Without a running gateway `refused` tells the faults of the file as it is now. Absent: there is no file. */
  readonly config: Partial<ConfigView>
  /** Absent: the ledger cannot be read. */
  readonly today?: Today
  /** Why it cannot. */
  readonly ledgerFault?: string
  readonly providers: readonly ProviderFacts[]
  /** How many more are known and cannot be used. */
  readonly otherProviders?: number
  readonly lastError?: LastError
  /** Of the newest calls of today, those that another model answered, newest first. */
  readonly fellBack: readonly Remark[]
  /** What somebody should look at, a few words each. */
  readonly wrong: readonly string[]
}

/** The newest call that did not end well, of calls that are newest first. One that the client left did nothing wrong. */
export function lastErrorOf(calls: readonly CallLine[], remarks: readonly Remark[]): LastError | undefined {
  const call = calls.find(({ ending }) => ending === 'failed' || ending === 'truncated' || ending === 'interrupted')
  if (call === undefined) return undefined
  const { id, at, problem, served, asked, ending } = call
  const text = remarks.find(({ callId }) => callId === id)?.text ?? `${served ?? asked}: ${problem ?? ending}`
  return { callId: id, at, text, ...(problem === undefined ? {} : { code: problem }) }
}

/** The fallbacks among the remarks since a time, milliseconds since 1970. */
export function fallbacksSince(remarks: readonly Remark[], since: number): readonly Remark[] {
  return remarks.filter(({ kind, at }) => kind === 'fell-back' && at >= since)
}

/** What somebody should look at. What is over, as calls that failed before one that did not, is not among it. */
export function wrongOf(facts: Omit<StatusFacts, 'wrong'>): readonly string[] {
  const { now, gateway, config, today, ledgerFault, providers } = facts
  const unusable = gateway !== undefined && !providers.some(({ available }) => available === true)
  return [
    ...(gateway === undefined ? ['no gateway runs'] : []),
    ...(gateway?.notReady ?? []).map(reason => `it takes no calls: ${reason}`),
    ...(config.refused === undefined ? [] : ['the configuration file has faults']),
    ...(gateway?.ledgerWarning === undefined ? [] : ['calls are not recorded']),
    ...(gateway?.bodies?.warning === undefined ? [] : ['something is wrong with kept bodies']),
    ...((gateway?.receiptsLost ?? 0) === 0 ? [] : ['receipts were lost']),
    ...(ledgerFault === undefined && today?.fault === undefined ? [] : ['the ledger cannot be read in full']),
    ...(unusable ? ['no provider can be used'] : []),
    ...providers.flatMap(provider => troubleOf(provider, now)),
  ]
}

function troubleOf(provider: ProviderFacts, now: number): readonly string[] {
  const { id, lastFailure, quotas } = provider
  const words = {
    unusable: `${id} cannot be used any more`,
    cooling: `${id} cools down`,
    'on-trial': `${id} was left alone, and its next call decides`,
    failing: `${id} failed when it was asked last (${lastFailure})`,
    well: undefined,
    unproven: undefined,
  }[standingOf(provider)]
  return [...(words === undefined ? [] : [words]), ...quotaTrouble(id, quotas, now)]
}

/** What fills up again within this many milliseconds, as limits by the minute do, needs nobody's eye while something is left. */
const SOON_MS = 10 * 60_000

function quotaTrouble(id: string, views: readonly AgedQuotaView[], now: number): readonly string[] {
  const windows = views.filter(({ stale }) => !stale).flatMap(currentWindows)
  if (windows.some(isUsedUp)) return [`a quota of ${id} is used up`]
  const isSoon = ({ resetsAtMs = Number.POSITIVE_INFINITY }: QuotaWindow) => resetsAtMs - now <= SOON_MS
  const left = (window: QuotaWindow) => window.remainingPercent ?? 100
  const [least] = windows.filter(window => isLow(window) && !isSoon(window)).toSorted((a, b) => left(a) - left(b))
  if (least === undefined) return []
  return [`${Math.floor(left(least))} % of the quota of ${id} is left (${oneLine(least.name, 40)})`]
}
