import { hasBound, isToldInPart, showCost } from '../admin/story/amounts.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { type Blame, PROBLEMS } from '../canon/problem.ts'
import { inputTotal, outputTotal } from '../canon/usage.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { LogLine } from './app.ts'

/** How grave a line is. */
export type LogLevel = LogLine['level']

/** Puts a colour around a text, or leaves it alone. */
export type LogPaint = (style: 'dim' | 'green' | 'yellow' | 'red', text: string) => string

const NANO = 1e9

/** Names are cut to this many characters. */
const NAME_CHARS_MAX = 200

/**
 * `error`: something is not as it was promised: a provider, a credential or the gateway failed, or an answer was cut. `warn`: the client was
 * refused, another model answered than the first, a credential was refused on the way, or little is left of a quota.
 */
export function levelOf(receipt: Receipt): LogLevel {
  const { ending, problem, attempts, fallback, quotaWarning } = receipt
  if (ending === 'truncated' || ending === 'interrupted') return 'error'
  if (ending === 'failed') return blameOf(problem) === 'client' ? 'warn' : 'error'
  const refused = attempts.some(attempt => blameOf(attempt.problem) === 'credential')
  return refused || fallback !== undefined || quotaWarning !== undefined ? 'warn' : 'info'
}

/**
 * What the log says of a call: these fields and no others, so that nothing else of a receipt can slip in. No prompt, no URL, no header but the
 * product a client calls itself by.
 */
export function callFields(receipt: Receipt) {
  const { usage, fallback, quotaWarning } = receipt
  return {
    id: receipt.id,
    operation: receipt.operation,
    protocol: receipt.clientProtocol,
    stream: receipt.stream,
    requested: name(receipt.requestedModel),
    served: receipt.servedModel === undefined ? undefined : name(receipt.servedModel),
    route: receipt.route,
    status: receipt.status,
    ending: receipt.ending,
    problem: receipt.problem?.code,
    billing: receipt.billing,
    fallback: fallback === undefined ? undefined : { from: name(fallback.from), reason: fallback.reason },
    cache: receipt.cache,
    attempts: receipt.attempts.length,
    tokens: usage === undefined ? undefined : tokens(usage),
    cost: receipt.cost.type,
    costUsd: receipt.cost.type === 'metered' ? receipt.cost.nanoUsd / NANO : undefined,
    costAtLeastUsd: hasBound(receipt.cost) ? receipt.cost.atLeastNanoUsd / NANO : undefined,
    firstByteMs: receipt.firstByteMs,
    totalMs: receipt.totalUnknown === true ? undefined : receipt.totalMs,
    client: product(receipt.client),
    key: receipt.key === undefined ? undefined : name(receipt.key.name),
    trace: receipt.traceId,
    quota: quotaWarning === undefined ? undefined : lowQuota(quotaWarning),
  }
}

/** The same in one line, for people. */
export function prettyCall(receipt: Receipt, level: LogLevel, paint: LogPaint): string {
  const said = callFields(receipt)
  const { requested, served, tokens: counted, fallback, quota } = said
  const head = `${said.status === 0 ? '---' : said.status} ${said.ending}`
  const asked = requested === '' ? '(default)' : requested
  const least = isToldInPart(receipt) ? 'at least ' : ''
  const parts = [
    served === undefined || served === asked ? asked : `${asked} → ${served}`,
    said.problem,
    fallback === undefined ? undefined : `fallback from ${fallback.from}: ${fallback.reason}`,
    said.billing,
    said.cache === 'hit' ? 'from the cache' : undefined,
    said.attempts > 1 ? `${said.attempts} attempts` : undefined,
    said.totalMs === undefined ? undefined : showMs(said.totalMs),
    counted === undefined ? undefined : `${least}${counted.input ?? '?'} in, ${counted.output ?? '?'} out`,
    receipt.cost.type === 'metered' || receipt.cost.type === 'unknown' ? showCost(receipt.cost) : undefined,
    quota === undefined ? undefined : `${quota.remainingPercent} % of ${quota.provider}'s ${quota.window} left`,
    said.key,
    said.client,
    paint('dim', said.id),
  ]
  const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : said.ending === 'complete' ? 'green' : 'dim'
  return [paint(style, head), ...parts.filter(part => part !== undefined && part !== '')].join('  ')
}

function blameOf(problem: Receipt['problem']): Blame | undefined {
  return problem === undefined ? undefined : PROBLEMS[problem.code].blame
}

/** All input and all output, and of which kind as far as told. */
function tokens(usage: NonNullable<Receipt['usage']>) {
  const { cacheRead, cacheWrite, reasoning } = usage
  return { input: inputTotal(usage), output: outputTotal(usage), cacheRead, cacheWrite, reasoning }
}

function lowQuota({ provider, window, remainingPercent }: NonNullable<Receipt['quotaWarning']>) {
  return { provider, window: name(window), remainingPercent: Math.round(remainingPercent * 10) / 10 }
}

/** A name somebody else wrote: on one line, bounded, key shapes masked. */
function name(text: string): string {
  return quoteText(redactText(text.replace(/\s+/g, ' ')), NAME_CHARS_MAX)
}

/** The first product of a `User-Agent`: what follows it tells of machines and people. */
function product(client: string): string | undefined {
  return /^[\w.@!#$&'*+^`|~-]{1,64}(?:\/[\w.+-]{1,32})?/.exec(redactText(client))?.[0]
}

function showMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
