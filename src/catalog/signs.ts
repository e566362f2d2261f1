import { asObject, asString } from '../base/json-value.ts'
import { PROBLEMS, type ProblemCode } from '../canon/problem.ts'
import { meaningOfNotFound } from '../wire/not-found.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { meaningOf, weakMeaningOf } from './general-words.ts'
import { describe, matches, type Sighting } from './match-sign.ts'
import { saysTooLong } from './overflow.ts'
import { meaningOfProse } from './prose.ts'
import type { Provider, Sign, UsageWindow } from './provider.ts'
import { type RetryHints, readHints } from './retry-hints.ts'
import { meaningOfStatus } from './status-defaults.ts'

/** What a failure means. The words are the provider's own: not yet bounded for show, escaped or masked. */
export interface Verdict {
  readonly code: ProblemCode
  readonly message?: string
  readonly type?: string
  readonly errorCode?: string
  /** Milliseconds from now; only where waiting can help. */
  readonly retryAfterMs?: number
  /** Milliseconds since 1970; only where waiting can help. */
  readonly resetsAtMs?: number
  /** The usage window that is used up. */
  readonly window?: UsageWindow
  /** Provider id the key, as far as can be told, belongs to. */
  readonly useInstead?: string
  /** What decided, for the receipt. */
  readonly rule: string
}

interface Finding {
  readonly code: ProblemCode
  readonly rule: string
  readonly sign?: Sign
}

/**
 * Names an upstream failure. In this order: the provider's own signs; what an aggregator passes on from the provider behind it; the
 * general words of `type` and `code`; the phrases for a conversation that is too long; other wordings; the status. Status last, because
 * it is the least reliable: the same 403 is a client list here, an empty purse there and a content filter elsewhere.
 */
export function readSigns(seen: Sighting, provider: Provider | undefined): Verdict {
  const envelope = readEnvelope(seen.bodyText, seen.headers.get('x-amzn-errortype'))
  const hints = readHints(seen.headers, envelope, seen.now, provider?.resetOffset)
  const about = { waits: hints.waits, plan: provider?.billing === 'plan', model: seen.model }
  const finding =
    byProvider(seen, envelope, provider) ??
    byInnerProvider(seen, envelope, about) ??
    byGeneralRules(statusOf(seen, envelope), envelope, about)
  return verdictOf(rightService(finding, seen, provider), envelope, hints, seen.now)
}

/**
 * The sibling whose keys begin like this one, if its beginning says more than the provider's own: a Kimi Code key at the pay-per-use
 * platform, or the reverse. Undefined if the key may as well belong here.
 */
export function siblingForKey(provider: Provider, keyStartsWith: (prefix: string) => boolean): string | undefined {
  let best: string | undefined
  let length = 0
  for (const { prefix } of provider.keyPrefixes ?? [])
    if (keyStartsWith(prefix)) length = Math.max(length, prefix.length)
  for (const sibling of provider.siblingKeys ?? []) {
    if (sibling.prefix.length <= length || !keyStartsWith(sibling.prefix)) continue
    best = sibling.provider
    length = sibling.prefix.length
  }
  return best
}

type About = { readonly waits: boolean; readonly plan: boolean; readonly model: string }

function byProvider(seen: Sighting, envelope: Envelope, provider: Provider | undefined): Finding | undefined {
  const sign = provider?.signs?.find(candidate => matches(candidate, seen, envelope))
  if (sign === undefined || provider === undefined) return undefined
  const finding = { code: sign.code, rule: `${provider.id}: ${describe(sign)}`, sign }
  const worded = [sign.errorCode, sign.message, sign.field, sign.body].some(told => told !== undefined)
  return worded ? finding : aboutTheModel(finding, envelope, seen.model)
}

/** Faults of the aggregator's own account at the provider behind it are not the caller's: to the caller the aggregator failed. */
const INNER_CODES: ReadonlySet<ProblemCode> = new Set([
  'rate_limited',
  'overloaded',
  'context_too_long',
  'content_refused',
  'upstream_bad_request',
  'upstream_model_not_found',
  'timeout',
])

/** OpenRouter carries the inner answer in `metadata.raw`; others quote it: "Error from provider (X): …". */
function byInnerProvider(seen: Sighting, envelope: Envelope, about: About): Finding | undefined {
  const metadata = asObject(asObject(asObject(envelope.body)?.['error'])?.['metadata'])
  const raw = metadata?.['raw']
  const quoted = /^Error from provider ?\(([^)]*)\): (.+)$/is.exec(envelope.message ?? '')
  const inner = raw === undefined || raw === null ? quoted?.[2] : (asString(raw) ?? JSON.stringify(raw))
  if (inner === undefined || inner.trim() === '') return undefined
  const found = byGeneralRules(statusOf(seen, envelope), readEnvelope(inner), about)
  const who = asString(metadata?.['provider_name']) ?? quoted?.[1] ?? 'the provider behind it'
  const code = INNER_CODES.has(found.code) ? found.code : 'upstream_error'
  return { code, rule: `passed on from ${who}: ${found.rule}` }
}

/** A kind of error or a status may say "not found" of many things; the other words tell of which. */
function aboutTheModel(finding: Finding, envelope: Envelope, model: string): Finding {
  if (finding.code !== 'upstream_model_not_found') return finding
  const code = meaningOfNotFound(envelope, model)
  return code === finding.code ? finding : { code, rule: 'not found, but the words name no model' }
}

function byGeneralRules(status: number, envelope: Envelope, about: About): Finding {
  return aboutTheModel(firstRule(status, envelope, about), envelope, about.model)
}

function firstRule(status: number, envelope: Envelope, about: About): Finding {
  const { message = '', type, code } = envelope
  const words = [code, type].filter(word => word !== undefined)
  const known = firstMeaning(words, meaningOf)
  // A rate limit may be the provider's only word for an empty purse; then it does not say how long to wait.
  if (known !== undefined && known.code !== 'rate_limited') return known
  if (saysTooLong(`${message} ${words.join(' ')}`)) return { code: 'context_too_long', rule: 'a phrase for too long' }
  const prose = meaningOfProse(message, status, about)
  if (known !== undefined && !isUsedUp(prose)) return known
  if (prose !== undefined) return { code: prose, rule: 'the wording' }
  const weak = status === 200 ? firstMeaning(words, weakMeaningOf) : undefined
  return weak ?? { code: meaningOfStatus(status, about), rule: `status ${status}` }
}

function firstMeaning(
  words: readonly string[],
  meaning: (word: string) => ProblemCode | undefined,
): Finding | undefined {
  for (const word of words) {
    const code = meaning(word)
    if (code !== undefined) return { code, rule: `the word ${word.slice(0, 60)}` }
  }
  return undefined
}

/** Inside a stream the status is 200; some providers tell the one they meant as the error's code. */
function statusOf(seen: Sighting, envelope: Envelope): number {
  const meant = Number(envelope.code)
  return seen.status === 200 && meant >= 400 && meant < 600 ? meant : seen.status
}

/** A key that is refused and begins like a sibling's keys is not invalid, it is at the wrong door. */
function rightService(
  finding: Finding,
  seen: Sighting,
  provider: Provider | undefined,
): Finding & { useInstead?: string } {
  const asked = finding.code === 'invalid_key' || finding.code === 'wrong_service_key'
  const sibling = asked && provider ? siblingForKey(provider, seen.keyStartsWith) : undefined
  if (sibling === undefined) {
    const named = finding.sign?.useInstead
    return named === undefined ? finding : { ...finding, useInstead: named }
  }
  if (finding.code === 'wrong_service_key') return { ...finding, useInstead: sibling }
  return { ...finding, code: 'wrong_service_key', rule: `${finding.rule}; the key's beginning`, useInstead: sibling }
}

function verdictOf(
  { code, rule, sign, useInstead }: Finding & { useInstead?: string },
  { message, type, code: errorCode }: Envelope,
  hints: RetryHints,
  now: number,
): Verdict {
  const window = code === 'plan_exhausted' ? (sign?.window ?? windowIn(message ?? '')) : undefined
  return {
    code,
    rule,
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { type }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(window === undefined ? {} : { window }),
    ...(useInstead === undefined ? {} : { useInstead }),
    ...(PROBLEMS[code].retryable || isUsedUp(code) ? times(hints, isUsedUp(code), now) : {}),
  }
}

const isUsedUp = (code: ProblemCode | undefined) => code === 'plan_exhausted' || code === 'balance_exhausted'

/** Wait and reset are the same thing told twice: where only one is told, the other follows for a window. */
function times({ retryAfterMs, resetsAtMs }: RetryHints, window: boolean, now: number) {
  const wait = retryAfterMs ?? (resetsAtMs === undefined ? undefined : resetsAtMs - now)
  const reset = resetsAtMs ?? (window && retryAfterMs !== undefined ? now + retryAfterMs : undefined)
  return {
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(reset === undefined ? {} : { resetsAtMs: reset }),
  }
}

const WINDOWS: readonly (readonly [RegExp, UsageWindow])[] = [
  [/\b(?:5|five)[ -]?h(?:ou)?rs?\b|\bhour allocated/i, '5 hour'],
  [/\bweek(?:ly)?\b|\b7[ -]days?\b/i, 'weekly'],
  [/\bmonth(?:ly)?\b/i, 'monthly'],
  [/\b(?:daily|per ?day)\b/i, 'daily'],
]

function windowIn(message: string): UsageWindow | undefined {
  return WINDOWS.find(([says]) => says.test(message))?.[1]
}
