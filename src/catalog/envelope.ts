import { parseJson } from '../base/json.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** An error answer, whatever its shape, in the four things every shape tells. Texts are the provider's own. */
export interface Envelope {
  /** The body as it came. */
  readonly text: string
  /** The body's JSON, where there is any. */
  readonly body?: JsonValue
  readonly message?: string
  /** Kind of error as a word: `rate_limit_error`, `RESOURCE_EXHAUSTED`, `ThrottlingException`. */
  readonly type?: string
  /** Finer kind, often a number as text: `invalid_api_key`, `1113`, `API_KEY_INVALID`. */
  readonly code?: string
}

type Words = Omit<Envelope, 'text' | 'body'>

const MESSAGE_CHARS_MAX = 4_000
const NESTED_TEXT_DEPTH_MAX = 3

/**
 * Reads an error body of any provider: JSON objects of the shapes listed at {@link wordsOf}, one of them inside an array, JSON with text
 * behind it, JSON as a string inside JSON, plain text, HTML, nothing. `amznErrorType` is the header of that name, where Amazon tells the
 * kind of error. Never throws.
 */
export function readEnvelope(text: string, amznErrorType: string | null = null): Envelope {
  const parsed = parseLoosely(text.trim())
  const body = Array.isArray(parsed) ? parsed[0] : parsed
  const words = isObject(body) ? wordsOf(body, 0) : plainWords(text)
  const named = amznErrorType === null ? undefined : shortAmazonName(amznErrorType)
  const { message, code, type = named } = words
  return {
    text,
    ...(body === undefined ? {} : { body }),
    ...(message === undefined || message === '' ? {} : { message: message.slice(0, MESSAGE_CHARS_MAX) }),
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
  }
}

/** The value at a dotted path as text; numbers and booleans are written out. Undefined for anything else. */
export function textAt(value: JsonValue | undefined, path: string): string | undefined {
  let at: JsonValue | undefined = value
  for (const key of path.split('.')) at = asObject(at)?.[key]
  return asText(at)
}

/** JSON, also if something follows it: some proxies append their own text to what they pass on. */
function parseLoosely(text: string): JsonValue | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined
  const whole = parseJson(text)
  if (whole.ok) return whole.value
  const end = text.lastIndexOf(text.startsWith('{') ? '}' : ']')
  const part = end > 0 ? parseJson(text.slice(0, end + 1)) : whole
  return part.ok ? part.value : undefined
}

/** Each shape in turn; which provider speaks which stands in the tests' fixture. */
function wordsOf(body: JsonObject, depth: number): Words {
  const { error, base_resp: baseResp, detail } = body
  if (isObject(error)) return errorObjectWords(error, body)
  if (isObject(baseResp)) {
    return words(asText(baseResp['status_msg']), undefined, asText(baseResp['status_code']))
  }
  if (typeof error === 'string') return textWords(error, asString(body['type']), asText(body['code']), depth)
  if (typeof detail === 'string' && body['title'] === undefined) {
    return textWords(detail, asString(body['type']), asText(body['code']), depth)
  }
  if (Array.isArray(detail)) return validationWords(detail)
  return flatWords(body)
}

/** `{error: {…}}`: OpenAI, Anthropic, Google, OpenRouter, Z.AI and most compatible servers. */
function errorObjectWords(error: JsonObject, body: JsonObject): Words {
  const metadata = asObject(error['metadata']) ?? asObject(body['metadata'])
  const message = asText(error['message'])
  const type = asText(error['type']) ?? asText(error['status']) ?? asText(metadata?.['error_type'])
  const code = googleReason(error) ?? asText(error['code']) ?? bracketedNumber(message)
  return words(message, type, code)
}

/** Google tells the kind in `status` and the finer kind in the ErrorInfo among the `details`; `code` only repeats the HTTP status. */
function googleReason(error: JsonObject): string | undefined {
  for (const detail of asArray(error['details'])) {
    const reason = asString(asObject(detail)?.['reason'])
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Z.AI's Anthropic surface writes its number in front of the message: `[1309][…][request id]`. */
function bracketedNumber(message: string | undefined): string | undefined {
  return message === undefined ? undefined : /^\[(\d{3,5})\]/.exec(message)?.[1]
}

/** `{"error": "…"}` and `{"detail": "…"}`; the text may itself be the JSON of an error. */
function textWords(text: string, type: string | undefined, code: string | undefined, depth: number): Words {
  const inner = depth < NESTED_TEXT_DEPTH_MAX ? parseLoosely(text.trim()) : undefined
  return isObject(inner) ? wordsOf(inner, depth + 1) : words(text, type, code)
}

/** A list of what is wrong with the request's fields, as FastAPI servers write it. */
function validationWords(detail: readonly JsonValue[]): Words {
  const lines = detail.map(entry => {
    const fault = asObject(entry)
    const where = asArray(fault?.['loc']).map(String).join('.')
    return [where, asText(fault?.['msg'])].filter(part => part !== undefined && part !== '').join(': ')
  })
  return words(lines.filter(line => line !== '').join('; '), asString(asObject(detail[0])?.['type']), undefined)
}

/** `{message, type, code}` without a wrapping, RFC 7807's `{title, detail}`, and Amazon's `{__type, message}`. */
function flatWords(body: JsonObject): Words {
  const message = asText(body['detail']) ?? asText(body['message']) ?? asText(body['Message']) ?? asText(body['msg'])
  const title = asString(body['title'])
  const amazon = asString(body['__type'])
  const type = amazon === undefined ? (title ?? asText(body['type'])) : shortAmazonName(amazon)
  return words(message ?? title, type, asText(body['code']))
}

/** `com.amazon.x#ThrottlingException` and `ThrottlingException:http://…` are both `ThrottlingException`. */
function shortAmazonName(name: string): string {
  return name.replace(/^.*#/, '').replace(/:.*$/, '')
}

/** Plain text as it is; of a web page its title, else what a reader would see. */
function plainWords(text: string): Words {
  if (!/^\s*</.test(text)) return words(text.trim(), undefined, undefined)
  const page = text.slice(0, MESSAGE_CHARS_MAX)
  const title = /<title>([^<]*)<\/title>/i.exec(page)?.[1]
  const visible = title ?? page.replace(/<[^>]*>/g, ' ')
  return words(visible.replace(/\s+/g, ' ').trim(), undefined, undefined)
}

/** `error` as a type says nothing: several protocols mark every error message with it. */
function words(message: string | undefined, type: string | undefined, code: string | undefined): Words {
  return {
    ...(message === undefined ? {} : { message }),
    ...(type === undefined || type === 'error' ? {} : { type }),
    ...(code === undefined ? {} : { code }),
  }
}

function asText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
