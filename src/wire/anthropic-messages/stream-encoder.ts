import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { BlockStart, ChoiceStop, Event, ReplyStart } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { mergeUsage, outputTotal, type Usage } from '../../canon/usage.ts'
import type { ReplyContext, StreamEncoder } from '../wire-protocol.ts'
import { type BlockWriter, openBlockWriter, type ReplyScene } from './block-encoder.ts'
import { encodeProblem } from './problem.ts'
import { PROTOCOL } from './protocol.ts'
import { writeStopReason } from './stop.ts'
import { openTrailingSeals } from './trailing-seal.ts'
import { writeUsage } from './usage.ts'

/** Text of blocks that must wait for an earlier one to stop, in characters. */
const HELD_CHARS_MAX = 4 * 1024 * 1024
const HELD_WHY =
  'The protocol has one block after the other: a later one is held until its turn, and only so much of it.'

/** The writer behind streams and whole replies: gives the wire's events as objects. */
export interface WireEventEncoder {
  push(event: Event): readonly JsonObject[]
  unsaid(): readonly string[]
}

/** Opens an encoder for a stream. */
export function openEncoder(context: ReplyContext): StreamEncoder {
  const events = openWireEventEncoder(context)
  return {
    push: event => events.push(event).map(wire => ({ event: String(wire.type), data: JSON.stringify(wire) })),
    unsaid: events.unsaid,
  }
}

/**
 * Opens the writer itself. Usage is known last, but `message_start` must have numbers: they are 0 there and the final `message_delta`
 * corrects them. What nobody ever told stays as it was and is named in `unsaid`.
 */
export function openWireEventEncoder(context: ReplyContext): WireEventEncoder {
  const message = new MessageWriter(context)
  const write = (event: Event) => message.push(event)
  const unsaid = () => message.unsaid()
  if (context.from === undefined || context.from === PROTOCOL) return { push: write, unsaid }
  const seals = openTrailingSeals(message.noteUnsaid)
  return { push: event => seals.take(event).flatMap(write), unsaid }
}

/** A block that started while another was open: this protocol has one open at a time. */
interface HeldBlock {
  readonly writer: BlockWriter
  readonly deltas: JsonObject[]
  stopped: boolean
}

class MessageWriter {
  /** Notes the name of something that has no words here. */
  readonly noteUnsaid = (name: string): void => {
    this.#unsaid.add(name)
  }
  readonly #context: ReplyContext
  readonly #scene: ReplyScene
  readonly #unsaid = new Set<string>()
  readonly #held = new Map<number, HeldBlock>()
  #open: { readonly canonIndex: number; readonly writer: BlockWriter } | undefined
  #wireIndex = -1
  #heldChars = 0
  #usage: Usage | undefined
  #stop: ChoiceStop | undefined
  #refused = false
  #over = false

  constructor(context: ReplyContext) {
    this.#context = context
    this.#scene = { from: context.from ?? PROTOCOL, unsaid: this.noteUnsaid }
  }

  unsaid(): readonly string[] {
    return [...this.#unsaid]
  }

  push(event: Event): readonly JsonObject[] {
    if (this.#over) return []
    switch (event.type) {
      case 'reply-start':
        return [this.#start(event)]
      case 'block-start':
        return this.#startBlock(event)
      case 'block-delta':
        return this.#write(event.index, writer => writer.delta(event.delta))
      case 'block-stop':
        return this.#stopBlock(event.index)
      case 'choice-stop':
        if (event.choice === 0) this.#stop = event
        return []
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'ping':
        return [{ type: 'ping' }]
      case 'unknown':
        this.#unsaid.add(event.name)
        return []
      case 'reply-end':
        return this.#end()
      case 'failure':
        return this.#fail(event.problem)
    }
  }

  #start(event: ReplyStart): JsonObject {
    const usage = {
      input_tokens: 0,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens: 0,
    }
    const message = {
      id: event.id || this.#context.requestId,
      type: 'message',
      role: 'assistant',
      model: event.model || this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    }
    return { type: 'message_start', message }
  }

  #startBlock(event: BlockStart): readonly JsonObject[] {
    if (event.choice !== 0) {
      this.#unsaid.add(`choice ${event.choice}`)
      return []
    }
    if (event.block.type === 'refusal') this.#refused = true
    const writer = openBlockWriter(event.block, this.#scene)
    if (writer === undefined) return []
    if (this.#open === undefined) return [this.#openBlock(event.index, writer)]
    this.#held.set(event.index, { writer, deltas: [], stopped: false })
    return this.#hold(writer.start)
  }

  #openBlock(canonIndex: number, writer: BlockWriter): JsonObject {
    this.#open = { canonIndex, writer }
    this.#wireIndex += 1
    return { type: 'content_block_start', index: this.#wireIndex, content_block: writer.start }
  }

  /** Writes deltas of a block, or holds them while another block is open. Blocks that have no words here are neither. */
  #write(canonIndex: number, deltas: (writer: BlockWriter) => readonly JsonObject[]): readonly JsonObject[] {
    if (this.#open?.canonIndex === canonIndex) return this.#deltas(deltas(this.#open.writer))
    const held = this.#held.get(canonIndex)
    if (held === undefined) return []
    const late = deltas(held.writer)
    held.deltas.push(...late)
    return this.#hold(late)
  }

  #hold(late: JsonValue): readonly JsonObject[] {
    this.#heldChars += JSON.stringify(late).length
    if (this.#heldChars <= HELD_CHARS_MAX) return []
    const what = `The provider interleaves blocks of more than ${HELD_CHARS_MAX} characters.`
    return this.#fail(problem('upstream_protocol', what, { why: HELD_WHY, fix: ['Ask for one tool call at a time.'] }))
  }

  #stopBlock(canonIndex: number): readonly JsonObject[] {
    const wire = [...this.#write(canonIndex, writer => writer.close())]
    const held = this.#held.get(canonIndex)
    if (held !== undefined) held.stopped = true
    if (this.#open?.canonIndex !== canonIndex) return wire
    wire.push(this.#closeBlock())
    for (const [index, next] of this.#held) {
      if (this.#open !== undefined) break
      this.#held.delete(index)
      wire.push(this.#openBlock(index, next.writer), ...this.#deltas(next.deltas))
      if (next.stopped) wire.push(this.#closeBlock())
    }
    if (this.#held.size === 0) this.#heldChars = 0
    return wire
  }

  #closeBlock(): JsonObject {
    this.#open = undefined
    return { type: 'content_block_stop', index: this.#wireIndex }
  }

  #deltas(deltas: readonly JsonObject[]): readonly JsonObject[] {
    return deltas.map(delta => ({ type: 'content_block_delta', index: this.#wireIndex, delta }))
  }

  #end(): readonly JsonObject[] {
    this.#over = true
    if (this.#usage?.input === undefined || outputTotal(this.#usage) === undefined) this.#unsaid.add('unknown usage')
    return [
      { type: 'message_delta', delta: this.#stopWords(), usage: writeUsage(this.#usage) },
      { type: 'message_stop' },
    ]
  }

  /** A refusal is known by its block where the provider's reason says only that the reply is over. */
  #stopWords(): JsonObject {
    const stop = this.#stop
    const reason = this.#refused && stop?.reason === 'end' ? 'refusal' : stop?.reason
    const words: Record<string, JsonValue> = {
      stop_reason: stop === undefined || reason === undefined ? null : writeStopReason(reason, stop.raw),
      stop_sequence: stop?.sequence ?? null,
    }
    if (stop?.details === undefined) return words
    if (this.#scene.from === PROTOCOL) words.stop_details = stop.details
    else this.#unsaid.add('stop details')
    return words
  }

  #fail(found: Problem): readonly JsonObject[] {
    this.#over = true
    return [encodeProblem(found, this.#context.requestId)]
  }
}
