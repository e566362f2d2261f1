import { parseJson } from '../base/json.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { quoteText, redactText } from '../base/redact.ts'
import type { ProblemCode, UpstreamWords } from '../canon/problem.ts'
import { meaningOfNotFound } from './not-found.ts'

/** What the status alone says. A bare 403 may be a client list, a region or a ban: no more is claimed than that. */
const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  401: 'invalid_key',
  402: 'balance_exhausted',
  403: 'upstream_refused',
  408: 'timeout',
  413: 'context_too_long',
  429: 'rate_limited',
  498: 'overloaded',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

/** What an error means whose words are known to no table: what its status says, and for a 404 what it is about. */
export function meaningOfStatus(status: number, words: UpstreamWords): ProblemCode {
  if (status === 404) return meaningOfNotFound(words)
  return CODE_BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'upstream_bad_request' : 'upstream_error')
}

/** Longest quotation of a provider's words, in characters. */
const MESSAGE_CHARS_MAX = 1000
const LABEL_CHARS_MAX = 100
/** An error body may hold another one as text, and that a third: aggregators quote the inner provider. */
const WRAPPINGS_MAX = 3

/**
 * A provider's words from an error body in any of the shapes seen in the wild: `{ error: {…} }` in any order of keys, a bare text in
 * `error` or `detail`, flat fields, MiniMax's `base_resp`, an array around it, JSON inside text, plain text. Bounded, escaped, keys masked.
 */
export function readErrorWords(status: number, body: unknown): UpstreamWords {
  const words = unwrap(body, WRAPPINGS_MAX)
  const message = clean(words.message, MESSAGE_CHARS_MAX)
  const type = clean(words.type, LABEL_CHARS_MAX)
  const code = clean(words.code, LABEL_CHARS_MAX)
  return {
    status,
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
  }
}

interface Words {
  readonly message?: string | undefined
  readonly type?: string | undefined
  readonly code?: string | undefined
}

function unwrap(body: unknown, wrappings: number): Words {
  if (typeof body === 'string') return fromText(body, wrappings)
  if (Array.isArray(body)) return wrappings > 0 ? unwrap(asArray(body)[0], wrappings - 1) : {}
  return isObject(body) ? fromObject(body, wrappings) : {}
}

function fromText(text: string, wrappings: number): Words {
  const start = text.trimStart()
  if (wrappings > 0 && (start.startsWith('{') || start.startsWith('['))) {
    const read = parseJson(start)
    if (read.ok) return unwrap(read.value, wrappings - 1)
  }
  return { message: start }
}

function fromObject(body: JsonObject, wrappings: number): Words {
  const base = asObject(body.base_resp)
  if (base !== undefined) return { message: label(base.status_msg), code: label(base.status_code) }
  const error = asObject(body.error)
  const from = error ?? body
  const said = from.message ?? body.error ?? body.detail ?? body.message ?? body.title
  const inner = asString(asObject(from.metadata)?.raw)
  const told = messageOf(inner ?? said, wrappings)
  return {
    message: told.message ?? label(from.message),
    type: told.type ?? label(from.type ?? from.status),
    code: told.code ?? label(from.code),
  }
}

/** A message is a text, a text with an error body inside, or FastAPI's list of `{ loc, msg, type }`. */
function messageOf(said: JsonValue | undefined, wrappings: number): Words {
  if (typeof said === 'string') return fromText(said, wrappings)
  const messages = asArray(said).flatMap(item => asString(asObject(item)?.msg) ?? [])
  return messages.length === 0 ? {} : { message: messages.join('; ') }
}

function label(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : asString(value)
}

function clean(text: string | undefined, charsMax: number): string | undefined {
  return text === undefined || text === '' ? undefined : quoteText(redactText(text), charsMax)
}
