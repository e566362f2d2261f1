import { asNumber, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, BlockStart, ChoiceStop, Event } from '../../canon/event.ts'
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

/** Turns events into pieces. The stream's encoder frames them, the whole reply's puts them together. */
export interface ReplyWriter {
  push(event: Event): readonly Piece[]
  /** What every chunk and reply begins with. */
  head(): { readonly id: string; readonly created: number; readonly model: string }
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
  const unsaid = new Set<string>()
  const blocks = new Map<number, OpenBlock>()
  const choices = new Map<number, Choice>()
  let head = { id: context.requestId, created: context.createdSeconds, model: context.model }
  let usage: Usage | undefined

  function choiceOf(number: number): Choice {
    const known = choices.get(number)
    if (known !== undefined) return known
    const choice: Choice = { begun: false, calls: 0, length: 0, refused: false }
    choices.set(number, choice)
    return choice
  }

  /** The first delta of a choice names the role. */
  function piece(number: number, delta: JsonObject): Piece {
    const choice = choiceOf(number)
    const first = !choice.begun
    choice.begun = true
    return { choice: number, delta: first ? { role: 'assistant', ...delta } : delta }
  }

  function startBlock(event: BlockStart): Piece[] {
    const { block, choice: number } = event
    const choice = choiceOf(number)
    const call = block.type === 'tool-call' ? choice.calls++ : 0
    blocks.set(event.index, {
      choice: number,
      head: block,
      call,
      from: choice.length,
      text: '',
      hasInput: false,
      citations: [],
    })
    if (block.type === 'tool-call') return [piece(number, { tool_calls: [callHead(call, block)] })]
    if (block.type === 'opaque') unsaid.add(`opaque ${block.name}`)
    if (block.type === 'refusal') choice.refused = true
    if (block.type !== 'reasoning' || block.redacted === undefined) return []
    return [piece(number, { reasoning_details: writeDetails('', undefined, block.redacted) })]
  }

  function say(block: OpenBlock, text: string): Piece[] {
    switch (block.head.type) {
      case 'text':
        choiceOf(block.choice).length += text.length
        return [piece(block.choice, { content: text })]
      case 'reasoning':
        block.text += text
        return [piece(block.choice, { reasoning_content: text })]
      case 'refusal':
        return [piece(block.choice, { refusal: text })]
      default:
        return []
    }
  }

  function deltaOf(event: BlockDelta): Piece[] {
    const block = blocks.get(event.index)
    if (block === undefined) return []
    const { delta } = event
    switch (delta.type) {
      case 'text':
        return delta.text === '' ? [] : say(block, delta.text)
      case 'input':
        if (delta.text === '') return []
        block.hasInput = true
        return [piece(block.choice, { tool_calls: [callInput(block, delta.text)] })]
      case 'signature':
        return delta.signature === ''
          ? []
          : [piece(block.choice, { reasoning_details: writeDetails(block.text, delta.signature, undefined) })]
      case 'citation':
        block.citations.push(delta.value)
        return []
      case 'logprobs':
        return [{ ...piece(block.choice, {}), logprobs: delta.value }]
      case 'opaque':
        if (block.head.type !== 'opaque') unsaid.add(`opaque ${asString(delta.value.type) ?? 'delta'}`)
        return []
    }
  }

  function stopBlock(index: number): Piece[] {
    const block = blocks.get(index)
    blocks.delete(index)
    if (block === undefined) return []
    const to = choiceOf(block.choice).length
    const annotations = block.citations.flatMap(value => annotated(value, block.from, to))
    const pieces = annotations.length === 0 ? [] : [piece(block.choice, { annotations })]
    if (block.head.type === 'tool-call' && !block.head.custom && !block.hasInput)
      pieces.push(piece(block.choice, { tool_calls: [callInput(block, '{}')] }))
    return pieces
  }

  function annotated(citation: JsonValue, from: number, to: number): JsonObject[] {
    const found = annotation(citation, from, to)
    if (found === undefined) unsaid.add(`citation ${(isObject(citation) ? asString(citation.type) : undefined) ?? ''}`)
    return found === undefined ? [] : [found]
  }

  function stopChoice(event: ChoiceStop): Piece[] {
    if (event.sequence !== undefined) unsaid.add('stop sequence')
    if (event.details !== undefined) unsaid.add('stop details')
    if (event.reason === 'pause') unsaid.add(`stop reason ${event.raw}`)
    const finish = writeStop(event.reason, event.raw, choiceOf(event.choice).refused)
    return [{ ...piece(event.choice, {}), finish }]
  }

  return {
    push(event) {
      switch (event.type) {
        case 'reply-start':
          head = {
            id: event.id === '' ? head.id : event.id,
            created: event.createdSeconds ?? head.created,
            model: event.model === '' ? head.model : event.model,
          }
          return []
        case 'block-start':
          return startBlock(event)
        case 'block-delta':
          return deltaOf(event)
        case 'block-stop':
          return stopBlock(event.index)
        case 'choice-stop':
          return stopChoice(event)
        case 'usage':
          usage = mergeUsage(usage, event.usage)
          return []
        case 'unknown':
          unsaid.add(event.name)
          return []
        default:
          return []
      }
    },
    head: () => head,
    usage: () => (usage === undefined ? undefined : writeUsage(usage)),
    unsaid: () => [...unsaid],
  }
}

function callHead(index: number, call: BlockHead & { readonly type: 'tool-call' }): JsonObject {
  const { id, name } = call
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
