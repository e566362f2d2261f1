import { oneLine } from '../../base/one-line.ts'
import type { IdentitySource } from '../../canon/identity.ts'
import type { Attempt, AttemptCause, Passed, Receipt } from '../../ledger/receipt.ts'
import { chargedWords, hasBound, isToldInPart, showBytes, showCost, showCount, showDuration } from './amounts.ts'

/** A part of the details. */
export interface Section {
  readonly title: string
  readonly lines: readonly { readonly label?: string; readonly text: string }[]
}

/** Everything a receipt holds beside its story. Sections with nothing in them are left out. */
export function storyDetails(receipt: Receipt): readonly Section[] {
  const sections: readonly Section[] = [
    { title: 'Attempts', lines: receipt.attempts.map(attemptLine) },
    { title: 'Client name upstream', lines: identityLines(receipt.attempts) },
    { title: 'Headers sent', lines: headerLines(receipt.attempts.at(-1)) },
    {
      title: 'Passed over',
      lines: receipt.passed.map(each => ({ label: passedLabel(each), text: oneLine(each.reason, 400) })),
    },
    {
      title: 'Lost in translation',
      lines: receipt.losses.map(({ path, kind, reason }) => ({
        label: oneLine(path),
        text: `${oneLine(reason, 400)} (${kind})`,
      })),
    },
    {
      title: 'Filled in by Candor',
      lines: receipt.assumptions.map(({ path, value, reason }) => ({
        label: oneLine(path),
        text: `${oneLine(value)}: ${oneLine(reason, 400)}`,
      })),
    },
    { title: 'Not passed on of the answer', lines: receipt.replyLosses.map(name => ({ text: oneLine(name) })) },
    { title: 'Usage in tokens', lines: usageLines(receipt) },
    { title: 'Call', lines: callLines(receipt) },
  ]
  return sections.filter(section => section.lines.length > 0)
}

function passedLabel({ target, credential, protocol }: Passed): string {
  const parts = [target, credential === undefined ? undefined : `key "${credential}"`, protocol]
  return parts
    .filter(each => each !== undefined)
    .map(each => oneLine(each))
    .join(', ')
}

const CAUSES: Readonly<Record<AttemptCause, string>> = {
  surface: 'another surface',
  retry: 'a retry',
  credential: 'another key',
  fallback: 'a fallback',
}

/** Why there was an attempt, whose key it took, and who pays. */
function circumstances({ because, waitedMs, credential, billing, possiblyBilled }: Attempt): readonly string[] {
  return [
    ...(because === undefined ? [] : [CAUSES[because]]),
    ...(waitedMs === undefined ? [] : [`after waiting ${showDuration(waitedMs)}`]),
    ...(credential === undefined ? [] : [`key "${oneLine(credential)}"`]),
    ...(billing === undefined ? [] : [oneLine(billing)]),
    ...(possiblyBilled === true ? ['may be billed'] : []),
  ]
}

function attemptLine(attempt: Attempt, i: number): { label: string; text: string } {
  const { provider, model, protocol, url, status, startedMs, firstByteMs, endedMs, problem } = attempt
  const parts = [
    `${oneLine(`${provider}/${model}`)} over ${protocol}`,
    ...circumstances(attempt),
    oneLine(url),
    status === undefined ? 'no answer' : `status ${status}`,
    `began at ${showDuration(startedMs)}`,
    ...(firstByteMs === undefined ? [] : [`first byte at ${showDuration(firstByteMs)}`]),
    endedMs === undefined ? 'end not known' : `ended at ${showDuration(endedMs)}`,
    ...(problem === undefined ? [] : [problem.code]),
  ]
  return { label: String(i + 1), text: parts.join(', ') }
}

const WHOSE: Readonly<Record<IdentitySource, string>> = {
  configured: 'set in the configuration',
  client: "the client's own, passed on as it came",
  candor: "Candor's own, because the client gave none or the configuration removes it",
}

function identityLines(attempts: readonly Attempt[]): Section['lines'] {
  const told = new Map(attempts.map(({ identity }) => [identity.userAgent, identity]))
  return [...told.values()].map(({ userAgent, source }) => ({ text: `${oneLine(userAgent)} (${WHOSE[source]})` }))
}

function headerLines(attempt: Attempt | undefined): Section['lines'] {
  const names = Object.keys(attempt?.headers ?? {}).sort()
  return names.map(name => ({ label: oneLine(name), text: oneLine(attempt?.headers[name] ?? '', 400) }))
}

function usageLines(receipt: Receipt): Section['lines'] {
  const { usage, attempts } = receipt
  if (attempts.length === 0) return []
  const least = isToldInPart(receipt) ? 'at least ' : ''
  const buckets = [
    ['input', usage?.input],
    ['read from cache', usage?.cacheRead],
    ['written to cache', usage?.cacheWrite],
    ['output', usage?.output],
    ['reasoning', usage?.reasoning],
  ] as const
  const told = buckets.filter(([, count]) => count !== undefined)
  if (told.length === 0) return [{ text: 'not told by the provider, which does not mean none' }]
  return told.map(([label, count]) => ({ label, text: `${least}${showCount(count ?? 0)}` }))
}

function callLines(receipt: Receipt): Section['lines'] {
  const { reportedModel, servedModel, stopReason, cost, status, route, fallback, key, cache, charged } = receipt
  return [
    {
      label: 'ending',
      text: receipt.problem === undefined ? receipt.ending : `${receipt.ending}, ${receipt.problem.code}`,
    },
    { label: 'status', text: status === 0 ? 'none was sent, or it is not known' : String(status) },
    ...(servedModel === undefined ? [] : [{ label: 'model', text: oneLine(servedModel) }]),
    ...(route === undefined ? [] : [{ label: 'route', text: oneLine(route) }]),
    ...(fallback === undefined
      ? []
      : [{ label: 'fallback', text: `from ${oneLine(fallback.from)}, because of ${fallback.reason}` }]),
    ...(cache === undefined ? [] : [{ label: 'cache', text: cache }]),
    ...(key === undefined ? [] : [{ label: 'gateway key', text: `${oneLine(key.name)} (${oneLine(key.id)})` }]),
    ...(charged === undefined ? [] : [{ label: 'counted', text: chargedWords(charged) }]),
    ...keptLines(receipt),
    ...(reportedModel === undefined ? [] : [{ label: 'named by provider', text: oneLine(reportedModel) }]),
    ...(stopReason === undefined ? [] : [{ label: 'stop reason', text: oneLine(stopReason) }]),
    { label: 'cost', text: costWords(cost) },
    { label: 'time', text: receipt.totalUnknown === true ? 'not known' : showDuration(receipt.totalMs) },
    { label: 'size', text: `${showBytes(receipt.requestBytes)} asked, ${showBytes(receipt.replyBytes)} answered` },
  ]
}

/** What else there is of the call. */
function keptLines({ id, bodies, replayOf, traceId }: Receipt): Section['lines'] {
  return [
    ...(replayOf === undefined ? [] : [{ label: 'replay', text: `makes ${oneLine(replayOf)} again` }]),
    ...(bodies === undefined ? [] : [{ label: 'bodies', text: `kept: candor trace ${id} --bodies shows them` }]),
    ...(traceId === undefined ? [] : [{ label: 'trace', text: oneLine(traceId) }]),
  ]
}

/** `$5 in, $0.50 cached, $25 out per million tokens; `. */
function ratesWords(rates: Extract<Receipt['cost'], { type: 'metered' }>['rates']): string {
  if (rates === undefined) return ''
  const { input, cacheRead, cacheWrite, output } = rates
  const parts = [
    `$${input} in`,
    ...(cacheRead === undefined ? [] : [`$${cacheRead} cached`]),
    ...(cacheWrite === undefined ? [] : [`$${cacheWrite} to the cache`]),
    `$${output} out`,
  ]
  return `${parts.join(', ')} per million tokens; `
}

function costWords(cost: Receipt['cost']): string {
  if (cost.type === 'metered') return `${showCost(cost)} (${ratesWords(cost.rates)}prices: ${oneLine(cost.source)})`
  if (cost.type === 'unknown') return `${hasBound(cost) ? showCost(cost) : 'not known'}: ${oneLine(cost.reason)}`
  return { plan: 'plan: no price for a single call', free: 'free', local: 'none: on your own machine', none: 'none' }[
    cost.type
  ]
}
