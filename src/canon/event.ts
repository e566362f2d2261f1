import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { Problem } from './problem.ts'
import type { ProtocolId } from './protocol.ts'
import type { StopReason } from './stop.ts'
import type { Usage } from './usage.ts'

/**
 * A reply as a series of events; a whole reply is a short series. Names are noun-verb. Every block has an index of its own in the
 * reply (0, 1, 2, … in the order they start) and says which choice it belongs to. canon/grammar.ts holds the order.
 */
export type Event =
  | ReplyStart
  | BlockStart
  | BlockDelta
  | BlockStop
  | ChoiceStop
  | UsageTell
  | Ping
  | UnknownTell
  | ReplyEnd
  | Failure

/** First event of every reply that begins at all. */
export interface ReplyStart {
  readonly type: 'reply-start'
  /** The provider's id of the reply; empty if it gave none. */
  readonly id: string
  /** The model the provider says is answering; empty if it does not say. */
  readonly model: string
  /** Seconds since 1970 as the provider told it, where it does. */
  readonly createdSeconds?: number
}

export interface BlockStart {
  readonly type: 'block-start'
  readonly index: number
  /** Which of the `n` answers; 0 where there is one. */
  readonly choice: number
  readonly block: BlockHead
}

/** What a block is, known at its start. Contents follow as deltas. */
export type BlockHead =
  | { readonly type: 'text' }
  | { readonly type: 'reasoning' /** Encrypted reasoning, whole at the start. */; readonly redacted?: string }
  | { readonly type: 'refusal' }
  | {
      readonly type: 'tool-call'
      readonly id: string
      readonly name: string
      readonly custom: boolean
      /** What the provider signed the call with, packed by its decoder (canon/reasoning-carrier.ts). */
      readonly signature?: string
    }
  | { readonly type: 'opaque'; readonly protocol: ProtocolId; readonly name: string; readonly value: JsonObject }

export interface BlockDelta {
  readonly type: 'block-delta'
  readonly index: number
  readonly delta:
    | { /** More text of a text, reasoning or refusal block. */ readonly type: 'text'; readonly text: string }
    | { /** More of a tool call's input. */ readonly type: 'input'; readonly text: string }
    | {
        /** The signature over a reasoning block, whole: Anthropic's own, or a carrier that names its writer (canon/reasoning-carrier.ts). */ readonly type: 'signature'
        readonly signature: string
      }
    | {
        /** A citation or annotation on a text block, in its protocol's form. */ readonly type: 'citation'
        readonly value: JsonValue
      }
    | {
        /** Log probabilities for the text just given, in OpenAI's form. */ readonly type: 'logprobs'
        readonly value: JsonObject
      }
    | {
        /** Anything else: a delta of an opaque block, or one kind no table knows. */
        readonly type: 'opaque'
        readonly protocol: ProtocolId
        readonly value: JsonObject
      }
}

export interface BlockStop {
  readonly type: 'block-stop'
  readonly index: number
}

/** One answer is over. With `n` answers there are n of these. */
export interface ChoiceStop {
  readonly type: 'choice-stop'
  readonly choice: number
  readonly reason: StopReason
  /** The provider's own word. */
  readonly raw: string
  /** The stop sequence that was met. */
  readonly sequence?: string
  /** Details of a refusal or stop in the protocol's form. */
  readonly details?: JsonObject
}

/** Usage so far. Cumulative: each bucket's last value counts (see mergeUsage). */
export interface UsageTell {
  readonly type: 'usage'
  readonly usage: Usage
}

/** A sign of life without content. */
export interface Ping {
  readonly type: 'ping'
}

/** Something in the stream no table knows. Passed through untouched; reported when translated. */
export interface UnknownTell {
  readonly type: 'unknown'
  /** What it is called on the wire: an event type or a field path. */
  readonly name: string
}

/** Terminal: the protocol itself said the reply is complete. */
export interface ReplyEnd {
  readonly type: 'reply-end'
}

/** Terminal: the reply is not complete, and why. */
export interface Failure {
  readonly type: 'failure'
  readonly problem: Problem
}
