import type { JsonObject } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, BlockStart, ChoiceStop, Event, ReplyStart } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { inputTotal, mergeUsage, outputTotal, type Usage } from '../../canon/usage.ts'
import type { Frame, ReplyContext, StreamEncoder } from '../wire-protocol.ts'
import { type BlockWriter, type ItemStatus, type ItemWriter, moreFields } from './item-writer.ts'
import { openCallWriter } from './item-writer-call.ts'
import { type MessageWriter, openMessageWriter } from './item-writer-message.ts'
import { openOpaqueWriter } from './item-writer-opaque.ts'
import { openReasoningWriter } from './item-writer-reasoning.ts'
import { type OpenScene, openScene } from './item-writer-scene.ts'
import { PROTOCOL } from './protocol.ts'
import { failureWords } from './response-failure.ts'
import { openResponseObject, type ResponseState, type WriteResponse } from './response-object.ts'
import { type StopWords, writeStop } from './stop.ts'
import { writeUsage } from './usage.ts'

/** Opens an encoder for a stream. */
export function openEncoder(context: ReplyContext): StreamEncoder {
  const response = new ResponseWriter(context)
  return { push: event => response.push(event), unsaid: () => response.unsaid() }
}

/** A block that is open, and the item it stands in. */
interface OpenBlock {
  readonly block: BlockWriter
  readonly item: ItemWriter
}

/** The last event repeats the whole answer, so all of it is kept. No real answer comes near this. */
const WRITTEN_CHARS_MAX = 128 * 1024 * 1024
const WRITTEN_WHY = 'The protocol repeats the whole answer at its end: it is held until then, and only so much of it.'

const NOTHING: readonly Frame[] = []

class ResponseWriter {
  readonly #context: ReplyContext
  readonly #scene: OpenScene
  readonly #blocks = new Map<number, OpenBlock>()
  #response: WriteResponse | undefined
  /** The newest item, if it is a message: texts that follow become its parts. */
  #message: MessageWriter | undefined
  /** The item that stopped last. It ends when it is known what comes next: more text, another item, or word that it was cut. */
  #pending: ItemWriter | undefined
  #usage: Usage | undefined
  #stop: StopWords = { status: 'completed' }
  #refused = false
  #over = false

  constructor(context: ReplyContext) {
    this.#context = context
    this.#scene = openScene(context)
  }

  push(event: Event): readonly Frame[] {
    if (this.#over) return NOTHING
    if (event.type === 'block-delta') this.#more(event)
    else this.#take(event)
    return this.#scene.drain()
  }

  unsaid(): readonly string[] {
    return this.#scene.names()
  }

  #more({ index, delta }: BlockDelta): void {
    this.#blocks.get(index)?.block.delta(delta)
    if (this.#scene.writtenChars() <= WRITTEN_CHARS_MAX) return
    const what = `The provider's answer is too long to repeat at its end: over ${WRITTEN_CHARS_MAX} characters with its events.`
    this.#fail(problem('upstream_protocol', what, { why: WRITTEN_WHY, fix: ['Ask for a shorter answer.'] }))
  }

  #take(event: Exclude<Event, { type: 'block-delta' }>): void {
    switch (event.type) {
      case 'reply-start':
        this.#start(event)
        break
      case 'block-start':
        this.#startBlock(event)
        break
      case 'block-stop':
        this.#stopBlock(event.index)
        break
      case 'choice-stop':
        if (event.choice === 0) this.#stopChoice(event)
        break
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        break
      case 'ping':
        // The event OpenAI's own servers keep a connection alive with; clients want `response.created` before it.
        if (this.#response !== undefined) this.#scene.write('keepalive', '')
        break
      case 'unknown':
        this.#scene.unsaid(event.name)
        break
      case 'reply-end':
        this.#end()
        break
      case 'failure':
        this.#fail(event.problem)
        break
    }
  }

  #start(event: ReplyStart | undefined): WriteResponse {
    const response = openResponseObject(event, this.#scene.newId('resp'), this.#context)
    this.#response = response
    const begun = response({ status: 'in_progress' }, [])
    if (event === undefined) return response
    this.#scene.write('response.created', `,"response":${begun}`)
    this.#scene.write('response.in_progress', `,"response":${begun}`)
    return response
  }

  #startBlock({ index, choice, block }: BlockStart): void {
    if (choice !== 0) this.#scene.unsaid(`choice ${choice}`)
    else if (block.type === 'opaque' && block.protocol !== PROTOCOL) this.#scene.unsaid(`opaque ${block.name}`)
    else
      this.#blocks.set(
        index,
        block.type === 'text' || block.type === 'refusal' ? this.#part(block.type) : this.#item(block),
      )
  }

  #part(kind: 'text' | 'refusal'): OpenBlock {
    this.#refused ||= kind === 'refusal'
    if (this.#message !== undefined && this.#message === this.#pending) this.#pending = undefined
    else {
      this.#settle('completed')
      this.#message = openMessageWriter(this.#scene)
    }
    return { block: this.#message.part(kind), item: this.#message }
  }

  #item(head: Exclude<BlockHead, { type: 'text' | 'refusal' }>): OpenBlock {
    this.#settle('completed')
    this.#message = undefined
    const item = this.#open(head)
    return { block: item, item }
  }

  #open(head: Exclude<BlockHead, { type: 'text' | 'refusal' }>): BlockWriter & ItemWriter {
    switch (head.type) {
      case 'reasoning':
        return openReasoningWriter(head.redacted, this.#scene)
      case 'tool-call':
        return openCallWriter(head, this.#scene)
      case 'opaque':
        return openOpaqueWriter(head.value, this.#scene)
    }
  }

  #stopBlock(index: number): void {
    const open = this.#blocks.get(index)
    if (open === undefined) return
    this.#blocks.delete(index)
    open.block.stop()
    if (!open.item.idle()) return
    this.#settle('completed')
    this.#pending = open.item
  }

  #settle(status: ItemStatus): void {
    this.#pending?.close(status)
    this.#pending = undefined
  }

  #stopChoice(event: ChoiceStop): void {
    if (event.sequence !== undefined) this.#scene.unsaid('stop sequence')
    if (event.details !== undefined) this.#scene.unsaid('stop details')
    this.#stop = writeStop(event, this.#refused, this.#scene.from === PROTOCOL)
    if (this.#stop.unsaid !== undefined) this.#scene.unsaid(this.#stop.unsaid)
    this.#settle(this.#stop.status)
  }

  #end(): void {
    this.#settle('completed')
    const { status, reason } = this.#stop
    this.#close({ status, ...(reason === undefined ? {} : { incompleteReason: reason }), usage: this.#told() })
  }

  #fail(found: Problem): void {
    this.#settle('completed')
    const { event, error } = failureWords(found, this.#context.requestId)
    this.#scene.write('error', moreFields(event))
    this.#close({ status: 'failed', error, usage: this.#usage === undefined ? undefined : this.#told() })
  }

  /** The usage; what of it is not known is told. */
  #told(): JsonObject | undefined {
    const usage = this.#usage ?? {}
    if (inputTotal(usage) === undefined || outputTotal(usage) === undefined) this.#scene.unsaid('unknown usage')
    return writeUsage(usage)
  }

  #close(state: ResponseState): void {
    this.#over = true
    const response = this.#response ?? this.#start(undefined)
    this.#scene.write(`response.${state.status}`, `,"response":${response(state, this.#scene.output())}`)
  }
}
