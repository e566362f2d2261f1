import type { ObjectScan } from '../base/json-splice.ts'
import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { SseFrame } from '../base/sse.ts'
import type { Event } from '../canon/event.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import type { ParameterName } from '../canon/parameters.ts'
import { type Problem, type ProblemCode, statusOf } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { CanonRequest } from '../canon/request.ts'
import type { Quirks } from './quirks.ts'

/** One event of a stream, whatever its framing. */
export type Frame = SseFrame

/** A request in a target's words, with all that could not be said and all that was filled in. */
export interface EncodedRequest {
  readonly body: JsonObject
  readonly losses: readonly Loss[]
  readonly assumptions: readonly Assumption[]
}

/** A client's own bytes with the few edits they may receive, and what a quirk took out. */
export interface Retargeted {
  readonly body: Uint8Array
  readonly losses: readonly Loss[]
}

/** What a reply's encoder must know that no event tells. */
export interface ReplyContext {
  /** Used as the reply's id where the provider gave none. */
  readonly requestId: string
  /** Used as the reply's model where the provider named none. */
  readonly model: string
  /** Seconds since 1970, used where the provider gave no time. Handed in: codecs have no clock. */
  readonly createdSeconds: number
  /** The client asked for usage inside the stream. */
  readonly streamUsage: boolean
  /** The protocol the events were read from: signatures and citations are in its form. Absent: the encoder's own. */
  readonly from?: ProtocolId
  /** The client's request body, for protocols whose replies repeat what was asked. Absent where the body was not parsed. */
  readonly asked?: JsonObject
}

/** What a request says beside its body, where the protocol says it in the path. */
export interface RequestNames {
  readonly model: string
  readonly stream: boolean
}

/** Reads one provider stream. A pure reducer: no clock, no fetch; any frames, even garbage, never make it throw. */
export interface StreamDecoder {
  /** The events this frame completes. After a terminal event it gives none. */
  push(frame: Frame): readonly Event[]
  /** The stream is over. Gives the closing events: exactly one terminal event in all, `stream_truncated` if the protocol had not ended it. */
  end(): readonly Event[]
}

/** Writes one client stream. Nothing is written after a terminal event. */
export interface StreamEncoder {
  push(event: Event): readonly Frame[]
  /**
   * What came so far and had no words in this protocol, each once: names of block kinds (`opaque server_tool_use`), delta kinds
   * (`logprobs`) and of `unknown` events. Told in the receipt, never dropped in silence.
   */
  unsaid(): readonly string[]
}

/** A whole reply in the client's words, with the names of what had none (see {@link StreamEncoder.unsaid}). */
export interface EncodedReply {
  readonly body: JsonObject
  readonly unsaid: readonly string[]
}

/**
 * How one protocol says one parameter. For settings `path` is where it is read and written (dotted); `read` turns the wire's value into
 * the canonical one and `write` the reverse. A `write` that returns `{ cannot }` reports the parameter as lost for that value.
 */
export interface ParameterRow {
  readonly path: string
  readonly read?: (value: JsonValue) => JsonValue
  readonly write?: (value: JsonValue) => JsonValue | Cannot
  /** What is special about it here, for docs/translation.md. */
  readonly note?: string
}

/** A value this protocol has no words for. A class, so that no JSON value can be mistaken for it. */
export class Cannot {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** What a protocol can say. A parameter without a row cannot be said in it. */
export type ParameterTable = Readonly<Partial<Record<ParameterName, ParameterRow>>>

/** The protocol's own call for counting a request's input tokens. */
export interface TokenCounting {
  /** Path below an endpoint's base URL, such as `/v1/messages/count_tokens`. */
  readonly path: (call: RequestNames) => string
  /** A counting body with what `decodeRequest` demands and counting leaves out (an output limit). */
  readonly completeRequest?: (body: JsonObject) => JsonObject
  /** The reply's body for a count. An estimate of Candor's own says so inside it. */
  encodeCount(tokens: number, estimated: boolean): JsonObject
}

/** A request whose earlier reasoning goes to another model than the one that gave it. */
export interface Unsealed {
  readonly body: JsonObject
  readonly losses: readonly Loss[]
  readonly assumptions: readonly Assumption[]
}

/** True for a seal that goes back to the model that gave it. */
export type KeepsSeal = (seal: string) => boolean

/**
 * The seals in a client's requests: what ties earlier reasoning to the model that gave it (signatures, encrypted reasoning, and carriers of
 * either in ids of calls). Both functions take any body, valid or not, and never throw.
 */
export interface Seals {
  /**
   * Each seal once, in the form in which the listener heard it in the reply (wire/seals.ts), whichever protocols the reply came in and went
   * out in.
   */
  signaturesIn(body: JsonObject): readonly string[]
  /**
   * The request without sealed reasoning: a copy, or the body itself where there was none. All that is left out is told. `to` is where it
   * goes: the quirks of an endpoint of this protocol as they hold for the model (`quirksOfModel`), or `translated` where another protocol's
   * encoder mends what unsigned turns lack. `keeps` says of a seal that it may stay, because the model it goes to gave it; absent: none may.
   */
  withoutSeals(body: JsonObject, to?: Quirks | 'translated', keeps?: KeepsSeal): Unsealed
}

/** One wire protocol, both directions. All functions are pure. */
export interface WireProtocol {
  readonly id: ProtocolId
  /** Path below an endpoint's base URL, such as `/chat/completions`. */
  readonly path: (call: RequestNames) => string
  readonly parameters: ParameterTable
  /** Absent where the protocol has no such call. */
  readonly counting?: TokenCounting
  /**
   * Reads a client's request. A body the protocol does not allow gives `bad_request` with the JSON path. `names` is what the gateway found out
   * already: a protocol that says them in the path has no other place to read them from. Never throws.
   */
  decodeRequest(body: JsonObject, names?: RequestNames): CanonRequest | Problem
  /** Writes a request for a provider. */
  encodeRequest(request: CanonRequest, quirks: Quirks): EncodedRequest
  /**
   * The only edits a passed-through request may receive: the model's name, and what a quirk demands. Everything else keeps its bytes.
   * Gives `bad_request` if the body is not one JSON object with one `model`. `known` is a scan of
   * the same bytes that has looked for `model`: where nothing else is edited the body is not scanned again.
   */
  retarget(body: Uint8Array, model: string, quirks: Quirks, known?: ObjectScan): Retargeted | Problem
  /** Reads a whole reply, through the same reducer as a stream; ends in exactly one terminal event. */
  decodeReply(body: JsonObject): readonly Event[]
  /** Writes a whole reply from events that end in `reply-end`. */
  encodeReply(events: readonly Event[], context: ReplyContext): EncodedReply
  openDecoder(): StreamDecoder
  openEncoder(context: ReplyContext): StreamEncoder
  /** Reads a provider's error: its words as `upstream`, and the best code the protocol alone can tell. The catalogue's signs know more. */
  decodeProblem(status: number, body: unknown): Problem
  /** Writes an error body for a client, in its protocol's envelope, with Candor's addition inside. */
  encodeProblem(problem: Problem, requestId: string): JsonObject
  /** Absent where requests carry no reasoning that a model has signed. */
  readonly seals?: Seals
  /** Statuses by which this protocol's clients know a problem, where they are not those of the table of problems. */
  readonly statuses?: Readonly<Partial<Record<ProblemCode, number>>>
}

/** The HTTP status with which a client of the protocol is told the problem. */
export function statusFor(protocol: WireProtocol, found: Problem): number {
  return protocol.statuses?.[found.code] ?? statusOf(found)
}
