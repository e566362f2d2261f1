import { spyOn } from 'bun:test'
import type { Clock } from '../../src/base/clock.ts'
import { asNumber, asObject, asString, type JsonObject } from '../../src/base/json-value.ts'
import { POOL_LIMITS, Pool } from '../../src/upstream/http1-pool.ts'
import type { Network } from '../../src/upstream/network.ts'

/** One request as it came to a provider. */
export interface Sent {
  /** The call it belongs to: the client's `x-title`, which goes through. */
  readonly call: string
  readonly origin: string
  readonly path: string
  /** The credential it showed. */
  readonly key: string | undefined
  readonly model: string
  readonly stream: boolean
  readonly maxTokens: number
  readonly headers: Headers
  readonly body: JsonObject
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Tokens a provider tells. */
export interface Tokens {
  readonly input: number
  readonly output: number
}

/** What a provider does with a request. */
export type Reply =
  | { readonly type: 'answer'; readonly usage?: Tokens; readonly text?: string }
  | { readonly type: 'body'; readonly body: JsonObject }
  | {
      readonly type: 'refusal'
      readonly status: number
      readonly error?: JsonObject
      readonly headers?: Readonly<Record<string, string>>
    }
  /** No connection, so nothing was sent. */
  | { readonly type: 'unreachable' }
  /** The connection breaks before the head of an answer. */
  | { readonly type: 'lost' }
  /** Never a word. */
  | { readonly type: 'silent' }
  /** The connection breaks behind the head, or behind the first piece of a stream. */
  | { readonly type: 'cut'; readonly behind: 'head' | 'first piece' }
  /** A stream that tells an error, as its first event or behind a piece of the answer. */
  | { readonly type: 'error event'; readonly behind: 'head' | 'first piece' }

/** A network of providers that do what a script says. `restore` gives the runtime its own client back. */
export interface ScriptedNetwork {
  readonly network: Network
  /** Everything that was sent, in order. */
  readonly sent: readonly Sent[]
  restore(): void
}

/** Sends through the runtime's own client, as behind a proxy, and puts the script in its place. */
export function scriptNetwork(clock: Clock, script: (sent: Sent) => Reply): ScriptedNetwork {
  const sent: Sent[] = []
  async function answer(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const seen = readRequest(new URL(String(input)), init, clock)
    sent.push(seen)
    return await carryOut(script(seen), seen, init.signal ?? undefined)
  }
  const own = globalThis.fetch
  const spy = spyOn(globalThis, 'fetch').mockImplementation(Object.assign(answer, { preconnect: own.preconnect }))
  const pool = new Pool(clock, POOL_LIMITS, {})
  return {
    network: { pool, directAddress: () => undefined, close: () => pool.close() },
    sent,
    restore: () => spy.mockRestore(),
  }
}

function readRequest(url: URL, init: RequestInit, clock: Clock): Sent {
  const headers = new Headers(init.headers)
  const body = asObject(JSON.parse(Buffer.from(init.body as Uint8Array).toString())) ?? {}
  const key = headers.get('authorization')?.replace(/^Bearer /, '') ?? headers.get('x-api-key') ?? undefined
  return {
    call: headers.get('x-title') ?? '',
    origin: url.origin,
    path: url.pathname,
    key,
    model: asString(body['model']) ?? '',
    stream: body['stream'] === true,
    maxTokens: asNumber(body['max_tokens']) ?? 0,
    headers,
    body,
    at: clock.now(),
  }
}

const ERROR: JsonObject = { message: 'The server had an error.', type: 'server_error' }
const RESET = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })

function carryOut(reply: Reply, sent: Sent, signal: AbortSignal | undefined): Response | Promise<Response> {
  switch (reply.type) {
    case 'unreachable':
      throw Object.assign(new Error('refused'), { code: 'ConnectionRefused' })
    case 'lost':
      throw RESET()
    case 'silent':
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    case 'refusal':
      return json(reply.status, { error: reply.error ?? { message: 'No.' } }, reply.headers)
    case 'body':
      return json(200, reply.body)
    case 'answer':
      return sent.stream ? streamed(answerEvents(sent, reply)) : json(200, wholeAnswer(sent, reply))
    case 'cut':
      return sent.stream ? streamed(begun(sent, reply.behind), RESET()) : cutBody()
    case 'error event':
      return sent.stream ? streamed([...begun(sent, reply.behind), { error: ERROR }]) : json(500, { error: ERROR })
  }
}

function json(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}

function cutBody(): Response {
  const body = new ReadableStream({ pull: controller => controller.error(RESET()) })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

/** An event stream, piece by piece, that ends or breaks. */
function streamed(events: readonly (JsonObject | '[DONE]')[], broken?: Error): Response {
  const rest = events.map(event => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
  const body = new ReadableStream({
    pull(controller) {
      const piece = rest.shift()
      if (piece !== undefined) controller.enqueue(Buffer.from(piece))
      else if (broken !== undefined) controller.error(broken)
      else controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

type Answered = Extract<Reply, { type: 'answer' }>

function chunk({ model }: Sent, rest: JsonObject): JsonObject {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, ...rest }
}

function begun(sent: Sent, behind: 'head' | 'first piece'): JsonObject[] {
  if (behind === 'head') return []
  return [chunk(sent, { choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }] })]
}

function answerEvents(sent: Sent, { usage, text = 'Hello' }: Answered): (JsonObject | '[DONE]')[] {
  return [
    chunk(sent, { choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] }),
    chunk(sent, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    ...(usage === undefined ? [] : [chunk(sent, { choices: [], usage: told(usage) })]),
    '[DONE]',
  ]
}

function wholeAnswer({ model }: Sent, { usage, text = 'Hello' }: Answered): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    ...(usage === undefined ? {} : { usage: told(usage) }),
  }
}

function told({ input, output }: Tokens): JsonObject {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}
