import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { quoteText, redactText } from '../../base/redact.ts'
import { PROBLEMS, type Problem, type ProblemCode, problem, type UpstreamWords } from '../../canon/problem.ts'
import { candorNote, problemLine } from '../candor-note.ts'
import { meaningOfStatus, readErrorWords } from '../error-words.ts'
import { meaningOfNotFound } from '../not-found.ts'

/** What the `status` of an error means: the codes of google.rpc.Code (googleapis/google/rpc/code.proto). */
const BY_STATUS_WORD = new Map<string, ProblemCode>([
  ['INVALID_ARGUMENT', 'upstream_bad_request'],
  ['FAILED_PRECONDITION', 'upstream_bad_request'],
  ['OUT_OF_RANGE', 'upstream_bad_request'],
  ['UNIMPLEMENTED', 'upstream_bad_request'],
  ['UNAUTHENTICATED', 'invalid_key'],
  ['PERMISSION_DENIED', 'account_blocked'],
  ['NOT_FOUND', 'upstream_model_not_found'],
  ['RESOURCE_EXHAUSTED', 'rate_limited'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['INTERNAL', 'upstream_error'],
  ['UNKNOWN', 'upstream_error'],
  ['ABORTED', 'upstream_error'],
  ['CANCELLED', 'upstream_error'],
  ['DATA_LOSS', 'upstream_error'],
])

/** The word for each status a client sees, by the same table. A provider that failed is not `UNAVAILABLE`, which means a lack of capacity. */
const WRITE_STATUS = new Map<number, string>([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [402, 'RESOURCE_EXHAUSTED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [413, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [502, 'UNKNOWN'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
])

/** Google's own wording; clients match it to start compacting the conversation. */
const TOO_LONG = /input token count.*exceeds the maximum/is
const TOO_LONG_WORDS = 'The input token count exceeds the maximum number of tokens allowed.'

/** `type.googleapis.com/` and the names of google/rpc/error_details.proto. */
const TYPES = 'type.googleapis.com/'

const PATHS_MAX = 10
const PATH_CHARS_MAX = 200
const REASON_CHARS_MAX = 100

/**
 * Reads an error body, one inside an array, or the error told inside a stream (status 200). The envelope's words count before the status: a refused key
 * comes as 400, and its ErrorInfo says so.
 */
export function decodeProblem(status: number, body: unknown): Problem {
  const error = errorOf(body)
  const details = asArray(error?.details).filter(isObject)
  const read = readErrorWords(status, body)
  const reason = details.map(detail => asString(detail.reason)).find(text => text !== undefined && text !== '')
  const words: UpstreamWords = reason === undefined ? read : { ...read, code: clean(reason, REASON_CHARS_MAX) }
  const code = codeFor(realStatus(status, error), words, details)
  const retryAfterMs = waitOf(details)
  const paths = violatedFields(details)
  return problem(code, PROBLEMS[code].meaning, {
    upstream: words,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(paths.length === 0 ? {} : { paths }),
  })
}

/** Writes Google's envelope, with Candor's note inside as in every other protocol. */
export function encodeProblem(found: Problem, requestId: string): JsonObject {
  const status = PROBLEMS[found.code].status
  const details: JsonObject[] = []
  if (found.code === 'invalid_key' || found.code === 'unauthorized' || found.code === 'wrong_service_key')
    details.push({ '@type': `${TYPES}google.rpc.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'candor' })
  if (found.retryAfterMs !== undefined)
    details.push({ '@type': `${TYPES}google.rpc.RetryInfo`, retryDelay: `${found.retryAfterMs / 1000}s` })
  if (found.paths !== undefined && status === 400) {
    const fieldViolations = found.paths.map(field => ({ field, description: found.what }))
    details.push({ '@type': `${TYPES}google.rpc.BadRequest`, fieldViolations })
  }
  return {
    error: {
      code: status,
      message: messageFor(found),
      status: WRITE_STATUS.get(status) ?? 'UNKNOWN',
      ...(details.length === 0 ? {} : { details }),
      candor: candorNote(found, requestId),
    },
  }
}

function errorOf(body: unknown): JsonObject | undefined {
  const read = typeof body === 'string' ? parseJson(body) : undefined
  const value = read?.ok === true ? read.value : body
  const object = asObject(Array.isArray(value) ? value[0] : value)
  return asObject(object?.error)
}

/** Inside a stream the HTTP status says nothing; the envelope repeats the one that was meant. */
function realStatus(status: number, error: JsonObject | undefined): number {
  const told = error?.code
  return status < 400 && typeof told === 'number' && told >= 400 && told < 600 ? told : status
}

function codeFor(status: number, words: UpstreamWords, details: readonly JsonObject[]): ProblemCode {
  if (TOO_LONG.test(words.message ?? '')) return 'context_too_long'
  if (words.code === 'API_KEY_INVALID') return 'invalid_key'
  const byWord = BY_STATUS_WORD.get(words.type ?? '')
  if (byWord === 'rate_limited') return exhausted(status, details)
  if (byWord === 'upstream_model_not_found') return meaningOfNotFound(words)
  return byWord ?? meaningOfStatus(status, words)
}

/** One word for three things: prepaid money (402), a quota of the day, and a rate. The quota's id tells the last two apart. */
function exhausted(status: number, details: readonly JsonObject[]): ProblemCode {
  if (status === 402) return 'balance_exhausted'
  const violations = details.flatMap(detail => asArray(detail.violations))
  const daily = violations.some(violation => /PerDay/i.test(asString(asObject(violation)?.quotaId) ?? ''))
  return daily ? 'plan_exhausted' : 'rate_limited'
}

/** RetryInfo's `retryDelay`: seconds with a fraction, as ProtoJSON writes durations. */
function waitOf(details: readonly JsonObject[]): number | undefined {
  for (const { retryDelay } of details) {
    const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(asString(retryDelay) ?? '')?.[1]
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000)
  }
  return undefined
}

function violatedFields(details: readonly JsonObject[]): string[] {
  const fields = details
    .flatMap((detail): readonly JsonValue[] => asArray(detail.fieldViolations))
    .map(violation => asString(asObject(violation)?.field) ?? '')
  return fields
    .filter(field => field !== '')
    .slice(0, PATHS_MAX)
    .map(field => clean(field, PATH_CHARS_MAX))
}

function clean(text: string, charsMax: number): string {
  return quoteText(redactText(text), charsMax)
}

function messageFor(found: Problem): string {
  const line = problemLine(found)
  return found.code === 'context_too_long' && !TOO_LONG.test(line) ? `${TOO_LONG_WORDS} ${line}` : line
}
