import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead } from '../../canon/event.ts'
import type { Outlet } from './outlet.ts'
import { type ReasoningDetail, readDetail } from './reasoning-details.ts'
import { readStop } from './stop.ts'
import { openToolCallReader } from './tool-call-reader.ts'

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

/** Opens the reader of one choice. */
export function openChoiceReader(choice: number, outlet: Outlet): ChoiceReader {
  let open: OpenBlock | undefined
  let blocks = 0
  let over = false
  const tools = openToolCallReader(choice, outlet, close)

  function close(): void {
    if (open === undefined) return
    if (open.carry !== undefined) give(open.index, { type: 'signature', signature: open.carry })
    outlet.emit({ type: 'block-stop', index: open.index })
    open = undefined
  }

  function start(block: BlockHead): number {
    const index = outlet.nextIndex()
    blocks += 1
    outlet.emit({ type: 'block-start', index, choice, block })
    return index
  }

  function ensure(kind: OpenBlock['kind'], key?: string): OpenBlock {
    const other =
      open?.kind !== kind || open.signed || (key !== undefined && open.key !== undefined && open.key !== key)
    if (open !== undefined && !other) return open
    close()
    open = { kind, index: start({ type: kind }), key, said: '', signed: false, carry: undefined }
    return open
  }

  function give(index: number, delta: BlockDelta['delta']): void {
    outlet.emit({ type: 'block-delta', index, delta })
  }

  function say(kind: OpenBlock['kind'], text: string): void {
    if (text === '') return
    const block = ensure(kind)
    if (kind === 'reasoning') block.said += text
    give(block.index, { type: 'text', text })
  }

  function detail(read: ReasoningDetail): void {
    if (read.kind === 'encrypted') {
      close()
      const index = start({ type: 'reasoning', redacted: read.redacted ?? '' })
      outlet.emit({ type: 'block-stop', index })
      return
    }
    if (read.content === '' && read.signature === undefined) return
    const block = ensure('reasoning', read.key)
    const repeated = block.key === undefined && read.signature !== undefined && read.content === block.said
    block.key ??= read.key
    if (read.content !== '' && !repeated) give(block.index, { type: 'text', text: read.content })
    if (read.kind === 'summary') block.carry = read.signature
    else if (read.signature !== undefined) {
      give(block.index, { type: 'signature', signature: read.signature })
      block.signed = true
    }
  }

  function reasoning(delta: JsonObject): void {
    const entries = asArray(delta.reasoning_details)
    const details = entries.map(readDetail)
    const plain =
      filled(delta.reasoning_content) ?? filled(delta.reasoning) ?? filled(delta.reasoning_text) ?? undefined
    // Where both stand in one chunk they say the same.
    if (
      plain !== undefined &&
      !details.some(read => read !== undefined && read.kind !== 'encrypted' && read.content !== '')
    )
      say('reasoning', plain)
    for (const [at, read] of details.entries()) {
      if (read !== undefined) detail(read)
      else outlet.unknown(`choices[].delta.reasoning_details[${typeOf(entries[at])}]`)
    }
  }

  /** Mistral gives a list of parts where it thinks. */
  function part(value: JsonValue): void {
    if (!isObject(value)) return
    if (value.type === 'text') say('text', asString(value.text) ?? '')
    else if (value.type === 'thinking') say('reasoning', thinkingText(value.thinking))
    else outlet.unknown(`choices[].delta.content[${typeOf(value)}]`)
  }

  function annotations(values: readonly JsonValue[]): void {
    for (const value of values) {
      if (open?.kind === 'text') give(open.index, { type: 'citation', value })
      else outlet.unknown('choices[].delta.annotations')
    }
  }

  function toolCalls(delta: JsonObject): void {
    for (const entry of asArray(delta.tool_calls)) if (isObject(entry)) tools.take(entry)
    const legacy = asObject(delta.function_call)
    if (legacy !== undefined) tools.take({ index: -1, function: legacy })
  }

  function logprobs(value: JsonObject, index: number | undefined): void {
    if (asArray(value.content).length === 0 && asArray(value.refusal).length === 0) return
    if (index === undefined) outlet.unknown('choices[].logprobs')
    else give(index, { type: 'logprobs', value })
  }

  function saysText(delta: JsonObject): boolean {
    return (
      filled(delta.content) !== undefined || asArray(delta.content).length > 0 || filled(delta.refusal) !== undefined
    )
  }

  return {
    take(delta, probabilities) {
      if (over) {
        if (hasContent(delta)) outlet.unknown('choices[].delta after finish_reason')
        return
      }
      reasoning(delta)
      if (typeof delta.content === 'string') say('text', delta.content)
      else for (const value of asArray(delta.content)) part(value)
      annotations(asArray(delta.annotations))
      say('refusal', asString(delta.refusal) ?? '')
      const beforeTools = saysText(delta) ? open?.index : undefined
      if (probabilities !== undefined && beforeTools !== undefined) logprobs(probabilities, beforeTools)
      toolCalls(delta)
      if (probabilities !== undefined && beforeTools === undefined)
        logprobs(probabilities, tools.openIndex() ?? open?.index)
      tellUnknown(delta, KNOWN, 'choices[].delta', outlet)
    },
    stop(raw, sequence) {
      if (over) return
      close()
      tools.finish()
      over = true
      const reason = raw === '' && tools.called() ? 'tool-calls' : readStop(raw, tools.called())
      if (reason === 'end' && sequence !== undefined)
        outlet.emit({ type: 'choice-stop', choice, reason: 'stop-sequence', raw, sequence })
      else outlet.emit({ type: 'choice-stop', choice, reason, raw })
    },
    stopped: () => over,
    begun: () => blocks > 0 || tools.called(),
  }
}

/** Tells every field that is not known and not empty. */
export function tellUnknown(object: JsonObject, known: ReadonlySet<string>, at: string, outlet: Outlet): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && !isEmpty(object[key])) outlet.unknown(at === '' ? key : `${at}.${key}`)
  }
}

function hasContent(delta: JsonObject): boolean {
  return Object.keys(delta).some(key => key !== 'role' && key !== 'index' && !isEmpty(delta[key]))
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
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
