import { isLow } from '../../admin/quota-views.ts'
import { showDuration, showTime } from '../../admin/story/amounts.ts'
import type { QuotaView, QuotaWindow } from '../../upstream/quota.ts'
import type { Check, Found, Patient } from './check.ts'

/** How long what a receipt says of a quota is worth telling, where it names no reset: milliseconds. */
const RECEIPT_FRESH_MS = 86_400_000

/** Newest receipts that are looked at. */
const RECEIPTS_MAX = 200

/** What providers have said is left. No provider is asked: a gateway knows it from its own questions and from answers, and tells it a command. */
export const quotaCheck: Check = {
  id: 'quota',
  about: 'what providers have said is left of plans and balances',
  async run(patient, tell) {
    const views = knownQuotas(patient).filter(({ provider }) => isWanted(provider, patient))
    const told = views.filter(({ windows }) => windows.length > 0)
    const low = [...told.flatMap(view => lowWindows(view, patient)), ...(await warned(patient, told))]
    for (const each of low) tell(each)
    if (low.length > 0) return
    const known = [...new Set(told.map(({ provider }) => provider))]
    if (known.length > 0)
      tell({ id: 'quota', severity: 'ok', message: `Enough is left, as ${known.join(', ')} told it.` })
    else tell(patient.gateway === undefined ? NOT_KNOWN : NOT_TOLD)
  },
}

const NOT_KNOWN: Found = {
  id: 'quota',
  severity: 'info',
  message: 'What is left of plans and balances is not known here: no gateway runs that could tell.',
  fixHint: 'Ask the providers: candor usage quota',
}

const NOT_TOLD: Found = { id: 'quota', severity: 'info', message: 'No provider has told the gateway yet what is left.' }

/** What this process heard itself, and of all else what a gateway that runs has told. */
function knownQuotas({ house, told }: Patient): readonly QuotaView[] {
  const own = house?.quotas.peek() ?? []
  const isOwn = (view: QuotaView) =>
    own.some(
      each => each.provider === view.provider && each.credential === view.credential && each.source === view.source,
    )
  return [...own, ...(told?.quotas ?? []).filter(view => !isOwn(view))]
}

function isWanted(id: string, { provider }: Patient): boolean {
  return provider === undefined || provider === id
}

function lowWindows(view: QuotaView, { clock }: Patient): readonly Found[] {
  return view.windows
    .filter(window => window.aside !== true && window.stale !== true && !view.stale && isLow(window))
    .map(window =>
      lowFinding(
        { provider: view.provider, name: window.name, left: leftOf(window), resetsAtMs: window.resetsAtMs },
        clock.now(),
      ),
    )
}

function leftOf({ remainingPercent }: QuotaWindow): number {
  return Math.max(0, remainingPercent ?? 0)
}

interface Low {
  readonly provider: string
  readonly name: string
  /** Percent. */
  readonly left: number
  readonly resetsAtMs: number | undefined
  /** When it was said, where that is a while ago: milliseconds since 1970. */
  readonly at?: number
}

function lowFinding({ provider, name, left, resetsAtMs, at }: Low, now: number): Found {
  const isNone = left < 0.5
  const reset = resetsAtMs === undefined ? '' : `; it resets in ${showDuration(resetsAtMs - now)}`
  const said = at === undefined ? 'says' : `said at ${showTime(at)}`
  return {
    id: `provider.${provider}.quota`,
    severity: isNone ? 'error' : 'warning',
    message: `${provider} ${said} that ${isNone ? 'nothing' : `${Math.max(1, Math.round(left))} %`} of its quota (${name}) is left${reset}.`,
    fixHint:
      'See all there is: candor usage quota. A route can move on to another target by itself: fallbackOn: ["plan_exhausted"].',
  }
}

/** What the newest receipts tell of those the book knows nothing of. */
async function warned(patient: Patient, known: readonly QuotaView[]): Promise<readonly Found[]> {
  const now = patient.clock.now()
  const found = new Map<string, Found>()
  for (const { at, quotaWarning } of (await patient.receipts?.list({ limit: RECEIPTS_MAX })) ?? []) {
    if (quotaWarning === undefined) continue
    const { provider, window, remainingPercent, resetsAtMs } = quotaWarning
    const isOver = resetsAtMs === undefined ? now - at > RECEIPT_FRESH_MS : resetsAtMs <= now
    const name = `${provider} ${window}`
    if (isOver || found.has(name) || !isWanted(provider, patient)) continue
    if (known.some(view => view.provider === provider)) continue
    found.set(name, lowFinding({ provider, name: window, left: remainingPercent, resetsAtMs, at }, now))
  }
  return [...found.values()]
}
