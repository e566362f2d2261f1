import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead } from '../../canon/event.ts'
import { isEmpty, type Outlet, tellUnknown } from '../reply-outlet.ts'
import { type ReasoningDetail, readDetail } from './reasoning-details.ts'
import { readStop } from './stop.ts'
import { openToolCallReader, type ToolCallReader } from './tool-call-reader.ts'

/** Turns one choice's deltas into blocks. A block of one kind closes when another begins; a tool call, when the next begins. */
export interface ChoiceReader {
  /** A delta, or a whole message, with the log probabilities that came beside it. */
  take(delta: JsonObject, logprobs: JsonObject | undefined): void
  /** The choice is over. A second stop is passed over. */
  stop(raw: string, sequence: string | undefined): void
  stopped(): boolean
  /** True once any content came. */
  begun(): boolean
}

interface OpenBlock {
  readonly kind: 'text' | 'reasoning' | 'refusal'
  readonly index: number
  /** The `reasoning_details` entry it belongs to; undefined if it began with a plain field. */
  key: string | undefined
  /** Plain reasoning so far: an entry may repeat it whole when it brings the signature. */
  said: string
  signed: boolean
  /** Carried as the signature when the block closes. */
  carry: string | undefined
}

/** Fields of a delta or message that are read here, or that carry nothing. */
const KNOWN = new Set([
  'role',
  'content',
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'reasoning_details',
  'refusal',
  'annotations',
  'tool_calls',
  'function_call',
  'index',
  'name',
])

/** Where the one call of the older `function_call` stands: no index of the newer list is negative. */
const LEGACY_CALL = -1

/** Opens the reader of one choice. */
export function openChoiceReader(choice: number, outlet: Outlet): ChoiceReader {
  return new Choice(choice, outlet)
}

class Choice implements ChoiceReader {
  readonly #choice: number
  readonly #outlet: Outlet
  #tools: ToolCallReader | undefined
  #open: OpenBlock | undefined
  #blocks = 0
  #over = false

  constructor(choice: number, outlet: Outlet) {
    this.#choice = choice
    this.#outlet = outlet
  }

  take(delta: JsonObject, logprobs: JsonObject | undefined): void {
    if (this.#over) {
      if (hasContent(delta)) this.#outlet.unknown('choices[].delta after finish_reason')
      return
    }
    this.#reasoning(delta)
    if (typeof delta.content === 'string') this.#say('text', delta.content)
    else for (const value of asArray(delta.content)) this.#part(value)
    this.#annotations(asArray(delta.annotations))
    this.#say('refusal', asString(delta.refusal) ?? '')
    const said = saysText(delta) ? this.#open?.index : undefined
    if (said !== undefined) this.#logprobs(logprobs, said)
    this.#toolCalls(delta)
    if (said === undefined) this.#logprobs(logprobs, this.#tools?.openIndex() ?? this.#open?.index)
    tellUnknown(delta, KNOWN, 'choices[].delta', this.#outlet)
  }

  stop(raw: string, sequence: string | undefined): void {
    if (this.#over) return
    this.#close()
    this.#tools?.finish()
    this.#over = true
    const called = this.#tools?.called() ?? false
    const reason = raw === '' && called ? 'tool-calls' : readStop(raw, called)
    const stop = { type: 'choice-stop', choice: this.#choice, raw } as const
    if (reason === 'end' && sequence !== undefined) this.#outlet.emit({ ...stop, reason: 'stop-sequence', sequence })
    else this.#outlet.emit({ ...stop, reason })
  }

  stopped(): boolean {
    return this.#over
  }

  begun(): boolean {
    return this.#blocks > 0 || this.#tools?.called() === true
  }

  #close(): void {
    const open = this.#open
    if (open === undefined) return
    if (open.carry !== undefined) this.#give(open.index, { type: 'signature', signature: open.carry })
    this.#outlet.emit({ type: 'block-stop', index: open.index })
    this.#open = undefined
  }

  #start(block: BlockHead): number {
    const index = this.#outlet.nextIndex()
    this.#blocks += 1
    this.#outlet.emit({ type: 'block-start', index, choice: this.#choice, block })
    return index
  }

  #ensure(kind: OpenBlock['kind'], key?: string): OpenBlock {
    const open = this.#open
    const sameKey = key === undefined || open?.key === undefined || open.key === key
    if (open !== undefined && open.kind === kind && !open.signed && sameKey) return open
    this.#close()
    const fresh = { kind, index: this.#start({ type: kind }), key, said: '', signed: false, carry: undefined }
    this.#open = fresh
    return fresh
  }

  #give(index: number, delta: BlockDelta['delta']): void {
    this.#outlet.emit({ type: 'block-delta', index, delta })
  }

  #say(kind: OpenBlock['kind'], text: string): void {
    if (text === '') return
    const block = this.#ensure(kind)
    if (kind === 'reasoning') block.said += text
    this.#give(block.index, { type: 'text', text })
  }

  #reasoning(delta: JsonObject): void {
    const plain = filled(delta.reasoning_content) ?? filled(delta.reasoning) ?? filled(delta.reasoning_text)
    const entries = asArray(delta.reasoning_details)
    if (entries.length === 0) {
      this.#say('reasoning', plain ?? '')
      return
    }
    const details = entries.map(readDetail)
    // Where both stand in one chunk they say the same.
    if (plain !== undefined && !details.some(hasWords)) this.#say('reasoning', plain)
    for (const [at, read] of details.entries()) {
      if (read !== undefined) this.#detail(read)
      else this.#outlet.unknown(`choices[].delta.reasoning_details[${typeOf(entries[at])}]`)
    }
  }

  #detail(read: ReasoningDetail): void {
    if (read.kind === 'encrypted') {
      this.#close()
      const index = this.#start({ type: 'reasoning', redacted: read.redacted ?? '' })
      this.#outlet.emit({ type: 'block-stop', index })
      return
    }
    if (read.content === '' && read.signature === undefined) return
    const block = this.#ensure('reasoning', read.key)
    const repeated = block.key === undefined && read.signature !== undefined && read.content === block.said
    block.key ??= read.key
    if (read.content !== '' && !repeated) this.#give(block.index, { type: 'text', text: read.content })
    if (read.kind === 'summary') block.carry = read.signature
    else if (read.signature !== undefined) {
      this.#give(block.index, { type: 'signature', signature: read.signature })
      block.signed = true
    }
  }

  /** Mistral gives a list of parts where it thinks. */
  #part(value: JsonValue): void {
    const part = asObject(value)
    if (part?.type === 'text') this.#say('text', asString(part.text) ?? '')
    else if (part?.type === 'thinking') this.#say('reasoning', thinkingText(part.thinking))
    else this.#outlet.unknown(`choices[].delta.content[${typeOf(value)}]`)
  }

  #annotations(values: readonly JsonValue[]): void {
    for (const value of values) {
      if (this.#open?.kind === 'text') this.#give(this.#open.index, { type: 'citation', value })
      else this.#outlet.unknown('choices[].delta.annotations')
    }
  }

  #toolCalls(delta: JsonObject): void {
    const entries = asArray(delta.tool_calls)
    const legacy = asObject(delta.function_call)
    if (entries.length === 0 && legacy === undefined) return
    this.#tools ??= openToolCallReader(this.#choice, this.#outlet, () => this.#close())
    for (const entry of entries) if (isObject(entry)) this.#tools.take(entry)
    if (legacy !== undefined) this.#tools.take({ index: LEGACY_CALL, function: legacy })
  }

  #logprobs(value: JsonObject | undefined, index: number | undefined): void {
    if (asArray(value?.content).length === 0 && asArray(value?.refusal).length === 0) return
    if (index === undefined || value === undefined) this.#outlet.unknown('choices[].logprobs')
    else this.#give(index, { type: 'logprobs', value })
  }
}

function saysText(delta: JsonObject): boolean {
  return filled(delta.content) !== undefined || asArray(delta.content).length > 0 || filled(delta.refusal) !== undefined
}

function hasWords(detail: ReasoningDetail | undefined): boolean {
  return detail !== undefined && detail.kind !== 'encrypted' && detail.content !== ''
}

function hasContent(delta: JsonObject): boolean {
  return Object.keys(delta).some(key => key !== 'role' && key !== 'index' && !isEmpty(delta[key]))
}

function thinkingText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  return asArray(value)
    .map(piece => asString(asObject(piece)?.text) ?? '')
    .join('')
}

function typeOf(value: JsonValue | undefined): string {
  return asString(asObject(value)?.type) ?? typeof value
}

function filled(value: JsonValue | undefined): string | undefined {
  const text = asString(value)
  return text === '' ? undefined : text
}
