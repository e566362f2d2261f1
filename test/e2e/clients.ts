import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Gateway } from './harness.ts'

/** Candor's addition to an error. */
export interface Note {
  readonly code: string
  readonly what: string
  readonly why: string
  readonly fix: readonly string[]
  readonly request_id: string
  readonly docs: string
  readonly provider?: string
  readonly model?: string
  readonly upstream?: { readonly status?: number; readonly message?: string; readonly type?: string }
  readonly paths?: readonly string[]
  readonly candidates?: readonly string[]
  readonly timer?: string
  readonly resets_at?: string
}

/** An error as either protocol tells it. */
export interface ErrorObject {
  readonly message: string
  readonly type: string
  readonly param?: string | null
  readonly code?: string
  readonly candor: Note
}

interface Message {
  readonly content?: string | null
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly arguments: string } }[]
}

/** What the tests look at in a whole reply or one event of a stream, in either protocol. */
export interface Body {
  readonly type?: string
  readonly object?: string
  readonly model?: string
  readonly request_id?: string
  readonly error?: ErrorObject
  readonly choices?: readonly {
    readonly message?: Message
    readonly delta?: Message
    readonly finish_reason?: string | null
  }[]
  readonly content?: readonly { readonly type: string; readonly text?: string }[]
  readonly delta?: { readonly text?: string; readonly stop_reason?: string }
  readonly usage?: Readonly<Record<string, number>>
  readonly input_tokens?: number
}

/** A client that speaks one of the two protocols, by hand: what the official ones do is in shown-10. */
export interface Client {
  readonly protocol: ProtocolId
  readonly path: string
  /** A request with one user message. */
  body(model: string, text: string, rest?: object): Record<string, unknown>
  /** The answer's text in a whole reply. */
  textOf(reply: Body): string
  /** The answer's text in a stream. */
  streamText(events: readonly EventSourceMessage[]): string
  /** What only the end of a complete answer says, in the raw text of a stream. */
  readonly ended: RegExp
  /** A stop reason there. */
  readonly stopReason: RegExp
  /** The error object of an event, if it is one. */
  errorIn(event: EventSourceMessage): ErrorObject | undefined
  /** The shape of the protocol's error envelope. */
  isEnvelope(body: Body): boolean
}

const CHAT: Client = {
  protocol: 'openai-completions',
  path: '/v1/chat/completions',
  body: (model, text, rest) => ({ model, messages: [{ role: 'user', content: text }], ...rest }),
  textOf: reply => reply.choices?.[0]?.message?.content ?? '',
  streamText: events =>
    events
      .filter(({ data }) => data !== '[DONE]')
      .map(({ data }) => parse(data).choices?.[0]?.delta?.content ?? '')
      .join(''),
  ended: /data: ?\[DONE\]/,
  stopReason: /"finish_reason":"/,
  errorIn: ({ data }) => (data === '[DONE]' ? undefined : parse(data).error),
  isEnvelope: ({ error }) => typeof error?.message === 'string' && error.param !== undefined,
}

const MESSAGES: Client = {
  protocol: 'anthropic-messages',
  path: '/v1/messages',
  body: (model, text, rest) => ({ model, max_tokens: 1000, messages: [{ role: 'user', content: text }], ...rest }),
  textOf: reply => (reply.content ?? []).map(block => block.text ?? '').join(''),
  streamText: events => events.map(({ data }) => parse(data).delta?.text ?? '').join(''),
  ended: /event: ?message_stop/,
  stopReason: /"stop_reason":"/,
  errorIn: ({ data }) => (parse(data).type === 'error' ? parse(data).error : undefined),
  isEnvelope: ({ type, error }) => type === 'error' && typeof error?.message === 'string',
}

/** Both clients, for tables. */
export const CLIENTS: readonly Client[] = [CHAT, MESSAGES]
/** The Chat Completions client. */
export const chatClient = CHAT
/** The Messages client. */
export const messagesClient = MESSAGES

/** Reads JSON that a test trusts. */
export function parse<T = Body>(text: string): T {
  return JSON.parse(text) as T
}

/** The events of a stream, read by an independent parser. */
export function eventsIn(text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => events.push(event) })
  parser.feed(text)
  return events
}

/** Sends a call. */
export function post(
  gateway: Gateway,
  client: Client,
  body: object | string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  return gateway.fetch(client.path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(init.signal === undefined ? {} : { signal: init.signal }),
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

/** A whole call: status, headers, body as JSON, and the receipt it left. */
export async function call(
  gateway: Gateway,
  client: Client,
  body: object | string,
  headers: Record<string, string> = {},
) {
  const response = await post(gateway, client, body, { headers })
  const text = await response.text()
  const receipt = await gateway.receipt(response.headers.get('candor-request-id') ?? 'none')
  return { status: response.status, headers: response.headers, text, json: () => parse(text), receipt }
}

/** A streamed call to its end: events as an independent parser reads them, the raw text, and the receipt. */
export async function stream(
  gateway: Gateway,
  client: Client,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
) {
  const got = await call(gateway, client, { ...body, stream: true }, headers)
  return { ...got, events: got.headers.get('content-type')?.startsWith('text/event-stream') ? eventsIn(got.text) : [] }
}

/** The `candor` object of an error body. Throws if there is none. */
export function noteOf(body: Body): Note {
  if (body.error === undefined) throw new Error(`no error: ${JSON.stringify(body).slice(0, 500)}`)
  return body.error.candor
}
