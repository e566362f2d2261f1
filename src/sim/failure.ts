import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { Envelope, Failure, HeaderLines, Reply } from './reply.ts'

const JSON_HEADER = ['content-type', 'application/json'] as const

/** Error types of the Messages API by status (platform.claude.com/docs/en/api/errors). */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** `{"error": {…}}` with `param` and `code` always there, as OpenAI writes it. */
export const openAiEnvelope: Envelope = {
  body: failure => ({
    error: {
      message: failure.message,
      type: failure.type ?? 'invalid_request_error',
      param: failure.param ?? null,
      code: failure.code ?? null,
    },
  }),
  event: failure => `data: ${JSON.stringify(openAiEnvelope.body(failure))}\n\n`,
}

/** `{"error": {message, type}}`, as Kimi and Moonshot write it: no `code`, no `param`; no space behind `data:`. */
export const moonshotEnvelope: Envelope = {
  body: failure => ({ error: { message: failure.message, type: failure.type ?? 'invalid_request_error' } }),
  event: failure => `data:${JSON.stringify(moonshotEnvelope.body(failure))}\n\n`,
}

/** `{"type": "error", "error": {…}, "request_id"}`, as Anthropic writes it. */
export const anthropicEnvelope: Envelope = {
  body: failure => ({
    type: 'error',
    error: { type: anthropicType(failure), message: failure.message },
    request_id: 'req_simulated',
  }),
  event: failure => errorEvent(anthropicEnvelope.body(failure)),
}

/** The Anthropic envelope as Kimi and Moonshot write it: `error` first, no request id. */
export const moonshotAnthropicEnvelope: Envelope = {
  body: failure => ({ error: { type: anthropicType(failure), message: failure.message }, type: 'error' }),
  event: failure => errorEvent(moonshotAnthropicEnvelope.body(failure)),
}

/** A failure as a whole reply. */
export function failureReply(failure: Failure, envelope: Envelope): Reply {
  return {
    status: failure.status,
    headers: [JSON_HEADER, ...(failure.headers ?? [])],
    body: JSON.stringify(envelope.body(failure)),
    envelope,
  }
}

/** A value as a whole reply with status 200. */
export function jsonReply(value: JsonObject, envelope: Envelope, headers: HeaderLines = []): Reply {
  return {
    status: 200,
    headers: [JSON_HEADER, ...headers],
    body: JSON.stringify(value),
    envelope,
  }
}

/** The events of a stream as a reply. */
export function streamReply(
  events: Iterable<string>,
  envelope: Envelope,
  how: Pick<Reply, 'splitCharacters' | 'paceMs'>,
): Reply {
  return {
    status: 200,
    headers: [
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-cache'],
    ],
    body: events,
    envelope,
    ...how,
  }
}

function anthropicType(failure: Failure): string {
  return failure.anthropicType ?? failure.type ?? ANTHROPIC_TYPES[failure.status] ?? 'api_error'
}

function errorEvent(body: JsonValue): string {
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`
}
