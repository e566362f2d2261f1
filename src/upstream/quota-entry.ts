import type { Clock } from '../base/clock.ts'
import { parseJson } from '../base/json.ts'
import type { QuotaEndpoint } from '../catalog/provider.ts'
import type { CredentialSetup, ProviderSetup } from './provider-setup.ts'
import type { QuotaReading, QuotaView, QuotaWindow } from './quota.ts'
import { type QuotaAsk, quotaWords } from './quota-ask.ts'
import { type LimitHeaders, noLimitHeaders, readLimitHeaders } from './quota-headers.ts'
import { neverPolled, type Polled } from './quota-poller.ts'
import { QUOTA_READERS } from './quota-readers.ts'

/** Numbers, and when they were told, in milliseconds since 1970. */
interface Told extends QuotaReading {
  readonly at: number
}

/** A window that can run out, with the age of its numbers. */
interface Limited {
  readonly window: QuotaWindow
  readonly remainingPercent: number
  readonly at: number
}

/** What is known of one credential. */
export interface QuotaEntry extends Polled {
  provider: ProviderSetup
  credential: CredentialSetup
  /** By the quota endpoint. */
  told: Told | undefined
  fault: { readonly text: string; readonly at: number } | undefined
  /** By the headers of answers, not read yet. */
  readonly noted: LimitHeaders
  notedAt: number
  /** The same, read. Undefined: there are newer ones to read. */
  heard: Told | undefined
  /** All of it, the least left first. Undefined: to be found anew. */
  limited: readonly Limited[] | undefined
}

/** What entries are asked with. */
export interface EntryParts {
  readonly clock: Clock
  readonly ask: QuotaAsk
  /** Ends a question that is under way. */
  readonly leaving: AbortSignal
}

/** An entry of which nothing is known. */
export function newEntry(provider: ProviderSetup, credential: CredentialSetup, parts: EntryParts): QuotaEntry {
  const entry: QuotaEntry = {
    ...neverPolled(),
    line: provider.id,
    provider,
    credential,
    told: undefined,
    fault: undefined,
    noted: noLimitHeaders(),
    notedAt: 0,
    heard: undefined,
    limited: undefined,
    ask: () => askEntry(entry, parts),
  }
  return entry
}

/** Where to ask about this credential; undefined where nobody can be asked. */
export function quotaOf({ provider, credential }: QuotaEntry): QuotaEndpoint | undefined {
  const { quota } = provider
  if (quota === undefined || credential.key === undefined || credential.belongsTo !== undefined) return undefined
  return quota.billing === undefined || quota.billing === credential.billing ? quota : undefined
}

/** The window with the least left, of those that are fresh, if it is less than `percent`. */
export function lowOf(entry: QuotaEntry, percent: number, now: number, freshMs: number): QuotaWindow | undefined {
  entry.limited ??= limitedOf(entry)
  for (const { window, remainingPercent, at } of entry.limited) {
    if (remainingPercent >= percent) return undefined
    if (!isPast(window, at, now, freshMs)) return window
  }
  return undefined
}

/** Up to two views: what the endpoint told, and what headers told. They are never mixed. */
export function viewsOf(entry: QuotaEntry, now: number, freshMs: number): QuotaView[] {
  const { told, fault } = entry
  const heard = heardOf(entry)
  const views: QuotaView[] = []
  if (told !== undefined) views.push({ ...viewOf(entry, told, 'endpoint', now, freshMs), ...faultIn(entry) })
  else if (fault !== undefined) {
    const nothing = { windows: [], at: fault.at }
    views.push({ ...viewOf(entry, nothing, 'endpoint', now, freshMs), stale: true, ...faultIn(entry) })
  }
  if (heard.windows.length > 0) views.push(viewOf(entry, heard, 'headers', now, freshMs))
  return views
}

function viewOf(
  { provider, credential }: QuotaEntry,
  { plan, windows, at }: Told,
  source: QuotaView['source'],
  now: number,
  freshMs: number,
): QuotaView {
  const shown = windows.map(window => (isPast(window, at, now, freshMs) ? { ...window, stale: true as const } : window))
  return {
    provider: provider.id,
    credential: credential.name,
    billing: credential.billing,
    ...(plan === undefined ? {} : { plan }),
    windows: shown,
    source,
    at,
    stale: now - at > freshMs || (shown.length > 0 && shown.every(window => window.stale === true)),
  }
}

function faultIn({ fault }: QuotaEntry): { readonly fault?: string } {
  return fault === undefined ? {} : { fault: fault.text }
}

function isPast(window: QuotaWindow, at: number, now: number, freshMs: number): boolean {
  return now - at > freshMs || (window.resetsAtMs !== undefined && window.resetsAtMs <= now)
}

function heardOf(entry: QuotaEntry): Told {
  entry.heard ??= { windows: readLimitHeaders(entry.noted, entry.notedAt), at: entry.notedAt }
  return entry.heard
}

function limitedOf(entry: QuotaEntry): readonly Limited[] {
  const sources = entry.told === undefined ? [heardOf(entry)] : [entry.told, heardOf(entry)]
  const limited: Limited[] = []
  for (const { windows, at } of sources) {
    for (const window of windows) {
      const { remainingPercent } = window
      if (remainingPercent !== undefined && window.aside !== true) limited.push({ window, remainingPercent, at })
    }
  }
  return limited.sort((a, b) => a.remainingPercent - b.remainingPercent)
}

/** True if the first address was answered. What was told before stays until there is something newer. */
async function askEntry(entry: QuotaEntry, parts: EntryParts): Promise<boolean> {
  const quota = quotaOf(entry)
  if (quota === undefined) return false
  const first = await readingOf(entry, quota, parts)
  const { also } = quota
  const more =
    also === undefined || typeof first === 'string'
      ? undefined
      : await readingOf(entry, { ...quota, shape: also.shape, url: new URL(also.path, quota.url).href }, parts)
  const at = parts.clock.now()
  const fault = [first, more].find(part => typeof part === 'string')
  entry.fault = fault === undefined ? undefined : { text: fault, at }
  if (typeof first === 'string') return false
  const windows = typeof more === 'object' ? [...first.windows, ...more.windows] : first.windows
  entry.told = { ...first, windows, at }
  entry.limited = undefined
  return true
}

/** What one address says, or why nothing. */
async function readingOf(entry: QuotaEntry, quota: QuotaEndpoint, parts: EntryParts): Promise<QuotaReading | string> {
  const { provider, credential } = entry
  const read = QUOTA_READERS.get(quota.shape)
  if (read === undefined) return 'this version of Candor cannot read its answers'
  const answer = await parts.ask(provider, credential, quota, parts.leaving)
  if (!answer.ok) return answer.fault
  const body = parseJson(answer.text)
  const reading = body.ok ? read(body.value, parts.clock.now()) : undefined
  if (reading !== undefined) return reading
  const said = quotaWords(answer.text, credential)
  return said === '' ? 'its answer is not what it should be' : `it answered: ${said}`
}
