import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { ProtocolId } from './protocol.ts'

/**
 * A request in the form every protocol translates to and from. Each part that a target may be unable to say carries `at`, its JSON
 * path in the client's request, so that a loss can name the place.
 */
export interface CanonRequest {
  /** The protocol it was read from. */
  readonly from: ProtocolId
  readonly model: string
  readonly stream: boolean
  /** The client wants usage told inside the stream. Always so where the protocol always tells it. */
  readonly streamUsage: boolean
  /** Instructions and conversation in their order. Instructions may stand anywhere; a target that wants them first says so as a loss. */
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False: at most one tool call in a reply. */
  readonly parallelTools?: boolean
  readonly maxOutputTokens?: number
  readonly stopSequences?: readonly string[]
  readonly format?: OutputFormat
  readonly reasoning?: ReasoningWish
  /** Everything else the request says, by its name in the parameter table (canon/parameters.ts), value as the client wrote it. */
  readonly settings: readonly Setting[]
  /** Fields no table knows, top level or nested. Only the same protocol can carry them. */
  readonly unknown: readonly UnknownField[]
  /** Where the client said what has no `at` of its own, as far as that is not its protocol's usual place (wire/places.ts). */
  readonly places?: Readonly<Partial<Record<PlacedName, string>>>
}

/** What a request says in one place that stands in no part of the canonical form; by its name in the parameter table. */
export type PlacedName = 'stop_sequences' | 'output_format' | 'tool_choice' | 'parallel_tools'

/** One named parameter with its value: `temperature`, `seed`, `user`, … The value's form is the table row's. */
export interface Setting {
  readonly name: string
  readonly value: JsonValue
  readonly at: string
}

/** A field that no table knows. */
export interface UnknownField {
  readonly at: string
  readonly value: JsonValue
}

/** A message. `system` and `developer` turns hold text only; `tool` results stand inside `user` turns. */
export interface Turn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant'
  readonly parts: readonly Part[]
  /** The participant's name, where the protocol has one. */
  readonly name?: string
  readonly at: string
}

/** One piece of a message. */
export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | ToolCallPart
  | ToolResultPart
  | ReasoningPart
  | RefusalPart
  | OpaquePart

interface PartBase {
  readonly at: string
  /** A prompt-cache mark on this part, as Anthropic writes it: `{ type: 'ephemeral', ttl? }`. */
  readonly cache?: JsonObject
  /**
   * What else the wire item that begins with this part holds and only its own protocol reads: its id, status and phase in Responses, as
   * written. Present, though empty, where an item begins inside a turn. Other protocols leave it out: it says nothing of the conversation.
   */
  readonly item?: JsonObject
  /** Where these stand, if not inside the part in the protocol's usual field (wire/places.ts). */
  readonly places?: {
    readonly cache?: string
    readonly citations?: string
    readonly signature?: string
    readonly input?: string
  }
}

export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  /** Citations or annotations attached to the text, in the wire form of `from`. */
  readonly citations?: readonly JsonValue[]
}

/** Where the bytes of an image, document or sound are. `base64` never holds a `data:` prefix. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  | { readonly type: 'file'; readonly id: string; readonly mediaType?: string }
  | { readonly type: 'text'; readonly text: string }

export interface ImagePart extends PartBase {
  readonly type: 'image'
  readonly source: MediaSource
  /** OpenAI's `low | high | auto`. */
  readonly detail?: string
}

export interface DocumentPart extends PartBase {
  readonly type: 'document'
  readonly source: MediaSource
  /** File name or title. */
  readonly title?: string
  /** Text about the document that is not part of it. */
  readonly context?: string
  /** The model is asked to cite from it. */
  readonly citations?: boolean
}

export interface AudioPart extends PartBase {
  readonly type: 'audio'
  readonly data: string
  /** `wav`, `mp3`, … */
  readonly format: string
}

export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** The arguments as the model wrote them: JSON text for a function (`{}` when there are none), free text for a custom tool. */
  readonly input: string
  readonly custom: boolean
  /**
   * What the provider signed the call with, and wants back with it: Gemini's `thoughtSignature`. Its own words where `origin` is absent or the
   * target's protocol; any other target cannot be given it, which is told as the loss `reasoning_history`.
   */
  readonly signature?: string
  /** The protocol whose provider signed it, when it is not the protocol of the request. */
  readonly origin?: ProtocolId
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  readonly callId: string
  readonly failed: boolean
  readonly content: readonly Part[]
}

/** Reasoning of an earlier turn, carried back so that the provider that wrote it accepts the conversation. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
  /** The provider's signature over the text. Absent: unsigned. */
  readonly signature?: string
  /** Reasoning the provider gave only encrypted: `text` is empty then. */
  readonly redacted?: string
  /** The protocol whose provider wrote it, when it is not the protocol of the request (see canon/reasoning-carrier.ts). */
  readonly origin?: ProtocolId
  /** Further carriage in the wire form of `origin` (OpenRouter's `reasoning_details`). */
  readonly details?: readonly JsonValue[]
}

export interface RefusalPart extends PartBase {
  readonly type: 'refusal'
  readonly text: string
}

/** A part only its own protocol understands: server tools and their results, containers, compaction, future types. */
export interface OpaquePart extends PartBase {
  readonly type: 'opaque'
  readonly protocol: ProtocolId
  /** The wire's own type name. */
  readonly name: string
  readonly value: JsonObject
}

/** A tool the model may call. */
export type Tool = FunctionTool | CustomTool | OpaqueTool

interface ToolBase {
  readonly at: string
  readonly cache?: JsonObject
}

export interface FunctionTool extends ToolBase {
  readonly type: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. Absent: no arguments. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
}

/** A tool that takes free text, perhaps bound by a grammar. */
export interface CustomTool extends ToolBase {
  readonly type: 'custom'
  readonly name: string
  readonly description?: string
  readonly format?: JsonObject
}

/** A tool the provider runs itself (web search, code execution, …) or a future kind. */
export interface OpaqueTool extends ToolBase {
  readonly type: 'opaque'
  readonly protocol: ProtocolId
  /** The wire's own type name. */
  readonly name: string
  readonly value: JsonObject
}

/** Which tool must, may or must not be called. `allowed` bounds the choice to some of the tools. */
export type ToolChoice =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'tool'; readonly name: string; readonly custom?: boolean }
  | { readonly mode: 'allowed'; readonly required: boolean; readonly names: readonly string[]; readonly at: string }

/** The form the answer must have. */
export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly schema: JsonObject
      readonly name?: string
      readonly description?: string
      readonly strict?: boolean
    }

/** How much the model shall think before it answers. */
export interface ReasoningWish {
  /** `adaptive`: the model decides. */
  readonly mode: 'off' | 'on' | 'adaptive'
  /** none | minimal | low | medium | high | xhigh | max, as the client wrote it. */
  readonly effort?: string
  readonly budgetTokens?: number
  /** How the client wants it shown (Anthropic `display`, Responses `summary`), as written. */
  readonly show?: string
  readonly at: string
  /** Where the effort stands, if not inside `at`. */
  readonly places?: { readonly effort?: string }
}
