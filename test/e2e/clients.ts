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

/** An error as any of the protocols tells it. */
export interface ErrorObject {
  readonly message: string
  readonly type?: string
  readonly param?: string | null
  /** A number in Google's envelope: the HTTP status once more. */
  readonly code?: string | number
  /** Google's word for it. */
  readonly status?: string
  readonly candor: Note
}

interface Message {
  readonly content?: string | null
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly arguments: string } }[]
}

interface Text {
  readonly type?: string
  readonly text?: string
  readonly thought?: boolean
}

/** What the tests look at in a whole reply or one event of a stream, in any of the protocols. */
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
  readonly content?: readonly Text[]
  readonly delta?: string | { readonly text?: string; readonly stop_reason?: string }
  readonly output?: readonly { readonly type: string; readonly content?: readonly Text[] | null }[]
  readonly response?: { readonly error?: ErrorObject | null }
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly Text[] } }[]
  readonly usage?: Readonly<Record<string, number>>
  readonly input_tokens?: number
}

/** A client that speaks one of the protocols, by hand: what the official ones do is in shown-10 and test/sdk. */
export interface Client {
  readonly protocol: ProtocolId
  /** Where a request says which model it wants, and whether to stream. */
  readonly named: 'body' | 'path'
  /** Where a request goes. A model that nobody can mistake where none is given. */
  path(model?: string, stream?: boolean): string
  /** A request with one user message. `model` and `stream` stand in it whatever the protocol; {@link post} puts them where they belong. */
  body(model: string, text: string, rest?: object): Record<string, unknown>
  /** The field that limits the answer to so many tokens, or to the fewest that the protocol's own provider takes. */
  limit(tokens: number): object
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
  /** How many events tell one failure of a stream. */
  readonly errorEvents: number
  /** The shape of the protocol's error envelope. */
  isEnvelope(body: Body): boolean
}

const CHAT: Client = {
  protocol: 'openai-completions',
  named: 'body',
  path: () => '/v1/chat/completions',
  body: (model, text, rest) => ({ model, messages: [{ role: 'user', content: text }], ...rest }),
  limit: tokens => ({ max_tokens: tokens }),
  textOf: reply => reply.choices?.[0]?.message?.content ?? '',
  streamText: events =>
    events
      .filter(({ data }) => data !== '[DONE]')
      .map(({ data }) => parse(data).choices?.[0]?.delta?.content ?? '')
      .join(''),
  ended: /data: ?\[DONE\]/,
  stopReason: /"finish_reason":"/,
  errorIn: ({ data }) => (data === '[DONE]' ? undefined : parse(data).error),
  errorEvents: 1,
  isEnvelope: ({ error }) => typeof error?.message === 'string' && error.param !== undefined,
}

/** An output limit below this is refused by OpenAI. */
const RESPONSES_TOKENS_MIN = 16

const RESPONSES: Client = {
  protocol: 'openai-responses',
  named: 'body',
  path: () => '/v1/responses',
  body: (model, text, rest) => ({ model, input: [{ role: 'user', content: text }], ...rest }),
  limit: tokens => ({ max_output_tokens: Math.max(tokens, RESPONSES_TOKENS_MIN) }),
  textOf: reply => textIn((reply.output ?? []).flatMap(item => (item.type === 'message' ? (item.content ?? []) : []))),
  streamText: events =>
    events
      .map(({ data }) => parse(data))
      .map(({ type, delta }) => (type === 'response.output_text.delta' && typeof delta === 'string' ? delta : ''))
      .join(''),
  ended: /"type": ?"response\.(?:completed|incomplete)"/,
  stopReason: /"type": ?"response\.(?:completed|incomplete)"/,
  errorIn: ({ data }) => parse(data).error ?? parse(data).response?.error ?? undefined,
  // An `error`, and then the failed response.
  errorEvents: 2,
  isEnvelope: CHAT.isEnvelope,
}

const MESSAGES: Client = {
  protocol: 'anthropic-messages',
  named: 'body',
  path: () => '/v1/messages',
  body: (model, text, rest) => ({ model, max_tokens: 1000, messages: [{ role: 'user', content: text }], ...rest }),
  limit: tokens => ({ max_tokens: tokens }),
  textOf: reply => textIn(reply.content ?? []),
  streamText: events =>
    events
      .map(({ data }) => parse(data).delta)
      .map(delta => (typeof delta === 'object' ? (delta.text ?? '') : ''))
      .join(''),
  ended: /event: ?message_stop/,
  stopReason: /"stop_reason":"/,
  errorIn: ({ data }) => (parse(data).type === 'error' ? parse(data).error : undefined),
  errorEvents: 1,
  isEnvelope: ({ type, error }) => type === 'error' && typeof error?.message === 'string',
}

const GEMINI: Client = {
  protocol: 'google-generative-ai',
  named: 'path',
  path: (model = 'openai/gpt-4.1', stream = false) =>
    `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: (model, text, rest) => ({ model, contents: [{ role: 'user', parts: [{ text }] }], ...rest }),
  limit: tokens => ({ generationConfig: { maxOutputTokens: tokens } }),
  textOf: reply => textIn((reply.candidates?.[0]?.content?.parts ?? []).filter(part => part.thought !== true)),
  streamText: events => events.map(({ data }) => GEMINI.textOf(parse(data))).join(''),
  ended: /"finishReason": ?"/,
  stopReason: /"finishReason": ?"/,
  errorIn: ({ data }) => parse(data).error,
  errorEvents: 1,
  isEnvelope: ({ error }) => typeof error?.message === 'string' && typeof error.code === 'number',
}

/** All clients, for tables. */
export const CLIENTS: readonly Client[] = [CHAT, RESPONSES, MESSAGES, GEMINI]
/** The Chat Completions client. */
export const chatClient = CHAT
/** The Responses client. */
export const responsesClient = RESPONSES
/** The Messages client. */
export const messagesClient = MESSAGES

function textIn(parts: readonly Text[]): string {
  return parts.map(part => part.text ?? '').join('')
}

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

/** What goes over the wire for a request, and where. */
export function written(client: Client, asked: object | string): { readonly path: string; readonly body: string } {
  if (typeof asked === 'string') return { path: client.path(), body: asked }
  const { model, stream, ...rest }: { readonly model?: unknown; readonly stream?: unknown } = asked
  return {
    path: client.path(typeof model === 'string' ? model : undefined, stream === true),
    body: JSON.stringify(client.named === 'path' ? rest : asked),
  }
}

/** Sends a call. */
export function post(
  gateway: Gateway,
  client: Client,
  asked: object | string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const { path, body } = written(client, asked)
  return gateway.fetch(path, {
    method: 'POST',
    body,
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
