import { JSON_DEPTH_MAX, parseJson } from '../../base/json.ts'
import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, ChoiceStop } from '../../canon/event.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { writeLogprobs } from './candidate-logprobs.ts'
import { writeCitation } from './candidate-sources.ts'
import { PROTOCOL } from './protocol.ts'
import {
  type SaidReasoning,
  writeOrigin,
  writeReasoningBefore,
  writeRedacted,
  writeSignature,
} from './reply-signatures.ts'
import { writeStop } from './stop.ts'

/** What a candidate's writer must know of the reply it stands in. */
export interface ReplyScene {
  /** The protocol the events were read from. */
  readonly from: ProtocolId
  /** Notes the name of something that has no words here. */
  unsaid(name: string): void
  /** Counts characters held back, or, if negative, given out: input of function calls, which go out whole. */
  hold(chars: number): void
}

/** A bit of one candidate: a part of its content, with log probabilities where they are told. */
export interface Piece {
  /** The candidate's. */
  readonly index: number
  readonly part: JsonObject
  readonly logprobsResult?: JsonObject
}

/** Turns one choice's events into pieces. */
export interface CandidateWriter {
  start(index: number, head: BlockHead): readonly Piece[]
  delta(index: number, delta: BlockDelta['delta']): readonly Piece[]
  stop(index: number): readonly Piece[]
  /** How the candidate ended. */
  finish(stop: ChoiceStop): CandidateEnding
}

/** What stands beside the content at the end. */
export interface CandidateEnding {
  /** The reason to finish, details of it, sources. Absent where there is none because the prompt was refused. */
  readonly candidate?: JsonObject
  readonly promptFeedback?: JsonObject
}

/** Opens the writer of one candidate. */
export function openCandidateWriter(index: number, scene: ReplyScene): CandidateWriter {
  return new Candidate(index, scene)
}

/** Longest reasoning that a function call carries a second time, in characters. */
const CARRIED_CHARS_MAX = 1024 * 1024

/** How deep arguments may nest so that a reader of the whole chunk still takes it: a chunk has them eight levels down. */
const ARGS_DEPTH_MAX = JSON_DEPTH_MAX - 8

/** Opaque blocks of this protocol that stand beside a candidate's content, not in it. */
const BESIDE_CONTENT = new Set(['groundingMetadata', 'citationMetadata', 'urlContextMetadata'])

const STOP_DETAILS = new Set(['finishMessage', 'safetyRatings', 'continuationToken', 'promptFeedback'])

interface Block {
  readonly head: BlockHead
  /** Reasoning or input so far. */
  text: string
  signature: string | undefined
}

class Candidate implements CandidateWriter {
  readonly #index: number
  readonly #scene: ReplyScene
  readonly #blocks = new Map<number, Block>()
  readonly #beside: Record<string, JsonValue> = {}
  readonly #sources: JsonObject[] = []
  /** Reasoning of another protocol since the last function call. */
  #reasoning: SaidReasoning[] = []
  #begun = false
  #refused = false

  constructor(index: number, scene: ReplyScene) {
    this.#index = index
    this.#scene = scene
  }

  start(index: number, head: BlockHead): readonly Piece[] {
    this.#blocks.set(index, { head, text: '', signature: undefined })
    if (head.type === 'refusal') this.#refused = true
    if (head.type === 'opaque') return this.#opaque(head.protocol, head.name, head.value)
    if (head.type !== 'reasoning' || head.redacted === undefined) return []
    return this.#piece({ text: '', thought: true, thoughtSignature: writeRedacted(head.redacted) })
  }

  delta(index: number, delta: BlockDelta['delta']): readonly Piece[] {
    const block = this.#blocks.get(index)
    if (block === undefined) return []
    switch (delta.type) {
      case 'text':
        return this.#say(block, delta.text)
      case 'input':
        block.text += delta.text
        this.#scene.hold(delta.text.length)
        return []
      case 'signature':
        return this.#sign(block, delta.signature)
      case 'citation':
        this.#cite(delta.value)
        return []
      case 'logprobs': {
        const logprobsResult = writeLogprobs(delta.value)
        if (logprobsResult !== undefined) return [{ index: this.#index, part: { text: '' }, logprobsResult }]
        this.#scene.unsaid('logprobs')
        return []
      }
      case 'opaque':
        if (block.head.type !== 'opaque') this.#scene.unsaid('opaque delta')
        return []
    }
  }

  stop(index: number): readonly Piece[] {
    const block = this.#blocks.get(index)
    this.#blocks.delete(index)
    if (block?.head.type === 'tool-call') return this.#call(block.head, block.text)
    return block?.head.type === 'reasoning' ? this.#closeReasoning(block, block.head.redacted) : []
  }

  finish(stop: ChoiceStop): CandidateEnding {
    if (stop.sequence !== undefined) this.#scene.unsaid('stop sequence')
    if (stop.reason === 'pause') this.#scene.unsaid(`stop reason ${stop.raw}`)
    const { promptFeedback, ...details } = this.#detailsOf(stop)
    const metadata = this.#sources.length === 0 ? {} : { citationMetadata: { citationSources: this.#sources } }
    const beside = { ...details, ...this.#beside, ...metadata }
    const feedback = isObject(promptFeedback) ? { promptFeedback } : {}
    if (isObject(promptFeedback) && !this.#begun && Object.keys(beside).length === 0) return feedback
    return { candidate: { finishReason: writeStop(stop.reason, stop.raw, this.#refused), ...beside }, ...feedback }
  }

  #piece(part: JsonObject): readonly Piece[] {
    this.#begun = true
    return [{ index: this.#index, part }]
  }

  /** Details are in this protocol's form only if they were read from it. */
  #detailsOf(stop: ChoiceStop): JsonObject {
    const { details } = stop
    if (details === undefined) return {}
    const keys = Object.keys(details)
    if (this.#scene.from !== PROTOCOL || keys.some(key => !STOP_DETAILS.has(key))) {
      this.#scene.unsaid('stop details')
      return {}
    }
    return details
  }

  #say(block: Block, text: string): readonly Piece[] {
    if (text === '' || block.head.type === 'opaque' || block.head.type === 'tool-call') return []
    if (block.head.type !== 'reasoning') return this.#piece({ text })
    if (block.text.length <= CARRIED_CHARS_MAX) block.text += text
    return this.#piece({ text, thought: true })
  }

  /** Gemini signs texts too, as an empty part behind them (see candidate-reader.ts): such a block has a signature of its own and no text. */
  #sign(block: Block, signature: string): readonly Piece[] {
    if (block.head.type !== 'reasoning' || signature === '') return []
    block.signature = signature
    const thoughtSignature = writeSignature(signature)
    const isOfText = block.text === '' && unpackReasoning(signature)?.origin === PROTOCOL
    return this.#piece(isOfText ? { text: '', thoughtSignature } : { text: '', thought: true, thoughtSignature })
  }

  /** Foreign reasoning that nobody signed gets the name of its writer; the client returns it with the next turn. */
  #closeReasoning({ text, signature }: Block, redacted: string | undefined): readonly Piece[] {
    const { from } = this.#scene
    const origin = signature === undefined ? from : (unpackReasoning(signature)?.origin ?? from)
    if (origin === PROTOCOL) return []
    this.#reasoning.push({
      origin,
      text,
      ...(signature === undefined ? {} : { signature }),
      ...(redacted === undefined ? {} : { redacted }),
    })
    if (signature !== undefined || redacted !== undefined) return []
    return this.#piece({ text: '', thought: true, thoughtSignature: writeOrigin(origin) })
  }

  #call(head: BlockHead & { readonly type: 'tool-call' }, input: string): readonly Piece[] {
    this.#scene.hold(-input.length)
    const signature = head.signature === undefined ? this.#carried() : writeSignature(head.signature)
    this.#reasoning = []
    const functionCall = { id: head.id, name: head.name, args: this.#args(head.custom, input) }
    return this.#piece(signature === undefined ? { functionCall } : { functionCall, thoughtSignature: signature })
  }

  /** The reasoning before this call. */
  #carried(): string | undefined {
    const blocks = this.#reasoning
    if (blocks.length === 0) return undefined
    const chars = blocks.reduce((sum, block) => sum + block.text.length, 0)
    if (chars <= CARRIED_CHARS_MAX) return writeReasoningBefore(blocks)
    this.#scene.unsaid('reasoning on a tool call')
    return undefined
  }

  /** Arguments must be an object here: free text stands in a field `input`, and what is no object keeps its text in `arguments`. */
  #args(custom: boolean, input: string): JsonObject {
    if (custom) {
      this.#scene.unsaid('custom tool call')
      return { input }
    }
    if (input.trim() === '') return {}
    const read = parseJson(input, ARGS_DEPTH_MAX)
    if (read.ok && isObject(read.value)) return read.value
    this.#scene.unsaid('tool input that is not a JSON object')
    return { arguments: input }
  }

  #opaque(protocol: ProtocolId, name: string, value: JsonObject): readonly Piece[] {
    if (protocol !== PROTOCOL) {
      this.#scene.unsaid(`opaque ${name}`)
      return []
    }
    if (!BESIDE_CONTENT.has(name)) return this.#piece(value)
    this.#beside[name] = { ...(isObject(this.#beside[name]) ? this.#beside[name] : {}), ...value }
    return []
  }

  #cite(value: JsonValue): void {
    const written = writeCitation(value, this.#scene.from === PROTOCOL)
    if (written.type === 'source') this.#sources.push(written.source)
    else if (written.type === 'none') this.#scene.unsaid('citation')
  }
}
