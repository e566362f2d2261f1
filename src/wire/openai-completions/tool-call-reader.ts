import { asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { brokenProtocol, type Outlet, tellUnknown } from './outlet.ts'

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
  over: boolean
}

/**
 * Opens a reader for one choice. `before` runs when a new call appears, so that the choice can close its open text.
 *
 * Dialects differ: the id may come with every piece, only with a later one or not at all; a call may come whole; two calls may share one
 * index and differ only by id; the name may be repeated or be empty in later pieces. A block starts once id and name are known, at the latest
 * when the call is over; a call is over when the next one starts.
 */
export function openToolCallReader(choice: number, outlet: Outlet, before: () => void): ToolCallReader {
  const calls: Call[] = []
  let current: Call | undefined

  function begin(wire: number | undefined, custom: boolean): Call {
    before()
    end()
    current = { wire, custom, id: undefined, name: undefined, index: undefined, held: '', over: false }
    calls.push(current)
    return current
  }

  function start(call: Call, id: string, name: string): void {
    call.index = outlet.nextIndex()
    const block = { type: 'tool-call', id, name, custom: call.custom } as const
    outlet.emit({ type: 'block-start', index: call.index, choice, block })
    if (call.held !== '') outlet.emit(inputDelta(call.index, call.held))
    call.held = ''
  }

  function end(): void {
    if (current === undefined || current.over) return
    current.over = true
    if (current.index === undefined) {
      if (current.name === undefined) {
        if (current.held !== '') outlet.fail(brokenProtocol('The provider called a tool without naming it.'))
        return
      }
      start(current, current.id ?? outlet.nextCallId(), current.name)
    }
    if (current.index !== undefined) outlet.emit({ type: 'block-stop', index: current.index })
  }

  function find(wire: number | undefined, id: string | undefined, name: string | undefined): Call | undefined {
    const known =
      wire === undefined
        ? (calls.findLast(call => id !== undefined && call.id === id) ?? (name === undefined ? current : undefined))
        : calls.findLast(call => call.wire === wire)
    return known !== undefined && isAnother(known, id, name) ? undefined : known
  }

  function add(call: Call, input: string): void {
    if (input === '') return
    if (call.over) outlet.fail(brokenProtocol('The provider sent more input for a tool call that was already over.'))
    else if (call.index === undefined) call.held += input
    else outlet.emit(inputDelta(call.index, input))
  }

  return {
    take(entry) {
      const inner = innerOf(entry, outlet)
      if (inner === undefined) return
      const id = filled(entry.id)
      const name = filled(inner.name)
      const wire = asNumber(entry.index)
      const call = find(wire, id, name) ?? begin(wire, asObject(entry.custom) !== undefined)
      call.id ??= id
      call.name ??= name
      if (call.index === undefined && !call.over && call.id !== undefined && call.name !== undefined)
        start(call, call.id, call.name)
      add(call, inputText(inner.arguments ?? inner.input))
    },
    finish: end,
    called: () => calls.some(call => call.index !== undefined),
    openIndex: () => (current === undefined || current.over ? undefined : current.index),
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
