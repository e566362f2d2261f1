import type { JsonObject } from '../base/json-value.ts'
import type { Envelope, Failure } from './reply.ts'

/** Codes of google.rpc.Code by HTTP status, as the Gemini API uses them (ai.google.dev, troubleshooting). */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const SERVICE = 'generativelanguage.googleapis.com'

/** A refusal in Google's form. */
export function googleRefusal(status: number, message: string, details: readonly JsonObject[] = []): Failure {
  return { status, message, ...(details.length === 0 ? {} : { details }) }
}

/** `ErrorInfo`: the reason of a refusal for programs. */
export function errorInfo(reason: string): JsonObject {
  return {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'googleapis.com',
    metadata: { service: SERVICE },
  }
}

/** The message once more, for people. */
export function localized(message: string): JsonObject {
  return { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message }
}

/** What is used up, and when to come back. As in google-gemini/gemini-cli#8437 and RooCodeInc/Roo-Code#3883. */
export function quotaDetails(quotaId: string, retrySeconds: number, model: string): readonly JsonObject[] {
  return [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: `${SERVICE}/generate_content_free_tier_requests`,
          quotaId,
          quotaDimensions: { location: 'global', model },
          quotaValue: '10',
        },
      ],
    },
    {
      '@type': 'type.googleapis.com/google.rpc.Help',
      links: [
        {
          description: 'Learn more about Gemini API quotas',
          url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
        },
      ],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retrySeconds}s` },
  ]
}

function errorBody(failure: Failure): JsonObject {
  // Its own surface never answers 529; a fault that asks for it means the same as 503 here.
  const code = failure.status === 529 ? 503 : failure.status
  return {
    error: {
      code,
      message: failure.message,
      status: CODES[code] ?? 'UNKNOWN',
      ...(failure.details === undefined ? {} : { details: failure.details }),
    },
  }
}

/** `{"error": {code, message, status, details}}`. */
export const googleEnvelope: Envelope = {
  body: errorBody,
  event: failure => `data: ${JSON.stringify(errorBody(failure))}\r\n\r\n`,
}

/** The same as the one item of a list: so answer the stream without `alt=sse`, and the surface for OpenAI's clients. */
export const googleListEnvelope: Envelope = {
  body: failure => [errorBody(failure)],
  event: failure => `data: ${JSON.stringify([errorBody(failure)])}\n\n`,
}
