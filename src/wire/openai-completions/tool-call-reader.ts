import { asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { brokenProtocol, type Outlet, tellUnknown } from '../reply-outlet.ts'

const AT = 'choices[].delta.tool_calls'
const KNOWN = new Set(['id', 'index', 'type', 'function', 'custom'])

/** Puts one choice's tool calls together from deltas. */
export interface ToolCallReader {
  /** One entry of `tool_calls`, whole or in part. */
  take(entry: JsonObject): void
  /** No more calls will come in this choice. */
  finish(): void
  /** True if the choice called a tool. */
  called(): boolean
  /** The block that was last given a delta, if it is open. */
  openIndex(): number | undefined
}

interface Call {
  /** Where in the list it stands on the wire; calls are told apart by it, never by position: it may begin at 1. */
  readonly wire: number | undefined
  readonly custom: boolean
  id: string | undefined
  name: string | undefined
  /** The block, once started. */
  index: number | undefined
  /** Input that came before the id or the name. */
  held: string
  readonly input: JsonEnd
  over: boolean
}

/** Calls open at the same time; the largest number of parallel calls a provider is known to allow is 128. */
const OPEN_MAX = 256

/**
 * Opens a reader for one choice. `before` runs when a new call appears, so that the choice can close its open text.
 *
 * Dialects differ: the id may come with every piece, only with a later one or not at all; a call may come whole; two calls may share one
 * index and differ only by id; the name may be repeated or be empty in later pieces; the pieces of several calls may come interleaved. A block
 * starts once id and name are known, at the latest when the call is over. A call is over when another one starts and its own input is whole
 * JSON, or no index tells the two apart; else with the choice.
 */
export function openToolCallReader(choice: number, outlet: Outlet, before: () => void): ToolCallReader {
  return new ToolCalls(choice, outlet, before)
}

class ToolCalls implements ToolCallReader {
  readonly #choice: number
  readonly #outlet: Outlet
  readonly #before: () => void
  readonly #calls: Call[] = []
  readonly #open = new Set<Call>()
  #current: Call | undefined

  constructor(choice: number, outlet: Outlet, before: () => void) {
    this.#choice = choice
    this.#outlet = outlet
    this.#before = before
  }

  take(entry: JsonObject): void {
    const inner = innerOf(entry, this.#outlet)
    if (inner === undefined) return
    const id = filled(entry.id)
    const name = filled(inner.name)
    const wire = asNumber(entry.index)
    const call = this.#find(wire, id, name) ?? this.#begin(wire, asObject(entry.custom) !== undefined)
    call.id ??= id
    call.name ??= name
    if (call.index === undefined && !call.over && call.id !== undefined && call.name !== undefined)
      this.#start(call, call.id, call.name)
    this.#add(call, inputText(inner.arguments ?? inner.input))
  }

  finish(): void {
    for (const call of this.#open) this.#end(call)
  }

  called(): boolean {
    return this.#calls.some(call => call.index !== undefined)
  }

  openIndex(): number | undefined {
    return this.#current === undefined || this.#current.over ? undefined : this.#current.index
  }

  #begin(wire: number | undefined, custom: boolean): Call {
    this.#before()
    for (const call of this.#open) {
      const apart = wire !== undefined && call.wire !== undefined && call.wire !== wire
      if (!apart || call.input.isWhole()) this.#end(call)
    }
    if (this.#open.size >= OPEN_MAX)
      this.#outlet.fail(brokenProtocol(`The provider calls more than ${OPEN_MAX} tools at once.`))
    const call = { wire, custom, id: undefined, name: undefined, index: undefined, held: '', over: false }
    const begun: Call = { ...call, input: watchJson() }
    this.#current = begun
    this.#calls.push(begun)
    this.#open.add(begun)
    return begun
  }

  #start(call: Call, id: string, name: string): void {
    call.index = this.#outlet.nextIndex()
    const block = { type: 'tool-call', id, name, custom: call.custom } as const
    this.#outlet.emit({ type: 'block-start', index: call.index, choice: this.#choice, block })
    if (call.held !== '') this.#outlet.emit(inputDelta(call.index, call.held))
    call.held = ''
  }

  #end(call: Call): void {
    this.#open.delete(call)
    call.over = true
    if (call.index === undefined) {
      if (call.name === undefined) {
        if (call.held !== '') this.#outlet.fail(brokenProtocol('The provider called a tool without naming it.'))
        return
      }
      this.#start(call, call.id ?? this.#outlet.nextCallId(), call.name)
    }
    if (call.index !== undefined) this.#outlet.emit({ type: 'block-stop', index: call.index })
  }

  #find(wire: number | undefined, id: string | undefined, name: string | undefined): Call | undefined {
    const known =
      wire === undefined
        ? (this.#calls.findLast(call => id !== undefined && call.id === id) ??
          (name === undefined ? this.#current : undefined))
        : this.#calls.findLast(call => call.wire === wire)
    return known !== undefined && isAnother(known, id, name) ? undefined : known
  }

  #add(call: Call, input: string): void {
    if (input === '') return
    call.input.take(input)
    if (call.over)
      this.#outlet.fail(brokenProtocol('The provider sent more input for a tool call that was already over.'))
    else if (call.index === undefined) call.held += input
    else this.#outlet.emit(inputDelta(call.index, input))
  }
}

/** Tells when the text taken so far is one whole JSON object. */
interface JsonEnd {
  take(text: string): void
  isWhole(): boolean
}

function watchJson(): JsonEnd {
  let depth = 0
  let quoted = false
  let escaped = false
  let begun = false
  return {
    take(text) {
      for (const sign of text) {
        if (escaped) escaped = false
        else if (quoted) {
          escaped = sign === '\\'
          quoted = sign !== '"'
        } else if (sign === '"') quoted = true
        else if (sign === '{' || sign === '[') depth += 1
        else if (sign === '}' || sign === ']') depth -= 1
        begun ||= depth > 0
      }
    },
    isWhole: () => begun && depth <= 0 && !quoted,
  }
}

/** What is called, in whole or in part; undefined, and told, for a kind of call no table knows. */
function innerOf(entry: JsonObject, outlet: Outlet): JsonObject | undefined {
  const inner = asObject(entry.function) ?? asObject(entry.custom)
  const type = filled(entry.type)
  if (inner !== undefined) tellUnknown(entry, KNOWN, `${AT}[]`, outlet)
  else if (type !== undefined) outlet.unknown(`${AT}[${type}]`)
  return inner
}

/** A piece that names a tool under another id, or another tool, begins a new call even at the same index. */
function isAnother(known: Call, id: string | undefined, name: string | undefined): boolean {
  if (name === undefined) return false
  if (id !== undefined && known.id !== undefined) return id !== known.id
  return known.name !== undefined && name !== known.name
}

function inputDelta(index: number, text: string) {
  return { type: 'block-delta', index, delta: { type: 'input', text } } as const
}

/** Some servers give the arguments as an object instead of its text. */
function inputText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function filled(value: JsonValue | undefined): string | undefined {
  const text = asString(value)
  return text === '' ? undefined : text
}
