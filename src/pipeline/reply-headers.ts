import { remember } from '../base/remember.ts'
import { PROBLEMS, type Problem } from '../canon/problem.ts'
import type { QuotaWarning, Receipt } from '../ledger/receipt.ts'
import type { ReplyHeaders } from '../upstream/send.ts'

/** Provider headers a client may see: what it needs to pace itself and to ask the provider's support. */
const PASSED_ON = /^(?:retry-after|retry-after-ms|x-request-id|request-id|(?:x|anthropic)-ratelimit-.+)$/

/** The content type, and the `candor-…` headers of a reply, refusal or stream, as far as they are known at this moment. */
export function candorHeaders(receipt: Readonly<Receipt>, contentType: string): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': contentType,
    'candor-request-id': receipt.id,
    'candor-requested-model': headerText(receipt.requestedModel),
    'candor-attempts': String(receipt.attempts.length),
  }
  if (receipt.servedModel !== undefined) headers['candor-model'] = headerText(receipt.servedModel)
  if (receipt.billing !== undefined) headers['candor-billing'] = receipt.billing
  const upstream = receipt.upstreamProtocol
  if (upstream !== undefined) {
    headers['candor-protocol'] =
      upstream === receipt.clientProtocol ? upstream : `${receipt.clientProtocol}>${upstream}`
  }
  const { fallback, cache, quotaWarning, bodies, replayOf } = receipt
  if (fallback !== undefined)
    headers['candor-fallback'] = headerText(`from=${fallback.from}; reason=${fallback.reason}`)
  if (cache !== undefined) headers['candor-cache'] = cache
  if (quotaWarning !== undefined) headers['candor-quota'] = headerText(quotaWords(quotaWarning))
  if (bodies !== undefined) headers['candor-bodies'] = bodies
  if (replayOf !== undefined) headers['candor-replay-of'] = replayOf
  if (receipt.losses.length > 0) headers['candor-losses'] = headerText(lossPaths(receipt))
  return headers
}

/** `kimi-coding 5 hour; remaining=7%; resets=2026-11-29T08:00:00Z`. */
function quotaWords({ provider, window, remainingPercent, resetsAtMs }: QuotaWarning): string {
  const resets = resetsAtMs === undefined ? '' : `; resets=${new Date(resetsAtMs).toISOString().replace('.000', '')}`
  return `${provider} ${window}; remaining=${Math.floor(remainingPercent)}%${resets}`
}

/** Adds what a client needs to know about asking again. Both official SDK families obey `x-should-retry`. */
export function retryHeaders(found: Problem): Record<string, string> {
  const headers: Record<string, string> = { 'x-should-retry': String(mayHelp(found)) }
  if (found.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(found.retryAfterMs / 1000)))
  else if (found.code === 'draining') headers['retry-after'] = '1'
  return headers
}

/** A request larger than its key's whole limit is not let through by waiting. */
function mayHelp({ code, retryAfterMs }: Problem): boolean {
  return PROBLEMS[code].retryable && (code !== 'key_rate_limited' || retryAfterMs !== undefined)
}

/** Copies the provider's headers that are passed on. `clean` takes out what must not be shown. */
export function passOn(from: ReplyHeaders, to: Record<string, string>, clean: (text: string) => string): void {
  from.forEach((value, name) => {
    if (PASSED_ON.test(name)) to[name] = headerText(clean(value))
  })
}

/** Longest list of lost paths shown in the header; the receipt has them all. */
const LOSS_CHARS_MAX = 1_000

function lossPaths(receipt: Readonly<Receipt>): string {
  const paths = [...new Set(receipt.losses.map(loss => loss.path))]
  const kept: string[] = []
  let chars = 0
  for (const path of paths) {
    chars += path.length + 1
    if (chars > LOSS_CHARS_MAX) return `${kept.join(',')},…+${paths.length - kept.length}`
    kept.push(path)
  }
  return kept.join(',')
}

/** Header values are plain ASCII; anything else would be refused or mangled on the way. */
const headerText = remember(text => text.replace(/…/g, '...').replace(/[^\x20-\x7e]/g, '?'))
