import { parseJson } from '../base/json.ts'
import { isObject } from '../base/json-value.ts'
import type { Identity } from '../canon/identity.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import { PROBLEMS, type Problem, type UpstreamWords } from '../canon/problem.ts'
import { PROTOCOL_IDS } from '../canon/protocol.ts'
import type { Rates } from '../catalog/price.ts'
import type { Attempt, AttemptCause, Cost, Ending, Fallback, Passed, QuotaWarning, Receipt } from './receipt.ts'

type Check = (value: unknown) => boolean

/** One check a field, so that a field added to the contract and forgotten here does not compile. */
type Shape<T> = { readonly [K in keyof Required<T>]: Check }

/** A receipt's own levels, and those the provider's usage object may have inside it. */
const RECEIPT_DEPTH_MAX = 72

const text: Check = value => typeof value === 'string'
const number: Check = value => typeof value === 'number' && Number.isFinite(value)
const flag: Check = value => typeof value === 'boolean'
const oneOf =
  (...words: readonly string[]): Check =>
  value =>
    typeof value === 'string' && words.includes(value)
const maybe =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const textMap: Check = value => isObject(value) && Object.values(value).every(text)

function shaped<T>(shape: Shape<T>): Check {
  const checks = Object.entries<Check>(shape)
  return value => isObject(value) && checks.every(([name, check]) => check(value[name]))
}

const ENDINGS: Readonly<Record<Ending, true>> = {
  'in-flight': true,
  complete: true,
  failed: true,
  truncated: true,
  abandoned: true,
  interrupted: true,
}

const CAUSES: Readonly<Record<AttemptCause, true>> = { surface: true, retry: true, credential: true, fallback: true }

const yes: Check = value => value === true
const protocol = oneOf(...PROTOCOL_IDS)

const problem = shaped<Problem>({
  code: oneOf(...Object.keys(PROBLEMS)),
  what: text,
  why: maybe(text),
  fix: listOf(text),
  provider: maybe(text),
  model: maybe(text),
  upstream: maybe(
    shaped<UpstreamWords>({ status: maybe(number), message: maybe(text), type: maybe(text), code: maybe(text) }),
  ),
  retryAfterMs: maybe(number),
  resetsAtMs: maybe(number),
  timer: maybe(oneOf('connect', 'first byte', 'idle', 'total')),
  sent: maybe(yes),
  paths: maybe(listOf(text)),
  candidates: maybe(listOf(text)),
})

const attempt = shaped<Attempt>({
  provider: text,
  model: text,
  credential: maybe(text),
  billing: maybe(text),
  because: maybe(oneOf(...Object.keys(CAUSES))),
  waitedMs: maybe(number),
  possiblyBilled: maybe(yes),
  protocol,
  url: text,
  identity: shaped<Identity>({ userAgent: text, source: oneOf('configured', 'client', 'candor') }),
  headers: textMap,
  startedMs: number,
  firstByteMs: maybe(number),
  endedMs: maybe(number),
  status: maybe(number),
  spanId: maybe(text),
  problem: maybe(problem),
})

const usage = shaped<NonNullable<Receipt['usage']>>({
  input: maybe(number),
  cacheRead: maybe(number),
  cacheWrite: maybe(number),
  output: maybe(number),
  reasoning: maybe(number),
  raw: maybe(isObject),
})

const metered = shaped<Extract<Cost, { type: 'metered' }>>({
  type: oneOf('metered'),
  nanoUsd: number,
  source: text,
  rates: maybe(shaped<Rates>({ input: number, output: number, cacheRead: maybe(number), cacheWrite: maybe(number) })),
})
const unknownCost = shaped<Extract<Cost, { type: 'unknown' }>>({
  type: oneOf('unknown'),
  reason: text,
  atLeastNanoUsd: maybe(number),
})
const unpriced = shaped<{ type: string }>({ type: oneOf('plan', 'local', 'free', 'none') })

const passed = shaped<Passed>({
  protocol: maybe(protocol),
  target: maybe(text),
  credential: maybe(text),
  reason: text,
})

const quotaWarning = shaped<QuotaWarning>({
  provider: text,
  window: text,
  remainingPercent: number,
  resetsAtMs: maybe(number),
})

const receipt = shaped<Receipt>({
  id: text,
  at: number,
  operation: oneOf('generate', 'count-tokens', 'embed'),
  clientProtocol: protocol,
  client: text,
  stream: flag,
  requestedModel: text,
  servedModel: maybe(text),
  reportedModel: maybe(text),
  upstreamProtocol: maybe(protocol),
  billing: maybe(text),
  route: maybe(text),
  fallback: maybe(shaped<Fallback>({ from: text, reason: oneOf(...Object.keys(PROBLEMS)) })),
  key: maybe(shaped<NonNullable<Receipt['key']>>({ id: text, name: text })),
  cache: maybe(oneOf('hit', 'miss')),
  quotaWarning: maybe(quotaWarning),
  bodies: maybe(oneOf('kept')),
  replayOf: maybe(text),
  charged: maybe(shaped<NonNullable<Receipt['charged']>>({ nanoUsd: number, tokens: number, estimated: flag })),
  traceId: maybe(text),
  attempts: listOf(attempt),
  passed: listOf(passed),
  losses: listOf(shaped<Loss>({ parameter: text, path: text, kind: oneOf('semantic', 'hint'), reason: text })),
  assumptions: listOf(shaped<Assumption>({ path: text, value: text, reason: text })),
  replyLosses: listOf(text),
  usage: maybe(usage),
  cost: value => metered(value) || unknownCost(value) || unpriced(value),
  requestBytes: number,
  replyBytes: number,
  firstByteMs: maybe(number),
  totalMs: number,
  totalUnknown: maybe(yes),
  ending: oneOf(...Object.keys(ENDINGS)),
  status: number,
  stopReason: maybe(text),
  problem: maybe(problem),
})

function isReceipt(value: unknown): value is Receipt {
  return receipt(value)
}

/** A receipt from the text kept in the ledger, or undefined if the text is not one. Never throws. */
export function readReceipt(kept: unknown): Receipt | undefined {
  if (typeof kept !== 'string') return undefined
  const read = parseJson(kept, RECEIPT_DEPTH_MAX)
  return read.ok && isReceipt(read.value) ? read.value : undefined
}
