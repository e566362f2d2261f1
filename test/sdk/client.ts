import type { JsonObject } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'

/** In one piece, or as a stream. */
export type Form = 'whole' | 'stream'

/** Both forms, for tables. */
export const FORMS: readonly Form[] = ['whole', 'stream']

/** A tool a conversation offers. */
export interface Tool {
  readonly name: string
  readonly schema: JsonObject
}

/** The tools of all conversations that offer any. */
export const TOOLS: readonly Tool[] = [
  { name: 'weather', schema: objectOf('city') },
  { name: 'clock', schema: objectOf('zone') },
]

/** How a conversation is held. */
export interface TalkOptions {
  /** Origin of the gateway. */
  readonly origin: string
  readonly model: string
  readonly form: Form
  /** Offer {@link TOOLS}. */
  readonly tools?: boolean
  /** Ask the model to think, and to show it. */
  readonly thinks?: boolean
  /** The answer must be JSON after this schema. */
  readonly schema?: JsonObject
  /** A text that ends the answer. Responses have no word for it. */
  readonly stop?: string
  readonly signal?: AbortSignal
  /** Called for each event of a stream. */
  readonly onEvent?: () => void
}

/** What is said next. Without text: the results of the tools that were called. */
export interface Say {
  readonly text?: string
  /** A PNG, base64. */
  readonly image?: string
  /** Another model than the conversation began with. */
  readonly model?: string
  /** Nothing of this turn is remembered. */
  readonly aside?: boolean
}

/** Tokens as the client tells them. Input counts cached tokens, output counts reasoning; undefined where its protocol has no field. */
export interface Tokens {
  readonly input: number
  readonly cached: number
  readonly output: number
  readonly reasoning?: number
}

/** One reply. */
export interface Turn {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly reasoning: string
  readonly tokens: Tokens
}

/** A client with its conversation, which it keeps in its own objects and sends back as it got them. */
export interface Talk {
  turn(say: Say): Promise<Turn>
}

/** What a failure looks like to the client's user. */
export interface Failed {
  readonly type: string
  readonly status: number | undefined
  /** Candor's code in the error body. */
  readonly code: string | undefined
  /** What of the request Candor names in it. */
  readonly paths: string | undefined
  readonly retryAfterSeconds: number | undefined
}

/** An official client. */
export interface SdkClient {
  readonly name: string
  readonly protocol: ProtocolId
  open(options: TalkOptions): Talk
  /** How it words the result of a tool. */
  resultAs(name: string, text: string): string
  /** Reads what a turn threw. Throws it again if it is none of the client's own errors. */
  failed(error: unknown): Failed
  /** The client's own exception class for a status. */
  errorFor(status: number): string
  /** The name of what it throws when its user aborts. */
  readonly abortError: string
}

/** Gives each call of a tool its result: the tool's name and how many calls there have been. */
export function openResults(): (name: string) => string {
  let count = 0
  return name => {
    count += 1
    return `${name} ${count}`
  }
}

/** What a driver says of a stream whose client ended it without an error, though it was not complete. */
export const UNFINISHED = 'the stream did not complete'

/** What a turn that must fail threw. Throws if it did not fail. */
export async function failureOf(client: SdkClient, turn: Promise<Turn>): Promise<Failed> {
  const error: unknown = await turn.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) throw new Error('it did not fail')
  return client.failed(error)
}

/** Reads a JSON text that came from a model. */
export function readJson(text: string): unknown {
  return JSON.parse(text) as unknown
}

/** `candor.code` in an error body, wherever the protocol has room for it. */
export function codeIn(body: unknown): string | undefined {
  return /"candor":\{"code":"([a-z_]+)"/.exec(JSON.stringify(body) ?? '')?.[1]
}

/** `candor.paths` in an error body, as JSON. */
export function pathsIn(body: unknown): string | undefined {
  return /"paths":(\[[^\]]*\])/.exec(JSON.stringify(body) ?? '')?.[1]
}

/** The value of `Retry-After`, in seconds. */
export function secondsIn(value: string | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}

function objectOf(field: string): JsonObject {
  return { type: 'object', properties: { [field]: { type: 'string' } }, required: [field], additionalProperties: false }
}
