import { connect } from 'node:net'
import type { JsonObject, JsonValue } from '../../src/base/json-value.ts'
import { openSseReader } from '../../src/base/sse.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'

/** What a simulated provider answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The text as JSON, or an empty object. */
  readonly json: JsonObject
}

/** A call with the sim's own key on all key headers; `headers` replace any of them, and null removes one. */
export async function call(
  sim: Sim,
  method: 'GET' | 'POST' | 'HEAD',
  path: string,
  body?: JsonValue,
  headers: Readonly<Record<string, string | null>> = {},
): Promise<Answered> {
  const all = new Headers({
    authorization: `Bearer ${sim.key}`,
    'x-api-key': sim.key,
    'x-goog-api-key': sim.key,
    'anthropic-version': '2023-06-01',
  })
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name)
    else all.set(name, value)
  }
  const response = await fetch(sim.origin + path, {
    method,
    headers: all,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: objectIn(text) }
}

/** The same, with one key in all places. */
export function withKey(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}`, 'x-api-key': key, 'x-goog-api-key': key }
}

/** The JSON payloads of a stream, in order; `[DONE]` as text. */
export function payloads(text: string): readonly JsonValue[] {
  return openSseReader()
    .push(new TextEncoder().encode(text))
    .map(frame => (frame.data === '[DONE]' ? frame.data : (JSON.parse(frame.data) as JsonValue)))
}

/** Sends bytes as they are and gives back all bytes until the other side closes, and how it closed. */
export function raw(
  sim: Sim,
  bytes: string | Uint8Array,
): Promise<{ readonly bytes: Buffer; readonly reset: boolean }> {
  return new Promise(resolve => {
    const parts: Buffer[] = []
    let reset = false
    const socket = connect(sim.port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', part => parts.push(Buffer.from(part)))
    socket.on('error', () => {
      reset = true
    })
    socket.on('close', () => resolve({ bytes: Buffer.concat(parts), reset }))
  })
}

/** A request as bytes; with `Connection: close` unless told otherwise. */
export function requestBytes(
  sim: Sim,
  path: string,
  body: JsonValue,
  headers: readonly string[] = ['Connection: close'],
): string {
  const text = JSON.stringify(body)
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: sim',
    `Authorization: Bearer ${sim.key}`,
    `X-Api-Key: ${sim.key}`,
    `X-Goog-Api-Key: ${sim.key}`,
    'Anthropic-Version: 2023-06-01',
    ...headers,
    `Content-Length: ${Buffer.byteLength(text)}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

/** Where a surface is asked for a whole answer, or a stream. */
export function pathOf(protocol: ProtocolId, baseUrl: string, model: string, stream: boolean): string {
  const { pathname } = new URL(baseUrl)
  const base = pathname === '/' ? '' : pathname
  switch (protocol) {
    case 'openai-completions':
      return `${base}/chat/completions`
    case 'openai-responses':
      return `${base}/responses`
    case 'anthropic-messages':
      return `${base}/v1/messages`
    case 'google-generative-ai':
      return `${base}/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
  }
}

/** A request with one user message. */
export function bodyOf(protocol: ProtocolId, model: string, text: string, stream: boolean): JsonObject {
  switch (protocol) {
    case 'openai-completions':
      return { model, max_tokens: 500, messages: user(text), stream }
    case 'openai-responses':
      return { model, max_output_tokens: 500, input: text, stream }
    case 'anthropic-messages':
      return { model, max_tokens: 500, messages: user(text), stream }
    case 'google-generative-ai':
      return { contents: [{ role: 'user', parts: [{ text }] }], generationConfig: { maxOutputTokens: 500 } }
  }
}

/** One user message. */
export function user(text: string): JsonValue {
  return [{ role: 'user', content: text }]
}

function objectIn(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return {}
  }
}
