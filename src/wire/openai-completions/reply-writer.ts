import { asNumber, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, BlockStart, ChoiceStop, Event } from '../../canon/event.ts'
import { packCallId } from '../../canon/reasoning-carrier.ts'
import { mergeUsage, type Usage } from '../../canon/usage.ts'
import type { ReplyContext } from '../wire-protocol.ts'
import { writeDetails } from './reasoning-details.ts'
import { writeStop } from './stop.ts'
import { writeUsage } from './usage.ts'

/** A bit of one choice: what a chunk carries, and what a whole message is made of. */
export interface Piece {
  readonly choice: number
  readonly delta: JsonObject
  readonly logprobs?: JsonObject
  readonly finish?: string
}

/** The fields every chunk and reply begins with. */
export interface ReplyHead {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
}

/** Turns events into pieces. The stream's encoder frames them, the whole reply's puts them together. */
export interface ReplyWriter {
  push(event: Event): readonly Piece[]
  head(): ReplyHead
  /** Usage so far, as OpenAI writes it. */
  usage(): JsonObject | undefined
  unsaid(): readonly string[]
}

interface OpenBlock {
  readonly choice: number
  readonly head: BlockHead
  /** For a tool call: its place among the choice's calls. */
  readonly call: number
  /** Where its text begins in the choice's content. */
  readonly from: number
  /** Reasoning so far, which goes out once more beside its signature. */
  text: string
  hasInput: boolean
  citations: JsonValue[]
}

interface Choice {
  begun: boolean
  calls: number
  /** Length of the content so far, in UTF-16 units, for the places of citations. */
  length: number
  refused: boolean
}

/** Opens a writer for one reply. */
export function openReplyWriter(context: ReplyContext): ReplyWriter {
  return new Writer(context)
}

class Writer implements ReplyWriter {
  readonly #unsaid = new Set<string>()
  readonly #blocks = new Map<number, OpenBlock>()
  readonly #choices = new Map<number, Choice>()
  #head: ReplyHead
  #usage: Usage | undefined

  constructor(context: ReplyContext) {
    this.#head = { id: context.requestId, created: context.createdSeconds, model: context.model }
  }

  push(event: Event): readonly Piece[] {
    switch (event.type) {
      case 'reply-start':
        this.#head = {
          id: event.id || this.#head.id,
          created: event.createdSeconds ?? this.#head.created,
          model: event.model || this.#head.model,
        }
        return []
      case 'block-start':
        return this.#startBlock(event)
      case 'block-delta':
        return this.#delta(event)
      case 'block-stop':
        return this.#stopBlock(event.index)
      case 'choice-stop':
        return this.#stopChoice(event)
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return []
      case 'unknown':
        this.#unsaid.add(event.name)
        return []
      default:
        return []
    }
  }

  head(): ReplyHead {
    return this.#head
  }

  usage(): JsonObject | undefined {
    return this.#usage === undefined ? undefined : writeUsage(this.#usage)
  }

  unsaid(): readonly string[] {
    return [...this.#unsaid]
  }

  #choice(number: number): Choice {
    const known = this.#choices.get(number)
    if (known !== undefined) return known
    const choice: Choice = { begun: false, calls: 0, length: 0, refused: false }
    this.#choices.set(number, choice)
    return choice
  }

  /** The first delta of a choice names the role. */
  #piece(number: number, delta: JsonObject): Piece {
    const choice = this.#choice(number)
    const first = !choice.begun
    choice.begun = true
    return { choice: number, delta: first ? { role: 'assistant', ...delta } : delta }
  }

  #startBlock({ index, choice: number, block: head }: BlockStart): Piece[] {
    const choice = this.#choice(number)
    const block: OpenBlock = {
      choice: number,
      head,
      call: choice.calls,
      from: choice.length,
      text: '',
      hasInput: false,
      citations: [],
    }
    this.#blocks.set(index, block)
    switch (head.type) {
      case 'tool-call':
        choice.calls += 1
        return [this.#piece(number, { tool_calls: [callHead(block.call, head)] })]
      case 'reasoning':
        return head.redacted === undefined
          ? []
          : [this.#piece(number, { reasoning_details: writeDetails('', undefined, head.redacted) })]
      case 'opaque':
        this.#unsaid.add(`opaque ${head.name}`)
        return []
      case 'refusal':
        choice.refused = true
        return []
      default:
        return []
    }
  }

  #delta({ index, delta }: BlockDelta): Piece[] {
    const block = this.#blocks.get(index)
    if (block === undefined) return []
    switch (delta.type) {
      case 'text':
        return delta.text === '' ? [] : this.#say(block, delta.text)
      case 'input':
        if (delta.text === '') return []
        block.hasInput = true
        return [this.#piece(block.choice, { tool_calls: [callInput(block, delta.text)] })]
      case 'signature': {
        const entries = writeDetails(block.text, delta.signature, undefined)
        return delta.signature === '' ? [] : [this.#piece(block.choice, { reasoning_details: entries })]
      }
      case 'citation':
        block.citations.push(delta.value)
        return []
      case 'logprobs':
        return [{ ...this.#piece(block.choice, {}), logprobs: delta.value }]
      case 'opaque':
        if (block.head.type !== 'opaque') this.#unsaid.add(`opaque ${asString(delta.value.type) ?? 'delta'}`)
        return []
    }
  }

  #say(block: OpenBlock, text: string): Piece[] {
    switch (block.head.type) {
      case 'text':
        this.#choice(block.choice).length += text.length
        return [this.#piece(block.choice, { content: text })]
      case 'reasoning':
        block.text += text
        return [this.#piece(block.choice, { reasoning_content: text })]
      case 'refusal':
        return [this.#piece(block.choice, { refusal: text })]
      default:
        return []
    }
  }

  #stopBlock(index: number): Piece[] {
    const block = this.#blocks.get(index)
    this.#blocks.delete(index)
    if (block === undefined) return []
    const to = this.#choice(block.choice).length
    const annotations = block.citations.flatMap(value => this.#annotate(value, block.from, to))
    const pieces = annotations.length === 0 ? [] : [this.#piece(block.choice, { annotations })]
    if (block.head.type === 'tool-call' && !block.head.custom && !block.hasInput)
      pieces.push(this.#piece(block.choice, { tool_calls: [callInput(block, '{}')] }))
    return pieces
  }

  #annotate(citation: JsonValue, from: number, to: number): JsonObject[] {
    const found = annotation(citation, from, to)
    const type = isObject(citation) ? asString(citation.type) : undefined
    if (found === undefined) this.#unsaid.add(`citation ${type ?? 'without a type'}`)
    return found === undefined ? [] : [found]
  }

  #stopChoice(event: ChoiceStop): Piece[] {
    if (event.sequence !== undefined) this.#unsaid.add('stop sequence')
    if (event.details !== undefined) this.#unsaid.add('stop details')
    if (event.reason === 'pause') this.#unsaid.add(`stop reason ${event.raw}`)
    const finish = writeStop(event.reason, event.raw, this.#choice(event.choice).refused)
    return [{ ...this.#piece(event.choice, {}), finish }]
  }
}

/** What the provider signed the call with goes into its id. */
function callHead(index: number, call: BlockHead & { readonly type: 'tool-call' }): JsonObject {
  const { name } = call
  const id = packCallId(call.id, call.signature)
  return call.custom
    ? { index, id, type: 'custom', custom: { name, input: '' } }
    : { index, id, type: 'function', function: { name, arguments: '' } }
}

function callInput(block: OpenBlock, text: string): JsonObject {
  const custom = block.head.type === 'tool-call' && block.head.custom
  return custom ? { index: block.call, custom: { input: text } } : { index: block.call, function: { arguments: text } }
}

/** A citation as OpenAI's `url_citation` over the text it belongs to; undefined if it does not name a page on the web. */
function annotation(citation: JsonValue, from: number, to: number): JsonObject | undefined {
  if (!isObject(citation)) return undefined
  if (citation.type === 'url_citation' && isObject(citation.url_citation)) return citation
  const url = asString(citation.url)
  if (citation.type !== 'web_search_result_location' && citation.type !== 'url_citation') return undefined
  if (url === undefined) return undefined
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: asString(citation.title) ?? url,
      start_index: asNumber(citation.start_index) ?? from,
      end_index: asNumber(citation.end_index) ?? to,
    },
  }
}
