import type { JsonObject, JsonValue } from '../base/json-value.ts'

/** Header lines in the order they are written. */
export type HeaderLines = readonly (readonly [string, string])[]

/** A refusal as the provider would word it; the surface puts it into its envelope. */
export interface Failure {
  readonly status: number
  /** The envelope's `type`; on the Anthropic surface the status decides where none is given. */
  readonly type?: string
  /** Another `type` on the Anthropic surface. */
  readonly anthropicType?: string
  readonly code?: string
  readonly param?: string
  readonly message: string
  /** What Google says beside the message: objects with an `@type`. */
  readonly details?: readonly JsonObject[]
  readonly headers?: HeaderLines
}

/** Puts failures into one surface's form. */
export interface Envelope {
  /** The error body. */
  body(failure: Failure): JsonValue
  /** The error as an event of a stream, asked for when all events before it are out. */
  event(failure: Failure): string
}

/** Tokens an answer tells as used: all input, cached or not, and all output, reasoning included. */
export interface ToldUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** An answer before any fault is laid on it: a whole body, or the events of a stream, each in its final wire form. */
export interface Reply {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: string | Iterable<string>
  /** How this surface tells errors. */
  readonly envelope: Envelope
  /** Characters of several bytes are sent in two pieces that travel apart. */
  readonly splitCharacters?: boolean
  /** Pause between two events of a stream, milliseconds. */
  readonly paceMs?: number
  /** Absent where nothing is told: no model answered, or the client of a stream did not ask. */
  readonly told?: ToldUsage
}
